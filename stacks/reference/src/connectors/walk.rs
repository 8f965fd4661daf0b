//! From the first page of a list to its last.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};
use url::Url;

use super::{Connector, Page};
use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, ends_the_list, misread_page, planted};
use crate::http::{Answer, Failure};
use crate::state::StateError;

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

/// Hands every page from `first` on to `take`, which keeps it. A walk that loses its way begins again, so `take` must
/// bear being given a record twice. Of a page that is `known` and the same still it is given nothing.
pub(crate) async fn walk(
    api: &Api,
    connector: &Connector,
    first: &Url,
    known: Option<&Known>,
    mut take: impl FnMut(&[Value], Remaining) -> Result<(), StateError>,
) -> Result<(), Trouble> {
    let mut restarts = 0;
    loop {
        let lost = match walk_once(api, connector, first, known, &mut take).await {
            Err(Trouble::Nonsense(reason)) => reason,
            other => return other,
        };
        restarts += 1;
        if restarts > MAX_RESTARTS {
            return Err(Trouble::Nonsense(lost));
        }
        api.state.status(&json!({"phase": "degraded", "app": api.instance, "reason": lost}))?;
        api.wait(&api.instance, Failure::Unreadable(lost.to_owned()), restarts).await?;
    }
}

async fn walk_once(
    api: &Api,
    connector: &Connector,
    first: &Url,
    known: Option<&Known>,
    take: &mut impl FnMut(&[Value], Remaining) -> Result<(), StateError>,
) -> Result<(), Trouble> {
    let mut url = first.clone();
    let mut asked = HashSet::new();
    let mut before = first.clone();
    let mut number = 0;
    loop {
        if url.origin() != first.origin() && !planted(Bug::SecNextLinkHost) {
            return Err(Trouble::Nonsense("the next page lies on another host"));
        }
        if planted(Bug::PageCursorCycle) {
            asked.retain(|asked| *asked == before);
            before = url.clone();
        }
        number += 1;
        if !asked.insert(url.clone()) && !planted(Bug::PageCursorLoop) {
            return Err(Trouble::Nonsense("the pages go in a circle"));
        }
        let before_now = known.and_then(|known| known.page(&url));
        let ask = Request { known: before_now.as_ref().map(|page| page.mark.clone()), ..Request::get(url.as_str()) };
        let read = |answer: &Answer| match (&before_now, answer.status) {
            (Some(page), 304) => Ok((Page { items: Vec::new(), next: page.next.clone() }, Some(page.mark.clone()))),
            _ => Ok(((connector.page)(answer, &url)?, answer.header("etag").map(str::to_owned))),
        };
        let (page, mark) = match api.ask(&api.instance, &ask, read).await {
            // The first page was fine, so it is the place in the list that the vendor has forgotten.
            Err(Trouble::Vendor(Failure::Refused { status: 400 | 404 | 410 | 422, .. }))
                if asked.len() > 1 && !planted(Bug::PageCursorExpired) =>
            {
                return Err(Trouble::Nonsense("the vendor forgot our place in the list"));
            }
            Err(Trouble::Vendor(failure)) if ends_the_list(&failure) => (Page { items: Vec::new(), next: None }, None),
            other => other?,
        };
        let Page { items, next } = misread_page(page, &url, number, api.clock().now());
        let remaining = if next.is_some() { Remaining::Some } else { Remaining::None };
        take(&items, remaining)?;
        if let Some(known) = known {
            known.keep(url, mark, next.clone());
        }
        let Some(next) = next else { return Ok(()) };
        url = next;
    }
}
