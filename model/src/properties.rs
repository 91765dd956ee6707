//! The judges: one property a rule, by the rule's name, each a question about one step as it was seen. They look at states before and
//! after, at what was observed, and at what the [`crate::observers`] remember. They never call the rules that they judge.

mod administrator;
mod destroy;
mod kick;
mod link;
mod login;
mod logout;
mod message;

use crate::action::{AccountId, Action, InstanceId, Slot};
use crate::frame::Frame;
use crate::observation::{Asked, Call, Code, End, Event, Item, Outcome};
use crate::observers::{Watch, Watches};
use crate::rule::{Rule, RuleSet};
use crate::scope::Scope;
use crate::state::State;

/// One step as it was seen.
pub struct Seen<'a> {
    /// Where it was made.
    pub scope: &'a Scope,
    /// The state before it.
    pub before: &'a State,
    /// What was done.
    pub action: Action,
    /// The state after it.
    pub after: &'a State,
    /// What was observed.
    pub items: &'a [Item],
    /// What the onlookers knew before it.
    pub watches: &'a Watches,
    /// What they know after it.
    pub then: &'a Watches,
}

/// The rules whose properties the step breaks; none in a model that keeps them.
pub fn broken(seen: &Seen<'_>) -> RuleSet {
    let mut broken = RuleSet::NONE;
    Rule::ALL.into_iter().filter(|rule| !holds(*rule, seen)).for_each(|rule| broken.insert(rule));
    broken
}

/// Whether the step keeps the rule.
pub fn holds(rule: Rule, seen: &Seen<'_>) -> bool {
    match seen.action.instance() {
        Some(_) => holds_for_an_instance(rule, seen),
        None => administrator::holds(rule, seen),
    }
}

/// Whether a step of an instance keeps the rule.
fn holds_for_an_instance(rule: Rule, seen: &Seen<'_>) -> bool {
    match rule {
        Rule::Login1 => login::settles_once_and_never_by_itself(seen),
        Rule::Login2 => login::ready_follows_the_first_sync_once(seen),
        Rule::Login3 => login::sends_are_accepted_only_while_ready(seen),
        Rule::Login4 => login::a_repeat_changes_nothing(seen),
        Rule::Login5 => login::one_login_at_a_time(seen),
        Rule::Login6 => login::another_account_must_wait_for_a_logout(seen),
        Rule::Login7 => login::a_refused_login_does_nothing(seen),
        Rule::Login8 => login::each_credential_has_its_code(seen),
        Rule::Login10 => login::a_logged_out_instance_is_nobodys(seen),
        Rule::Kick1 => kick::other_kinds_of_the_class_are_kicked(seen),
        Rule::Kick2 => kick::the_oldest_over_the_limit_are_kicked(seen),
        Rule::Kick3 => kick::the_newcomer_stays(seen),
        Rule::Kick4 => kick::a_victim_logs_out_then_learns(seen),
        Rule::Kick5 => kick::bystanders_see_nothing(seen),
        Rule::Kick6 => kick::nothing_counts_after_the_kick(seen),
        Rule::Kick7 => kick::a_victim_stays_out(seen),
        Rule::Kick8 => kick::a_kick_is_on_record_until_known(seen),
        Rule::Kick9 => kick::who_left_is_not_told(seen),
        Rule::Kick10 => kick::only_a_login_kicks(seen),
        Rule::Kick11 => kick::only_class_and_platform_matter(seen),
        Rule::Logout1 => logout::frees_its_own_place_only(seen),
        Rule::Logout2 => logout::is_never_refused(seen),
        Rule::Logout3 => logout::a_running_login_fails_first(seen),
        Rule::Logout5 => logout::nothing_of_the_earlier_session_is_seen(seen),
        Rule::Logout6 => logout::until_it_resolved_no_login(seen),
        Rule::Logout7 => logout::listeners_survive(seen),
        Rule::Destroy1 => destroy::logs_out_and_holds_nothing(seen),
        Rule::Destroy2 => destroy::every_later_call_is_refused(seen),
        Rule::Link9 => link::carries_one_login_and_is_closed(seen),
        Rule::Link10 => link::one_request_one_answer(seen),
        Rule::Msg1 => message::reaches_everyone_concerned(seen),
        Rule::Msg2 => message::at_most_once_in_order(seen),
        Rule::Msg3 => message::a_send_settles_once(seen),
        Rule::Msg4 => message::none_before_ready(seen),
        Rule::Rest1 => administrator::no_rest_kick_is_seen(seen),
    }
}

