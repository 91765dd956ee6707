//! Where secrets and keys end: behind a link the server knows sessions and instances by their digests only. What a link has shown is
//! remembered as long as it may be answered, since an answer names its session as the wire does. It decides nothing.

use super::carrier::MAX_WAITING;
use super::machine::{Heard, Said};
use crate::protocol::{ClientFrame, Envelope, ServerFrame};
use crate::session::{InstanceKey, Secret, SessionDigest};

/// The secrets that one link has shown lately, the latest last: [`Secrets::MOST`] at most, one for an instance that owes no logout.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Vec<(SessionDigest, Secret)>);

impl Secrets {
    /// How many are remembered: more than the frames of a link that wait for the node, the one that it is at and the one that was read
    /// last, so that whoever is answered is known.
    pub const MOST: usize = 2 * MAX_WAITING;

    /// What a client says, as the node is told of it. A secret that is remembered is not digested anew.
    pub fn conceal(&mut self, said: Envelope<ClientFrame>) -> Heard {
        let Envelope { v, session, epoch, frame } = said;
        Envelope { v, session: self.remember(session), epoch, frame: frame.naming(InstanceKey::digest) }
    }

    /// What a client is told, as the wire says it; `None` if the link has never shown the session's secret, or too many since.
    pub fn reveal(&self, said: Said) -> Option<Envelope<ServerFrame>> {
        let Envelope { v, session, epoch, frame } = said;
        let (_, secret) = self.0.iter().rfind(|(digest, _)| *digest == session)?;
        Some(Envelope { v, session: *secret, epoch, frame })
    }

    fn remember(&mut self, secret: Secret) -> SessionDigest {
        let known = self.0.iter().rposition(|(_, known)| *known == secret);
        let shown = known.map_or_else(|| (secret.digest(), secret), |place| self.0.remove(place));
        if self.0.len() == Secrets::MOST {
            self.0.remove(0);
        }
        self.0.reserve_exact(1);
        self.0.push(shown);
        shown.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::VERSION;
    use crate::session::Epoch;

    fn shows(secrets: &mut Secrets, secret: u128) -> SessionDigest {
        let (session, key) = (Secret(secret), InstanceKey(7));
        let frame = ClientFrame::Logout { user_id: "alice".to_owned(), key, user_sig: None };
        let heard = secrets.conceal(Envelope { v: VERSION, session, epoch: Epoch(1), frame });
        assert_eq!(heard.frame.key(), Some(key.digest()));
        heard.session
    }

    fn answered(secrets: &Secrets, secret: u128) -> Option<Secret> {
        let session = Secret(secret).digest();
        let said = Envelope { v: VERSION, session, epoch: Epoch(1), frame: ServerFrame::LogoutAnswer };
        secrets.reveal(said).map(|frame| frame.session)
    }

    #[test]
    fn a_session_is_answered_under_the_secret_that_its_link_has_shown() {
        let mut secrets = Secrets::default();
        assert_eq!([1, 2, 1].map(|n| shows(&mut secrets, n)), [1, 2, 1].map(|n| Secret(n).digest()));
        assert_eq!([1, 2, 3].map(|n| answered(&secrets, n)), [Some(Secret(1)), Some(Secret(2)), None]);
    }

    #[test]
    fn the_link_of_one_session_remembers_one_secret_and_no_room_for_another() {
        let mut secrets = Secrets::default();
        for _ in 0..100 {
            shows(&mut secrets, 1);
        }
        assert_eq!((secrets.0.len(), secrets.0.capacity()), (1, 1));
    }

    #[test]
    fn the_secrets_that_were_shown_last_are_known_and_no_more_are_remembered() {
        let (mut secrets, most) = (Secrets::default(), Secrets::MOST as u128);
        for n in (0..most).chain([0, most]) {
            shows(&mut secrets, n);
        }
        assert_eq!([0, 1, 2].map(|n| answered(&secrets, n)), [Some(Secret(0)), None, Some(Secret(2))]);
        assert_eq!((secrets.0.len(), secrets.0.capacity()), (Secrets::MOST, Secrets::MOST));
    }
}
