//! Thirty requests a minute for the whole tenant, all tokens together.
//!
//! # Sources
//! The introduction to the API for the number and for whom it counts. That the minutes are the clock's, and that no header
//! tells how matters stand, are guesses: whether a 429 has a `Retry-After` nobody knows
//! (<https://github.com/MicrosoftDocs/CloudAppSecurityDocs/issues/628>).

use std::time::Duration;

use crate::protocol::limiter::{Cost, Limits, Quota};

/// The budget.
pub(super) const LIMITS: Limits = Limits {
    quotas: &[Quota::fixed("requests of the tenant", &[], Cost::One, 30, Duration::from_secs(60))],
    key: |_| "tenant".to_owned(),
    headers: |_| Vec::new(),
    told_by: &[],
    secondary: None,
    source: "https://learn.microsoft.com/defender-cloud-apps/api-introduction",
};
