//! What the mistakes are in an ordinary build: nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::connectors::Page;
use crate::http::Failure;
use crate::normalize::Event;
use crate::state::Kind;
use crate::state::events::Checkpoint;

/// The page as it was read.
#[inline(always)]
pub(crate) fn misread_page(page: Page, _asked: &url::Url, _number: usize, _now: Timestamp) -> Page {
    page
}

/// A size that was too much is forgotten.
#[inline(always)]
pub(crate) fn note_size(_size: u32) {}

/// Pages are asked for as they are meant.
#[inline(always)]
pub(crate) fn noted_size() -> Option<u32> {
    None
}

/// The event as it was read.
#[inline(always)]
pub(crate) fn misread(event: Event, _record: &Value, _now: Timestamp) -> Option<Event> {
    Some(event)
}

/// No record spoils its neighbours.
#[inline(always)]
pub(crate) fn has_poison(_record: &Value) -> bool {
    false
}

/// The failure as it is.
#[inline(always)]
pub(crate) fn misjudged(failure: Failure, _status: Option<u16>) -> Failure {
    failure
}

/// As many attempts as are meant.
#[inline(always)]
pub(crate) fn miscounted(attempts: u32) -> u32 {
    attempts
}

/// No failure is an end.
#[inline(always)]
pub(crate) fn ends_the_list(_failure: &Failure) -> bool {
    false
}

/// The window's beginning as it should be.
#[inline(always)]
pub(crate) fn misplaced(
    from: Timestamp,
    _checkpoint: Option<Checkpoint>,
    _now: Timestamp,
    _poll_every: SignedDuration,
) -> Timestamp {
    from
}

/// The policies as they were written.
#[inline(always)]
pub(crate) fn misset(_policies: &mut BTreeMap<String, Value>) {}

/// What is to be reported, as it is.
#[inline(always)]
pub(crate) fn misreport(_kind: Kind, body: &Value) -> [&Value; 1] {
    [body]
}
