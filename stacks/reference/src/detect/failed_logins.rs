//! Multiple failed logins: many wrong names, passwords or codes of one person, at one app, in a short time.
//!
//! The window slides: at each failure, those of the time `(t - within, t]` are counted. Only wrong credentials
//! count; what a rule blocked or nobody answered is no guess.

use jiff::SignedDuration;
use serde::Deserialize;

use super::counted::{self, Threshold};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::events::Kept;

pub(super) const NAME: &str = "multiple_failed_logins";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct MultipleFailedLogins {
    /// The one that fires within so long a time.
    at_least: usize,
    within: Span,
    /// What is counted apart: `actor` always, `app` unless left out.
    per: Vec<String>,
    #[serde(flatten)]
    response: Response,
}

impl Default for MultipleFailedLogins {
    fn default() -> Self {
        Self {
            at_least: 11,
            within: Span(SignedDuration::from_mins(5)),
            per: vec!["actor".to_owned(), "app".to_owned()],
            response: Response::default(),
        }
    }
}

impl MultipleFailedLogins {
    fn threshold(&self) -> Threshold {
        Threshold { at_least: self.at_least, within: self.within.0 }
    }
}

impl Detection for MultipleFailedLogins {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Multiple failed logins",
            gap: HOUR,
            techniques: &["T1110.001"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.within.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.kind == EventKind::FailedSignIn
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let per_app = self.per.is_empty() || self.per.iter().any(|key| key == "app");
        let counts = |other: &&Kept| self.concerns(other) && (!per_app || other.app == fresh.app);
        let failures: Vec<&Kept> = around.own.iter().filter(counts).collect();
        self.threshold().met(fresh, &failures, if per_app { &fresh.app } else { "" }, counted::each)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

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
            deed: Default::default(),
            principal: None,
        };
        seconds.iter().enumerate().map(one).collect()
    }

    fn moments(seconds: &[i64]) -> usize {
        let all = failures(seconds);
        let around = Around { own: all.clone(), ..Around::default() };
        let fired: std::collections::BTreeSet<_> = all
            .iter()
            .flat_map(|fresh| MultipleFailedLogins::default().triggers(fresh, &around))
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
            let Threshold { at_least, within } = MultipleFailedLogins::default().threshold();
            let too_many = |end: &Kept| {
                let window = |other: &&Kept| other.at <= end.at && other.at > end.at - within;
                all.iter().filter(window).count() >= at_least
            };
            let expected: std::collections::BTreeSet<_> = all.iter().filter(|end| too_many(end)).map(|end| end.at).collect();
            proptest::prop_assert_eq!(moments(&seconds), expected.len());
        }
    }
}
