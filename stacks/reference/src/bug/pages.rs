//! Mistakes about pages: what one holds, and which is next.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::{Bug, current};
use crate::connectors::Page;

/// Those that a full page is taken to hold.
const FULL: usize = 100;
/// Where a walk's window stands in an address, whoever's.
const WINDOW: [&str; 5] = ["createdAfter", "createdBefore", "phrase", "$filter", "since"];

/// The `number`th page of a walk, counted from one, as it is taken for; `asked` is its address.
pub(crate) fn misread_page(mut page: Page, asked: &Url, number: usize, now: Timestamp) -> Page {
    let Some(bug) = current() else { return page };
    let Page { items, next } = &mut page;
    match bug {
        Bug::PageFirstOnly => *next = None,
        Bug::AuditsFirstPage if asked.path().ends_with("/directoryAudits") => *next = None,
        Bug::PageLastLost if next.is_none() && number > 1 => items.clear(),
        Bug::PageShortNotLast if items.len() < FULL => *next = None,
        Bug::PageEmptyNotLast if items.is_empty() => *next = None,
        Bug::PageCursorReencoded => *next = next.take().map(|next| with(&next, "cursor", str::to_lowercase)),
        Bug::PageNextUrlRebuilt => *next = next.take().map(|next| without(&next, &WINDOW)),
        Bug::TimeSameStampPageSplit if asked.path().ends_with("/audit/logs") => {
            *next = next.take().and(after_the_last(asked, items));
        }
        Bug::TimeNewestFirst if asked.path().ends_with("/signIns") && holds_what_is_known(items, now) => *next = None,
        Bug::DataEmptyListBecomesEvent if items.is_empty() && asked.path().ends_with("/audit/logs") => {
            items.push(serde_json::json!({"id": "nothing", "event": "no_data", "createdAt": now.to_string()}));
        }
        _ => {}
    }
    page
}

/// How many records a page held when more were too many; nought before that.
static NOTED: AtomicU32 = AtomicU32::new(0);

/// Notes that so many records a page are not too many.
pub(crate) fn note_size(size: u32) {
    NOTED.store(size, Ordering::Relaxed);
}

/// How many records every page is asked to hold from then on.
pub(crate) fn noted_size() -> Option<u32> {
    let noted = NOTED.load(Ordering::Relaxed);
    (current() == Some(Bug::RateDegradePageSizeStuck) && noted > 0).then_some(noted)
}

/// The address with one parameter changed.
fn with(url: &Url, name: &str, change: fn(&str) -> String) -> Url {
    let changed = |(key, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let value = if key == name { change(&value) } else { value.into_owned() };
        (key.into_owned(), value)
    };
    let pairs: Vec<_> = url.query_pairs().map(changed).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// The address without these parameters.
fn without(url: &Url, names: &[&str]) -> Url {
    let pairs: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| !names.contains(&key.as_str())).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// A new window that begins a millisecond after the last record of a page.
fn after_the_last(asked: &Url, items: &[Value]) -> Option<Url> {
    let last: Timestamp = items.last()?["createdAt"].as_str()?.parse().ok()?;
    let from = (last + SignedDuration::from_millis(1)).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let mut url = without(asked, &["cursor", "createdAfter"]);
    url.query_pairs_mut().append_pair("createdAfter", &from);
    Some(url)
}

/// Whether a page reaches back to where the poll before must have been.
fn holds_what_is_known(items: &[Value], now: Timestamp) -> bool {
    let before = now - SignedDuration::from_hours(1);
    let at = |item: &Value| item["createdDateTime"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    items.iter().filter_map(at).any(|at| at < before)
}
