//! Real pages of a real browser: Chromium without a window, the npm package in a page an instance, the server as a process of its own, and
//! the proxy between them.
//!
//! Quiet is counted here as well. A page is idle once each of its sockets has heard all that the proxy has sent it, no lock is asked for,
//! and a turn of its event loop has passed in which nothing ran; it says how much each socket has written then, and the proxy reads just
//! that. Time in it stands still, and its timers fire when the trace says so, for both are in the harness's hand; whatever else waits there is strange.

mod bug;
mod chromium;
mod gate;
mod leg;
mod page;
mod pool;
mod report;
mod site;
mod turns;
mod visit;

use std::collections::{BTreeMap, VecDeque};
use std::io;

use model::action::{InstanceId, NodeId};
use sut::client::machine::Options;
use sut::timers::UnixMillis;

use super::clients::Clients;
use super::clock::{Armed, Kind, Moment};
use super::cx::Cx;
use super::frames::Cutter;
use super::log::Told;
use super::side::{Called, Done, Shown, Side};
use super::sockets::{Front, Sockets};
use crate::observation::Holds;
use leg::PageLeg;
use page::Page;
use pool::Browser;

pub use bug::ShellBug;
pub use site::package_at;
pub use visit::Visit;

/// The pages of a browser, one a seat, and the proxy's connections to them.
pub(super) struct Pages {
    browser: Option<Browser>,
    seats: Vec<Option<Page>>,
    legs: BTreeMap<u64, PageLeg>,
    told: VecDeque<(InstanceId, Told)>,
    moment: Moment,
}

/// Whether a browser can be started here, with a package to load.
///
/// # Errors
/// One line that says what is missing.
pub(super) fn try_out() -> Result<(), String> {
    pool::take(None).map(pool::give_back)
}

impl Sockets<Pages> {
    /// A browser without a page and a server process to which nothing has happened yet, or the reason why there is none, which every step
    /// then tells.
    pub(super) fn browse<S: Side>(cx: &Cx<S>, bug: Option<ShellBug>) -> Sockets<Pages> {
        let browser = pool::take(bug);
        let trouble = browser.as_ref().err().cloned();
        let (seats, legs, told) = (Vec::new(), BTreeMap::new(), VecDeque::new());
        Sockets::behind(Pages { browser: browser.ok(), seats, legs, told, moment: cx.moment.clone() }, trouble, cx)
    }
}

impl Pages {
    fn page(&mut self, seat: InstanceId) -> Result<&mut Page, String> {
        self.seats.get_mut(usize::from(seat.0)).and_then(Option::as_mut).ok_or_else(|| "there is no page".to_owned())
    }

    fn browser(&mut self) -> Result<&mut Browser, String> {
        self.browser.as_mut().ok_or_else(|| "there is no browser".to_owned())
    }

    /// A fresh instance takes a seat: on the page of the one that was destroyed there, or on a new one.
    fn renew(&mut self, seat: InstanceId, options: &Options) -> Done {
        let place = usize::from(seat.0);
        let browser = self.browser.as_mut().ok_or("there is no browser")?;
        if self.seats.len() <= place {
            self.seats.resize_with(place + 1, || None);
        }
        if self.seats[place].is_none() {
            browser.last_page += 1;
            self.seats[place] = Some(Page::open(&mut browser.chromium, browser.last_page, &browser.site.address)?);
        }
        let server = browser.gate.server();
        self.page(seat)?.begin(options, &server);
        Ok(())
    }

    /// The link that the page in a seat waits for.
    fn waiting(&mut self, seat: InstanceId) -> Result<PageLeg, String> {
        let page = self.page(seat)?;
        let socket = (page.number, page.last.opening.take().ok_or("no link is waited for")?);
        self.browser()?.gate.take(socket)
    }

    /// The proxy ends the connection to a page's socket, which the page has to hear.
    fn leave(&mut self, leg: PageLeg) {
        let (number, socket) = leg.socket;
        let page = self.seats.iter_mut().flatten().find(|page| page.number == number);
        if let Some(page) = page.filter(|_| !leg.is_over) {
            page.ended.push((socket, leg.heard_at_end()));
            page.is_touched = true;
        }
    }

    /// Lets the page in a seat act until it is idle, and reads what it wrote.
    fn look(&mut self, place: usize) -> Done {
        let (Some(page), Some(browser)) = (&mut self.seats[place], &mut self.browser) else { return Ok(()) };
        let seat = InstanceId(place as u8);
        let was_over = page.last.is_over;
        let legs = self.legs.values_mut().filter(|leg| leg.socket.0 == page.number);
        let mut legs: BTreeMap<u64, &mut PageLeg> = legs.map(|leg| (leg.socket.1, leg)).collect();
        let heard: Vec<_> = legs.iter().map(|(socket, leg)| (*socket, leg.sent)).collect();
        let report = page.look(&mut browser.chromium, self.moment.now(), &heard)?;
        for (socket, pieces, is_over) in &report.wrote {
            let leg = legs.get_mut(socket).ok_or("a page tells of a socket that nobody asked after")?;
            leg.read_to(*pieces).map_err(unreadable)?;
            leg.is_over = *is_over;
        }
        self.told.extend(report.told.drain(..).map(|heard| (seat, heard.into())));
        if report.is_over && !was_over {
            self.told.push_back((seat, Told::StreamEnded));
        }
        if report.strange.is_empty() { Ok(()) } else { Err(format!("a page that says: {}", report.strange.join("; "))) }
    }

