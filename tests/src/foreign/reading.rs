//! What a child says, as an observation. What is no answer at all is an error; what is one and means nothing is kept as strange.

use std::collections::BTreeMap;

use model::action::InstanceId;
use model::frame::{CAPACITY, Coded, Queue};
use model::observation::{self, Asked, Call, Code, Event, Item, Outcome, Reason};
use model::records::{Key, KickRecord};
use model::scope::Scope;

use super::answers::{Because, Called, InFlight, InstanceState, Kick, Published, Settled, StepAnswer, ToldItem};
use super::names;
use super::tells::{Extra, Tells, untold_holds};
use crate::cast::user_id;
use crate::observation::{LinkView, Observation};

/// So many sessions or kicks of an account can be told, which is more than a scope has.
const MOST: usize = 12;

/// A call that was made and not answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    /// The number of its request.
    pub(super) id: u64,
    pub(super) instance: InstanceId,
    pub(super) call: Call,
}

/// That a child tells something else than it said at the reset, or does not say what a 2025 stands for; `None` if neither.
pub(super) fn broken_word(answer: &StepAnswer, tells: &Tells) -> Option<String> {
    let is_unclear = |told: &ToldItem| match told.answer {
        Some(Settled::Refused { code, because, .. }) => (code == Code::LoginRuns.number()) != because.is_some(),
        _ => false,
    };
    if answer.told.iter().any(is_unclear) {
        return Some("a 2025 without `because`, or a `because` that is not with a 2025".to_owned());
    }
    let told = [
        (Extra::Kicks, "kicks", answer.kicks.is_some()),
        (Extra::InFlight, "in_flight", answer.in_flight.is_some()),
        (Extra::Callbacks, "callbacks", answer.callbacks.is_some()),
    ];
    told.into_iter().find_map(|(extra, name, is_there)| match (tells.has(extra), is_there) {
        (true, false) => Some(format!("`{name}` is missing, which its answer to the reset says that it tells")),
        (false, true) => Some(format!("`{name}` is there, which its answer to the reset does not say that it tells")),
        (true, true) | (false, false) => None,
    })
}

/// Reads the answers of one walk into observations.
pub(super) struct Reader<'a> {
    pub(super) scope: &'a Scope,
    /// The calls that run.
    pub(super) running: &'a mut Vec<Running>,
    pub(super) seen: &'a mut Observation,
}

