//! One page of Chromium's, in a context of its own, and the instance that runs in it. What it is asked for it does at the next look.

use serde_json::{Value, json};
use sut::client::machine::Options;
use sut::timers::UnixMillis;

use super::chromium::Chromium;
use super::report::Report;
use crate::cast;
use crate::driver::side::Called;

/// Resolves once the client is loaded.
const IS_READY: &str = "harness.ready";

/// A page that is open.
pub(super) struct Page {
    /// The number of what it shows, among all that its browser has shown.
    pub(super) number: u64,
    context: String,
    target: String,
    session: String,
    /// What the page is asked for at the next look.
    deeds: Vec<Value>,
    /// Sockets whose connection the proxy has ended, and what each has heard then.
    pub(super) ended: Vec<(u64, u64)>,
    /// Whether something was done to it since the last look.
    pub(super) is_touched: bool,
    /// What it told last.
    pub(super) last: Report,
}

impl Page {
    /// Opens one on a site; the client is loaded.
    pub(super) fn open(chromium: &mut Chromium, number: u64, site: &str) -> Result<Page, String> {
        let context = text(&chromium.ask("Target.createBrowserContext", json!({}))?, "browserContextId")?;
        let of_context = json!({ "url": "about:blank", "browserContextId": context });
        let target = text(&chromium.ask("Target.createTarget", of_context)?, "targetId")?;
        let attach = json!({ "targetId": target, "flatten": true });
        let session = text(&chromium.ask("Target.attachToTarget", attach)?, "sessionId")?;
        chromium.ask_in(&session, "Page.enable", json!({}))?;
        chromium.navigate(&session, site)?;
        chromium.evaluate(&session, IS_READY)?;
        let (deeds, ended, last) = (Vec::new(), Vec::new(), Report::default());
        Ok(Page { number, context, target, session, deeds, ended, is_touched: false, last })
    }

    /// A fresh instance begins on it.
    pub(super) fn begin(&mut self, options: &Options, server: &str) {
        self.last = Report::default();
        self.ask(json!(["begin", self.number.to_string(), format!("{:032x}", options.key.0), server, options.sdk_app_id]));
    }

    /// The tab shows another page, or the same anew, under that number; what it has stored stays.
    pub(super) fn turn(&mut self, chromium: &mut Chromium, number: u64, method: &str, params: Value) -> Result<(), String> {
        chromium.turn(&self.session, method, params)?;
        (self.number, self.last) = (number, Report::default());
        chromium.evaluate(&self.session, IS_READY).map(drop)
    }

    /// The instance goes on whose key the tab has stored.
    pub(super) fn go_on(&mut self, server: &str) {
        self.ask(json!(["begin", self.number.to_string(), null, server, cast::SDK_APP_ID]));
    }

    /// The place of the page before in the tab's history.
    pub(super) fn before(&self, chromium: &mut Chromium) -> Result<Value, String> {
        let history = chromium.ask_in(&self.session, "Page.getNavigationHistory", json!({}))?;
        let here = history["currentIndex"].as_u64().unwrap_or_default() as usize;
        let entry = here.checked_sub(1).and_then(|before| history["entries"].get(before)).map(|entry| entry["id"].clone());
        entry.ok_or_else(|| "there is no page before".to_owned())
    }

    /// The browser freezes it, or lets it go on.
    pub(super) fn live(&mut self, chromium: &mut Chromium, state: &str) -> Result<(), String> {
        self.is_touched = state == "active";
        chromium.ask_in(&self.session, "Page.setWebLifecycleState", json!({ "state": state })).map(drop)
    }

    /// Its application calls.
    pub(super) fn call(&mut self, call: u64, called: Called) {
        self.ask(match called {
            Called::Login { user_id, user_sig } => json!(["login", call, user_id, user_sig]),
            Called::Logout => json!(["logout", call]),
            Called::Destroy => json!(["destroy", call]),
            Called::Send { id, to, text } => json!(["send", call, id.map(|id| format!("{:032x}", id.0)), to, text]),
        });
    }

    /// A timer of its instance's fires.
    pub(super) fn fire(&mut self, timer: &str) {
        self.ask(json!(["fire", timer]));
    }

    fn ask(&mut self, deed: Value) {
        self.deeds.push(deed);
        self.is_touched = true;
    }

    /// Does what was asked for; once each socket has heard so much, and nothing more can run, what came of it. Of the sockets that are
    /// watched it is told how much they wrote.
    pub(super) fn look(&mut self, chromium: &mut Chromium, now: UnixMillis, heard: &[(u64, u64)]) -> Result<&mut Report, String> {
        let deeds = Value::from(std::mem::take(&mut self.deeds));
        let watched: Vec<u64> = heard.iter().map(|(socket, _)| *socket).collect();
        let heard: Vec<_> = heard.iter().chain(&self.ended).collect();
        let call = format!("harness.settle({}, {deeds}, {}, {})", now.0, json!(heard), json!(watched));
        let report = chromium.evaluate(&self.session, &call)?;
        self.ended.clear();
        self.is_touched = false;
        self.last = serde_json::from_value(report).map_err(|error| format!("what a page tells cannot be read: {error}"))?;
        Ok(&mut self.last)
    }

    /// The tab is closed, as a user closes it.
    pub(super) fn close(&self, chromium: &mut Chromium) -> Result<(), String> {
        chromium.ask("Target.closeTarget", json!({ "targetId": self.target })).map(drop)
    }

    /// Nothing is left of it, and of what it has stored.
    pub(super) fn forget(&self, chromium: &mut Chromium) -> Result<(), String> {
        chromium.ask("Target.disposeBrowserContext", json!({ "browserContextId": self.context })).map(drop)
    }
}

fn text(answer: &Value, name: &str) -> Result<String, String> {
    answer[name].as_str().map(str::to_owned).ok_or_else(|| format!("Chromium names no {name}"))
}
