//! Meta Admin Center, the successor for accounts: a log to be pulled, `GET /security_audit_logs`.
//!
//! Served in the profile `admin_center` only: Workplace itself has no such thing, whatever connectors may believe.
//! Newest first; `since` and `until` in unix seconds, both inclusive. The last page has cursors and no `next`; the page
//! behind it is empty and has no `paging`. Meta's own samples end their loops on either.
//!
//! # Sources
//! <https://developers.facebook.com/documentation/admin-center/api-reference/security-log-api> and
//! `fbsamples/meta-admin-center-integrations`: path, `fields`, `after`, `before`, `limit=1000`, the entry's fields. The
//! names of the two times, the order, the default of 25 and ninety days of retention are guesses.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::graph::{self, Node};
use super::{events, oauth};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Edge, Feed, Includes, Presence, TimeForm, Window};
use crate::protocol::pages::{Order, Position};
use crate::scenario::VendorProfile;
use crate::timeline::Record;

/// Workplace's logs: one.
pub(super) static FEEDS: [Feed; 1] = [Feed {
    name: events::LOG,
    window: Window::Parameters {
        from: Edge {
            parameter: "since",
            presence: Presence::Optional,
            includes: Includes::Itself,
            form: TimeForm::UnixSeconds,
        },
        until: Edge {
            parameter: "until",
            presence: Presence::Optional,
            includes: Includes::Itself,
            form: TimeForm::UnixSeconds,
        },
    },
    order: Order::Descending,
    paging: graph::paging(events::LOG, 1_000),
    delay: Duration::from_secs(5),
    retention: Duration::from_secs(90 * 86_400),
    source: "https://developers.facebook.com/documentation/admin-center/api-reference/security-log-api",
}];

/// All that an entry may have.
const FIELDS: [&str; 9] = [
    "id",
    "event_id",
    "timestamp",
    "event",
    "ip_address",
    "useragent",
    "actor_username",
    "target_username",
    "extra_data",
];

/// `GET /security_audit_logs`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if ctx.instance().profile != VendorProfile::AdminCenter {
        return Err(Failure::not_found("node", "security_audit_logs"));
    }
    request.caller().require(&[oauth::READ_SECURITY_LOGS])?;
    graph::one_cursor(request)?;
    let feed = &FEEDS[0];
    let wanted = graph::wanted(request, &FIELDS.join(","))?;
    let span = feed.window(request)?;
    let page = feed::serve(ctx, request, feed, span, feed.order, None)?;
    let position = |r: &Arc<Record>| Position { at: r.persisted, id: Arc::clone(&r.event_id) };
    let ends = page.items.first().zip(page.items.last()).map(|(first, last)| (position(first), position(last)));
    let data = page.items.iter().map(|r| node(r).project(&wanted)).collect::<Result<Vec<_>, _>>()?;
    let mut body = serde_json::json!({ "data": data });
    if let Some(links) = graph::links(request, ends, page.prev.as_deref(), page.next.as_deref()) {
        body["paging"] = links;
    }
    Ok(graph::ok(&body))
}

fn node(record: &Record) -> Node {
    let fields: Map<String, Value> = serde_json::from_slice(&record.body).expect("records are rendered as JSON");
    Node { kind: "SecurityAuditLog", fields, known: &FIELDS, edges: Vec::new() }
}
