//! Graph: the sign-in log.
//!
//! `GET /auditLogs/signIns`: newest first, thirty days back, shown three minutes after it happened.
//!
//! # Not imitated
//! Non-interactive and service principal sign-ins (beta), the licence that the log wants.
//!
//! # Sources
//! `graph-docs:api-reference` signin-list and resources/signin; retention and order as documented, latency is the
//! scenario language's.

use std::time::Duration;

use super::events;
use super::logs::{self, Log};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{Feed, Window};
use crate::protocol::pages::Order;

/// The feed.
pub(super) const FEED: Feed = Feed {
    name: events::SIGN_INS,
    window: Window::Filter("createdDateTime"),
    order: Order::Descending,
    paging: logs::paging(events::SIGN_INS),
    delay: events::DELAY,
    retention: Duration::from_secs(30 * 86_400),
    source: "graph: signin-list",
};

static LOG: Log = Log {
    feed: &super::FEEDS[0],
    fragment: "auditLogs/signIns",
    filterable: &[
        "createdDateTime",
        "id",
        "appDisplayName",
        "appId",
        "ipAddress",
        "userDisplayName",
        "userPrincipalName",
        "userId",
        "location/city",
        "location/state",
        "location/countryOrRegion",
        "deviceDetail/browser",
        "deviceDetail/operatingSystem",
        "clientAppUsed",
        "conditionalAccessStatus",
        "correlationId",
        "resourceDisplayName",
        "resourceId",
        "riskDetail",
        "riskLevelAggregated",
        "riskLevelDuringSignIn",
        "riskState",
        "status/errorCode",
    ],
};

/// `GET /v1.0/auditLogs/signIns`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    logs::list(ctx, request, &LOG)
}

/// `GET /v1.0/auditLogs/signIns/{id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    logs::one(ctx, request, &LOG)
}
