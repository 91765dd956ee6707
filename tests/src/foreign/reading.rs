//! What a child says, in the model's words. What is no answer at all is an error; what is one and means nothing is kept as strange.

use std::collections::BTreeMap;

use model::action::{AccountId, InstanceId, Post};
use model::observation::{self, Asked, Call, Code, Event, Item, Outcome, StateChange};
use model::records::Key;
use model::scope::Scope;

use super::answers::{
    Answer, Because, Called, Change, Extra, InFlight, Kick, NetState, Published, Reason, Refused, Settled, Stage, Standing, Told,
};
use super::names::{self, Who};
use super::seen::{Frames, Seen, Stands, Tells};

/// A call that was made and not answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    /// The number of its request.
    pub(super) id: u64,
    pub(super) instance: InstanceId,
    pub(super) call: Call,
}

/// Reads the answers of one walk.
pub(super) struct Reader<'a> {
    pub(super) scope: &'a Scope,
    /// The calls that run.
    pub(super) running: &'a mut Vec<Running>,
}

/// That a child tells something else than it said at the reset; `None` if it does not.
pub(super) fn broken_word(answer: &Answer, tells: &Tells) -> Option<String> {
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

impl Reader<'_> {
    /// What the answer to that request shows.
    pub(super) fn seen(&mut self, answer: Answer) -> Seen {
        let mut seen = Seen::default();
        for told in answer.told {
            match self.told(told, answer.id) {
                Ok(item) => seen.told.push(item),
                Err(strange) => seen.strange.push(strange),
            }
        }
        self.standing(&answer.instances, &mut seen);
        self.online(&answer.online, &mut seen);
        seen.kicks = answer.kicks.map(|kicks| self.kicks(&kicks, &mut seen.strange));
        seen.in_flight = answer.in_flight.map(|links| self.in_flight(links, &mut seen.strange));
        for called in answer.callbacks.into_iter().flatten() {
            match self.callback(&called) {
                Ok(item) => seen.callbacks.push(item),
                Err(strange) => seen.strange.push(strange),
            }
        }
        seen.sort();
        seen
    }

    fn told(&mut self, told: Told, now: u64) -> Result<Item, String> {
        let instance = names::seat(self.scope, &told.instance)?;
        match (told.answer, told.event) {
            (Some(answer), None) => self.settled(instance, &answer, now),
            (None, Some(Published::EndOfEvents {})) => Ok(Item::StreamEnded { instance }),
            (None, Some(event)) => Ok(Item::Published { instance, event: self.event(event)? }),
            (Some(_), Some(_)) | (None, None) => Err(format!("{} tells neither an answer nor an event, or both", told.instance)),
        }
    }

    fn settled(&mut self, instance: InstanceId, answer: &Settled, now: u64) -> Result<Item, String> {
        let (of, outcome) = outcome(answer)?;
        let place = self.running.iter().position(|running| (running.id, running.instance) == (of, instance));
        let name = self.scope.name_of(instance);
        let place = place.ok_or_else(|| format!("{name} answers request {of}, which is no call of its that runs"))?;
        let call = self.running.remove(place).call;
        match (of == now, call, outcome) {
            (true, Call::Send(_), Outcome::Refused(_)) => {
                Ok(Item::Settled { instance, call: Call::Send(None), asked: Asked::Now, outcome })
            }
            (true, ..) => Ok(Item::Settled { instance, call, asked: Asked::Now, outcome }),
            (false, ..) => Ok(Item::Settled { instance, call, asked: Asked::Earlier, outcome }),
        }
    }

    fn event(&self, event: Published) -> Result<Event, String> {
        Ok(match event {
            Published::SdkReady {} => Event::Ready,
            Published::SdkNotReady {} => Event::NotReady,
            Published::KickedOut { reason } => Event::KickedOut(reason.seen()),
            Published::MessageReceived { message, from, to } => Event::Message {
                token: names::message(&message)?,
                from: names::account(self.scope, &from)?,
                to: names::account(self.scope, &to)?,
            },
            Published::NetStateChange { state } => Event::Net(state.seen()),
            Published::MessagesLost {} => Event::MessagesLost,
            Published::EndOfEvents {} => return Err("an end of events that is an event".to_owned()),
        })
    }

    fn standing(&self, instances: &BTreeMap<String, Standing>, seen: &mut Seen) {
        seen.strange.extend(instances.keys().filter_map(|name| names::seat(self.scope, name).err()));
        for instance in self.scope.instances() {
            match self.stands(instance, instances) {
                Ok(stands) => seen.seats.push(stands),
                Err(strange) => {
                    seen.seats.push(Stands { login_user: None, ready: false });
                    seen.strange.push(strange);
                }
            }
        }
    }

    fn stands(&self, instance: InstanceId, instances: &BTreeMap<String, Standing>) -> Result<Stands, String> {
        let name = self.scope.name_of(instance);
        let standing = instances.get(name).ok_or_else(|| format!("nothing is said of how {name} stands"))?;
        let user = standing.login_user.as_deref().map(|user| names::account(self.scope, user)).transpose()?;
        Ok(Stands { login_user: user, ready: standing.ready })
    }

    fn online(&self, online: &BTreeMap<String, Vec<String>>, seen: &mut Seen) {
        seen.strange.extend(online.keys().filter_map(|name| names::account(self.scope, name).err()));
        for account in self.scope.accounts() {
            let of_account = online.get(crate::cast::user_id(account));
            if of_account.is_none() {
                seen.strange.push(format!("nothing is said of who is online for {}", crate::cast::user_id(account)));
            }
            let named = of_account.into_iter().flatten().map(|name| names::who(self.scope, name));
            let (known, strange): (Vec<_>, Vec<_>) = named.partition(Result::is_ok);
            seen.online.push(known.into_iter().filter_map(Result::ok).collect());
            seen.strange.extend(strange.into_iter().filter_map(Result::err));
        }
    }

    /// Records of instances that are over are not compared.
    fn kicks(&self, kicks: &BTreeMap<String, Vec<Kick>>, strange: &mut Vec<String>) -> Vec<Vec<(InstanceId, observation::Reason)>> {
        let mut all: Vec<Vec<_>> = self.scope.accounts().map(|_| Vec::new()).collect();
        for (account, kick) in kicks.iter().flat_map(|(account, kicks)| kicks.iter().map(move |kick| (account, kick))) {
            match names::account(self.scope, account).and_then(|account| Ok((account, names::who(self.scope, &kick.instance)?))) {
                Ok((AccountId(account), (seat, Key::Own | Key::Shared))) => {
                    all[usize::from(account)].push((seat, kick.reason.seen()))
                }
                Ok((_, (_, Key::Former))) => {}
                Err(what) => strange.push(what),
            }
        }
        all
    }

    fn in_flight(&self, links: BTreeMap<String, InFlight>, strange: &mut Vec<String>) -> Vec<Frames> {
        let mut all: Vec<Frames> = self.scope.instances().map(|_| Frames::default()).collect();
        for (name, InFlight { to_server, to_client, old_to_server }) in links {
            match names::seat(self.scope, &name) {
                Ok(seat) => all[usize::from(seat.0)] = [to_server, to_client, old_to_server],
                Err(what) => strange.push(what),
            }
        }
        all
    }

    fn callback(&self, called: &Called) -> Result<Item, String> {
        let of = names::who(self.scope, &called.instance)?;
        let kicked: Vec<Who> = called.kicked.iter().map(|name| names::who(self.scope, name)).collect::<Result<_, _>>()?;
        let mut pair = [None; 2];
        if kicked.len() > pair.len() {
            return Err(format!("a callback that names {} victims", kicked.len()));
        }
        pair.iter_mut().zip(kicked).for_each(|(place, who)| *place = Some(who));
        Ok(Item::Callback {
            instance: of.0,
            account: names::account(self.scope, &called.account)?,
            callback: observation::Callback { of, change: called.change.seen(), kicked: pair },
            stage: called.stage.seen(),
        })
    }
}