impl Seen<'_> {
    fn me(&self) -> InstanceId {
        self.action.instance().expect("an instance's steps and the administrator's are judged apart")
    }

    /// What the onlooker of the acting instance knew before.
    fn watch(&self) -> &Watch {
        &self.watches[usize::from(self.me().0)]
    }

    fn unchanged(&self) -> bool {
        self.before == self.after
    }

    /// What the application of an instance was told, in order.
    fn told(&self, instance: InstanceId) -> Vec<Item> {
        let told = |item: &&Item| match item {
            Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } => item.instance() == instance,
            Item::Written { .. } | Item::Closed { .. } => false,
        };
        self.items.iter().filter(told).copied().collect()
    }

    /// The frames that one end wrote to the link of an instance, in order.
    fn written(&self, instance: InstanceId, by: End) -> Vec<Frame> {
        let frame = |item: &Item| match *item {
            Item::Written { instance: whose, end, frame } if whose == instance && end == by => Some(frame),
            Item::Written { .. }
            | Item::Settled { .. }
            | Item::Published { .. }
            | Item::StreamEnded { .. }
            | Item::Closed { .. } => None,
        };
        self.items.iter().filter_map(frame).collect()
    }

    fn closed(&self, instance: InstanceId, end: End) -> bool {
        self.items.contains(&Item::Closed { instance, end })
    }

    /// The frame that this step delivers to the server.
    fn arrives_at_server(&self) -> Option<Frame> {
        let Action::ToServer { instance, slot } = self.action else { return None };
        let seat = self.before.instance(instance);
        match slot {
            Slot::Current => seat.current.up.first(),
            Slot::Abandoned => seat.abandoned.up.first(),
        }
    }

    /// The frame that this step delivers to a client.
    fn arrives_at_client(&self) -> Option<Frame> {
        let Action::ToClient { instance } = self.action else { return None };
        self.before.instance(instance).current.down.first()
    }

    /// Whom this step admits, and to which account.
    fn admitted(&self) -> Option<(InstanceId, AccountId)> {
        let Some(Frame::Login { account, .. }) = self.arrives_at_server() else { return None };
        let admitted = self.written(self.me(), End::Server).contains(&Frame::LoginAnswer { refused: None });
        admitted.then_some((self.me(), account))
    }

    /// Whether the acting instance is told of this call's answer, that answer, and nothing else, and nothing changes.
    fn is_only_answered(&self, call: Call, outcome: Outcome) -> bool {
        let answer = Item::Settled { instance: self.me(), call, asked: Asked::Now, outcome };
        self.items == [answer] && self.unchanged()
    }

    fn settled(&self, call: Call, asked: Asked, outcome: Outcome) -> Item {
        Item::Settled { instance: self.me(), call, asked, outcome }
    }

    fn published(&self, event: Event) -> Item {
        Item::Published { instance: self.me(), event }
    }

    /// What a logged-in instance tells first when its session ends: its sends are unknown, and it is ready no more.
    fn farewell(&self) -> Vec<Item> {
        let unknown = Outcome::Refused(Code::OutcomeUnknown);
        let sends = self.watch().sends.iter().map(|token| self.settled(Call::Send(Some(token)), Asked::Earlier, unknown));
        let not_ready = self.watch().ready.then(|| self.published(Event::NotReady));
        sends.chain(not_ready).collect()
    }

    /// The online sessions of all other accounts and those of this one but for `but`, in their order, are as they were.
    fn others_keep_their_places(&self, but: &[InstanceId]) -> bool {
        self.scope.accounts().all(|account| {
            let stay = |state: &State| state.roster(account).iter().filter(|online| !but.contains(online)).collect::<Vec<_>>();
            stay(self.before) == stay(self.after)
        })
    }
}
