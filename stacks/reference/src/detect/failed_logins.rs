//! Multiple failed logins: many wrong names, passwords or codes of one person, at one app, in a short time.
//!
//! The window slides: at each failure, those of the time `(t - within, t]` are counted. Only wrong credentials
//! count; what a rule blocked or nobody answered is no guess.

use serde_json::json;

use super::{Policy, Trigger};
use crate::connections::MultipleFailedLogins;
use crate::normalize::EventKind;
use crate::state::events::Kept;

/// The policy's name and what its alerts are worth.
pub(crate) fn policy(settings: &MultipleFailedLogins) -> Policy<'_> {
    Policy { name: "multiple_failed_logins", title: "Multiple failed logins", response: &settings.response }
}

/// Whether `event` is a guess that failed.
pub(crate) fn concerns(event: &Kept) -> bool {
    event.kind == EventKind::FailedSignIn
}

/// What is counted apart from each other: the app instance, unless the policy says otherwise.
pub(crate) fn scope<'a>(settings: &MultipleFailedLogins, event: &'a Kept) -> &'a str {
    if per_app(settings) { &event.app } else { "" }
}

/// Every moment at which `fresh` takes part in too many failures.
pub(crate) fn triggers(settings: &MultipleFailedLogins, fresh: &Kept, neighbours: &[Kept]) -> Vec<Trigger> {
    let within = settings.within.0;
    let counts = |other: &&Kept| concerns(other) && (!per_app(settings) || other.app == fresh.app);
    let failures: Vec<_> = neighbours.iter().filter(counts).collect();
    let mut moments: Vec<_> = failures.iter().map(|failure| failure.at).filter(|at| *at >= fresh.at).collect();
    moments.dedup();
    moments
        .into_iter()
        .map(|at| {
            let window = failures.iter().filter(|failure| failure.at > at - within && failure.at <= at);
            (at, window.map(|failure| (*failure).clone()).collect::<Vec<_>>())
        })
        .filter(|(at, window)| fresh.at > *at - within && window.len() >= settings.at_least)
        .map(|(at, window)| Trigger {
            at,
            facts: json!({"count": window.len(), "threshold": settings.at_least, "window_s": within.as_secs()}),
            evidence: window,
        })
        .collect()
}

fn per_app(settings: &MultipleFailedLogins) -> bool {
    settings.per.is_empty() || settings.per.iter().any(|key| key == "app")
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn failures(seconds: &[i64]) -> Vec<Kept> {
        let start: Timestamp = "2026-03-02T10:04:00Z".parse().unwrap();
        let one = |(number, second): (usize, &i64)| Kept {
            app: "entra".to_owned(),
            log: "sign_ins".to_owned(),
            uid: number.to_string(),
            at: start + SignedDuration::from_secs(*second),
            account: None,
            email: None,
            ip: None,
            place: None,
            kind: EventKind::FailedSignIn,
            type_uid: 300_201,
            principal: None,
        };
        seconds.iter().enumerate().map(one).collect()
    }

    fn moments(seconds: &[i64]) -> usize {
        let all = failures(seconds);
        let fired: std::collections::BTreeSet<_> = all
            .iter()
            .flat_map(|fresh| triggers(&MultipleFailedLogins::default(), fresh, &all))
            .map(|trigger| trigger.at)
            .collect();
        fired.len()
    }

    #[test]
    fn the_window_slides_and_the_eleventh_fires() {
        let ten_in_time: Vec<i64> = (0..10).map(|n| n * 33).collect();
        let eleven_in_time: Vec<i64> = (0..11).map(|n| if n == 10 { 299 } else { n * 29 }).collect();
        let five_minutes_apart: Vec<i64> = (0..11).map(|n| n * 30).collect();
        let astride_a_bin: Vec<i64> = [0, 10, 20, 30, 40, 50, 70, 80, 90, 100, 110].to_vec();
        #[rustfmt::skip]
        let cases = [
            ("F1 ten",                       ten_in_time,        0),
            ("F2 eleven in 4:59",            eleven_in_time,     1),
            ("F3 first and last 5:00 apart", five_minutes_apart, 0),
            ("F4 six and five",              astride_a_bin,      1),
        ];
        for (name, seconds, expected) in cases {
            assert_eq!(moments(&seconds), expected, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_moment_with_too_many_failures_is_found_whichever_comes_last(
            seconds in proptest::collection::vec(0_i64..900, 0..30),
        ) {
            let all = failures(&seconds);
            let settings = MultipleFailedLogins::default();
            let too_many = |end: &Kept| {
                let window = |other: &&Kept| other.at <= end.at && other.at > end.at - settings.within.0;
                all.iter().filter(window).count() >= settings.at_least
            };
            let expected: std::collections::BTreeSet<_> = all.iter().filter(|end| too_many(end)).map(|end| end.at).collect();
            proptest::prop_assert_eq!(moments(&seconds), expected.len());
        }
    }
}
