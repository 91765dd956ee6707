//! The rules by name, in the order of the rulebook, and sets of them. What they mean stands in `crate::rules`.

use std::fmt;
use std::str::FromStr;

use strum::{EnumCount, VariantArray};

use crate::variants::every;

/// The rules, in the rulebook's order, handed to a macro as rows: the variant, the rulebook's name, where the rule comes from, the
/// property that judges it, and what it says in a line.
#[macro_export]
macro_rules! each_rule {
    ($rows:ident) => {
        $rows! {
            Login1 "LOGIN-1" "S, D" login::settles_once_and_never_by_itself
                "a login settles exactly once and is never sent again by itself";
            Login2 "LOGIN-2" "S, D" login::ready_follows_the_first_sync_once
                "SDK_READY follows a resolved login once, after the first sync";
            Login3 "LOGIN-3" "S, D" login::sends_are_accepted_only_while_ready
                "a message is accepted only while ready and linked: else 2024, 2999 or 2800";
            Login4 "LOGIN-4" "S, D" login::a_repeat_changes_nothing
                "a repeat login resolves as one, and changes nothing";
            Login5 "LOGIN-5" "V, D" login::one_login_at_a_time
                "a login while one runs is refused with 2025, the first goes on";
            Login6 "LOGIN-6" "D" login::another_account_must_wait_for_a_logout
                "a login with another account is refused with 2025: log out first";
            Login7 "LOGIN-7" "S, V, D" login::a_refused_login_does_nothing
                "a refused login kicks nobody and takes no place";
            Login8 "LOGIN-8" "V, D" login::each_credential_has_its_code
                "a bad userID or UserSig is refused with the code for it";
            Login9 "LOGIN-9" "D" login::the_keys_earlier_session_is_replaced
                "a login under a key on record replaces that session, and is told what that one lost";
            Login10 "LOGIN-10" "S" login::a_logged_out_instance_is_nobodys
                "after a logout another account may log in";
            Kick1 "KICK-1" "S, V" kick::other_kinds_of_the_class_are_kicked
                "an admitted login kicks the other kinds of its class: multipleDevice";
            Kick2 "KICK-2" "S, D" kick::the_oldest_over_the_limit_are_kicked
                "over the limit, those that logged in first are kicked: multipleAccount";
            Kick3 "KICK-3" "S" kick::the_newcomer_stays
                "a newcomer is never the victim of its own login";
            Kick4 "KICK-4" "S, D" kick::a_victim_logs_out_then_learns
                "a victim settles what runs, SDK_NOT_READY if ready, then KICKED_OUT";
            Kick5 "KICK-5" "S" kick::bystanders_see_nothing
                "bystanders of a kick see nothing and keep their places";
            Kick6 "KICK-6" "S, D" kick::nothing_counts_after_the_kick
                "from the kick on the server takes and writes nothing but ack and notice";
            Kick7 "KICK-7" "S, V" kick::a_victim_stays_out
                "a victim never logs in again by itself";
            Kick8 "KICK-8" "D" kick::a_kick_is_on_record_until_known
                "a kick leaves a record until it is acknowledged, a new admission or an owed logout";
            Kick9 "KICK-9" "D" kick::who_left_is_not_told
                "after logout or destroy was called no KICKED_OUT is seen";
            Kick10 "KICK-10" "D" kick::has_a_cause
                "only a login, an expired UserSig or the administrator causes a kick";
            Kick11 "KICK-11" "D" kick::only_class_and_platform_matter
                "a login enforces its own class and its own platform's limit only";
            Kick12 "KICK-12" "D" refusal::a_newcomer_finds_a_place_or_is_refused
                "where the policy refuses newcomers, a login without a place fails and kicks nobody: 70409";
            Kick13 "KICK-13" "D" account::an_account_has_one_limit
                "where the policy counts an account, its oldest over one limit go, whatever they are";
            Logout1 "LOGOUT-1" "S, D" logout::frees_its_own_place_only
                "logout settles sends, says SDK_NOT_READY, frees its own place only";
            Logout2 "LOGOUT-2" "D" logout::is_never_refused
                "logout works before ready, and without any event when logged out";
            Logout3 "LOGOUT-3" "V, D" logout::a_running_login_fails_first
                "logout while a login runs: the login fails with 6023 first";
            Logout4 "LOGOUT-4" "D" debt::what_is_unanswered_is_owed
                "an unanswered logout is owed, and sent first on the next link";
            Logout5 "LOGOUT-5" "D" logout::nothing_of_the_earlier_session_is_seen
                "a new login never receives a message of the earlier session";
            Logout6 "LOGOUT-6" "D, V" logout::until_it_resolved_no_login
                "until a logout resolved login is refused with 7502; a second one joins";
            Logout7 "LOGOUT-7" "V" logout::listeners_survive
                "listeners survive logout and kick";
            Destroy1 "DESTROY-1" "S, D" destroy::logs_out_and_holds_nothing
                "destroy logs out, then closes the link, holds and owes nothing";
            Destroy2 "DESTROY-2" "D" destroy::every_later_call_is_refused
                "from destroy on every other call is refused with 6013";
            Link1 "LINK-1" "V, D" loss::a_lost_link_is_no_logout
                "a lost link is no logout: NET_STATE_CHANGE, and it reconnects by itself";
            Link2 "LINK-2" "D" resume::the_same_session_goes_on
                "a reconnect resumes the same session in its place, and kicks nobody";
            Link3 "LINK-3" "V, D" resume::what_is_superseded_changes_nothing
                "what comes on a superseded link changes nothing";
            Link4 "LINK-4" "V, D" loss::a_place_is_kept_until_it_lapses
                "a session whose link is down keeps its place until it lapses";
            Link5 "LINK-5" "D" resume::readmission_needs_a_free_place
                "a resume is decided in one commit: resumed, notice, readmitted or refused";
            Link6 "LINK-6" "V, D" loss::a_close_says_why
                "a page that went keeps its session a short while; other closes are a lost link";
            Link7 "LINK-7" "V, D" loss::a_silent_link_is_lost
                "a silent link is asked, then lost for either end, and closed with 4000";
            Link8 "LINK-8" "D" administrator::a_restart_loses_links_only
                "over a restart sessions, their order and kick records stay";
            Link9 "LINK-9" "D" link::carries_one_login_and_is_closed
                "a link carries one login, and both ends close it after its last answer";
            Link11 "LINK-11" "D" loss::whoever_is_replaced_stays_out
                "an instance that another replaced under its key is kicked out, and stays out";
            Link10 "LINK-10" "D" link::one_request_one_answer
                "one request, one answer; sync is sent once the login resolved";
            Msg1 "MSG-1" "S, D" message::reaches_everyone_concerned
                "a message reaches every other session of recipient and sender";
            Msg2 "MSG-2" "D" message::at_most_once_in_order
                "a message is delivered to a session at most once, in order; what is lost is told";
            Msg3 "MSG-3" "D" message::a_send_settles_once
                "a send settles once: accepted, refused, or 2801";
            Msg4 "MSG-4" "S, D" message::none_before_ready
                "no message before SDK_READY; what came before follows it";
            Sig1 "SIG-1" "S, D" administrator::an_expired_session_is_kicked
                "a session whose UserSig expires is kicked: userSigExpired";
            Rest1 "REST-1" "V, D" administrator::no_rest_kick_is_seen
                "a REST kick ends every session, and UserSigs up to it are refused: 70052";
            Conf1 "CONF-1" "S, V, D" administrator::limits_stay
                "changed limits take effect later; a newer change replaces the pending one";
            Conf2 "CONF-2" "D" kick::the_limits_in_force_decide
                "the limits in force decide at the next login; who is online stays until then";
            Hook1 "HOOK-1" "V, D" hook::every_change_is_called_back
                "each change of a session is called back, a resume as one, with whom a login kicked";
            Hook2 "HOOK-2" "D" hook::callbacks_are_kept_in_order_until_taken
                "a callback is one commit with its change, posted in order until it is taken";
            Node1 "NODE-1" "D" node::the_record_decides
                "whatever node an instance is connected to, the record decides what is accepted";
            Node2 "NODE-2" "D" node::a_kick_reaches_every_node
                "a kick reaches every node by a notice; a lost one only delays it, until the poll";
            Node3 "NODE-3" "D" node::whoever_is_gone_is_stood_in_for
                "once its lease ended the others wait for a node's sessions; if it wakes, it has all decided anew";
        }
    };
}

