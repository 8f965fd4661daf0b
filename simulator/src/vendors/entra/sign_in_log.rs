//! Graph: the sign-in log.
//!
//! `GET /auditLogs/signIns`: newest first, thirty days back, shown three minutes after it happened.
//!
//! # Not imitated
//! Non-interactive and service principal sign-ins (beta); a filter on `riskEventTypes`, which is a list. The 403 that
//! licensed tenants get now and then (microsoft-graph-docs-contrib issues 3033, 3808) does not come by itself, or a stack
//! that takes it for final would be blamed for nothing: a scenario's fault `error` with `status: 403` on this route has
//! exactly that body.
//!
//! # Sources
//! `graph-docs:api-reference` signin-list and resources/signin; retention and order as documented, latency is the
//! scenario language's.

use std::time::Duration;

use super::errors::LICENCE;
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

/// The second permission that the log wants, and what its lack looks like: a missing licence.
fn permitted(request: &Request) -> Result<(), Failure> {
    let wanted = ["Directory.Read.All", "Directory.ReadWrite.All"];
    request.caller().require(&wanted).map_err(|_| Failure::Forbidden { why: LICENCE.to_owned() })
}

/// `GET /v1.0/auditLogs/signIns`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    permitted(request)?;
    logs::list(ctx, request, &LOG)
}

/// `GET /v1.0/auditLogs/signIns/{id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    permitted(request)?;
    logs::one(ctx, request, &LOG)
}
