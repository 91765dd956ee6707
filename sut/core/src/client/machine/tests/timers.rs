//! Whatever happens, the timers and links that the instance says it has are those that its effects have left running.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::protocol::ResumeOutcome;

/// What happens next; frames and links are those of the newest link.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Login,
    Logout,
    Destroy,
    Send(u128),
    Up,
    Down,
    Superseded,
    BadFrame,
    Frame(usize),
    Fires(usize),
    PageClosed,
}

fn frames() -> Vec<ServerFrame> {
    let gap = ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Resumed { gap: true } };
    let told = ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Told { reason: KickReason::RestApi } };
    let sent = ServerFrame::SendAnswer { id: MessageId(0), refused: None };
    vec![
        admitted(),
        refused(),
        sync_answer(),
        notice(),
        message(1),
        ServerFrame::LogoutAnswer,
        ServerFrame::Pong,
        ServerFrame::Ping,
        gap,
        told,
        sent,
    ]
}

fn a_happening() -> impl Strategy<Value = Happening> {
    use Happening::{BadFrame, Destroy, Down, Login, Logout, PageClosed, Superseded, Up};
    prop_oneof![
        6 => select(vec![Login, Login, Logout, Up, Up, Up, Down, BadFrame]),
        1 => select(vec![Destroy, PageClosed, Superseded]),
        2 => (0..2_u128).prop_map(Happening::Send),
        6 => (0..11_usize).prop_map(Happening::Frame),
        4 => (0..4_usize).prop_map(Happening::Fires),
    ]
}

fn input(machine: &Machine, happening: Happening, n: u64) -> Option<Input> {
    let newest = machine.epoch.0;
    Some(match happening {
        Happening::Login => login(n, "alice"),
        Happening::Logout => logout(n),
        Happening::Destroy => destroy(n),
        Happening::Send(name) => send(n, name),
        Happening::Up if is_opening(machine) => up(newest),
        Happening::Down if machine.links() > 0 => down(newest),
        Happening::Superseded if machine.links() > 0 && !is_opening(machine) => closed(newest, 4001, ""),
        Happening::Up | Happening::Down | Happening::Superseded => return None,
        Happening::BadFrame => Input::BadFrame { epoch: machine.epoch, error: FrameError::Malformed("x".to_owned()) },
        Happening::Frame(which) => hears(newest, frames().swap_remove(which)),
        Happening::Fires(which) => Input::Timer(*machine.timers().get(which)?),
        Happening::PageClosed => Input::PageClosed,
    })
}

fn is_opening(machine: &Machine) -> bool {
    match &machine.phase {
        Phase::LoggingIn(attempt) => attempt.progress == Progress::Opening,
        Phase::LoggedIn(online) => online.link == LinkState::Opening,
        Phase::LoggedOut | Phase::LoggingOut { .. } | Phase::Destroyed => false,
    }
}

/// What runs by the effects alone.
#[derive(Default)]
struct Running {
    timers: BTreeSet<Timer>,
    links: BTreeSet<Epoch>,
    calls: BTreeSet<CallId>,
}

impl Running {
    fn note_input(&mut self, input: &Input) {
        match input {
            Input::Timer(timer) => drop(self.timers.remove(timer)),
            Input::LinkDown { epoch, .. } => drop(self.links.remove(epoch)),
            Input::Call { id, .. } => drop(self.calls.insert(*id)),
            Input::PageClosed => self.links.clear(),
            Input::LinkUp { .. } | Input::Frame { .. } | Input::BadFrame { .. } => {}
        }
    }

    fn note(&mut self, effect: &Effect) {
        match effect {
            Effect::Open { epoch } => drop(self.links.insert(*epoch)),
            Effect::Close { epoch, .. } => drop(self.links.remove(epoch)),
            Effect::Arm { timer, .. } | Effect::ArmWithin { timer, .. } => drop(self.timers.insert(*timer)),
            Effect::Disarm { timer } => drop(self.timers.remove(timer)),
            Effect::Settle { call, .. } => assert!(self.calls.remove(call), "{call:?} is settled twice"),
            Effect::Send { epoch, .. } => assert!(self.links.contains(epoch), "a frame on a link that is closed"),
            Effect::Publish(_) | Effect::End => {}
        }
    }
}

proptest! {
    #[test]
    fn what_the_instance_says_it_holds_is_what_its_effects_left(happenings in vec(a_happening(), 0..60)) {
        let (mut machine, mut running) = (logged_out(), Running::default());
        for (n, happening) in (1..).zip(happenings) {
            let Some(input) = input(&machine, happening, n) else { continue };
            running.note_input(&input);
            let mut effects = Vec::new();
            machine.handle(NOW, input, &mut effects);
            effects.iter().for_each(|effect| running.note(effect));
            let said: BTreeSet<_> = machine.timers().into_iter().collect();
            prop_assert_eq!((&said, machine.links()), (&running.timers, running.links.len()), "after {:?}", happening);
        }
    }
}
