//! D11: many things are taken out of an app in a short time.
//!
//! For every download, export or clone of a person in an instance: with it, at least `at_least` different things lie in the
//! window `(t - within, t]`. One thing taken often is one. One alert for each person and instance, ended by an hour of
//! silence.
//!
//! Parameters: `at_least` 51, `within` 1m.
//!
//! # Not decided here
//! Baselines of a person's own hours and weeks; how many files a folder holds.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/policy-template-reference> (more than 50 downloads in a minute). That
//! different things are counted is a choice.

use std::time::Duration;

use simulator::scenario::{Policy, Verb};

use super::counted::{self, Threshold};
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Reach, Seen};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1530", "T1213", "T1020", "T1567"],
    looks_at: LooksAt { words: "`download`, `export` and `clone`, with success", counts: |_, seen| counts(seen) },
    episodes,
    edges,
};

const NAME: &str = "mass_download";

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 51, Duration::from_secs(60))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let mut episodes = Vec::new();
    for ((principal, app), taken) in counted::by_person(seen, counts, counted::Apart::ByApp) {
        episodes.extend(Episode::group(principal.person, app, threshold(policy).met_by(&taken, counted::objects)));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    let by_person = counted::by_person(seen, counts, counted::Apart::ByApp);
    by_person.values().flat_map(|taken| threshold.edges(NAME, taken, reach)).collect()
}

fn counts(seen: &Seen) -> bool {
    seen.succeeded() && [Verb::Download, Verb::Export, Verb::Clone].contains(&seen.activity.verb)
}
