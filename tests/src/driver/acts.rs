//! What a driver can do, and which of it an action asks for: the one place at which drivers tell actions apart. It does nothing itself.

use model::action::{
    AccountId, Action, AppCall, Credential, InstanceId, LinkMove, Loss, PageMove, Post, ServerMove, Setting, Slot, Timed, Timer,
    Token,
};

use crate::observation::Ask;

/// What applications call, and what makes links and moves frames.
pub(super) trait Acts {
    fn login(&mut self, seat: InstanceId, account: AccountId, credential: Credential);
    fn logout(&mut self, seat: InstanceId);
    fn destroy(&mut self, seat: InstanceId);
    fn send(&mut self, seat: InstanceId, to: AccountId, message: Option<(Token, AccountId)>);
    /// The same message under the name that it had.
    fn resend(&mut self, seat: InstanceId, message: Option<(Token, AccountId)>);
    fn open(&mut self, seat: InstanceId);
    fn deliver_up(&mut self, seat: InstanceId, slot: Slot);
    fn deliver_down(&mut self, seat: InstanceId);
    fn renew(&mut self, seat: InstanceId);
}

/// What goes wrong, and the timers.
pub(super) trait Faults {
    /// A page goes, and its browser says so.
    fn close_page(&mut self, seat: InstanceId);
    /// The browser had frozen the page, and closes its link as it wakes; the page sees a lost link.
    fn wake(&mut self, seat: InstanceId);
    fn open_fails(&mut self, seat: InstanceId);
    fn cut(&mut self, seat: InstanceId);
    fn client_loses(&mut self, seat: InstanceId, how: Loss);
    fn server_loses(&mut self, seat: InstanceId, slot: Slot, how: Loss);
    /// The backoff is over, and a link is asked for.
    fn reconnect(&mut self, seat: InstanceId);
    fn deadline(&mut self, seat: InstanceId, call: Timed);
    fn ping(&mut self, seat: InstanceId);
    /// The server's timer for the silence of a link.
    fn ask(&mut self, seat: InstanceId, slot: Slot);
    /// The lapse timer of the seat's session that is the first in the account with its link down.
    fn lapse(&mut self, seat: InstanceId, account: AccountId);
    /// The timer for the UserSig of the seat's session that is the first in the account; it may come late, so that every UserSig made
    /// until then is expired.
    fn expire(&mut self, seat: InstanceId, account: AccountId);
    /// The server is gone with all that it had in memory; another one begins with what is on record, and the newest limits (CONF-1).
    fn restart(&mut self);
    /// The server notes whom it owes nothing, and stops (MSG-2).
    fn stop(&mut self);
}

/// What the administrator calls, and what follows later.
pub(super) trait Administration {
    fn rest_kick(&mut self, account: AccountId);
    fn configure(&mut self, setting: Setting);
    fn take_effect(&mut self);
    /// The oldest callback of an account leaves the outbox for the receiver, or fails to.
    fn post(&mut self, account: AccountId, how: Post);
}

/// Does what is asked.
pub(super) fn act(driver: &mut (impl Acts + Faults + Administration), ask: Ask) {
    match ask.action {
        Action::Call(seat, AppCall::Login { account, credential }) => driver.login(seat, account, credential),
        Action::Call(seat, AppCall::Logout) => driver.logout(seat),
        Action::Call(seat, AppCall::Destroy) => driver.destroy(seat),
        Action::Call(seat, AppCall::Send(to)) => driver.send(seat, to, ask.message),
        Action::Call(seat, AppCall::Resend) => driver.resend(seat, ask.message),
        Action::Page(seat, PageMove::Close) => driver.close_page(seat),
        Action::Page(seat, PageMove::Wake) => driver.wake(seat),
        Action::Link(seat, LinkMove::Open) => driver.open(seat),
        Action::Link(seat, LinkMove::OpenFails) => driver.open_fails(seat),
        Action::Link(seat, LinkMove::ToServer(slot)) => driver.deliver_up(seat, slot),
        Action::Link(seat, LinkMove::ToClient) => driver.deliver_down(seat),
        Action::Link(seat, LinkMove::Cut) => driver.cut(seat),
        Action::Link(seat, LinkMove::ClientLoses(how)) => driver.client_loses(seat, how),
        Action::Link(seat, LinkMove::ServerLoses(slot, how)) => driver.server_loses(seat, slot, how),
        Action::Timer(seat, Timer::Backoff) => driver.reconnect(seat),
        Action::Timer(seat, Timer::Deadline(call)) => driver.deadline(seat, call),
        Action::Timer(seat, Timer::Ping) => driver.ping(seat),
        Action::Timer(seat, Timer::Ask(slot)) => driver.ask(seat, slot),
        Action::Timer(seat, Timer::Lapse(account)) => driver.lapse(seat, account),
        Action::Timer(seat, Timer::Expire(account)) => driver.expire(seat, account),
        Action::Renew(seat) => driver.renew(seat),
        Action::Server(ServerMove::RestKick(account)) => driver.rest_kick(account),
        Action::Server(ServerMove::Configure(setting)) => driver.configure(setting),
        Action::Server(ServerMove::TakeEffect) => driver.take_effect(),
        Action::Server(ServerMove::Webhook(account, how)) => driver.post(account, how),
        Action::Server(ServerMove::Restart) => driver.restart(),
        Action::Server(ServerMove::Stop) => driver.stop(),
    }
}
