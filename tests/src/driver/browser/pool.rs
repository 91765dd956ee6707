//! Browsers that wait for the next tour, each on the thread that started it, with the site and the proxy's port that its pages know.

use std::cell::RefCell;

use super::bug::ShellBug;
use super::chromium::Chromium;
use super::gate::Gate;
use super::site::Site;

/// A browser, and what its pages are led to.
pub(super) struct Browser {
    pub(super) chromium: Chromium,
    pub(super) site: Site,
    pub(super) gate: Gate,
    /// The number of the last page.
    pub(super) last_page: u64,
    bug: Option<ShellBug>,
}

thread_local! {
    static IDLE: RefCell<Option<Browser>> = const { RefCell::new(None) };
}

impl Browser {
    fn start(bug: Option<ShellBug>) -> Result<Browser, String> {
        let site = Site::open(bug)?;
        let gate = Gate::open().map_err(|error| format!("there is no port for the proxy: {error}"))?;
        Ok(Browser { chromium: Chromium::start()?, site, gate, last_page: 0, bug })
    }
}

/// A browser without a page, whose site has that bug.
pub(super) fn take(bug: Option<ShellBug>) -> Result<Browser, String> {
    let Some(browser) = IDLE.take() else { return Browser::start(bug) };
    if browser.bug == bug { Ok(browser) } else { Ok(Browser { site: Site::open(bug)?, bug, ..browser }) }
}

/// Keeps a browser none of whose pages is left.
pub(super) fn give_back(browser: Browser) {
    let _ = IDLE.try_with(|idle| idle.replace(Some(browser)));
}
