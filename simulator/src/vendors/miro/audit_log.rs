//! Miro: the audit log, v2.
//!
//! `GET /v2/audit/logs`: a window that must be given, pages of 100 (more is clamped), oldest first unless asked
//! otherwise. The cursor is the id of the last event of the page: usable with any window and for ever; a client that
//! does not percent-encode its `#` sends half of it and is refused. Nothing older than 90 days is served.
//!
//! # Sources
//! `spec`: `enterprise-get-audit-logs`. That `createdAfter` includes its instant follows IBM's QRadar workflow; that
//! `createdBefore` does not, that a limit above 100 is clamped, and that a full last page has no cursor, are guesses.
//! The delay of 2 minutes is the scenario language's.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;

use super::events;
use super::roster::enterprise;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Edge, Feed, Includes, Presence, TimeForm, Window};
use crate::protocol::pages::{AboveMax, CursorForm, Order, PageSize, Paging};

/// Miro's logs: one.
pub(super) static FEEDS: [Feed; 1] = [Feed {
    name: events::LOG,
    window: Window::Parameters {
        from: Edge {
            parameter: "createdAfter",
            presence: Presence::Required,
            includes: Includes::Itself,
            form: TimeForm::Rfc3339,
        },
        until: Edge {
            parameter: "createdBefore",
            presence: Presence::Required,
            includes: Includes::NotItself,
            form: TimeForm::Rfc3339,
        },
    },
    order: Order::Ascending,
    paging: Paging {
        list: events::LOG,
        cursor_parameter: "cursor",
        cursor: CursorForm::Key {
            place: events::time_of_id,
            key: |position, order| events::cursor_at(position.at, &position.id, order),
            beside: events::id_beside,
        },
        size: PageSize { parameter: "limit", default: 100, max: 100, above: AboveMax::Clamp },
    },
    delay: Duration::from_secs(120),
    retention: Duration::from_secs(90 * 86_400),
    source: "spec: enterprise-get-audit-logs",
}];

#[derive(Serialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    limit: u32,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<&'a str>,
}

/// `GET /v2/audit/logs`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let feed = &FEEDS[0];
    let span = feed.window(request)?;
    let order = match request.query("sorting") {
        None | Some("") => feed.order,
        Some("ASC") => Order::Ascending,
        Some("DESC") => Order::Descending,
        // Upper case here, lower case in Miro's other logs.
        Some(_) => return Err(Failure::bad_parameter("sorting", "must be ASC or DESC")),
    };
    let page = feed::serve(ctx, request, feed, span, order, None)?;
    let limit = feed.paging.size.read(request.query("limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let head = Head { kind: "cursor-list", limit, size: page.items.len(), cursor: page.next.as_deref() };
    Ok(Answer::bytes(StatusCode::OK, "application/json", feed::joined(&head, "data", &page.items)))
}
