//! The client's machine for a page: its inputs as calls from JavaScript, its effects as JSON. What opens sockets, keeps time and talks to the
//! application is the page's script in `package/`. It does no I/O, and knows neither clock nor randomness.

mod told;

use sut_core::client::Machine;
use sut_core::client::machine::{Call, CallId, Input, Options, PeerClose};
use sut_core::protocol::{FrameError, MessageId, decode_server};
use sut_core::session::{Epoch, InstanceKey, Platform, Secret};
use sut_core::timers::UnixMillis;
use wasm_bindgen::prelude::wasm_bindgen;

/// One instance. Whatever happens to it answers with what is to be done, in order: a JSON array of effects, which `package/effects.d.ts`
/// describes. Moments are Unix milliseconds; an epoch is a whole number up to 2^53-1.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Instance {
    machine: Machine,
}

#[wasm_bindgen]
impl Instance {
    /// An instance of that app that is logged out and has no link: its identity, and the number of its last link, 0 before the first.
    #[wasm_bindgen(constructor)]
    pub fn new(sdk_app_id: u64, key: u128, epoch: f64) -> Instance {
        let options = Options { sdk_app_id, platform: Platform::Web, key: InstanceKey(key), epoch: Epoch(whole(epoch)) };
        Instance { machine: Machine::new(options) }
    }

    /// The page's storage has this number of a link under its key ([`Machine::learn_epoch`]).
    #[wasm_bindgen(js_name = learnEpoch)]
    pub fn learn_epoch(&mut self, epoch: f64) {
        self.machine.learn_epoch(Epoch(whole(epoch)));
    }

    /// `login`, with 128 random bits that name the session.
    pub fn login(&mut self, now: f64, call: u32, user_id: String, user_sig: String, secret: u128) -> String {
        self.call(now, call, Call::Login { user_id, user_sig, secret: Secret(secret) })
    }

    /// `logout`.
    pub fn logout(&mut self, now: f64, call: u32) -> String {
        self.call(now, call, Call::Logout)
    }

    /// `destroy`.
    pub fn destroy(&mut self, now: f64, call: u32) -> String {
        self.call(now, call, Call::Destroy)
    }

    /// `sendMessage`, with the message's name.
    pub fn send(&mut self, now: f64, call: u32, id: u128, to: String, text: String) -> String {
        self.call(now, call, Call::Send { id: MessageId(id), to, text })
    }

    /// The link is open.
    #[wasm_bindgen(js_name = linkUp)]
    pub fn link_up(&mut self, now: f64, epoch: f64) -> String {
        self.handle(now, Input::LinkUp { epoch: Epoch(whole(epoch)) })
    }

    /// The link could not be opened, or was lost without the server's close.
    #[wasm_bindgen(js_name = linkLost)]
    pub fn link_lost(&mut self, now: f64, epoch: f64) -> String {
        self.handle(now, Input::LinkDown { epoch: Epoch(whole(epoch)), close: None })
    }

    /// The server closed the link.
    #[wasm_bindgen(js_name = linkClosed)]
    pub fn link_closed(&mut self, now: f64, epoch: f64, code: u16, reason: String) -> String {
        self.handle(now, Input::LinkDown { epoch: Epoch(whole(epoch)), close: Some(PeerClose { code, reason }) })
    }

    /// A text message came over the link.
    pub fn text(&mut self, now: f64, epoch: f64, text: &str) -> String {
        let epoch = Epoch(whole(epoch));
        let input = match decode_server(text) {
            Ok(frame) => Input::Frame { epoch, frame },
            Err(error) => Input::BadFrame { epoch, error },
        };
        self.handle(now, input)
    }

    /// A message of bytes came over the link.
    pub fn binary(&mut self, now: f64, epoch: f64) -> String {
        self.handle(now, Input::BadFrame { epoch: Epoch(whole(epoch)), error: FrameError::Binary })
    }

    /// The timer of that name fired. Nothing is done if nothing waits for it.
    pub fn timer(&mut self, now: f64, name: &str) -> String {
        let armed = self.machine.timers().into_iter().find(|timer| timer.to_string() == name);
        armed.map_or_else(|| told::all(Vec::new()), |timer| self.handle(now, Input::Timer(timer)))
    }

    /// From `SDK_READY` to `SDK_NOT_READY`.
    #[wasm_bindgen(js_name = isReady)]
    pub fn is_ready(&self) -> bool {
        self.machine.is_ready()
    }

    /// How many messages wait for `SDK_READY` (MSG-4).
    #[wasm_bindgen(js_name = keptMessages)]
    pub fn kept_messages(&self) -> usize {
        self.machine.kept_messages()
    }

    /// How many logouts it owes (LOGOUT-4).
    pub fn debts(&self) -> usize {
        self.machine.debts()
    }

    /// The account that is logged in; empty if nobody is.
    #[wasm_bindgen(js_name = loginUser)]
    pub fn login_user(&self) -> String {
        self.machine.login_user().unwrap_or_default().to_owned()
    }
}

impl Instance {
    fn call(&mut self, now: f64, id: u32, call: Call) -> String {
        self.handle(now, Input::Call { id: CallId(id.into()), call })
    }

    fn handle(&mut self, now: f64, input: Input) -> String {
        let mut effects = Vec::new();
        self.machine.handle(UnixMillis(whole(now)), input, &mut effects);
        told::all(effects)
    }
}

/// A number of the page's, cut to a whole one: 0 if it is none.
const fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests;
