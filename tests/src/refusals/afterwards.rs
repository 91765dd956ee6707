//! What a hostile act may have changed where nobody can look is shown by what comes after it: the honest instances go on, a session is
//! resumed and brings what it has not received, a notice is acknowledged.

use model::action::{Action, LinkMove, Timer};
use model::frame::DownFrame;
use model::scope::Scope;
use sut::protocol::{ClientFrame, ResumeOutcome, ServerFrame};

use super::attempt::{Attack, honest_step};
use super::demand::Demand;
use crate::driver::{AttackHarness, Heard};
use crate::replay::Replay;
use crate::translation::Names;

/// How many steps the honest instances go on.
const AFTERWARDS: usize = 4;

/// The honest instances go on as if nothing had been: frames arrive, links open.
pub(super) fn go_on(scope: &Scope, attacker: &mut AttackHarness, replay: &mut Replay) -> Result<(), String> {
    for _ in 0..AFTERWARDS {
        let Some(label) = replay.offered().into_iter().position(moves_on) else { break };
        honest_step(scope, attacker, replay, label as u16)?;
    }
    Ok(())
}

const fn moves_on(action: Action) -> bool {
    matches!(
        action,
        Action::Link(_, LinkMove::ToServer(_) | LinkMove::ToClient | LinkMove::Open) | Action::Timer(_, Timer::Backoff)
    )
}

/// MSG-2: the session goes on over another link, and brings all that it has not received, and no more.
pub(super) fn resume(attack: &Attack<'_>, attacker: &mut AttackHarness) -> Result<(), String> {
    let received = attacker.received(attack.target(attacker)?.secret);
    let heard = resumed(attack, attacker, received)?;
    let brought = brought(&heard, received).ok_or_else(|| format!("a resume is answered with {heard:?}"))?;
    let owed: Vec<_> = attack.state.instance(attack.seat).links.current.down.iter().filter_map(text).collect();
    if brought == owed { Ok(()) } else { Err(format!("a resume brings {brought:?}, and {owed:?} was not received")) }
}

/// KICK-8: the record of the kick stands, and the instance's own resume is answered with the notice.
pub(super) fn is_still_told(attack: &Attack<'_>, attacker: &mut AttackHarness) -> Result<(), String> {
    let heard = resumed(attack, attacker, 0)?;
    let is_told = matches!(heard.frames.as_slice(), [ServerFrame::Notice { .. }]) && heard.close.is_none() && !heard.ended;
    if is_told { Ok(()) } else { Err(format!("the resume of a kicked session is answered with {heard:?}")) }
}

/// What the instance's own resume is answered with on a fresh link.
fn resumed(attack: &Attack<'_>, attacker: &mut AttackHarness, received: u64) -> Result<Heard, String> {
    let resume = attack.payload(attacker)?.true_resume(received);
    let link = attacker.open();
    Ok(attacker.write(link, &resume))
}

/// KICK-8: the acknowledgement of the notice is still awaited, and ends the link.
pub(super) fn acknowledge(attack: &Attack<'_>, attacker: &mut AttackHarness) -> Result<(), String> {
    let link = attacker.link_of(attack.seat).ok_or("there is no link")?;
    let kick_ack = attack.payload(attacker)?.say(ClientFrame::KickAck);
    let heard = attacker.write(link, &kick_ack);
    let is_done = Demand::close(1000).is_met_by(&heard);
    if is_done { Ok(()) } else { Err(format!("the acknowledgement is answered with {heard:?}")) }
}

fn text(frame: DownFrame) -> Option<String> {
    if let DownFrame::Message { token, .. } = frame { Some(Names::text(token)) } else { None }
}

/// The texts of the messages behind the answer, if it is one and they are in their places.
fn brought(heard: &Heard, received: u64) -> Option<Vec<String>> {
    let (answer, messages) = heard.frames.split_first()?;
    let goes_on = *answer == ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Resumed { gap: false } };
    let text = |(place, frame): (u64, &ServerFrame)| match frame {
        ServerFrame::Message { seq, text, .. } if *seq == place => Some(text.clone()),
        _ => None,
    };
    if goes_on { (received + 1..).zip(messages).map(text).collect() } else { None }
}
