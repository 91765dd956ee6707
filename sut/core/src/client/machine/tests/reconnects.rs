//! LINK-1, LINK-2, LINK-5, LINK-6, LINK-7, LOGOUT-4, MSG-2 at the client.

use super::*;
use crate::protocol::ResumeOutcome;
use crate::protocol::close_code::{GIVEN_UP, NORMAL};

fn resume_frame(last_seq: u64) -> ClientFrame {
    let (user_id, user_sig) = ("alice".to_owned(), "sig".to_owned());
    let (platform, key) = (Platform::Web, InstanceKey(1));
    ClientFrame::Resume { sdk_app_id: 1400, user_id, user_sig, platform, key, last_seq }
}

fn answered(epoch: u64, outcome: ResumeOutcome) -> Input {
    hears(epoch, ServerFrame::ResumeAnswer { outcome })
}

fn resumed(epoch: u64) -> Input {
    answered(epoch, ResumeOutcome::Resumed { gap: false })
}

fn net(state: NetState) -> Effect {
    publishes(Event::NetStateChange(state))
}

fn fires(timer: Timer) -> Input {
    Input::Timer(timer)
}

/// The link of a ready instance is lost; the backoff runs.
fn waiting() -> Machine {
    after(ready(), [down(1)])
}

/// Link 2 is asked for.
fn reopening() -> Machine {
    after(waiting(), [fires(Timer::Backoff)])
}

/// The resume is written on link 2.
fn resuming() -> Machine {
    after(reopening(), [up(2)])
}

fn ended(extra: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
    let learnt = [publishes(Event::SdkNotReady), publishes(Event::KickedOut { reason: KickReason::MultipleDevice, refusal: None })];
    extra.into_iter().chain(learnt).collect()
}

#[test]
fn a_lost_link_is_replaced_and_the_session_goes_on() {
    let mut machine = ready();
    check(
        &mut machine,
        [
            (hears(1, message(1)), vec![says(1, ClientFrame::MessageAck { seq: 1 }), received(1)]),
            (down(1), vec![net(NetState::Connecting), backoff(1)]),
            (fires(Timer::Backoff), vec![open(2)]),
            (up(2), vec![says(2, resume_frame(1))]),
            (resumed(2), vec![net(NetState::Connected)]),
            (send(2, 5), vec![says_hello(2, 5), arm(Timer::Send(MessageId(5)))]),
        ],
    );
    assert_eq!((machine.login_user(), machine.is_ready()), (Some("alice"), true));
}

fn says_hello(epoch: u64, name: u128) -> Effect {
    let (to, text) = ("bob".to_owned(), "hello".to_owned());
    says(epoch, ClientFrame::Send { id: MessageId(name), to, text })
}

#[test]
fn a_failed_attempt_is_published_once_and_the_backoff_doubles_up_to_30_s() {
    let mut machine = waiting();
    check(&mut machine, [(fires(Timer::Backoff), vec![open(2)]), (down(2), vec![net(NetState::Disconnected), backoff(2)])]);
    for (epoch, seconds) in (3..).zip([4, 8, 16, 30, 30]) {
        check(&mut machine, [(fires(Timer::Backoff), vec![open(epoch)]), (down(epoch), vec![backoff(seconds)])]);
    }
    check(&mut machine, [(fires(Timer::Backoff), vec![open(8)]), (up(8), vec![says(8, resume_frame(0))])]);
    check(&mut machine, [(resumed(8), vec![net(NetState::Connected)])]);
    check(&mut machine, [(down(8), vec![net(NetState::Connecting), backoff(1)])]);
}

#[test]
fn a_link_that_is_lost_before_the_answer_to_its_resume_is_a_failed_attempt() {
    check(&mut resuming(), [(down(2), vec![net(NetState::Disconnected), backoff(2)])]);
    let error = FrameError::Malformed("x".to_owned());
    let bad = Input::BadFrame { epoch: Epoch(2), error };
    check(&mut resuming(), [(bad, vec![close(2, 1007), net(NetState::Disconnected), backoff(2)])]);
}

#[test]
fn until_the_answer_to_the_resume_the_link_counts_as_down() {
    let link_down = refusal(Code::LinkDown, "the link is down; nothing was sent");
    for mut machine in [waiting(), reopening(), resuming()] {
        check(&mut machine, [(send(9, 5), vec![failed(9, link_down.clone())])]);
    }
    let not_ready = refusal(Code::NotReady, "not ready yet; wait for SDK_READY");
    let mut machine = after(logged_in(), [down(1)]);
    check(&mut machine, [(send(9, 5), vec![failed(9, not_ready)])]);
}

