//! Okta: the system log.
//!
//! `GET /api/v1/logs`: a bare array, oldest first unless asked otherwise, 100 events a page and 1,000 at most; the last
//! seven days unless `since` says otherwise, ninety at most. Without `until` the log is polled: the last page, even an
//! empty one, still names a next.
//!
//! # Sources
//! `sl`: one header `Link` for each relation, the whole query repeated, an opaque `after`. That both ends of the window are
//! included, that events are shown a minute late ("near real time"), and that a cursor holds for ever are guesses.

use std::ops::Bound;
use std::time::Duration;

use axum::http::StatusCode;

use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Edge, Feed, Includes, Presence, TimeForm, Window};
use crate::protocol::links::{Lines, LinkHeader, Relation};
use crate::protocol::pages::{AboveMax, CursorForm, Order, Page, PageSize, Paging, Position};
use crate::time::DAY;

/// Name of the log.
pub(super) const LOG: &str = "system_log";
/// The query parameter that leads on.
pub(super) const AFTER: &str = "after";
/// How every list names this page and the next.
pub(super) static LINKS: LinkHeader = LinkHeader {
    relations: &[Relation::Itself, Relation::Next],
    forward: AFTER,
    back: None,
    first: "",
    lines: Lines::Each,
};

const fn edge(parameter: &'static str) -> Edge {
    Edge { parameter, presence: Presence::Optional, includes: Includes::Itself, form: TimeForm::Rfc3339 }
}

pub(super) static FEEDS: [Feed; 1] = [Feed {
    name: LOG,
    window: Window::Parameters { from: edge("since"), until: edge("until") },
    order: Order::Ascending,
    paging: Paging {
        list: LOG,
        cursor_parameter: AFTER,
        cursor: CursorForm::Sealed,
        size: PageSize {
            parameter: "limit",
            default: 100,
            max: 1_000,
            above: AboveMax::Refuse("must be at most 1000"),
        },
    },
    delay: Duration::from_secs(60),
    retention: Duration::from_secs(90 * 86_400),
    source: "sl: listLogEvents",
}];

/// `GET /api/v1/logs`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let feed = &FEEDS[0];
    let mut span = feed.window(request)?;
    let polled = span.until == Bound::Unbounded;
    let from = match (span.from, span.until) {
        (Bound::Included(from) | Bound::Excluded(from), _) => from,
        (_, Bound::Included(until)) => until - 7 * DAY,
        _ => ctx.now - 7 * DAY,
    };
    span.from = Bound::Included(from);
    let order = match request.query("sortOrder") {
        None | Some("" | "ASCENDING") => Order::Ascending,
        Some("DESCENDING") => Order::Descending,
        Some(_) => return Err(Failure::bad_parameter("sortOrder", "must be ASCENDING or DESCENDING")),
    };
    let page = feed::serve(ctx, request, feed, span, order, None)?;
    let behind = |at, id| feed.paging.behind(ctx, &Position { at, id });
    let polled_on = || match (page.items.last(), request.query(AFTER)) {
        (Some(last), _) => behind(last.persisted, last.event_id.clone()),
        // Where there is nothing yet, the next poll begins where this one did.
        (None, Some(after)) => after.to_owned(),
        (None, None) => behind(from, "".into()),
    };
    let next = page.next.clone().or_else(|| polled.then(polled_on));
    let body = feed::array(page.items.iter().map(|record| &record.body));
    Ok(LINKS.add(Answer::bytes(StatusCode::OK, "application/json", body), request, &Page { next, ..page }))
}
