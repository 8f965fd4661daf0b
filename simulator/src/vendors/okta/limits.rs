//! Okta's limits: so many requests a minute for each group of endpoints, and three headers on every answer.
//!
//! # Sources
//! `rl`: the figures of an organisation with the default multiplier, header names, reset in epoch seconds.

use std::time::Duration;

use axum::http::HeaderName;

use crate::protocol::limiter::{Algorithm, Allowance, Cost, Limits, Quota, Standing};

pub(super) const LIMITS: Limits = Limits {
    quotas: &[
        quota("/api/v1/logs", &["system_log"], 120),
        quota("/api/v1/users", &["users"], 600),
        quota("/api/v1/users/{id}", &["user", "suspend", "unsuspend", "deactivate", "sessions"], 600),
    ],
    key: |principal| principal.client_id.clone(),
    headers,
    told_by: &[429],
    source: "https://developer.okta.com/docs/reference/rate-limits/",
};

const fn quota(name: &'static str, routes: &'static [&'static str], a_minute: u64) -> Quota {
    let (cost, allowance, window) = (Cost::OfRoute, Allowance::Fixed(a_minute), Duration::from_secs(60));
    Quota { name, routes, cost, allowance, window, algorithm: Algorithm::FixedWindow }
}

fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
    let told = |s: &Standing| {
        let reset_s = s.resets.us().div_euclid(1_000_000);
        [
            ("x-rate-limit-limit", s.limit.to_string()),
            ("x-rate-limit-remaining", s.remaining.to_string()),
            ("x-rate-limit-reset", reset_s.to_string()),
        ]
    };
    standings.iter().flat_map(told).map(|(name, value)| (HeaderName::from_static(name), value)).collect()
}
