//! Graph's throttling: a bucket of resource units for the directory, one for its writes, small windows for the logs.
//!
//! # Sources
//! `graph-docs:concepts/throttling.md`: units and costs, 3,000 writes per 150 s, headers. The audit logs' 5 requests per
//! 10 s are the newer text's (100 in 2021); that they are a fixed window is a guess. `$select` and `$top` do not change
//! costs here. `RateLimit-*` headers are not confirmed and not sent.

use std::time::Duration;

use axum::http::HeaderName;

use crate::protocol::limiter::{Algorithm, Allowance, Cost, Limits, Quota, Standing};

const DIRECTORY: &[&str] = &["users", "users_count", "user", "update_user", "revoke_sign_in_sessions"];
const DIRECTORY_QUOTA: &str = "resource units per app and tenant";

/// Graph's limits.
pub(super) const LIMITS: Limits = Limits {
    quotas: &[
        Quota {
            name: DIRECTORY_QUOTA,
            routes: DIRECTORY,
            cost: Cost::OfRoute,
            allowance: Allowance::ByPeople(&[(0, 3_500), (50, 5_000), (500, 8_000)]),
            window: Duration::from_secs(10),
            algorithm: Algorithm::TokenBucket,
        },
        Quota {
            name: "writes per app and tenant",
            routes: &["update_user", "revoke_sign_in_sessions"],
            cost: Cost::One,
            allowance: Allowance::Fixed(3_000),
            window: Duration::from_secs(150),
            algorithm: Algorithm::TokenBucket,
        },
        Quota {
            name: "audit log requests per app and tenant",
            routes: &["sign_ins", "sign_in", "directory_audits", "directory_audit"],
            cost: Cost::One,
            allowance: Allowance::Fixed(5),
            window: Duration::from_secs(10),
            algorithm: Algorithm::FixedWindow,
        },
        Quota {
            name: "mailbox requests per app",
            routes: &["send_mail"],
            cost: Cost::One,
            allowance: Allowance::Fixed(10_000),
            window: Duration::from_secs(600),
            algorithm: Algorithm::FixedWindow,
        },
    ],
    key: |principal| principal.client_id.clone(),
    headers,
    told_by: &[429],
    source: "https://learn.microsoft.com/graph/throttling-limits",
};

fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
    let header = |name, value: String| (HeaderName::from_static(name), value);
    let mut headers = Vec::new();
    if let Some(units) = standings.iter().find(|s| s.quota.name == DIRECTORY_QUOTA) {
        headers.push(header("x-ms-resource-unit", units.cost.to_string()));
        let percent = (units.limit - units.remaining) * 100 / units.limit.max(1);
        if percent > 80 {
            let share = format!("{}.{:02}", percent / 100, percent % 100);
            headers.push(header("x-ms-throttle-limit-percentage", share));
        }
        if units.wait.is_some() {
            headers.push(header("x-ms-throttle-information", "ResourceUnitLimitExceeded".to_owned()));
        }
    }
    headers
}