#[test]
fn nothing_but_its_answer_means_anything_to_a_resume() {
    check(
        &mut resuming(),
        [
            (hears(2, message(1)), vec![]),
            (hears(2, sync_answer()), vec![]),
            (hears(2, admitted()), vec![]),
            (hears(2, ServerFrame::LogoutAnswer), vec![]),
            (hears(2, ServerFrame::Pong), vec![]),
        ],
    );
    check(&mut ready(), [(resumed(1), vec![])]);
}

#[test]
fn the_sync_runs_again_after_the_resume_if_it_was_not_done() {
    let mut machine = after(logged_in(), [hears(1, message(1)), down(1), fires(Timer::Backoff), up(2)]);
    check(
        &mut machine,
        [
            (resumed(2), vec![net(NetState::Connected), says(2, ClientFrame::Sync)]),
            (hears(2, sync_answer()), vec![publishes(Event::SdkReady), received(1)]),
        ],
    );
}

#[test]
fn a_gap_is_published_after_the_connection_and_takes_the_place_of_a_message() {
    let gap = answered(2, ResumeOutcome::Resumed { gap: true });
    let mut machine = resuming();
    check(&mut machine, [(gap, vec![net(NetState::Connected), publishes(Event::MessagesLost)])]);
    let acknowledged = says(2, ClientFrame::MessageAck { seq: 1 });
    check(&mut machine, [(hears(2, message(1)), vec![acknowledged])]);
}

#[test]
fn a_message_that_is_sent_again_is_acknowledged_and_not_published_again() {
    let acknowledged = |seq| says(2, ClientFrame::MessageAck { seq });
    let mut machine = after(ready(), [hears(1, message(1)), down(1), fires(Timer::Backoff), up(2), resumed(2)]);
    check(
        &mut machine,
        [(hears(2, message(1)), vec![acknowledged(1)]), (hears(2, message(2)), vec![acknowledged(2), received(2)])],
    );
}

#[test]
fn a_readmitted_instance_goes_on_and_counts_messages_on() {
    let mut machine = after(ready(), [hears(1, message(1)), down(1), fires(Timer::Backoff), up(2)]);
    let back = vec![net(NetState::Connected), publishes(Event::MessagesLost)];
    let next = vec![says(2, ClientFrame::MessageAck { seq: 3 }), received(3)];
    check(&mut machine, [(answered(2, ResumeOutcome::Readmitted), back), (hears(2, message(3)), next)]);
    let again = [(down(2), vec![net(NetState::Connecting), backoff(1)]), (fires(Timer::Backoff), vec![open(3)])];
    check(&mut machine, again);
    check(&mut machine, [(up(3), vec![says(3, resume_frame(3))])]);
}

#[test]
fn an_instance_that_was_not_ready_hears_of_the_gap_of_its_readmission_before_it_is() {
    let mut syncing = after(logged_in(), [down(1), fires(Timer::Backoff), up(2)]);
    let back = vec![net(NetState::Connected), publishes(Event::MessagesLost), says(2, ClientFrame::Sync)];
    check(&mut syncing, [(answered(2, ResumeOutcome::Readmitted), back)]);
    check(&mut syncing, [(hears(2, sync_answer()), vec![publishes(Event::SdkReady)])]);
}

/// The login was answered with a gap.
fn behind_a_gap() -> Machine {
    after(logging_in(), [hears(1, ServerFrame::LoginAnswer { refused: None, gap: true })])
}

#[test]
fn the_gap_of_a_login_is_published_right_behind_sdk_ready_and_before_what_was_kept() {
    let mut machine = after(behind_a_gap(), [hears(1, message(2))]);
    let lost = publishes(Event::MessagesLost);
    check(&mut machine, [(hears(1, sync_answer()), vec![publishes(Event::SdkReady), lost, received(2)])]);
    check(&mut machine, [(hears(1, message(2)), vec![says(1, ClientFrame::MessageAck { seq: 2 })])]);
}

#[test]
fn the_gap_of_a_login_has_the_first_place_and_is_published_once_after_a_loss_before_ready() {
    let mut machine = after(behind_a_gap(), [down(1), fires(Timer::Backoff)]);
    check(&mut machine, [(up(2), vec![says(2, resume_frame(1))])]);
    check(&mut machine, [(resumed(2), vec![net(NetState::Connected), says(2, ClientFrame::Sync)])]);
    let ready = vec![publishes(Event::SdkReady), publishes(Event::MessagesLost)];
    check(&mut machine, [(hears(2, sync_answer()), ready), (hears(2, sync_answer()), vec![])]);
}

#[test]
fn a_gap_that_was_not_published_ends_with_its_session() {
    let mut machine = after(behind_a_gap(), [logout(2), hears(1, ServerFrame::LogoutAnswer), login(3, "alice"), up(2)]);
    check(
        &mut after(behind_a_gap(), []),
        [(hears(1, notice()), vec![says(1, ClientFrame::KickAck), close(1, NORMAL), kicked_out()])],
    );
    machine = after(machine, [hears(2, admitted())]);
    check(&mut machine, [(hears(2, sync_answer()), vec![publishes(Event::SdkReady)])]);
}

