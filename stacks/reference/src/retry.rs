//! When to ask again after a refusal.
//!
//! The vendor's word wins (`Retry-After`, else `X-RateLimit-Reset` where nothing remains until then); without it the wait
//! doubles from a second to a minute. No chance is involved: what spreads two clients apart is their names.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::bug::{Bug, miscounted, spoilt};
use crate::config::Span;
use crate::http::{Answer, Failure};

/// Where a vendor refuses and names no time.
const LONGEST_UNTOLD_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// For how long what passes is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Patience {
    /// How often one request is sent before the poll that needs it is given up until the next.
    attempts: u32,
    /// The first wait that the vendor does not name; no wait is shorter.
    first: Span,
    /// Up to which it doubles.
    longest: Span,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = |seconds| Span(SignedDuration::from_secs(seconds));
        Self { attempts: 8, first: seconds(1), longest: seconds(60) }
    }
}

impl Patience {
    /// How long to wait before attempt `attempt + 1`, or `None` when asking again is no use.
    pub(crate) fn wait_after(self, failure: &Failure, attempt: u32, name: &str) -> Option<SignedDuration> {
        if attempt >= miscounted(self.attempts) {
            return None;
        }
        match failure {
            Failure::Throttled { wait: Some(wait) } | Failure::Server { wait: Some(wait), .. } => {
                Some((*wait).max(self.first.0))
            }
            Failure::ThrottledUntold { least } => Some(doubled(*least, attempt).min(LONGEST_UNTOLD_WAIT)),
            Failure::Throttled { .. } | Failure::Server { .. } | Failure::NoAnswer(_) | Failure::Unreadable(_) => {
                Some(self.own_wait(attempt, name))
            }
            Failure::NoToken(_)
            | Failure::Unauthorized
            | Failure::Moved { .. }
            | Failure::TooMuch
            | Failure::Refused { .. } => None,
        }
    }

    /// 1, 2, 4 … 60 seconds and up to a tenth more, by name.
    fn own_wait(self, attempt: u32, name: &str) -> SignedDuration {
        spread(doubled(self.first.0, attempt).min(self.longest.0), attempt, name)
    }
}

/// Once `first`, then twice as long each time.
fn doubled(first: SignedDuration, attempt: u32) -> SignedDuration {
    first.saturating_mul(1 << attempt.saturating_sub(1).min(6))
}

fn spread(wait: SignedDuration, attempt: u32, name: &str) -> SignedDuration {
    let spread = Sha256::digest(format!("{name}#{attempt}"))[0];
    let extra_ms = spoilt(wait.as_millis() * i128::from(spread) / 2560, Bug::RateNoJitter, 0);
    wait + SignedDuration::from_millis(i64::try_from(extra_ms).unwrap_or_default())
}

/// How long the vendor asks us to stay away, if it says so in a form we understand.
pub(crate) fn asked_wait(answer: &Answer, now: Timestamp) -> Option<SignedDuration> {
    let retry_after = answer.header("retry-after").and_then(|text| read_retry_after(text, now));
    let reset = || {
        let at = answer.header("x-ratelimit-reset")?.trim().parse::<i64>().ok()?;
        let until = Timestamp::from_second(at).ok()?.duration_since(now);
        Some(spoilt(until, Bug::RateResetHeaderMisread, SignedDuration::from_secs(at)))
    };
    // The reset is on every answer; only where that limit was hit does it mean "come back then".
    let remaining = answer.header("x-ratelimit-remaining").map(str::trim);
    let spent = match answer.status {
        403 => remaining == Some("0"),
        429 => remaining.is_none_or(|left| left == "0"),
        _ => false,
    };
    let asked = if spent { retry_after.or_else(reset) } else { retry_after };
    // A day is the longest any vendor means; what is longer is a unit misread, by them or by us.
    asked.filter(|wait| *wait <= SignedDuration::from_hours(24))
}

/// Seconds, whole or with a fraction, or an HTTP date.
fn read_retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return SignedDuration::try_from_secs_f64(seconds).ok();
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(at.duration_since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_retry_after_is_understood() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        #[rustfmt::skip]
        let cases = [
            ("60",                            Some(60_000)),
            ("2.128",                         Some(2_128)),
            ("0",                             Some(0)),
            ("-5",                            Some(-5_000)),
            ("Mon, 02 Mar 2026 09:01:30 GMT", Some(90_000)),
            ("soon",                          None),
            ("NaN",                           None),
        ];
        for (text, ms) in cases {
            let read = read_retry_after(text, now);
            assert_eq!(read, ms.map(SignedDuration::from_millis), "{text}");
        }
    }

    #[test]
    fn who_is_told_no_time_stays_away_longer_each_time() {
        let failure = Failure::ThrottledUntold { least: SignedDuration::from_secs(60) };
        let wait = |attempt| Patience::default().wait_after(&failure, attempt, "x").unwrap().as_secs();
        let waits = [1, 2, 3, 7].map(wait);
        assert_eq!(waits, [60, 120, 240, 900]);
    }

    #[test]
    fn zero_does_not_mean_at_once() {
        let failure = Failure::Throttled { wait: Some(SignedDuration::ZERO) };
        let patience = Patience::default();
        assert_eq!(patience.wait_after(&failure, 1, "x"), Some(patience.first.0));
    }

    #[test]
    fn what_is_refused_for_good_is_not_asked_again() {
        assert_eq!(Patience::default().wait_after(&Failure::Unauthorized, 1, "x"), None);
    }

    #[test]
    fn our_own_wait_doubles_up_to_a_minute_and_a_tenth() {
        let (failure, patience) = (Failure::NoAnswer("reset".to_owned()), Patience::default());
        for (attempt, least_s) in [(1, 1), (2, 2), (3, 4), (7, 60)] {
            let wait = patience.wait_after(&failure, attempt, "poll").unwrap();
            let least = SignedDuration::from_secs(least_s);
            assert!(wait >= least && wait <= least + least / 10, "{attempt}: {wait:?}");
        }
        assert_eq!(patience.wait_after(&failure, patience.attempts, "poll"), None);
    }
}
