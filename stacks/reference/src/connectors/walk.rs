//! From the first page of a list to its last.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};
use url::Url;

use super::{Connector, Page};
use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, ends_the_list, misread_page, note_size, noted_size, planted};
use crate::http::{Answer, Failure};

/// How often a walk that lost its way begins again before it is left to the next poll.
const MAX_RESTARTS: u32 = 2;

/// Whether more pages follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remaining {
    Some,
    None,
}

/// Pages that were taken before, by their address. A process that starts anew has none.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<Url, KnownPage>>);

/// A page that was taken before.
#[derive(Clone)]
struct KnownPage {
    mark: String,
    next: Option<Url>,
}

impl Known {
    fn pages(&self) -> MutexGuard<'_, HashMap<Url, KnownPage>> {
        self.0.lock().expect("nobody panics while holding the known pages")
    }

    fn page(&self, url: &Url) -> Option<KnownPage> {
        self.pages().get(url).cloned()
    }

    /// Remembers a page that was taken.
    fn keep(&self, url: Url, mark: Option<String>, next: Option<Url>) {
        match mark {
            Some(mark) => self.pages().insert(url, KnownPage { mark, next }),
            None => self.pages().remove(&url),
        };
    }
}

/// A walk along a list, page by page. One that loses its way begins again, so whoever takes the pages must bear being given
/// a record twice. Of a page that is `known` and the same still there are no records.
pub(crate) struct Walk<'a> {
    api: &'a Api,
    connector: &'a Connector,
    known: Option<&'a Known>,
    first: &'a Url,
    next: Option<Url>,
    asked: HashSet<Url>,
    before: Url,
    /// Of the page that was asked for last, from one.
    number: usize,
    restarts: u32,
}

impl<'a> Walk<'a> {
    /// From the page at `first` on.
    pub(crate) fn new(api: &'a Api, connector: &'a Connector, first: &'a Url, known: Option<&'a Known>) -> Self {
        let next = Some(noted_size().map_or_else(|| first.clone(), |size| connector.sized(first, size)));
        let (before, asked) = (first.clone(), HashSet::new());
        Self { api, connector, known, first, next, asked, before, number: 0, restarts: 0 }
    }

    /// The records of the next page, and whether more follow; nothing behind the last page.
    pub(crate) async fn page(&mut self) -> Result<Option<(Vec<Value>, Remaining)>, Trouble> {
        loop {
            let Some(url) = self.next.take() else { return Ok(None) };
            match self.fetch(url.clone()).await {
                Err(Trouble::Nonsense(lost)) => self.begin_anew(lost).await?,
                Err(Trouble::Vendor(Failure::TooMuch)) => self.ask_for_less(&url)?,
                fetched => return fetched.map(Some),
            }
        }
    }

    /// Asks for the same page, half as long. The next walk begins with whole pages again: what was too much may be so no more.
    fn ask_for_less(&mut self, url: &Url) -> Result<(), Trouble> {
        let size = self.connector.size(url).filter(|size| *size > 1).ok_or(Failure::TooMuch)?;
        note_size(size / 2);
        self.next = Some(self.connector.sized(url, size / 2));
        self.number -= 1;
        Ok(())
    }

    async fn begin_anew(&mut self, lost: &'static str) -> Result<(), Trouble> {
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            return Err(Trouble::Nonsense(lost));
        }
        self.api.state.status(&json!({"phase": "degraded", "app": self.api.instance, "reason": lost}))?;
        self.api.wait(&self.api.instance, Failure::Unreadable(lost.to_owned()), self.restarts).await?;
        (self.next, self.before) = (Some(self.first.clone()), self.first.clone());
        self.asked.clear();
        self.number = 0;
        Ok(())
    }

    async fn fetch(&mut self, url: Url) -> Result<(Vec<Value>, Remaining), Trouble> {
        let downgraded = url.host() == self.first.host() && planted(Bug::SecNextLinkDowngrade);
        if url.origin() != self.first.origin() && !planted(Bug::SecNextLinkHost) && !downgraded {
            return Err(Trouble::Nonsense("the next page lies on another host"));
        }
        if planted(Bug::PageCursorCycle) {
            self.asked.retain(|asked| *asked == self.before);
            self.before = url.clone();
        }
        self.number += 1;
        if !self.asked.insert(url.clone()) && !planted(Bug::PageCursorLoop) {
            return Err(Trouble::Nonsense("the pages go in a circle"));
        }
        let had = self.known.and_then(|known| known.page(&url));
        let ask = Request { known: had.as_ref().map(|page| page.mark.clone()), ..Request::get(url.as_str()) };
        let read = |answer: &Answer| match (&had, answer.status) {
            (Some(page), 304) => Ok((Page { items: Vec::new(), next: page.next.clone() }, Some(page.mark.clone()))),
            _ => Ok(((self.connector.page)(answer, &url)?, answer.header("etag").map(str::to_owned))),
        };
        let (page, mark) = match self.api.ask(&self.api.instance, &ask, read).await {
            // The first page was fine, so it is the place in the list that the vendor has forgotten.
            Err(Trouble::Vendor(Failure::Refused { status: 400 | 404 | 410 | 422, .. }))
                if self.asked.len() > 1 && !planted(Bug::PageCursorExpired) =>
            {
                return Err(Trouble::Nonsense("the vendor forgot our place in the list"));
            }
            Err(Trouble::Vendor(failure)) if ends_the_list(&failure) => (Page { items: Vec::new(), next: None }, None),
            other => other?,
        };
        let Page { items, next } = misread_page(page, &url, self.number, self.api.clock().now());
        let remaining = if next.is_some() { Remaining::Some } else { Remaining::None };
        if let Some(known) = self.known {
            known.keep(url, mark, next.clone());
        }
        self.next = next;
        Ok((items, remaining))
    }
}
