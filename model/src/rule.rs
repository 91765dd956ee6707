//! The rules by name, in the order of the rulebook, and sets of them. What they mean stands in `crate::rules`.

use std::fmt;
use std::str::FromStr;

use strum::{EnumCount, VariantArray};

use crate::variants::every;

/// A rule of the rulebook that the model shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
#[allow(missing_docs, reason = "a rule's text is in `Rule::text`")]
pub enum Rule {
    Login1,
    Login2,
    Login3,
    Login4,
    Login5,
    Login6,
    Login7,
    Login8,
    Login9,
    Login10,
    Kick1,
    Kick2,
    Kick3,
    Kick4,
    Kick5,
    Kick6,
    Kick7,
    Kick8,
    Kick9,
    Kick10,
    Kick11,
    Logout1,
    Logout2,
    Logout3,
    Logout4,
    Logout5,
    Logout6,
    Logout7,
    Destroy1,
    Destroy2,
    Link1,
    Link2,
    Link3,
    Link4,
    Link5,
    Link6,
    Link7,
    Link8,
    Link9,
    Link11,
    Link10,
    Msg1,
    Msg2,
    Msg3,
    Msg4,
    Sig1,
    Rest1,
    Conf1,
    Conf2,
    Hook1,
    Hook2,
}