    /// The tab is closed. Its browser closes the links that are open, and says so; the proxy reads it.
    fn close(&mut self, seat: InstanceId) -> Done {
        let Some(page) = self.seats.get_mut(usize::from(seat.0)).and_then(Option::take) else { return Ok(()) };
        page.close(&mut self.browser()?.chromium)?;
        self.hear_the_last_of(page.number)?;
        page.forget(&mut self.browser()?.chromium)
    }

    /// What was shown under that number runs no more: what its links said last.
    fn hear_the_last_of(&mut self, number: u64) -> Done {
        self.legs.values_mut().filter(|leg| leg.socket.0 == number).try_for_each(|leg| leg.read_to_close().map_err(unreadable))
    }
}

fn unreadable(error: io::Error) -> String {
    format!("what a page wrote cannot be read: {error}")
}

impl Front for Pages {
    fn settle(&mut self) -> Done {
        let is_touched = |page: &Option<Page>| page.as_ref().is_some_and(|page| page.is_touched);
        let touched: Vec<_> = (0..self.seats.len()).filter(|place| is_touched(&self.seats[*place])).collect();
        touched.into_iter().try_for_each(|place| self.look(place))
    }

    fn write(&mut self, link: u64, bytes: &[u8]) -> io::Result<()> {
        let Some(leg) = self.legs.get_mut(&link).filter(|leg| !leg.is_over) else { return Ok(()) };
        let page = self.seats.iter_mut().flatten().filter(|page| page.number == leg.socket.0);
        page.for_each(|page| page.is_touched = true);
        leg.write(bytes)
    }

    fn read(&mut self, link: u64, into: &mut Cutter) -> bool {
        self.legs.get_mut(&link).is_some_and(|leg| leg.take(into))
    }

    fn end(&mut self, link: u64) {
        let leg = self.legs.remove(&link);
        leg.into_iter().for_each(|leg| self.leave(leg));
    }

    fn keep(&mut self, links: &[u64]) {
        self.legs.retain(|link, _| links.contains(link));
    }
}

impl Clients for Sockets<Pages> {
    fn renew(&mut self, seat: InstanceId, options: Options, _moment: &Moment) {
        // What goes wrong is told at the next step.
        let _ = self.unless_troubled(|sockets| sockets.front.renew(seat, &options));
    }

    fn call(&mut self, seat: InstanceId, call: u64, called: Called) {
        let _ = self.unless_troubled(|sockets| sockets.front.page(seat).map(|page| page.call(call, called)));
    }

    fn open(&mut self, seat: InstanceId, link: u64, _node: NodeId) -> Done {
        let leg = self.front.waiting(seat)?;
        self.unless_troubled(|sockets| sockets.connect(link))?;
        self.front.legs.insert(link, leg);
        Ok(())
    }

    fn fail_to_open(&mut self, seat: InstanceId) -> Done {
        let leg = self.front.waiting(seat)?;
        self.front.leave(leg);
        Ok(())
    }

    fn close_page(&mut self, seat: InstanceId) {
        let _ = self.unless_troubled(|sockets| sockets.front.close(seat));
    }

    fn closes_by_itself(&self) -> bool {
        true
    }

    fn fire_at(&mut self, seat: InstanceId, timer: Kind) -> Done {
        let page = self.front.page(seat)?;
        let armed = page.last.timers.iter().find(|(name, _)| Armed::named(name.clone()).kind == timer).cloned();
        let (name, due) = armed.ok_or_else(|| format!("a {timer} timer that is not armed"))?;
        page.fire(&name);
        self.moment.pass_to(UnixMillis(due));
        Ok(())
    }

    fn show(&self, seat: InstanceId, tell: &mut dyn FnMut(Shown<'_>)) {
        let page = self.front.seats.get(usize::from(seat.0)).and_then(Option::as_ref);
        let last = page.map(|page| &page.last);
        tell(Shown {
            login_user: last.map(|last| last.user.as_str()).filter(|user| !user.is_empty()),
            ready: last.is_some_and(|last| last.is_ready),
            first_sync: None,
            holds: last.map_or_else(Holds::default, |last| last.holds()),
            heartbeat: None,
        });
    }

    fn told(&mut self) -> Option<(InstanceId, Told)> {
        self.front.told.pop_front()
    }
}

impl Drop for Pages {
    /// The browser waits for the next tour, unless something is wrong with it.
    fn drop(&mut self) {
        let Some(mut browser) = self.browser.take() else { return };
        let forgotten = self.seats.drain(..).flatten().try_for_each(|page| page.forget(&mut browser.chromium));
        browser.gate.clear();
        if forgotten.is_ok() {
            pool::give_back(browser);
        }
    }
}
