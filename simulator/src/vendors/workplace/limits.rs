//! Graph's budget: 200 calls an hour for each user of the app, told in percent once much of it is used.
//!
//! # Not imitated
//! The time budgets (`total_time` and `total_cputime` follow the calls), `X-Business-Use-Case-Usage`, and that calls made
//! while throttled go on counting (documented for pages only).
//!
//! # Sources
//! <https://developers.facebook.com/docs/graph-api/overview/rate-limiting>: 200 times the number of users in a rolling
//! hour, header and fields, no `Retry-After`. That every account of the community counts as a user, and that the header
//! appears from a tenth on, are guesses. Numbers for Workplace itself are unknown.

use std::time::Duration;

use axum::http::HeaderName;

use crate::protocol::limiter::{Algorithm, Allowance, Cost, Limits, Quota, Standing};

/// From how many percent on the header is sent.
const SIGNIFICANT: u64 = 10;

/// The budget.
pub(super) const LIMITS: Limits = Limits {
    quotas: &[Quota {
        name: "calls of the app",
        routes: &[],
        cost: Cost::OfRoute,
        allowance: Allowance::PerPerson(200),
        window: Duration::from_secs(3_600),
        algorithm: Algorithm::TokenBucket,
    }],
    key: |principal| principal.client_id.clone(),
    headers,
    told_by: &[],
    secondary: None,
    source: "https://developers.facebook.com/docs/graph-api/overview/rate-limiting",
};

fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
    let percent = |s: &Standing| match s.wait {
        Some(_) => 100,
        None => (s.limit - s.remaining) * 100 / s.limit.max(1),
    };
    let used = standings.iter().map(percent).max().unwrap_or(0);
    if used < SIGNIFICANT {
        return Vec::new();
    }
    let value = format!(r#"{{"call_count":{used},"total_time":{},"total_cputime":{}}}"#, used / 2, used / 3);
    vec![(HeaderName::from_static("x-app-usage"), value)]
}
