//! Miro's credit budget: 100,000 credits a minute for each user and app, and three headers on every answer.
//!
//! # Sources
//! <https://developers.miro.com/docs/rate-limiting>: levels, budget, header names, reset in epoch seconds. That windows
//! are counted from the epoch, so that a reset is a whole second, is a guess. No `Retry-After` is documented.

use std::time::Duration;

use axum::http::HeaderName;

use crate::protocol::limiter::{Algorithm, Allowance, Cost, Limits, Quota, Standing};

/// Credits of a call of weight 1.
pub(super) const LEVEL_1: u32 = 50;
/// Credits of a call of weight 2.
pub(super) const LEVEL_2: u32 = 100;
/// Credits of a call of weight 3.
pub(super) const LEVEL_3: u32 = 500;
/// Credits of a call of weight 4.
pub(super) const LEVEL_4: u32 = 2_000;

/// The budget.
pub(super) const LIMITS: Limits = Limits {
    quotas: &[Quota {
        name: "credits per user and app",
        routes: &[],
        cost: Cost::OfRoute,
        allowance: Allowance::Fixed(100_000),
        window: Duration::from_secs(60),
        algorithm: Algorithm::FixedWindow,
    }],
    key: |principal| format!("{} {:?}", principal.client_id, principal.user),
    headers,
    told_by: &[429],
    source: "https://developers.miro.com/docs/rate-limiting",
};

fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
    let header = |name, value: String| (HeaderName::from_static(name), value);
    standings
        .iter()
        .flat_map(|s| {
            // Rounded up: who waits for the second that is named has waited long enough.
            let reset_s = s.resets.us().div_euclid(1_000_000) + i64::from(s.resets.us().rem_euclid(1_000_000) > 0);
            [
                header("x-ratelimit-limit", s.limit.to_string()),
                header("x-ratelimit-remaining", s.remaining.to_string()),
                header("x-ratelimit-reset", reset_s.to_string()),
            ]
        })
        .collect()
}
