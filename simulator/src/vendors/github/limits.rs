//! GitHub's rate limits: a primary budget an hour, a budget of its own for the audit log, and points a minute.
//!
//! A request counts against one primary budget; its headers tell of that one. The secondary limit has no headers.
//!
//! # Sources
//! docs-rl: 5,000 an hour for users, 15,000 for installations of an enterprise's organisations; 900 points a minute, a read
//! is 1 and a write 5; who is refused without a time waits a minute at least, and longer each time. The description of the
//! audit log: 1,750 an hour for each user and address and endpoint (all clients here have one address). That windows are
//! counted from the epoch is a guess; whether a 304 is free of the audit log's budget is unknown: here it is.
//!
//! # Not imitated
//! 60 an hour without a token, search and GraphQL budgets, limits on concurrency, processor time and content creation.

use std::time::Duration;

use axum::http::HeaderName;
use serde_json::{Map, Value, json};

use super::tokens::INSTALLATION;
use crate::protocol::limiter::{Algorithm, Allowance, Cost, Limits, Quota, Secondary, Standing};

const HOUR: Duration = Duration::from_secs(3_600);
/// Name of the limit on points a minute.
pub(super) const SECONDARY: &str = "secondary";
const CORE: &str = "core";
const AUDIT_LOG: &str = "audit_log";

/// The budgets. A route's cost is what it takes of `core`: the audit log takes nothing.
pub(super) const LIMITS: Limits = Limits {
    quotas: &[
        Quota {
            name: CORE,
            routes: &[],
            cost: Cost::OfRoute,
            allowance: Allowance::ByTokenKind(&[(INSTALLATION, 15_000)], 5_000),
            window: HOUR,
            algorithm: Algorithm::FixedWindow,
        },
        Quota::fixed(AUDIT_LOG, &["audit_log"], Cost::One, 1_750, HOUR),
        Quota::fixed("audit_log_of_the_enterprise", &["enterprise_audit_log"], Cost::One, 1_750, HOUR),
        Quota::fixed(SECONDARY, &[], Cost::Points { read: 1, write: 5 }, 900, Duration::from_secs(60)),
    ],
    key: |principal| match principal.user {
        Some(user) => format!("user {}", user.0),
        None => principal.token_kind.to_owned(),
    },
    headers,
    told_by: &[403, 429],
    secondary: Some(Secondary { quota: SECONDARY, pause: Duration::from_secs(60) }),
    source: "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api",
};

/// The resource's name in headers and in `/rate_limit`.
fn resource(quota: &str) -> &str {
    if quota.starts_with(AUDIT_LOG) { AUDIT_LOG } else { quota }
}

fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
    let primary = standings.iter().filter(|s| s.quota.name != SECONDARY);
    // What was drawn on; `core` for requests that are free.
    let Some(standing) = primary.clone().find(|s| s.cost > 0).or_else(|| primary.clone().next()) else {
        return Vec::new();
    };
    let header = |name, value: String| (HeaderName::from_static(name), value);
    vec![
        header("x-ratelimit-limit", standing.limit.to_string()),
        header("x-ratelimit-remaining", standing.remaining.to_string()),
        header("x-ratelimit-used", (standing.limit - standing.remaining).to_string()),
        header("x-ratelimit-reset", standing.reset_s().to_string()),
        header("x-ratelimit-resource", resource(standing.quota.name).to_owned()),
    ]
}

/// `GET /rate_limit`: every budget by its name. Those that are not imitated are untouched.
pub(super) fn overview(standings: &[Standing]) -> Value {
    let row = |s: &Standing| json!({ "limit": s.limit, "used": s.limit - s.remaining, "remaining": s.remaining, "reset": s.reset_s() });
    let mut resources = Map::new();
    for standing in standings.iter().filter(|s| s.quota.name != SECONDARY) {
        // Of the two audit logs' budgets, the one that has less left.
        let name = resource(standing.quota.name);
        let less = resources.get(name).is_none_or(|r: &Value| r["remaining"].as_u64() > Some(standing.remaining));
        if less {
            resources.insert(name.to_owned(), row(standing));
        }
    }
    let rate = resources.get(CORE).cloned().unwrap_or_default();
    let reset = rate["reset"].clone();
    for (name, limit) in [("search", 30), ("code_search", 10), ("graphql", 5_000), ("scim", 15_000)] {
        let untouched = json!({ "limit": limit, "used": 0, "remaining": limit, "reset": reset });
        resources.insert(name.to_owned(), untouched);
    }
    json!({ "resources": resources, "rate": rate })
}
