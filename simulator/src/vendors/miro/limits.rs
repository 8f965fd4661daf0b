//! Miro's credit budget: 100,000 credits a minute for each user and app, and three headers on every answer.
//!
//! # Sources
//! <https://developers.miro.com/docs/rate-limiting>: levels, budget, header names, reset in epoch seconds. That windows
//! are counted from the epoch, so that a reset is a whole second, is a guess. No `Retry-After` is documented.

use std::time::Duration;

use crate::protocol::limiter::{Cost, Limits, Quota, QuotaHeaders};

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
    quotas: &[Quota::fixed("credits per user and app", &[], Cost::OfRoute, 100_000, Duration::from_secs(60))],
    key: |principal| format!("{} {:?}", principal.client_id, principal.user),
    headers: |standings| HEADERS.tell(standings),
    told_by: &[429],
    secondary: None,
    source: "https://developers.miro.com/docs/rate-limiting",
};

const HEADERS: QuotaHeaders =
    QuotaHeaders { limit: "x-ratelimit-limit", remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset" };
