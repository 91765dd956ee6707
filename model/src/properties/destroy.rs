//! What must be seen of destroy.

use super::Seen;
use crate::action::{Action, AppCall};
use crate::frame::{Meant, UpFrame};
use crate::observation::{Asked, Call, Code, Item, Outcome};
use crate::state::Phase;

/// DESTROY-1
pub(super) fn logs_out_and_holds_nothing(seen: &Seen<'_>) -> bool {
    does_what_logout_does(seen) && settles_behind_the_logout(seen) && owes_nothing_any_more(seen)
}

fn does_what_logout_does(seen: &Seen<'_>) -> bool {
    let Action::Call(instance, AppCall::Destroy) = seen.action else { return true };
    if seen.watch().destroyed {
        return true;
    }
    let mut due = seen.farewell();
    if seen.watch().login.is_some() {
        due.push(seen.settled(Call::Login, Asked::Earlier, Outcome::Refused(Code::LoginAbandoned)));
    }
    let seat = seen.before().instance(instance);
    let link_is_up = seat.links.current.is_held() && !seat.client.is_cut_off();
    let runs = seen.watch().logouts > 0;
    let asked = if link_is_up && !runs { vec![UpFrame::Logout { of: Meant::Own }] } else { Vec::new() };
    if !link_is_up {
        due.extend([seen.settled(Call::Destroy, Asked::Now, Outcome::Done), Item::StreamEnded { instance }]);
    }
    seen.told(instance) == due && seen.said(instance) == asked
}

/// The logouts that ran, then the destroys, then the end of the stream; the place is free and no link held.
fn settles_behind_the_logout(seen: &Seen<'_>) -> bool {
    let instance = seen.me();
    let done = |call| seen.settled(call, Asked::Earlier, Outcome::Done);
    if !seen.items.contains(&done(Call::Destroy)) {
        return true;
    }
    let (logouts, destroys) = (usize::from(seen.watch().logouts), usize::from(seen.watch().destroys));
    let mut due = vec![done(Call::Logout); logouts];
    due.extend(vec![done(Call::Destroy); destroys]);
    due.push(Item::StreamEnded { instance });
    let seat = seen.after().instance(instance);
    let online = seen.scope.accounts().any(|account| seen.after().roster(account).contains(instance));
    let freed = !online || seen.scope.links_fail();
    seen.told(instance) == due && freed && !seat.links.current.is_held() && seat.client.phase == Phase::Destroyed
}

/// Debts die with the instance.
fn owes_nothing_any_more(seen: &Seen<'_>) -> bool {
    let then = seen.then_of(seen.me());
    let is_over = then.destroyed && then.destroys == 0;
    !is_over || seen.after().instance(seen.me()).client.debts.is_empty()
}

/// DESTROY-2
pub(super) fn every_later_call_is_refused(seen: &Seen<'_>) -> bool {
    let refused = |call| seen.is_only_answered(call, Outcome::Refused(Code::Destroyed));
    let seat = seen.after().instance(seen.me());
    let gone = !seat.client.is_ready() && seat.client.login_user().is_none();
    if !seen.watch().destroyed {
        return true;
    }
    match seen.action {
        Action::Call(_, AppCall::Login { .. }) => refused(Call::Login),
        Action::Call(_, AppCall::Logout) => refused(Call::Logout),
        Action::Call(_, AppCall::Send(_) | AppCall::Resend) => refused(Call::Send(None)),
        Action::Page(..) | Action::Renew(_) | Action::Server(_) => true,
        Action::Call(..) | Action::Link(..) | Action::Timer(..) => gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{AccountId, InstanceId};
    use crate::frame::SigShown;
    use crate::observers::{Watch, Watches};
    use crate::properties::Moment;
    use crate::records::Label;
    use crate::scopes::named;
    use crate::state::{Debt, State};

    /// Whether DESTROY-1 is kept where the destroyed instance still owes so many logouts.
    fn keeps(debts: usize) -> bool {
        let (scope, instance) = (named("logout-offline").unwrap(), InstanceId(0));
        let before = State::initial(&scope);
        let mut after = before;
        after.instances[0].client.phase = Phase::Destroyed;
        let debt = Debt { account: AccountId(0), session: Label(1), sig: SigShown::Right };
        (0..debts).for_each(|_| after.instances[0].client.debts.push(debt));
        let watches = Watches::of(&scope);
        let mut then = watches;
        then[0] = Watch { destroyed: true, ..Watch::default() };
        let items = [
            Item::Settled { instance, call: Call::Destroy, asked: Asked::Now, outcome: Outcome::Done },
            Item::StreamEnded { instance },
        ];
        let action = Action::Call(instance, AppCall::Destroy);
        let moment = |state, watches| Moment { state, watches };
        logs_out_and_holds_nothing(&Seen::new(&scope, moment(&before, &watches), action, &items, moment(&after, &then)))
    }

    #[test]
    fn debts_that_outlive_a_destroyed_instance_are_seen() {
        assert!(keeps(0));
        assert!(!keeps(1));
    }
}
