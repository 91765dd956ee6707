//! How a call on manual time is done: judged, done, and answered once the node is idle.

use std::sync::Arc;

use super::{Act, Answer, Ask, Manual, Records, Seen};
use crate::admission::{self, Caller};
use crate::code::{Code, Refusal};
use crate::config::App;
use crate::timers::{Time, UnixMillis};

/// What answers the calls of one node.
pub(in crate::server) struct Calls {
    app: App,
    manual: Manual,
    records: Arc<dyn Records>,
}

impl Calls {
    pub(in crate::server) fn new(app: App, manual: Manual, records: impl Records + 'static) -> Calls {
        Calls { app, manual, records: Arc::new(records) }
    }

    /// Does what the body asks for if the caller is an administrator: 70403 if not, 70402 for a body that cannot be done.
    pub(in crate::server) async fn answer(&self, caller: &Caller, body: &[u8]) -> String {
        let answer = match self.serve(caller, body).await {
            Ok(seen) => Answer { action_status: "OK".to_owned(), error_info: String::new(), error_code: 0, seen: Some(seen) },
            Err(Refusal { code, text }) => {
                Answer { action_status: "FAIL".to_owned(), error_info: text, error_code: code.number(), seen: None }
            }
        };
        serde_json::to_string(&answer).expect("texts and numbers can be written")
    }

    async fn serve(&self, caller: &Caller, body: &[u8]) -> Result<Seen, Refusal> {
        let Manual { time, quiet } = &self.manual;
        admission::judge_administrator(&self.app, caller, time.now())?;
        let Ask { act, sent, accounts } =
            serde_json::from_slice(body).map_err(|error| bad(format!("the body is not the JSON that is asked for: {error}")))?;
        self.act(act, &accounts).await?;
        let heard = quiet.idle(sent).await;
        let mut records = Vec::with_capacity(accounts.len());
        for user_id in accounts {
            records.push(self.records.record(user_id).await.map_err(|error| unreachable(&error.to_string()))?);
        }
        Ok(Seen { now_ms: time.now().0, timers: time.armed(), connections: quiet.connections(), heard, records })
    }

    async fn act(&self, act: Act, accounts: &[String]) -> Result<(), Refusal> {
        let Manual { time, quiet } = &self.manual;
        match act {
            Act::Wait => {}
            Act::Fire(name) => {
                quiet.idle([].into()).await;
                if !time.fire(&name) {
                    return Err(bad(format!("no timer is armed that is named {name:?}")));
                }
            }
            Act::Advance(to_ms) => {
                let to = UnixMillis(to_ms);
                if to < time.now() {
                    return Err(bad(format!("time does not go back, to {to_ms} from {}", time.now().0)));
                }
                self.pass(to).await;
            }
            Act::Set(now_ms) => time.set(UnixMillis(now_ms)),
            Act::Begin(now_ms) => {
                for user_id in accounts {
                    self.records.forget(user_id.clone()).await.map_err(|error| unreachable(&error.to_string()))?;
                }
                time.set(UnixMillis(now_ms));
            }
        }
        Ok(())
    }

    /// A timer that fires may arm another one that is due by then, too.
    async fn pass(&self, to: UnixMillis) {
        let Manual { time, quiet } = &self.manual;
        quiet.idle([].into()).await;
        while let Some(name) = time.due_by(to) {
            time.fire(&name);
            quiet.idle([].into()).await;
        }
        time.set(to);
    }
}

fn bad(text: String) -> Refusal {
    Refusal { code: Code::BadField, text }
}

fn unreachable(what: &str) -> Refusal {
    Refusal { code: Code::RegistryUnreachable, text: what.to_owned() }
}

#[cfg(test)]
mod tests;