#[test]
fn a_refused_readmission_is_learnt_as_a_kick_and_not_acknowledged() {
    let mut machine = resuming();
    let told = ResumeOutcome::Told { reason: KickReason::MultipleDevice };
    check(&mut machine, [(answered(2, told), ended([close(2, NORMAL)]))]);
    assert_eq!((machine.login_user(), machine.debts()), (None, 0));
    check(&mut machine, [(login(9, "alice"), vec![open(3), arm(Timer::Login)])]);
}

#[test]
fn a_refused_user_sig_is_told_as_expired_with_its_code() {
    let wrong = refusal(Code::SigWrong, "wrong");
    let outcome = ResumeOutcome::Refused { refusal: wrong.clone() };
    let kicked_out = Event::KickedOut { reason: KickReason::UserSigExpired, refusal: Some(wrong) };
    let learnt = [publishes(Event::SdkNotReady), publishes(kicked_out)];
    check(&mut resuming(), [(answered(2, outcome), [close(2, NORMAL)].into_iter().chain(learnt).collect())]);
}

#[test]
fn a_notice_may_be_the_answer_to_a_resume() {
    let notice = ServerFrame::Notice { reason: KickReason::MultipleDevice };
    check(&mut resuming(), [(hears(2, notice), ended([says(2, ClientFrame::KickAck), close(2, NORMAL)]))]);
}

#[test]
fn a_silent_link_is_given_up_and_lost() {
    check(&mut ready(), [(fires(Timer::Heartbeat), vec![close(1, GIVEN_UP), net(NetState::Connecting), backoff(1)])]);
    for mut machine in [reopening(), resuming()] {
        check(&mut machine, [(fires(Timer::Heartbeat), vec![close(2, GIVEN_UP), net(NetState::Disconnected), backoff(2)])]);
    }
}

#[test]
fn a_ping_is_written_while_the_link_is_up() {
    check(&mut ready(), [(fires(Timer::Ping), vec![says(1, ClientFrame::Ping)])]);
    check(&mut resuming(), [(fires(Timer::Ping), vec![])]);
}

#[test]
fn a_ping_of_the_server_is_answered_at_once_while_logged_in_and_by_nobody_who_leaves() {
    let ping = || hears(1, ServerFrame::Ping);
    for mut machine in [logged_in(), ready()] {
        check(&mut machine, [(ping(), vec![says(1, ClientFrame::Pong)])]);
    }
    for mut machine in [logging_in(), logging_out(), after(ready(), [hears(1, notice())])] {
        check(&mut machine, [(ping(), vec![])]);
    }
    check(&mut resuming(), [(hears(2, ServerFrame::Ping), vec![])]);
}

/// Every frame of the server; what it means is no matter here.
fn every_frame() -> Vec<ServerFrame> {
    let resumed = ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Resumed { gap: false } };
    let sent = ServerFrame::SendAnswer { id: MessageId(0), refused: None };
    let (pong, ping) = (ServerFrame::Pong, ServerFrame::Ping);
    vec![admitted(), resumed, ServerFrame::LogoutAnswer, sync_answer(), sent, message(1), notice(), pong, ping]
}

#[test]
fn every_frame_of_the_server_starts_the_heartbeat_anew() {
    assert_eq!(every_frame().len(), ServerFrame::NAMES.len());
    for frame in every_frame() {
        let mut effects = Vec::new();
        ready().handle(NOW, hears(1, frame.clone()), &mut effects);
        assert_eq!(effects.first(), Some(&arm(Timer::Heartbeat)), "{frame:?}");
    }
}

#[test]
fn a_timer_that_nothing_waits_for_means_nothing() {
    for mut machine in [logged_out(), opening(), logging_in(), logging_out()] {
        for timer in [Timer::Heartbeat, Timer::Ping, Timer::Backoff] {
            check(&mut machine, [(fires(timer), vec![])]);
        }
    }
    check(&mut ready(), [(fires(Timer::Backoff), vec![])]);
    check(&mut waiting(), [(fires(Timer::Heartbeat), vec![])]);
}

