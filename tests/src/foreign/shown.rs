//! What a walk can show of the rules: a rule is shown if a child that is the model without it would have been told apart on that walk, by
//! what is compared. It is computed from the model alone; no child is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::action::Action;
use model::frame::{DownFrame, Frame};
use model::observation::{Code, Item};
use model::possible::is_possible;
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::state::State;
use model::step::{Step, actions, step};

use super::deed::Deed;
use super::tells::Tells;
use crate::observation::{Observation, expected};
use crate::replay::Replay;

/// The rules that speak of refused logins: what is shown of them for one code is not shown for another.
const OF_REFUSALS: [Rule; 2] = [Rule::Login7, Rule::Login8];

/// The codes by which a server refuses begin here.
const FIRST_OF_THE_SERVER: u32 = 70_000;

/// A rule, or what it says of logins that are refused with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    rule: Rule,
    code: Option<Code>,
}

impl Claim {
    fn all() -> BTreeSet<Claim> {
        let whole = Rule::ALL.into_iter().map(|rule| Claim { rule, code: None });
        let of_a_code = |rule| codes().map(move |code| Claim { rule, code: Some(code) });
        whole.chain(OF_REFUSALS.into_iter().flat_map(of_a_code)).collect()
    }

    /// Whether what it says may matter to a step that the model makes with every rule.
    fn concerns(self, made: &Step) -> bool {
        made.consulted.contains(self.rule) && self.code.is_none_or(|code| refuses_with(made, code))
    }

    /// What an action leads to where this does not hold.
    fn denied(self, scope: &Scope, state: &State, action: Action) -> Step {
        let made = step(scope, Rules::ALL, state, action);
        if self.concerns(&made) { step(scope, Rules::without(self.rule), state, action) } else { made }
    }
}

/// The codes that a login can be refused with.
fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.into_iter().filter(|code| code.number() >= FIRST_OF_THE_SERVER)
}

fn refuses_with(made: &Step, code: Code) -> bool {
    let refuses = |item: &Item| match item {
        Item::Written { frame: Frame::Down(DownFrame::LoginAnswer { refused, .. }), .. } => *refused == Some(code),
        _ => false,
    };
    made.items.iter().any(refuses)
}

/// What the walks of one scope, or of several, show of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Where the walks went.
    scopes: Vec<&'static str>,
    /// What acted on some step.
    acting: BTreeSet<Claim>,
    /// What was told apart from its contrary.
    shown: BTreeSet<Claim>,
}

impl Shown {
    /// What the walks of both show.
    #[must_use]
    pub fn and(mut self, other: &Shown) -> Shown {
        self.scopes.extend(&other.scopes);
        self.acting.extend(&other.acting);
        self.shown.extend(&other.shown);
        self
    }

    /// The rules of which nothing is shown, in the rulebook's order.
    pub fn missing(&self) -> Vec<Rule> {
        Rule::ALL.into_iter().filter(|rule| !self.shown.contains(&Claim { rule: *rule, code: None })).collect()
    }

    /// Those of them that act on some step, and show in nothing that is compared.
    pub fn unseen(&self) -> Vec<Rule> {
        let acts = |rule: &Rule| self.acting.contains(&Claim { rule: *rule, code: None });
        self.missing().into_iter().filter(acts).collect()
    }

    /// The codes for which a rule about refused logins is not shown, though it is for others.
    pub fn missing_codes(&self, rule: Rule) -> Vec<Code> {
        let is_shown = |code| self.shown.contains(&Claim { rule, code });
        let speaks_of_codes = OF_REFUSALS.contains(&rule) && is_shown(None);
        codes().filter(|code| speaks_of_codes && !is_shown(Some(*code))).collect()
    }

    fn who(&self) -> String {
        match self.scopes.as_slice() {
            [one] => format!("{one} alone"),
            [one, other] => format!("{one} and {other} together"),
            more => format!("these {} scopes together", more.len()),
        }
    }
}

