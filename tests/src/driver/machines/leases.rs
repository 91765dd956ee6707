//! What a node among several does by itself: it holds a lease, and takes over what none holds whose lease does (NODE-3). It decides nothing
//! of a session.

use std::collections::BTreeSet;
use std::time::Duration;

use model::action::NodeId;
use sut::registry::{Lives, Shared as _};
use sut::server::machine as server;
use sut::session::{NodeLife, Record, Session};

use super::{Cx, Pair};
use crate::cast;
use crate::driver::record::ready;

/// No lease runs out but by the harness's hand.
const LEASE: Duration = Duration::MAX;

impl Pair {
    /// The node begins a life among the others.
    pub(super) fn join(&mut self, cx: &mut Cx, at: NodeId) {
        let lives = ready(self.records.registry_of(at).live(None, LEASE));
        self.begin_life(cx, at, &lives);
        self.take_over(cx, at, &lives.all);
    }

    /// The node asks who lives, itself among them, and takes over what those had who live no more.
    pub(super) fn renew_lease(&mut self, cx: &mut Cx, at: NodeId) {
        let Some(known) = self.node(at).lives.clone() else { return };
        let lives = ready(self.records.registry_of(at).live(Some(known.own), LEASE));
        if lives.own != known.own {
            self.begin_life(cx, at, &lives);
        }
        let is_anybody_gone = known.all.iter().any(|life| !lives.all.contains(life));
        if is_anybody_gone {
            self.take_over(cx, at, &lives.all);
        }
        self.node(at).lives = Some(lives);
    }

    fn begin_life(&mut self, cx: &mut Cx, at: NodeId, lives: &Lives) {
        self.node(at).lives = Some(lives.clone());
        self.at_server(cx, at, server::Input::Life(lives.own));
    }

    fn take_over(&mut self, cx: &mut Cx, at: NodeId, holders: &BTreeSet<NodeLife>) {
        for (account, record) in self.records.read().to_vec() {
            let record = orphans(Record::clone(&record), holders);
            if record != Record::default() {
                let user_id = cast::user_id(account).to_owned();
                self.at_server(cx, at, server::Input::Restored { user_id, record, owed_nothing: Vec::new() });
            }
        }
    }
}

/// The sessions that none of these holds, and the epochs of no session that one does.
fn orphans(Record { sessions, mut epochs, .. }: Record, holders: &BTreeSet<NodeLife>) -> Record {
    let is_held = |session: &Session| session.node.is_some_and(|life| holders.contains(&life));
    let (held, sessions): (Vec<_>, Vec<_>) = sessions.into_iter().partition(is_held);
    epochs.retain(|key, _| held.iter().all(|session| session.key != *key));
    Record { sessions, epochs, ..Record::default() }
}
