//! Graph: the directory audit log.
//!
//! `GET /auditLogs/directoryAudits`: newest first, thirty days back, shown three minutes after it happened. A governance
//! call leaves its entry here, with the connector's app as its initiator.
//!
//! # Sources
//! `graph-docs:api-reference` directoryaudit-list and resources/directoryaudit; latency is the scenario language's.

use std::time::Duration;

use super::events;
use super::logs::{self, Log};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{Feed, Window};
use crate::protocol::pages::Order;

/// The feed.
pub(super) const FEED: Feed = Feed {
    name: events::DIRECTORY_AUDITS,
    window: Window::Filter("activityDateTime"),
    order: Order::Descending,
    paging: logs::paging(events::DIRECTORY_AUDITS),
    delay: events::DELAY,
    retention: Duration::from_secs(30 * 86_400),
    source: "graph: directoryaudit-list",
};

static LOG: Log = Log {
    feed: &super::FEEDS[1],
    fragment: "auditLogs/directoryAudits",
    filterable: &[
        "activityDateTime",
        "activityDisplayName",
        "category",
        "correlationId",
        "id",
        "loggedByService",
        "result",
        "initiatedBy/user/id",
        "initiatedBy/user/displayName",
        "initiatedBy/user/userPrincipalName",
        "initiatedBy/app/appId",
        "initiatedBy/app/displayName",
        "targetResources",
    ],
};

/// `GET /v1.0/auditLogs/directoryAudits`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    logs::list(ctx, request, &LOG)
}

/// `GET /v1.0/auditLogs/directoryAudits/{id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    logs::one(ctx, request, &LOG)
}
