//! Who can still kick an instance from a place on: every way on which its sessions that are online there stay online until the kick. It
//! searches the graph and decides nothing.

use std::collections::VecDeque;

use model::action::InstanceId;
use model::graph::StateId;
use model::records::{Label, Session};
use model::state::State;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::index::Index;
use crate::naming;
use crate::token::Trace;

/// One who can.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Threat {
    /// The instance whose step it is, or `server` for an administrator's and the server's own.
    pub by: String,
    /// What the last step is called.
    pub last: String,
    /// The shortest way on which it does, from the beginning.
    pub trace: String,
    /// How many steps that is from the place on.
    pub steps: usize,
}

/// Those who can kick the instance in the seat, the nearest first; nobody if it has no session online there.
pub fn threats(index: &Index, here: &[u16], seat: InstanceId) -> Vec<Threat> {
    let Some(start) = index.number_of(here) else { return Vec::new() };
    let stays = online(index, &index.graph.state(start), seat);
    let mut threats: Vec<Threat> = Vec::new();
    let (mut known, mut open) = (FxHashSet::from_iter([start]), VecDeque::from([(start, Vec::new())]));
    while let Some((from, way)) = open.pop_front() {
        let state = index.graph.state(from);
        for (label, target) in index.graph.targets_of(from).iter().enumerate() {
            let next = index.graph.state(*target);
            let on = || way.iter().copied().chain([label as u16]).collect::<Vec<_>>();
            if is_kicked(index, &stays, &state, &next) {
                add(index, &mut threats, here, (from, label), on());
            } else if online(index, &next, seat) == stays && known.insert(*target) {
                open.push_back((*target, on()));
            }
        }
    }
    if stays.is_empty() { Vec::new() } else { threats }
}

fn add(index: &Index, threats: &mut Vec<Threat>, here: &[u16], (from, label): (StateId, usize), way: Vec<u16>) {
    let (scope, state) = (index.scope(), index.graph.state(from));
    let action = index.graph.actions_of(from)[label];
    let by = action.instance().map_or("server", |instance| scope.name_of(instance)).to_owned();
    if threats.iter().all(|threat| threat.by != by) {
        let (steps, labels) = (way.len(), [here, &way].concat());
        let trace = Trace { scope: scope.clone(), labels }.to_string();
        threats.push(Threat { by, last: naming::action(scope, &state, action), trace, steps });
    }
}

/// Whether one of the sessions is on record as kicked behind a step, and was not before it.
fn is_kicked(index: &Index, sessions: &[Session], before: &State, after: &State) -> bool {
    let kicked = |state: &State, session: &Session| {
        let of = |account| state.kick_records(account).iter().any(|kick| kick.session.has_key_of(*session));
        index.scope().accounts().any(of)
    };
    sessions.iter().any(|session| kicked(after, session) && !kicked(before, session))
}

/// The seat's sessions that are online, whatever number they have.
fn online(index: &Index, state: &State, seat: InstanceId) -> Vec<Session> {
    let all = index.scope().accounts().flat_map(|account| state.roster(account).sessions());
    all.filter(|session| session.seat == seat).map(|session| Session { label: Label::NONE, ..session }).collect()
}
