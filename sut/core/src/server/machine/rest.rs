//! What an administrator asks of a node (REST-1, REST-2). Who may ask was judged before; how an answer looks is decided after.

use std::sync::Arc;
use std::vec::IntoIter;

use super::job::{Job, Task};
use super::{AccountStatus, Asker, Effect, Machine, Reply, RequestId};
use crate::code::Refusal;
use crate::session::Record;

/// An administrator's question, while the record of the next account that it is about is loaded.
#[derive(Clone, Debug)]
pub(super) struct Query {
    user_id: String,
    found: Vec<AccountStatus>,
    left: IntoIter<String>,
}

impl Machine {
    /// REST-1: each victim is told before the administrator is answered.
    pub(super) fn rest_kick(&mut self, request: RequestId, user_id: Arc<str>) {
        self.begin(Job::of(user_id, Task::KickAll(request)));
    }

    /// REST-2: the next account's record is loaded; once none is left, the answer is given.
    pub(super) fn query_status(
        &mut self,
        request: RequestId,
        found: Vec<AccountStatus>,
        mut left: IntoIter<String>,
        effects: &mut Vec<Effect>,
    ) {
        match left.next() {
            Some(user_id) => {
                effects.push(Effect::Load { asker: Asker::Request(request), user_id: user_id.clone() });
                self.queries.insert(request, Query { user_id, found, left });
            }
            None => effects.push(Effect::Reply { request, reply: Reply::Statuses(found) }),
        }
    }

    pub(super) fn answer_query(&mut self, request: RequestId, record: &Record, effects: &mut Vec<Effect>) {
        let Some(Query { user_id, mut found, left }) = self.queries.remove(&request) else { return };
        let platforms = record.sessions.iter().map(|session| session.platform).collect();
        found.push(AccountStatus { user_id, platforms });
        self.query_status(request, found, left, effects);
    }
}

/// NODE-4: the registry is out of reach.
pub(super) fn out_of_reach(request: RequestId) -> Effect {
    Effect::Reply { request, reply: Reply::Refused(Refusal::out_of_reach()) }
}
