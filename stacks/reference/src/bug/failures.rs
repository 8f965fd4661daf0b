//! Mistakes about refusals: what one is taken for.

use jiff::SignedDuration;

use super::{Bug, current};
use crate::http::Failure;

/// The failure as it is taken for; `status` is that of the answer, if there was one.
pub(crate) fn misjudged(failure: Failure, status: Option<u16>) -> Failure {
    let Some(bug) = current() else { return failure };
    let for_good = || Failure::Refused { status: status.unwrap_or_default(), code: String::new() };
    match (bug, &failure) {
        (Bug::RateLimitNot429, Failure::Throttled { .. } | Failure::ThrottledUntold { .. }) if status != Some(429) => {
            for_good()
        }
        (
            Bug::RateRetryAfterIgnored | Bug::HttpConcurrentLimit,
            Failure::Throttled { .. } | Failure::ThrottledUntold { .. },
        ) => Failure::Throttled { wait: None },
        (Bug::RateRetryAfterOn503, Failure::Server { status, wait: Some(_) }) => {
            Failure::Server { status: *status, wait: None }
        }
        (Bug::RateRetryAfterUnbounded, Failure::Throttled { wait: Some(wait) }) => {
            Failure::Throttled { wait: Some(*wait * 60) }
        }
        (Bug::RateRetryStorm, Failure::Server { status, .. }) => {
            Failure::Server { status: *status, wait: Some(SignedDuration::ZERO) }
        }
        (Bug::RateNoRetryTransient, Failure::Server { .. } | Failure::NoAnswer(_)) => for_good(),
        (Bug::HttpKeepaliveStale, Failure::NoAnswer(_)) => for_good(),
        (Bug::RateRetryPermanent, Failure::Refused { status, .. }) => Failure::Server { status: *status, wait: None },
        (Bug::Rate429AsEnd, Failure::Throttled { .. } | Failure::ThrottledUntold { .. })
        | (Bug::Rate5xxAsEnd, Failure::Server { .. })
        | (Bug::HttpTruncatedBody, Failure::NoAnswer(_))
        | (Bug::AuthExpiryMidPage, Failure::Unauthorized)
        | (Bug::HttpRedirectDropsAuth, Failure::Moved { .. }) => for_good(),
        _ => failure,
    }
}

/// How often a request is sent that should be sent so often at most.
pub(crate) fn miscounted(attempts: u32) -> u32 {
    match current() {
        Some(Bug::RateRetryStorm | Bug::Auth401RetryForever) => u32::MAX,
        Some(Bug::RateNestedRetries | Bug::RateRetryPermanent) => attempts * attempts,
        Some(Bug::Data200ErrorBody) => 1,
        _ => attempts,
    }
}

/// Whether a walk that fails so is taken for one that is through.
pub(crate) fn ends_the_list(failure: &Failure) -> bool {
    let Some(bug) = current() else { return false };
    match (bug, failure) {
        (Bug::Rate429AsEnd, Failure::Refused { status, .. }) => *status == 429,
        (Bug::Rate5xxAsEnd, Failure::Refused { status, .. }) => *status >= 500,
        (Bug::HttpTruncatedBody, Failure::Refused { status, .. }) => *status == 0,
        (Bug::Auth403ScopeSilent, Failure::Refused { status, .. }) => *status == 403,
        (Bug::Auth404AsEmpty, Failure::Refused { status, .. }) => *status == 404,
        (Bug::Data200ErrorBody, Failure::Unreadable(_)) => true,
        (Bug::PagePoisonPage, Failure::Server { .. }) => true,
        _ => false,
    }
}
