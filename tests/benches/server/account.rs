//! The accounts of the load, and what their links say. Whatever is not answered as it should be ends the bench.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sut::protocol::{ClientFrame, Envelope, MessageId, VERSION, encode};
use sut::session::{Epoch, InstanceKey, Platform, Secret};
use sut::timers::{SystemTime, Time};
use sut::usersig;

use super::link::{CLOSE, Link, PING, TEXT};

/// The app that is served, and its key.
pub(crate) const APP: u64 = 14;
pub(crate) const KEY: &str = "key";

/// The most that a WebSocket's ping carries, in bytes (RFC 6455, section 5.5).
const LONGEST_PING: usize = 125;

/// For how long UserSigs are good, in seconds.
pub(crate) const DAY_S: u64 = 86_400;

/// What is in the answer to a login that lets in.
const LET_IN: &str = r#""login-answer":{"refused":null"#;

/// What an account is called.
pub(crate) fn name(number: usize) -> String {
    format!("user{number:06}")
}

/// An account with two instances of one platform, of which one may be online.
pub(crate) struct Account {
    number: usize,
    pub(crate) user_id: String,
    user_sig: String,
    /// Which instance logs in.
    instance: u128,
    /// The number of its last link.
    epoch: u64,
}

/// A link that carries a session, or may carry one.
pub(crate) struct Line {
    link: Link,
    session: Secret,
    epoch: Epoch,
}

impl Account {
    pub(crate) fn new(number: usize) -> Account {
        Account::signed(number, KEY)
    }

    /// One whose UserSig somebody made without the key.
    pub(crate) fn forged(number: usize) -> Account {
        Account::signed(number, "another")
    }

    fn signed(number: usize, key: &str) -> Account {
        let user_id = name(number);
        let user_sig = usersig::make(APP, key, &user_id, SystemTime.now().0 / 1000, DAY_S, None);
        Account { number, user_id, user_sig, instance: 0, epoch: 0 }
    }

    /// How the server judges what the account shows.
    pub(crate) fn is_right(&self) -> bool {
        usersig::judge(APP, KEY, &self.user_id, &self.user_sig, SystemTime.now()).is_ok()
    }

    /// No other account's.
    fn bits(&self, of: u128) -> u128 {
        (self.number as u128 + 1) << 64 | of
    }

    fn login(&self) -> ClientFrame {
        ClientFrame::Login {
            sdk_app_id: APP,
            user_id: self.user_id.clone(),
            user_sig: self.user_sig.clone(),
            platform: Platform::Web,
            key: self.key(),
        }
    }

    /// The instance that logs in.
    pub(crate) fn key(&self) -> InstanceKey {
        InstanceKey(self.bits(self.instance))
    }

    /// Logs the instance in on a new link.
    pub(crate) async fn log_in(&mut self, server: SocketAddr) -> Line {
        self.asks_in(server, LET_IN).await
    }

    /// Is not let in, for want of a signature.
    pub(crate) async fn is_refused(&mut self, server: SocketAddr) {
        self.asks_in(server, "70009").await;
    }

    async fn asks_in(&mut self, server: SocketAddr, answer: &str) -> Line {
        let mut line = self.opens(server).await;
        line.say(self.login()).await;
        line.hears(answer).await;
        line
    }

    async fn opens(&mut self, server: SocketAddr) -> Line {
        self.epoch += 1;
        Line::open(server, Secret(self.bits(self.epoch.into())), Epoch(self.epoch)).await
    }

    /// Logs out and closes.
    pub(crate) async fn log_out(&self, mut line: Line) {
        line.say(ClientFrame::Logout { user_id: self.user_id.clone(), key: self.key(), user_sig: None }).await;
        line.hears("logout-answer").await;
        line.is_closed().await;
    }
}

impl Line {
    async fn open(server: SocketAddr, session: Secret, epoch: Epoch) -> Line {
        let link = Link::open(server, "").await.expect("it is served");
        Line { link, session, epoch }
    }