#[test]
fn a_logout_with_the_link_down_is_owed_before_the_next_login() {
    for (machine, next, given_up) in [(waiting(), 2, None), (reopening(), 3, Some(2)), (resuming(), 3, Some(2))] {
        let mut machine = after(machine, []);
        let mut effects = Vec::new();
        machine.handle(NOW, logout(2), &mut effects);
        effects.retain(|effect| !guards_a_link(effect) && *effect != disarm(Timer::Backoff));
        let closes = given_up.map(|epoch| close(epoch, GIVEN_UP));
        let at_once = [publishes(Event::SdkNotReady)].into_iter().chain(closes).chain([settled(2, Answer::Done)]);
        assert_eq!(effects, at_once.collect::<Vec<_>>());
        assert_eq!((machine.debts(), machine.links()), (1, 0));
        let machine = after(machine, [login(3, "alice")]);
        let mut opened = Vec::new();
        after(machine, []).handle(NOW, up(next), &mut opened);
        assert_eq!((opened.len(), opened.first()), (2, Some(&says_owed(next))));
    }
}

#[test]
fn a_debt_ends_at_its_answer_and_outlives_a_lost_link() {
    let mut machine = after(logging_out(), [down(1)]);
    assert_eq!(machine.debts(), 1);
    let again = Secret(8);
    let login = |id| call(id, Call::Login { user_id: "bob".to_owned(), user_sig: "sig".to_owned(), secret: again });
    machine = after(machine, [login(3), up(2), down(2)]);
    assert_eq!(machine.debts(), 1);
    machine = after(machine, [login(4), up(3), hears(3, ServerFrame::LogoutAnswer)]);
    assert_eq!((machine.debts(), machine.login_user()), (0, None));
    let epoch = Epoch(3);
    let frame = Envelope { v: VERSION, session: again, epoch, frame: admitted() };
    assert_eq!(after(machine, [Input::Frame { epoch, frame }]).login_user(), Some("bob"));
}

#[test]
fn a_debt_that_is_still_not_answered_goes_out_before_the_next_resume() {
    let mut machine = after(waiting(), [logout(2), login(3, "alice"), up(2), hears(2, admitted()), down(2), fires(Timer::Backoff)]);
    let mut opened = Vec::new();
    machine.handle(NOW, up(3), &mut opened);
    assert_eq!((machine.debts(), opened), (1, vec![says_owed(3), says(3, resume_frame(0))]));
}

#[test]
fn what_ends_another_session_is_no_answer_to_a_debt() {
    let again = Secret(8);
    let login = call(3, Call::Login { user_id: "bob".to_owned(), user_sig: "sig".to_owned(), secret: again });
    for frame in [ServerFrame::LogoutAnswer, notice()] {
        let frame = Envelope { v: VERSION, session: again, epoch: Epoch(2), frame };
        let heard = Input::Frame { epoch: Epoch(2), frame };
        assert_eq!(after(logging_out(), [down(1), login.clone(), up(2), heard]).debts(), 1);
    }
}

#[test]
fn a_logout_that_is_not_answered_in_time_is_owed_and_so_is_that_of_a_written_login() {
    assert_eq!(after(logging_out(), [fires(Timer::Logout)]).debts(), 1);
    assert_eq!(after(logging_in(), [logout(2), down(1)]).debts(), 1);
    assert_eq!(after(logging_out(), [hears(1, ServerFrame::LogoutAnswer)]).debts(), 0);
    assert_eq!(after(logging_out(), [hears(1, notice())]).debts(), 0);
}

#[test]
fn a_failed_login_owes_nothing_nor_does_a_logout_after_it() {
    assert_eq!(after(logging_in(), [down(1), logout(2)]).debts(), 0);
    assert_eq!(after(opening(), [logout(2)]).debts(), 0);
}

#[test]
fn debts_die_with_the_instance() {
    let machine = after(waiting(), [logout(2), destroy(3)]);
    assert_eq!((machine.debts(), machine.links(), machine.timers()), (0, 0, vec![]));
}

#[test]
fn a_closed_page_leaves_its_link_to_the_browser_and_tells_nobody_anything() {
    let sending = vec![disarm(Timer::Send(MessageId(5))), Effect::End];
    check(&mut after(ready(), [send(2, 5)]), [(Input::PageClosed, sending)]);
    check(&mut opening(), [(Input::PageClosed, vec![disarm(Timer::Login), Effect::End])]);
    check(&mut waiting(), [(Input::PageClosed, vec![disarm(Timer::Backoff), Effect::End])]);
    let again = (login(1, "alice"), vec![failed(1, destroyed())]);
    check(&mut logged_out(), [(Input::PageClosed, vec![Effect::End]), again]);
}

#[test]
fn the_next_link_is_numbered_above_an_epoch_that_is_learnt_and_a_link_that_is_there_keeps_its_number() {
    let mut machine = ready();
    machine.learn_epoch(Epoch(9));
    assert_eq!(machine.epoch(), Epoch(1));
    machine = after(machine, [down(1)]);
    machine.learn_epoch(Epoch(9));
    machine.learn_epoch(Epoch(4));
    check(&mut machine, [(fires(Timer::Backoff), vec![open(10)])]);
}