/// Of which request, and how it ended.
fn outcome(answer: &Settled) -> Result<(u64, Outcome), String> {
    Ok(match answer {
        Settled::Resolved { of } => (*of, Outcome::LoggedIn),
        Settled::Repeat { of, text } if text.is_empty() => return Err(format!("request {of} is a repeat that says nothing")),
        Settled::Repeat { of, .. } => (*of, Outcome::Repeat),
        Settled::Done { of } => (*of, Outcome::Done),
        Settled::Accepted { of } => (*of, Outcome::Sent),
        Settled::Refused(Refused { of, code, because }) => {
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

impl Reason {
    const fn seen(self) -> observation::Reason {
        match self {
            Reason::MultipleAccount => observation::Reason::MultipleAccount,
            Reason::MultipleDevice => observation::Reason::MultipleDevice,
            Reason::UserSigExpired => observation::Reason::UserSigExpired,
            Reason::RestApi => observation::Reason::RestApi,
        }
    }
}

impl NetState {
    const fn seen(self) -> observation::NetState {
        match self {
            NetState::Connected => observation::NetState::Connected,
            NetState::Connecting => observation::NetState::Connecting,
            NetState::Disconnected => observation::NetState::Disconnected,
        }
    }
}

impl Change {
    const fn seen(self) -> StateChange {
        match self {
            Change::Register => StateChange::Register,
            Change::Resumed => StateChange::Resumed,
            Change::Unregister => StateChange::Unregister,
            Change::LinkClose => StateChange::LinkClose,
            Change::TimeOut => StateChange::TimeOut,
        }
    }
}

impl Stage {
    const fn seen(self) -> observation::CallbackStage {
        match self {
            Stage::Recorded => observation::CallbackStage::Committed,
            Stage::Taken => observation::CallbackStage::Posted(Post::Taken),
            Stage::Failed => observation::CallbackStage::Posted(Post::Failed),
        }
    }
}