/// What is not shown, in lines: rules, those among them that act unseen, and codes.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (missing, all) = (self.missing(), Rule::ALL.len());
        write!(f, "{} cannot show {} of {all} rules", self.who(), missing.len())?;
        if !missing.is_empty() {
            write!(f, ": {}", listed(&missing))?;
        }
        let unseen = self.unseen();
        if !unseen.is_empty() {
            write!(f, "\nof these act there, but show in nothing that is compared: {}", listed(&unseen))?;
        }
        for rule in OF_REFUSALS {
            let numbers: Vec<_> = self.missing_codes(rule).into_iter().map(Code::number).collect();
            if !numbers.is_empty() {
                write!(f, "\nnor {rule} for logins that are refused with {}", listed(&numbers))?;
            }
        }
        Ok(())
    }
}

fn listed<T: fmt::Display>(things: &[T]) -> String {
    things.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// What these steps of a scope show: each log is a walk from the initial state on.
pub(super) fn shown(scope: &Scope, logs: &[&[u16]], tells: &Tells) -> Shown {
    let shown = Shown { scopes: vec![scope.name], ..Shown::default() };
    let mut search = Search { scope, tells, open: Claim::all(), shown };
    logs.iter().for_each(|log| search.walk(log));
    search.shown
}

/// What is looked for on the walks.
struct Search<'a> {
    scope: &'a Scope,
    tells: &'a Tells,
    /// What is not shown yet.
    open: BTreeSet<Claim>,
    shown: Shown,
}

/// Where a child that denies something stands, if not where the model does.
type Astray = BTreeMap<Claim, State>;

/// What a denial comes to at a step.
enum Denial {
    /// It is told apart.
    Shown,
    /// The child stands elsewhere now, and nothing shows it.
    Hidden(Box<State>),
    /// The child stands where the model does.
    Nothing,
    /// What comes now does not come to such a child.
    Over,
}

impl Search<'_> {
    fn walk(&mut self, log: &[u16]) {
        let (mut replay, mut astray, mut over) = (Replay::new(self.scope), Astray::new(), BTreeSet::new());
        for label in log {
            let before = *replay.state();
            let Some(ask) = replay.go(*label) else { return };
            let made = replay.last();
            let affected = |claim: &&Claim| (astray.contains_key(claim) || claim.concerns(made)) && !over.contains(*claim);
            let affected: Vec<Claim> = self.open.iter().filter(affected).copied().collect();
            let demanded = if affected.is_empty() { Observation::default() } else { self.seen(made) };
            for claim in affected {
                let from = astray.remove(&claim).unwrap_or(before);
                match self.deny(claim, &from, ask.action, (made, &demanded)) {
                    Denial::Shown => self.found(claim),
                    Denial::Hidden(state) => drop(astray.insert(claim, *state)),
                    Denial::Nothing => {}
                    Denial::Over => drop(over.insert(claim)),
                }
            }
        }
    }

    fn found(&mut self, claim: Claim) {
        self.open.remove(&claim);
        self.shown.shown.insert(claim);
    }

    fn deny(&mut self, claim: Claim, from: &State, action: Action, (made, demanded): (&Step, &Observation)) -> Denial {
        if is_possible(self.scope, from, action) && !actions(self.scope, from).contains(&action) {
            return Denial::Over;
        }
        if !is_possible(self.scope, from, action) {
            return if Deed::of(self.scope, action).is_of_the_child() { Denial::Shown } else { Denial::Over };
        }
        let denied = claim.denied(self.scope, from, action);
        if (denied.next, &denied.items) == (made.next, &made.items) {
            return Denial::Nothing;
        }
        self.shown.acting.insert(claim);
        if self.seen(&denied) != *demanded {
            Denial::Shown
        } else if denied.next == made.next {
            Denial::Nothing
        } else {
            Denial::Hidden(Box::new(denied.next))
        }
    }

    /// What must be seen of a step, as far as it is told.
    fn seen(&self, step: &Step) -> Observation {
        let mut seen = expected(self.scope, step);
        self.tells.project(&mut seen);
        seen
    }
}