/// One row of the rule table: name, origin, text.
type Row = (&'static str, &'static str, &'static str);

impl Rule {
    /// Every rule, in the rulebook's order.
    pub const ALL: [Rule; Rule::COUNT] = every();

    const fn row(self) -> Row {
        match self {
            Rule::Login1 => ("LOGIN-1", "S, D", "a login settles exactly once and is never sent again by itself"),
            Rule::Login2 => ("LOGIN-2", "S, D", "SDK_READY follows a resolved login once, after the first sync"),
            Rule::Login3 => ("LOGIN-3", "S, D", "a message is accepted only while ready and linked: else 2024, 2999 or 2800"),
            Rule::Login4 => ("LOGIN-4", "S, D", "a repeat login resolves as one, and changes nothing"),
            Rule::Login5 => ("LOGIN-5", "V, D", "a login while one runs is refused with 2025, the first goes on"),
            Rule::Login6 => ("LOGIN-6", "D", "a login with another account is refused with 2025: log out first"),
            Rule::Login7 => ("LOGIN-7", "S, V, D", "a refused login kicks nobody and takes no place"),
            Rule::Login8 => ("LOGIN-8", "V, D", "a bad userID or UserSig is refused with the code for it"),
            Rule::Login9 => ("LOGIN-9", "D", "a login under a key on record replaces that session, and is told what that one lost"),
            Rule::Login10 => ("LOGIN-10", "S", "after a logout another account may log in"),
            Rule::Kick1 => ("KICK-1", "S, V", "an admitted login kicks the other kinds of its class: multipleDevice"),
            Rule::Kick2 => ("KICK-2", "S, D", "over the limit, those that logged in first are kicked: multipleAccount"),
            Rule::Kick3 => ("KICK-3", "S", "a newcomer is never the victim of its own login"),
            Rule::Kick4 => ("KICK-4", "S, D", "a victim settles what runs, SDK_NOT_READY if ready, then KICKED_OUT"),
            Rule::Kick5 => ("KICK-5", "S", "bystanders of a kick see nothing and keep their places"),
            Rule::Kick6 => ("KICK-6", "S, D", "from the kick on the server takes and writes nothing but ack and notice"),
            Rule::Kick7 => ("KICK-7", "S, V", "a victim never logs in again by itself"),
            Rule::Kick8 => ("KICK-8", "D", "a kick leaves a record until it is acknowledged, a new admission or an owed logout"),
            Rule::Kick9 => ("KICK-9", "D", "after logout or destroy was called no KICKED_OUT is seen"),
            Rule::Kick10 => ("KICK-10", "D", "only a login, an expired UserSig or the administrator causes a kick"),
            Rule::Kick11 => ("KICK-11", "D", "a login enforces its own class and its own platform's limit only"),
            Rule::Logout1 => ("LOGOUT-1", "S, D", "logout settles sends, says SDK_NOT_READY, frees its own place only"),
            Rule::Logout2 => ("LOGOUT-2", "D", "logout works before ready, and without any event when logged out"),
            Rule::Logout3 => ("LOGOUT-3", "V, D", "logout while a login runs: the login fails with 6023 first"),
            Rule::Logout4 => ("LOGOUT-4", "D", "an unanswered logout is owed, and sent first on the next link"),
            Rule::Logout5 => ("LOGOUT-5", "D", "a new login never receives a message of the earlier session"),
            Rule::Logout6 => ("LOGOUT-6", "D, V", "until a logout resolved login is refused with 7502; a second one joins"),
            Rule::Logout7 => ("LOGOUT-7", "V", "listeners survive logout and kick"),
            Rule::Destroy1 => ("DESTROY-1", "S, D", "destroy logs out, then closes the link, holds and owes nothing"),
            Rule::Destroy2 => ("DESTROY-2", "D", "from destroy on every other call is refused with 6013"),
            Rule::Link1 => ("LINK-1", "V, D", "a lost link is no logout: NET_STATE_CHANGE, and it reconnects by itself"),
            Rule::Link2 => ("LINK-2", "D", "a reconnect resumes the same session in its place, and kicks nobody"),
            Rule::Link3 => ("LINK-3", "V, D", "what comes on a superseded link changes nothing"),
            Rule::Link4 => ("LINK-4", "V, D", "a session whose link is down keeps its place until it lapses"),
            Rule::Link5 => ("LINK-5", "D", "a resume is decided in one commit: resumed, notice, readmitted or refused"),
            Rule::Link6 => ("LINK-6", "V, D", "a page that went keeps its session a short while; other closes are a lost link"),
            Rule::Link7 => ("LINK-7", "V, D", "a silent link is asked, then lost for either end, and closed with 4000"),
            Rule::Link8 => ("LINK-8", "D", "over a restart sessions, their order and kick records stay"),
            Rule::Link9 => ("LINK-9", "D", "a link carries one login, and both ends close it after its last answer"),
            Rule::Link11 => ("LINK-11", "D", "an instance that another replaced under its key is kicked out, and stays out"),
            Rule::Link10 => ("LINK-10", "D", "one request, one answer; sync is sent once the login resolved"),
            Rule::Msg1 => ("MSG-1", "S, D", "a message reaches every other session of recipient and sender"),
            Rule::Msg2 => ("MSG-2", "D", "a message is delivered to a session at most once, in order; what is lost is told"),
            Rule::Msg3 => ("MSG-3", "D", "a send settles once: accepted, refused, or 2801"),
            Rule::Msg4 => ("MSG-4", "S, D", "no message before SDK_READY; what came before follows it"),
            Rule::Sig1 => ("SIG-1", "S, D", "a session whose UserSig expires is kicked: userSigExpired"),
            Rule::Rest1 => ("REST-1", "V, D", "a REST kick ends every session, and UserSigs up to it are refused: 70052"),
            Rule::Conf1 => ("CONF-1", "S, V, D", "changed limits take effect later; a newer change replaces the pending one"),
            Rule::Conf2 => ("CONF-2", "D", "the limits in force decide at the next login; who is online stays until then"),
            Rule::Hook1 => ("HOOK-1", "V, D", "each change of a session is called back, a resume as one, with whom a login kicked"),
            Rule::Hook2 => ("HOOK-2", "D", "a callback is one commit with its change, posted in order until it is taken"),
        }
    }

    /// The rulebook's name.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Where the rule comes from: S the seed page, V other vendor documentation, D a decision of ours.
    pub const fn origin(self) -> &'static str {
        self.row().1
    }

    /// What the rule says, in a line. It is also the text of its property.
    pub const fn text(self) -> &'static str {
        self.row().2
    }
}

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
        write!(f, "unknown rule '{}': it would be one of LOGIN-1 to HOOK-2; `kickproof rules` lists them", self.0)
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
