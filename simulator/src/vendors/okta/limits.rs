//! Okta's limits: so many requests a minute for each group of endpoints, and three headers on every answer.
//!
//! # Sources
//! `rl`: the figures of an organisation with the default multiplier, header names, reset in epoch seconds.

use std::time::Duration;

use crate::protocol::limiter::{Cost, Limits, Quota, QuotaHeaders};

const MINUTE: Duration = Duration::from_secs(60);
const ONE_USER: &[&str] = &["user", "suspend", "unsuspend", "deactivate", "sessions"];

pub(super) const LIMITS: Limits = Limits {
    quotas: &[
        Quota::fixed("/api/v1/logs", &["system_log"], Cost::OfRoute, 120, MINUTE),
        Quota::fixed("/api/v1/users", &["users"], Cost::OfRoute, 600, MINUTE),
        Quota::fixed("/api/v1/users/{id}", ONE_USER, Cost::OfRoute, 600, MINUTE),
    ],
    key: |principal| principal.client_id.clone(),
    headers: |standings| HEADERS.tell(standings),
    told_by: &[429],
    secondary: None,
    source: "https://developer.okta.com/docs/reference/rate-limits/",
};

const HEADERS: QuotaHeaders =
    QuotaHeaders { limit: "x-rate-limit-limit", remaining: "x-rate-limit-remaining", reset: "x-rate-limit-reset" };
