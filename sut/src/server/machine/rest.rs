//! What an administrator asks of a node (REST-1, REST-2). Who may ask was judged before; how an answer looks is decided after.

use std::sync::Arc;
use std::vec::IntoIter;

use super::job::Pending;
use super::{AccountStatus, Effect, Machine, Reply, RequestId};
use crate::admission::{self, Change, Kicked};
use crate::code::Refusal;
use crate::registry::{Commit, Version};
use crate::session::Record;
use crate::timers::UnixMillis;

/// An administrator's request that waits for the registry.
#[derive(Clone, Debug)]
pub(super) enum Rest {
    /// The record of the account that is to be kicked is loaded.
    Kick { request: RequestId, user_id: Arc<str> },
    /// The record without these sessions is stored.
    Kicked { request: RequestId, user_id: Arc<str>, kicked: Vec<Kicked> },
    /// The record of the next account that is asked about is loaded.
    Query { request: RequestId, user_id: String, found: Vec<AccountStatus>, left: IntoIter<String> },
}

impl Rest {
    const fn request(&self) -> RequestId {
        match self {
            Rest::Kick { request, .. } | Rest::Kicked { request, .. } | Rest::Query { request, .. } => *request,
        }
    }
}

impl Machine {
    /// REST-1; also after a conflict.
    pub(super) fn rest_kick(&mut self, request: RequestId, user_id: Arc<str>, effects: &mut Vec<Effect>) {
        effects.push(Effect::Load { user_id: user_id.to_string() });
        self.pending = Some(Pending::Rest(Rest::Kick { request, user_id }));
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
                effects.push(Effect::Load { user_id: user_id.clone() });
                self.pending = Some(Pending::Rest(Rest::Query { request, user_id, found, left }));
            }
            None => effects.push(Effect::Reply { request, reply: Reply::Statuses(found) }),
        }
    }

    pub(super) fn rest_loaded(
        &mut self,
        now: UnixMillis,
        rest: Rest,
        record: Record,
        expected: Version,
        effects: &mut Vec<Effect>,
    ) {
        match rest {
            Rest::Kick { request, user_id } => {
                let (record, kicked) = admission::kick_all(record, now.0 / 1000);
                let callbacks = admission::callbacks(now, Change::Kicked(&kicked));
                effects.push(Effect::Commit { user_id: user_id.to_string(), expected, record, callbacks });
                self.pending = Some(Pending::Rest(Rest::Kicked { request, user_id, kicked }));
            }
            Rest::Query { request, user_id, mut found, left } => {
                let platforms = record.sessions.iter().map(|session| session.platform).collect();
                found.push(AccountStatus { user_id, platforms });
                self.query_status(request, found, left, effects);
            }
            Rest::Kicked { .. } => {}
        }
    }

    /// Each victim is told before the administrator is answered.
    pub(super) fn rest_stored(&mut self, rest: Rest, commit: Commit, effects: &mut Vec<Effect>) {
        let Rest::Kicked { request, user_id, kicked } = rest else {
            return;
        };
        match commit {
            Commit::Done(_) => {
                for victim in kicked {
                    self.kick(&user_id, &victim.session, victim.reason, effects);
                }
                effects.push(Effect::Reply { request, reply: Reply::Kicked });
            }
            Commit::Conflict => self.rest_kick(request, user_id, effects),
        }
    }
}

/// NODE-4: the registry is out of reach.
pub(super) fn unreachable(rest: &Rest) -> Effect {
    Effect::Reply { request: rest.request(), reply: Reply::Refused(Refusal::out_of_reach()) }
}
