//! Okta: the system log.
//!
//! `GET /api/v1/logs`: a bare array, oldest first unless asked otherwise, 100 events a page and 1,000 at most; the last
//! seven days unless `since` says otherwise, ninety at most. Without `until` the log is polled: the last page, even an empty one, still
//! names a next.
//!
//! # Sources
//! `sl`. That both ends of the window are included, and that events are shown a minute late, are guesses: "near real time".

use std::ops::Bound;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;

use super::{events, links};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Edge, Feed, Includes, Presence, TimeForm, Window};
use crate::protocol::pages::{AboveMax, Order, PageSize, Paging, Position};
use crate::time::{DAY, SimTime};

const fn edge(parameter: &'static str) -> Edge {
    Edge { parameter, presence: Presence::Optional, includes: Includes::Itself, form: TimeForm::Rfc3339 }
}

pub(super) static FEEDS: [Feed; 1] = [Feed {
    name: events::LOG,
    window: Window::Parameters { from: edge("since"), until: edge("until") },
    order: Order::Ascending,
    paging: Paging {
        list: events::LOG,
        cursor_parameter: links::AFTER,
        cursor: links::CURSOR,
        size: PageSize {
            parameter: "limit",
            default: 100,
            max: 1_000,
            above: AboveMax::Refuse("must be at most 1000"),
        },
    },
    delay: events::DELAY,
    retention: Duration::from_secs(90 * 86_400),
    source: "sl: listLogEvents",
}];

/// `GET /api/v1/logs`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let feed = &FEEDS[0];
    let mut span = feed.window(request)?;
    let polled = span.until == Bound::Unbounded;
    if span.from == Bound::Unbounded {
        let until = if let Bound::Included(until) = span.until { until } else { ctx.now };
        span.from = Bound::Included(until - 7 * DAY);
    }
    let order = match request.query("sortOrder") {
        None | Some("" | "ASCENDING") => Order::Ascending,
        Some("DESCENDING") => Order::Descending,
        Some(_) => return Err(Failure::bad_parameter("sortOrder", "must be ASCENDING or DESCENDING")),
    };
    let page = feed::serve(ctx, request, feed, span, order, None)?;
    let last = page.items.last().map(|r| links::write(&Position { at: r.persisted, id: r.event_id.clone() }));
    // Where there is nothing yet, the next poll begins where this one did.
    let same = || request.query(links::AFTER).map(str::to_owned).or_else(|| Some(beginning(span.from)));
    let polled_on = || polled.then(|| last.or_else(same)).flatten();
    let next = page.next.or_else(polled_on);
    let bodies: Vec<&[u8]> = page.items.iter().map(|r| &r.body[..]).collect();
    let body = Bytes::from([b"[".as_slice(), &bodies.join(&b','), b"]"].concat());
    Ok(links::with(Answer::bytes(StatusCode::OK, "application/json", body), request, next.as_deref()))
}

/// The cursor in front of all that happened from an instant on.
fn beginning(from: Bound<SimTime>) -> String {
    let (Bound::Included(at) | Bound::Excluded(at)) = from else { return String::new() };
    links::write(&Position { at, id: "".into() })
}
