//! D10: prompts for the second factor, denied or unanswered again and again.
//!
//! For every prompt that a person denies or does not answer: with it, at least `at_least` lie in the window
//! `(t - within, t]`, with no successful sign-in between. One alert for each person, ended by an hour of silence.
//!
//! Parameters: `at_least` 5, `within` 10m.
//!
//! # Not decided here
//! The approval that may follow: it makes the alert graver, not another.
//!
//! # Sources
//! Elastic's rule, five in ten minutes without a success between: <https://github.com/elastic/detection-rules>.

use std::time::Duration;

use simulator::scenario::{Outcome, Policy, Verb};

use super::counted::{self, Apart, Threshold};
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Reach, Seen};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1621"],
    looks_at: LooksAt {
        words: "sign-ins with `result: mfa_denied` or `mfa_unanswered`",
        counts: |_, seen| is_refused(seen),
    },
    episodes,
    edges,
};

const NAME: &str = "mfa_fatigue";

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 5, Duration::from_secs(600))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let threshold = threshold(policy);
    let mut episodes = Vec::new();
    for ((principal, _), prompts) in counted::by_person(seen, is_refused, Apart::Together) {
        let successes: Vec<&Seen> =
            seen.iter().filter(|s| s.principal == principal && is_success(s)).copied().collect();
        let mut triggers = Vec::new();
        for last in &prompts {
            let between = |s: &&Seen| {
                !successes.iter().any(|success| {
                    success.activity.occurred > s.activity.occurred
                        && success.activity.occurred <= last.activity.occurred
                })
            };
            let run: Vec<&Seen> = threshold.window(&prompts, last).into_iter().filter(between).collect();
            triggers.extend((run.len() >= threshold.at_least).then_some(run));
        }
        episodes.extend(Episode::group(principal.person, None, triggers));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    counted::by_person(seen, is_refused, Apart::Together)
        .values()
        .flat_map(|run| threshold.edges(NAME, run, reach))
        .collect()
}

fn is_refused(seen: &Seen) -> bool {
    seen.activity.verb == Verb::SignIn && matches!(seen.activity.outcome, Outcome::MfaDenied | Outcome::MfaUnanswered)
}

fn is_success(seen: &Seen) -> bool {
    seen.activity.verb == Verb::SignIn && seen.succeeded()
}
