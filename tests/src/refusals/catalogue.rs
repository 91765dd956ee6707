//! The catalogue: every frame that a hostile client can write and that the rules do not allow, a row each. A row says on which link the
//! act comes, which rule forbids it, what the rules demand, against whom it is possible, and what its bytes are. It tries nothing.

use std::sync::LazyLock;

use model::action::{Credential, InstanceId};
use model::rule::Rule;
use model::scope::Scope;
use model::state::State;
use sut::protocol::{ClientFrame, MAX_FRAME_BYTES, MAX_TEXT_BYTES, VERSION};
use sut::session::{Epoch, KickReason};

use super::demand::{Demand, LinkEnd, Mark, Named, Said};
use super::history::Earlier;
use super::payload::{FORGED, OWED_EPOCH, OWN_KEY, PayloadBuilder, STRANGER, logout, said, send};
use super::tally::Act;
use super::target::{self, is_kicked_on, is_known, is_online, is_waiting, serves};
use super::websocket as ws;
use crate::cast::user_id;

/// On which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Where {
    /// A fresh one of the stranger's own.
    Own,
    /// That of an instance whose login or resume has not arrived.
    Waiting,
    /// That of a session.
    Serving,
    /// That of a session that was kicked, the notice written.
    Kicked,
}

impl Where {
    /// The words of the report.
    pub const fn name(self) -> &'static str {
        match self {
            Where::Own => "a fresh link",
            Where::Waiting => "a link before its login",
            Where::Serving => "a session's link",
            Where::Kicked => "a kicked session's link",
        }
    }
}

/// Whether an act is possible against an instance, and nothing that an honest client could do there, by the model.
pub(super) type Against = fn(&Scope, &State, InstanceId) -> bool;