    /// One of somebody who shows no UserSig.
    pub(crate) async fn of_a_stranger(server: SocketAddr) -> Line {
        Line::open(server, Secret(1), Epoch(1)).await
    }

    /// Says that a logout is owed, of that account and instance, and shows no UserSig. It is not waited for.
    pub(crate) async fn owes(&mut self, user_id: String, key: InstanceKey) {
        self.say(ClientFrame::Logout { user_id, key, user_sig: None }).await;
    }

    /// The answer to what is owed.
    pub(crate) async fn hears_of_it(&mut self) {
        self.hears("logout-answer").await;
    }

    /// Asks for a WebSocket's pong, which is not waited for.
    pub(crate) async fn pings(&mut self) {
        self.link.say(PING, &[0; LONGEST_PING]).await.expect("it is read");
    }

    async fn say(&mut self, frame: ClientFrame) {
        let said = encode(&Envelope { v: VERSION, session: self.session, epoch: self.epoch, frame });
        self.link.say(TEXT, said.as_bytes()).await.expect("it is read");
    }

    /// The next frame, which has this in it.
    async fn hears(&mut self, expected: &str) {
        let (_, heard) = self.link.hear().await.expect("it is answered");
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.contains(expected), "{expected} is awaited, and {heard} comes");
    }

    async fn is_closed(&mut self) {
        let (opcode, _) = self.link.hear().await.expect("it is closed and not cut");
        assert_eq!(opcode, CLOSE);
    }
}

/// An account of which one instance is online.
pub(crate) struct Seat {
    pub(crate) account: Account,
    line: Line,
}

impl Seat {
    pub(crate) async fn taken(mut account: Account, server: SocketAddr) -> Seat {
        let line = account.log_in(server).await;
        Seat { account, line }
    }

    /// The other instance takes over.
    pub(crate) async fn take_over(&mut self, server: SocketAddr) {
        self.account.instance ^= 1;
        let newcomer = self.account.log_in(server).await;
        let mut victim = std::mem::replace(&mut self.line, newcomer);
        victim.hears("notice").await;
        victim.say(ClientFrame::KickAck).await;
        victim.is_closed().await;
    }

    /// The same; how long it took from the newcomer's login until the victim was told.
    pub(crate) async fn kick(&mut self, server: SocketAddr) -> Duration {
        self.account.instance ^= 1;
        let mut newcomer = self.account.opens(server).await;
        let begun = Instant::now();
        newcomer.say(self.account.login()).await;
        self.line.hears("notice").await;
        let took = begun.elapsed();
        newcomer.hears(LET_IN).await;
        let mut victim = std::mem::replace(&mut self.line, newcomer);
        victim.say(ClientFrame::KickAck).await;
        victim.is_closed().await;
        took
    }
}

/// Somebody who writes, and somebody who reads it.
pub(crate) struct Pair {
    writer: Seat,
    reader: Seat,
    sent: u64,
}

impl Pair {
    /// The accounts of a pair: who writes, and who reads.
    pub(crate) fn accounts(number: usize) -> [Account; 2] {
        [2 * number, 2 * number + 1].map(Account::new)
    }

    pub(crate) async fn seated(number: usize, server: SocketAddr) -> Pair {
        let [writer, reader] = Pair::accounts(number);
        let (writer, reader) = (Seat::taken(writer, server).await, Seat::taken(reader, server).await);
        Pair { writer, reader, sent: 0 }
    }

    /// Sends one more message, and waits for nothing.
    pub(crate) async fn write(&mut self, text: String) {
        self.sent += 1;
        let (id, to) = (MessageId(self.sent.into()), self.reader.account.user_id.clone());
        self.writer.line.say(ClientFrame::Send { id, to, text }).await;
    }

    /// One more message, accepted, delivered and acknowledged.
    pub(crate) async fn send(&mut self) {
        self.write("how do you do?".to_owned()).await;
        self.writer.line.hears("send-answer").await;
        self.reader.line.hears(r#""message""#).await;
        self.reader.line.say(ClientFrame::MessageAck { seq: self.sent }).await;
    }
}