impl Reader<'_> {
    /// What the answer shows, in place of what was seen before.
    pub(super) fn read(mut self, answer: StepAnswer) {
        self.seen.begin(self.scope);
        self.seen.seats.iter_mut().for_each(|seat| seat.holds = untold_holds());
        for told in answer.told {
            let item = self.told(told, answer.id);
            self.keep(item, |seen, item| seen.told.push(item));
        }
        self.standing(&answer.instances);
        self.online(&answer.online);
        for (account, kick) in answer.kicks.iter().flatten().flat_map(|(of, kicks)| kicks.iter().map(move |kick| (of, kick))) {
            let done = self.kick(account, kick);
            self.keep(done, |_, ()| ());
        }
        for (name, links) in answer.in_flight.into_iter().flatten() {
            let links = names::seat(self.scope, &name).and_then(|seat| Ok((seat, under_way(links)?)));
            self.keep(links, |seen, (seat, links)| seen.seats[usize::from(seat.0)].links = links);
        }
        for called in answer.callbacks.into_iter().flatten() {
            let item = self.callback(&called);
            self.keep(item, |seen, item| seen.callbacks.push(item));
        }
        self.seen.sort();
    }

    /// What has no word in the model is strange.
    fn keep<T>(&mut self, read: Result<T, String>, keep: impl FnOnce(&mut Observation, T)) {
        match read {
            Ok(read) => keep(self.seen, read),
            Err(strange) => self.seen.strange.push(strange),
        }
    }

    fn told(&mut self, told: ToldItem, now: u64) -> Result<Item, String> {
        let instance = names::seat(self.scope, &told.instance)?;
        match (told.answer, told.event) {
            (Some(answer), None) => self.settled(instance, &answer, now),
            (None, Some(event)) => self.event(instance, event),
            (Some(_), Some(_)) | (None, None) => Err(format!("{} tells neither an answer nor an event, or both", told.instance)),
        }
    }

    fn settled(&mut self, instance: InstanceId, answer: &Settled, now: u64) -> Result<Item, String> {
        let (of, outcome) = outcome(answer)?;
        let place = self.running.iter().position(|running| (running.id, running.instance) == (of, instance));
        let name = self.scope.name_of(instance);
        let place = place.ok_or_else(|| format!("{name} answers request {of}, which is no call of its that runs"))?;
        let asked = if of == now { Asked::Now } else { Asked::Earlier };
        let call = match (self.running.remove(place).call, asked, outcome) {
            (Call::Send(_), Asked::Now, Outcome::Refused(_)) => Call::Send(None),
            (call, ..) => call,
        };
        Ok(Item::Settled { instance, call, asked, outcome })
    }

    fn event(&self, instance: InstanceId, event: Published) -> Result<Item, String> {
        let event = match event {
            Published::EndOfEvents {} => return Ok(Item::StreamEnded { instance }),
            Published::SdkReady {} => Event::Ready,
            Published::SdkNotReady {} => Event::NotReady,
            Published::KickedOut { reason, code: None } => Event::KickedOut(reason),
            Published::KickedOut { reason: Reason::UserSigExpired, code: Some(number) } => {
                let strange = || format!("a readmission is refused with {number}, which no rule has here");
                Event::TurnedAway(refusal(number, None).ok_or_else(strange)?)
            }
            Published::KickedOut { reason, code: Some(number) } => {
                return Err(format!(
                    "KICKED_OUT tells {} beside the refusal {number}, which is told as userSigExpired",
                    reason.name()
                ));
            }
            Published::MessageReceived { message, from, to } => Event::Message {
                token: names::message(&message)?,
                from: names::account(self.scope, &from)?,
                to: names::account(self.scope, &to)?,
            },
            Published::NetStateChange { state } => Event::Net(state),
            Published::MessagesLost {} => Event::MessagesLost,
        };
        Ok(Item::Published { instance, event })
    }

    fn standing(&mut self, instances: &BTreeMap<String, InstanceState>) {
        let unknown = instances.keys().filter_map(|name| names::seat(self.scope, name).err());
        self.seen.strange.extend(unknown);
        for instance in self.scope.instances() {
            let name = self.scope.name_of(instance);
            let standing = instances.get(name).ok_or_else(|| format!("nothing is said of how {name} stands"));
            let user = |user: &String| names::account(self.scope, user);
            let stands = standing.and_then(|stands| Ok((stands.login_user.as_ref().map(user).transpose()?, stands.ready)));
            self.keep(stands, |seen, (login_user, ready)| {
                let seat = &mut seen.seats[usize::from(instance.0)];
                (seat.login_user, seat.ready) = (login_user, ready);
            });
        }
    }

    fn online(&mut self, online: &BTreeMap<String, Vec<String>>) {
        let unknown = online.keys().filter_map(|name| names::account(self.scope, name).err());
        self.seen.strange.extend(unknown);
        for account in self.scope.accounts() {
            let Some(named) = online.get(user_id(account)) else {
                self.seen.strange.push(format!("nothing is said of who is online for {}", user_id(account)));
                continue;
            };
            for name in named {
                let roster = self.seen.rosters[usize::from(account.0)];
                let session = names::session(self.scope, name).and_then(|session| match roster.of_key(session) {
                    Some(_) => Err(format!("{name} is online twice for {}", user_id(account))),
                    None if roster.len() == MOST => Err(format!("more than {MOST} are online for {}", user_id(account))),
                    None => Ok(session),
                });
                self.keep(session, |seen, session| seen.rosters[usize::from(account.0)].admit(session));
            }
        }
    }

    /// Records of instances that are over are not compared.
    fn kick(&mut self, account: &str, kick: &Kick) -> Result<(), String> {
        let of = names::account(self.scope, account)?;
        let session = names::session(self.scope, &kick.instance)?;
        let kicks = &mut self.seen.kicks[usize::from(of.0)];
        if kicks.iter().count() == MOST {
            return Err(format!("more than {MOST} kicks are on record for {account}"));
        }
        if session.key != Key::Former {
            kicks.insert(KickRecord { session, reason: kick.reason });
        }
        Ok(())
    }

    fn callback(&self, called: &Called) -> Result<Item, String> {
        let who = |name: &String| names::session(self.scope, name).map(|session| (session.seat, session.key));
        let (of, mut kicked) = (who(&called.instance)?, [None; 2]);
        if called.kicked.len() > kicked.len() {
            return Err(format!("a callback that names {} victims", called.kicked.len()));
        }
        for (place, name) in kicked.iter_mut().zip(&called.kicked) {
            *place = Some(who(name)?);
        }
        Ok(Item::Callback {
            instance: of.0,
            account: names::account(self.scope, &called.account)?,
            callback: observation::Callback { of, change: called.change, kicked },
            stage: called.stage,
        })
    }
}

fn under_way(links: InFlight) -> Result<[LinkView; 2], String> {
    let InFlight { to_server, to_client, old_to_server } = links;
    let current = LinkView { up: queue(&to_server)?, down: queue(&to_client)?, ..LinkView::default() };
    Ok([current, LinkView { up: queue(&old_to_server)?, ..LinkView::default() }])
}

fn queue<F: Coded>(frames: &[F]) -> Result<Queue<F>, String> {
    let mut queue = Queue::EMPTY;
    if frames.len() > CAPACITY {
        return Err(format!("more than {CAPACITY} frames are under way on one link"));
    }
    frames.iter().for_each(|frame| queue.push(*frame));
    Ok(queue)
}

/// Of which request, and how it ended.
fn outcome(answer: &Settled) -> Result<(u64, Outcome), String> {
    Ok(match answer {
        Settled::Resolved { of } => (*of, Outcome::LoggedIn),
        Settled::Repeat { of, text } if text.is_empty() => return Err(format!("request {of} is a repeat that says nothing")),
        Settled::Repeat { of, .. } => (*of, Outcome::Repeat),
        Settled::Done { of } => (*of, Outcome::Done),
        Settled::Accepted { of } => (*of, Outcome::Sent),
        Settled::Refused { of, code, because } => {
            let strange = || format!("request {of} is refused with {code}, which no rule has here");
            (*of, Outcome::Refused(refusal(*code, *because).ok_or_else(strange)?))
        }
    })
}

/// A number is one refusal, but for those that are told by name.
fn refusal(number: u32, because: Option<Because>) -> Option<Code> {
    match because {
        Some(Because::LoginRuns) => Some(Code::LoginRuns),
        Some(Because::OtherAccount) => Some(Code::OtherAccount),
        None => Code::ALL.into_iter().find(|code| code.number() == number),
    }
}