/// What is written, in parts between which the server may answer; none if something is not known that must be.
pub(super) type Parts = fn(&PayloadBuilder<'_>) -> Vec<Vec<u8>>;

/// A hostile act.
#[derive(Clone, Copy, Debug)]
pub struct Hostile {
    /// Its name; no two acts on one kind of link have the same.
    pub name: &'static str,
    /// On which link it comes.
    pub place: Where,
    /// The rule that forbids it.
    pub rule: Rule,
    /// What the rules demand.
    pub demand: Demand,
    /// Against whom it is possible; `None` if it concerns nobody in particular.
    pub(super) against: Option<Against>,
    /// What an instance must have done before, for the act to have something to replay.
    pub(super) needs: Option<Earlier>,
    /// Its bytes.
    pub(super) parts: Parts,
}

impl Hostile {
    /// As what it is counted.
    pub const fn act(&self) -> Act {
        Act::Hostile(self.name, self.place)
    }

    /// Whether it leaves everything as it is, the stranger's own link aside.
    pub(super) fn is_quiet(&self) -> bool {
        self.place == Where::Own && self.demand.mark == Mark::None
    }

    /// Whether the link that it comes on ends.
    pub(super) fn ends_the_link(&self) -> bool {
        self.demand.end != LinkEnd::Open
    }
}

/// Every act, in the order of the report.
pub static CATALOGUE: LazyLock<Vec<Hostile>> = LazyLock::new(|| {
    let bytes = garbage(Where::Own, None).into_iter().chain(garbage(Where::Serving, Some(serves)));
    let early = too_early(Where::Own, target::anybody).into_iter().chain(too_early(Where::Waiting, is_waiting));
    let claims = resumes().into_iter().chain(logins_and_owed_logouts());
    let replays = replays().into_iter().chain(replays().map(|row| Hostile {
        place: Where::Serving,
        rule: Rule::Link3,
        demand: OUT_OF_PLACE,
        against: Some(serves),
        ..row
    }));
    bytes.chain(early).chain(claims).chain(replays).chain(out_of_place()).chain(after_the_notice()).collect()
});

/// A link with a later epoch goes on in place of this one.
const SUPERSEDED: Demand = Demand::close(4001);
/// The frame has no place on its link.
const OUT_OF_PLACE: Demand = Demand::close(1008);
/// No place is free, as the resume is told.
const FULL: Demand = Demand::say(&[Said::Told(KickReason::MultipleAccount)], 1000);
/// The logout is answered, whatever it meant.
const ANSWERED: Demand = Demand::answer(&[Said::LogoutAnswer]);

/// The code with which a client gives up a link, and which the server's close repeats.
const GIVEN_UP: u16 = 4000;
/// A place that no message has.
const BEYOND: u64 = u64::MAX;

/// Bytes that are no frame.
fn garbage(place: Where, against: Option<Against>) -> [Hostile; 18] {
    let row =
        |name, code, parts| Hostile { name, place, rule: Rule::Link10, demand: Demand::close(code), against, needs: None, parts };
    [
        row("truncated JSON", 1007, |p| vec![ws::text(&p.good()[..p.good().len() / 2])]),
        row("an empty text", 1007, |_| vec![ws::text("")]),
        row("JSON nested too deeply", 1007, |p| p.garbled("\"sync\"", &"[".repeat(1000))),
        row("a text that is not UTF-8", 1007, |_| vec![ws::frame(ws::TEXT, &[0xc3, 0x28])]),
        row("a binary message", 1003, |p| p.framed(ws::BINARY)),
        row("an unknown frame", 1003, |p| p.garbled("\"sync\"", "\"obey\"")),
        row("an unknown field", 1008, |p| p.garbled("{", "{\"more\":1,")),
        row("a missing field", 1008, |p| p.garbled("\"session\"", "\"more\"")),
        row("a field of the wrong type", 1008, |p| p.garbled("\"epoch\":", "\"epoch\":-")),
        row("another version", 1002, |p| p.garbled(&format!("\"v\":{VERSION}"), "\"v\":2")),
        row("a message too long", 1009, |_| vec![ws::frame(ws::TEXT, &[b'x'; MAX_FRAME_BYTES + 1])]),
        row("parts that are too long together", 1009, |_| {
            let [first, rest] = [MAX_FRAME_BYTES.div_ceil(2), MAX_FRAME_BYTES / 2 + 1].map(|long| vec![b'x'; long]);
            vec![[ws::frame(ws::TEXT_BEGINS, &first), ws::frame(ws::GOES_ON, &rest)].concat()]
        }),
        row("a frame not masked", 1002, |p| vec![ws::unmasked(&p.good())]),
        row("a reserved bit", 1002, |p| p.framed(ws::RESERVED_BIT)),
        row("a reserved opcode", 1002, |p| p.framed(ws::RESERVED_OPCODE)),
        row("a continuation of nothing", 1002, |p| p.framed(ws::GOES_ON)),
        row("a WebSocket ping too long", 1002, |_| vec![ws::frame(ws::PING, &[b'x'; 126])]),
        row("a good frame behind a close", GIVEN_UP, |p| {
            // What would be let in if nothing went before it: on the stranger's link a login, on a session's link its logout.
            let logout = p.say(logout(p.target.account, p.target.key));
            vec![[ws::close(GIVEN_UP), logout, p.own_login()].concat()]
        }),
    ]
}

/// A frame that needs a session, before any login or resume.
fn too_early(place: Where, against: Against) -> [Hostile; 5] {
    let row =
        |name, parts| Hostile { name, place, rule: Rule::Link9, demand: OUT_OF_PLACE, against: Some(against), needs: None, parts };
    [
        row("sync before any login", |p| vec![p.say(ClientFrame::Sync)]),
        row("send before any login", |p| vec![p.say(p.send())]),
        row("message-ack before any login", |p| vec![p.say(ClientFrame::MessageAck { seq: 1 })]),
        row("kick-ack before any login", |p| vec![p.say(ClientFrame::KickAck)]),
        row("ping before any login", |p| vec![p.say(ClientFrame::Ping)]),
    ]
}

/// What a stranger claims of somebody else's session, on a link of the stranger's own.
const fn claim(name: &'static str, rule: Rule, demand: Demand, against: Against, parts: Parts) -> Hostile {
    Hostile { name, place: Where::Own, rule, demand, against: Some(against), needs: None, parts }
}

fn resumes() -> [Hostile; 10] {
    let refused = |said| Demand::say(said, 1000);
    let full = |named| Demand { mark: Mark::EpochOfTold(named), ..FULL };
    [
        claim("resume, forged secret", Rule::Link11, SUPERSEDED, is_online, |p| p.resume_with(FORGED, p.later())),
        Hostile {
            needs: Some(Earlier::Login),
            ..claim("resume, secret of the session before", Rule::Link11, SUPERSEDED, is_online, |p| {
                p.old_secret().map(|old| p.resume_with(old, p.later())).unwrap_or_default()
            })
        },
        claim("resume, lower epoch", Rule::Link3, SUPERSEDED, is_known, |p| p.resume_with(p.target.secret, p.lower())),
        claim("resume, equal epoch", Rule::Link3, SUPERSEDED, is_known, |p| p.resume_with(p.target.secret, p.target.highest)),
        claim("resume of another account's session", Rule::Link5, refused(&[Said::ResumeRefused(70013)]), is_online, |p| {
            let user_sig = p.pass(STRANGER, Credential::Good).1;
            vec![said(p.target.secret, p.later(), p.resume_as((user_id(p.target.account).to_owned(), user_sig), OWN_KEY, 0))]
        }),
        claim("resume under another key, no place free", Rule::Link5, full(Named::OwnKey), target::is_online_and_full, |p| {
            vec![said(p.target.secret, p.later(), p.resume(p.target.account, OWN_KEY, 0))]
        }),
        claim(
            "resume of another account's session as one's own, no place free",
            Rule::Link5,
            full(Named::OwnAccount),
            target::is_online_where_one_place_is,
            |p| vec![said(p.target.secret, p.later(), p.resume(STRANGER, p.target.key, 0))],
        ),
        claim(
            "resume of a kicked instance, forged secret, no place free",
            Rule::Link5,
            full(Named::Itself),
            target::is_kicked_and_full,
            |p| p.resume_with(FORGED, p.later()),
        ),
        claim("resume beyond every message", Rule::Msg2, OUT_OF_PLACE, is_online, |p| {
            vec![said(p.target.secret, p.later(), p.resume(p.target.account, p.target.key, BEYOND))]
        }),
        claim("resume of no userID", Rule::Link5, refused(&[Said::ResumeRefused(70402)]), target::anybody, |p| {
            let user_sig = p.pass(p.target.account, Credential::Good).1;
            vec![said(p.target.secret, p.later(), p.resume_as(("no userID".to_owned(), user_sig), p.target.key, 0))]
        }),
    ]
}

fn logins_and_owed_logouts() -> [Hostile; 11] {
    let refused = |said| Demand::say(said, 1000);
    let then_closed = |code| Demand::say(&[Said::LogoutAnswer], code);
    let marked = Demand { mark: Mark::EpochInOwnAccount, ..ANSWERED };
    [
        claim("login for another instance, lower epoch", Rule::Link3, SUPERSEDED, is_known, |p| {
            vec![p.login_at(p.lower(), Credential::Good)]
        }),
        claim("login for another instance, equal epoch", Rule::Link3, SUPERSEDED, is_known, |p| {
            vec![p.login_at(p.target.highest, Credential::Good)]
        }),
        claim("login for another instance, forged UserSig", Rule::Login8, refused(&[Said::LoginRefused(70009)]), is_online, |p| {
            vec![p.login_at(p.later(), Credential::WrongSignature)]
        }),
        claim("login as somebody else", Rule::Login8, refused(&[Said::LoginRefused(70013)]), target::anybody, |p| {
            let user_sig = p.pass(STRANGER, Credential::Good).1;
            vec![said(FORGED, Epoch(1), p.login_as((user_id(p.target.account).to_owned(), user_sig), OWN_KEY))]
        }),
        claim("owed logout, forged secret", Rule::Logout4, ANSWERED, is_known, |p| vec![p.owed_at(p.later())]),
        claim("owed logout under another key", Rule::Logout4, ANSWERED, is_known, |p| {
            vec![said(FORGED, OWED_EPOCH, logout(p.target.account, OWN_KEY))]
        }),
        claim("owed logout in another account's name", Rule::Logout4, marked, is_known, |p| {
            vec![said(p.target.secret, OWED_EPOCH, p.own_logout_of(STRANGER, p.target.key))]
        }),
        claim("owed logout with another account's UserSig", Rule::Logout4, ANSWERED, is_known, |p| {
            vec![said(FORGED, OWED_EPOCH, p.own_logout_of(p.target.account, OWN_KEY))]
        }),
        claim("login behind somebody else's owed logout", Rule::Logout4, then_closed(4001), is_known, |p| {
            vec![p.owed_at(p.target.highest), p.login_at(p.target.highest, Credential::Good)]
        }),
        claim("login of another epoch behind an owed logout", Rule::Link9, then_closed(1008), is_known, |p| {
            vec![p.owed_at(p.target.highest), p.login_at(p.later(), Credential::Good)]
        }),
        claim("sync behind an owed logout", Rule::Link9, then_closed(1008), is_known, |p| {
            vec![p.owed_at(p.target.highest), said(FORGED, p.target.highest, ClientFrame::Sync)]
        }),
    ]
}

/// A frame that an instance wrote in an earlier session, once more.
fn replays() -> [Hostile; 6] {
    let row =
        |name, needs, rule, demand, parts| Hostile { needs: Some(needs), ..claim(name, rule, demand, target::anybody, parts) };
    [
        row("an old login, replayed", Earlier::Login, Rule::Link3, SUPERSEDED, |p| p.again(Earlier::Login)),
        row("an old resume, replayed", Earlier::Resume, Rule::Link3, SUPERSEDED, |p| p.again(Earlier::Resume)),
        row("an old sync, replayed", Earlier::Sync, Rule::Link9, OUT_OF_PLACE, |p| p.again(Earlier::Sync)),
        row("an old send, replayed", Earlier::Send, Rule::Link9, OUT_OF_PLACE, |p| p.again(Earlier::Send)),
        row("an old logout, replayed", Earlier::Logout, Rule::Logout4, ANSWERED, |p| p.again(Earlier::Logout)),
        row("an old kick-ack, replayed", Earlier::KickAck, Rule::Link9, OUT_OF_PLACE, |p| p.again(Earlier::KickAck)),
    ]
}

/// A frame on the link of a session that cannot come there.
fn out_of_place() -> [Hostile; 12] {
    let on_a_session = |name, rule, demand, parts| Hostile { place: Where::Serving, ..claim(name, rule, demand, serves, parts) };
    let row = |name, rule, parts| on_a_session(name, rule, OUT_OF_PLACE, parts);
    let nobody = Demand::answer(&[Said::SendRefused(70402)]);
    [
        row("a second login", Rule::Link9, |p| vec![p.say(p.login(p.target.account, Credential::Good, p.target.key))]),
        row("a resume", Rule::Link9, |p| vec![p.say(p.resume(p.target.account, p.target.key, 0))]),
        row("send, forged secret", Rule::Link3, |p| vec![said(FORGED, p.target.epoch, p.send())]),
        Hostile {
            against: Some(target::serves_one_of_several),
            ..row("logout, another session's secret", Rule::Link3, |p| p.logout_of_another().into_iter().collect())
        },
        row("ping, later epoch", Rule::Link3, |p| vec![said(p.target.secret, Epoch(p.target.epoch.0 + 1), ClientFrame::Ping)]),
        row("send, earlier epoch", Rule::Link3, |p| {
            vec![said(p.target.secret, Epoch(p.target.epoch.0.saturating_sub(1)), p.send())]
        }),
        row("kick-ack without a kick", Rule::Kick8, |p| vec![p.say(ClientFrame::KickAck)]),
        row("message-ack of a message never sent", Rule::Msg2, |p| vec![p.say(ClientFrame::MessageAck { seq: 1000 })]),
        row("logout of another instance", Rule::Logout1, |p| vec![p.say(logout(p.target.account, OWN_KEY))]),
        row("logout of another account", Rule::Logout1, |p| vec![p.say(logout(STRANGER, p.target.key))]),
        on_a_session("send to no userID", Rule::Msg3, nobody, |p| vec![p.say(send("no userID", "gotcha".to_owned()))]),
        on_a_session("send, text too long", Rule::Msg3, nobody, |p| {
            vec![p.say(send(user_id(p.target.account), "x".repeat(MAX_TEXT_BYTES)))]
        }),
    ]
}

/// What a kicked session says instead of the acknowledgement.
fn after_the_notice() -> [Hostile; 9] {
    let row = |name, parts| Hostile { place: Where::Kicked, ..claim(name, Rule::Kick6, Demand::SILENCE, is_kicked_on, parts) };
    [
        row("login after the notice", |p| vec![p.say(p.login(p.target.account, Credential::Good, p.target.key))]),
        row("resume after the notice", |p| vec![p.say(p.resume(p.target.account, p.target.key, 0))]),
        row("logout after the notice", |p| vec![p.say(logout(p.target.account, p.target.key))]),
        row("sync after the notice", |p| vec![p.say(ClientFrame::Sync)]),
        row("send after the notice", |p| vec![p.say(p.send())]),
        row("message-ack after the notice", |p| vec![p.say(ClientFrame::MessageAck { seq: 1 })]),
        row("ping after the notice", |p| vec![p.say(ClientFrame::Ping)]),
        row("kick-ack, forged secret after the notice", |p| vec![said(FORGED, p.target.epoch, ClientFrame::KickAck)]),
        row("kick-ack, another epoch after the notice", |p| {
            vec![said(p.target.secret, Epoch(p.target.epoch.0 + 1), ClientFrame::KickAck)]
        }),
    ]
}
