//! What a browser does with a tab, and the model has no word for. Whatever a page's links say as it goes is read: its script's close, or
//! that of the browser.

use model::action::InstanceId;
use serde_json::{Value, json};

use super::Pages;
use crate::driver::side::Done;

/// The one tab that is turned.
const TAB: InstanceId = InstanceId(0);

impl Pages {
    /// The page is loaded anew.
    pub(super) fn reload(&mut self) -> Done {
        self.turn("Page.reload", json!({}))
    }

    /// The next page of the site is shown in the same tab.
    pub(super) fn next_page(&mut self) -> Done {
        let next = format!("{}?next", self.browser()?.site.address);
        self.turn("Page.navigate", json!({ "url": next }))
    }

    fn turn(&mut self, method: &str, params: Value) -> Done {
        let browser = self.browser.as_mut().ok_or("there is no browser")?;
        let page = self.seats.first_mut().and_then(Option::as_mut).ok_or("there is no page")?;
        let left = page.number;
        browser.last_page += 1;
        page.turn(&mut browser.chromium, browser.last_page, method, params)?;
        page.go_on(&browser.gate.server());
        self.hear_the_last_of(left)
    }

    /// The page before is shown again, as it was left.
    pub(super) fn back(&mut self) -> Done {
        let browser = self.browser.as_mut().ok_or("there is no browser")?;
        let page = self.seats.first_mut().and_then(Option::as_mut).ok_or("there is no page")?;
        let (left, entry) = (page.number, page.before(&mut browser.chromium)?);
        page.turn(&mut browser.chromium, left - 1, "Page.navigateToHistoryEntry", json!({ "entryId": entry }))?;
        page.is_touched = true;
        self.hear_the_last_of(left)
    }

    /// The page is frozen.
    pub(super) fn freeze(&mut self) -> Done {
        let number = self.live("frozen")?;
        self.hear_the_last_of(number)
    }

    /// A frozen page wakes.
    pub(super) fn wake(&mut self) -> Done {
        self.live("active").map(drop)
    }

    fn live(&mut self, state: &str) -> Result<u64, String> {
        let browser = self.browser.as_mut().ok_or("there is no browser")?;
        let page = self.seats.first_mut().and_then(Option::as_mut).ok_or("there is no page")?;
        page.live(&mut browser.chromium, state)?;
        Ok(page.number)
    }

    /// The tab is closed.
    pub(super) fn close_tab(&mut self) -> Done {
        self.close(TAB)
    }
}
