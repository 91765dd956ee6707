//! What a node does when a timer fires (LINK-3, LINK-4, LINK-7, KICK-6, SIG-1). A timer that nothing waits for any more means
//! nothing; one that fires late means the same as one that fires in time.

use std::sync::Arc;

use super::frames::arm_ask;
use super::job::{Cause, Job, Task};
use super::link_state::{LinkState, OnlineSession};
use super::{Effect, LinkId, Machine, Timer};
use crate::protocol::ServerFrame;
use crate::protocol::close_code::GIVEN_UP;
use crate::session::{KeyDigest, SessionDigest};
use crate::timers::UnixMillis;

impl Machine {
    pub(super) fn fired(&mut self, now: UnixMillis, timer: Timer, effects: &mut Vec<Effect>) {
        match timer {
            Timer::Heartbeat(link) => self.close(now, link, GIVEN_UP, "nothing was heard for the heartbeat time", effects),
            Timer::Ask(link) => self.ask(link, effects),
            Timer::Retry(link) => self.retry_for(link),
            Timer::LookUp { user_id } => self.look_up_again(&user_id, effects),
            Timer::Lapse { user_id, key, digest } => self.lapsed(user_id, (key, digest)),
            Timer::Expiry { user_id, key, digest } => {
                if let Some(online) = self.named(&user_id, (key, digest)) {
                    let session = online.session.clone();
                    self.begin(Job::of(user_id, Task::Expire(session)));
                }
            }
            Timer::Epoch { user_id, key } => {
                if self.online_session(&user_id, key).is_none() {
                    self.begin(Job::of(user_id, Task::PruneEpoch(key)));
                }
            }
        }
    }

    /// LINK-7: the instance answers at once, if there is one; it is asked again after another while.
    fn ask(&self, link: LinkId, effects: &mut Vec<Effect>) {
        if let Some(LinkState::Live(place)) = self.links.get(&link).map(|link| &link.state) {
            effects.push(place.say(link, ServerFrame::Ping));
            effects.push(arm_ask(link));
        }
    }

    fn lapsed(&mut self, user_id: Arc<str>, name: (KeyDigest, SessionDigest)) {
        let online = self.named(&user_id, name).filter(|online| online.link.is_none());
        if let Some(online) = online {
            let session = online.session.clone();
            self.begin(Job::of(user_id, Task::Drop(session, Cause::Lapsed)));
        }
    }

    fn named(&self, user_id: &str, name: (KeyDigest, SessionDigest)) -> Option<&OnlineSession> {
        self.held_sessions(user_id).iter().find(|online| (online.session.key, online.session.digest) == name)
    }
}