macro_rules! rules {
    ($($rule:ident $name:literal $origin:literal $family:ident::$property:ident $text:literal;)+) => {
        /// A rule of the rulebook that the model shows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
        pub enum Rule {
            $(#[doc = $text] $rule,)+
        }

        impl Rule {
            /// Every rule, in the rulebook's order.
            pub const ALL: [Rule; Rule::COUNT] = every();

            /// The rulebook's name.
            pub const fn name(self) -> &'static str {
                match self { $(Rule::$rule => $name,)+ }
            }

            /// Where the rule comes from: S the seed page, V other vendor documentation, D a decision of ours.
            pub const fn origin(self) -> &'static str {
                match self { $(Rule::$rule => $origin,)+ }
            }

            /// What the rule says, in a line. It is also the text of its property.
            pub const fn text(self) -> &'static str {
                match self { $(Rule::$rule => $text,)+ }
            }
        }
    };
}

each_rule!(rules);

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A rule's name that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule(pub String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown rule '{}': it would be one of LOGIN-1 to NODE-3; `kickproof rules` lists them", self.0)
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Rule, UnknownRule> {
        Rule::ALL.into_iter().find(|rule| rule.name() == name).ok_or_else(|| UnknownRule(name.to_owned()))
    }
}

/// A set of rules.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleSet(u64);

impl RuleSet {
    /// No rule.
    pub const NONE: RuleSet = RuleSet(0);

    /// Adds a rule.
    pub const fn insert(&mut self, rule: Rule) {
        self.0 |= 1 << rule as u8;
    }

    /// Adds all rules of another set.
    pub const fn extend(&mut self, other: RuleSet) {
        self.0 |= other.0;
    }

    /// Whether the rule is in it.
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u8) != 0
    }

    /// Whether it has no rule.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its rules, in the rulebook's order.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.into_iter().filter(move |rule| self.contains(*rule))
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The rules in force: all, or all but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rules {
    out: Option<Rule>,
}

impl Rules {
    /// Every rule holds.
    pub const ALL: Rules = Rules { out: None };

    /// Every rule but that one, which is turned round: the model then breaks the property of its name.
    pub const fn without(rule: Rule) -> Rules {
        Rules { out: Some(rule) }
    }

    /// Whether the rule is in force.
    pub fn hold(self, rule: Rule) -> bool {
        self.out != Some(rule)
    }
}
