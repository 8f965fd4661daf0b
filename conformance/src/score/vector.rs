//! Parts added up: one list of measures, each with what it rests on. There is no sum of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulator::scenario::tables::BUILT_POLICIES;

use super::Exception;
use super::delays::{Delay, percentile};
use super::part::{FoundAlert, OwedAlert, Part};

/// A number and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Stable name: `recall.impossible_travel`.
    pub name: String,
    /// In its unit; none where there was nothing to measure.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Unit,
    /// What it rests on, for people: `27 of 27`.
    pub basis: String,
}

/// Unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Part of a whole, 0 to 1.
    Share,
    /// A number of things.
    Count,
    /// So many for a thousand of others.
    PerThousand,
    /// Simulated seconds.
    Seconds,
}

impl Unit {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Count => "count",
            Self::PerThousand => "per_1000",
            Self::Seconds => "s",
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Vector {
    /// Every measure, in the order in which they are shown.
    pub measures: Vec<Measure>,
    /// What is behind numbers that are not perfect, in order of measure.
    pub exceptions: Vec<Exception>,
    /// Scenarios scored.
    pub scenarios: usize,
}

/// What fraction of the metamorphic relations hold, from a report of `conformance relations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stability {
    /// Relations that hold wherever they were tried.
    pub hold: usize,
    /// Relations that were tried.
    pub tried: usize,
}

/// Names that are not made of a policy's.
#[rustfmt::skip]
pub const NAMES: &[&str] = &[
    "recall", "recall.by_severity", "recall.lower_bound", "precision",
    "false_alerts", "false_alerts.per_1000_user_days", "look_alikes.silent", "duplicates.per_alert",
    "time_to_detect.p50", "time_to_detect.p95", "time_to_detect.max",
    "time_to_detect.vendor.p50", "time_to_detect.vendor.p95", "time_to_detect.vendor.max",
    "time_to_detect.waiting.p50", "time_to_detect.waiting.p95", "time_to_detect.waiting.max",
    "time_to_detect.fault.p50", "time_to_detect.fault.p95", "time_to_detect.fault.max",
    "time_to_detect.poll.p50", "time_to_detect.poll.p95", "time_to_detect.poll.max",
    "time_to_detect.processing.p50", "time_to_detect.processing.p95", "time_to_detect.processing.max",
    "evidence.fields", "evidence.recall", "evidence.precision",
    "stability.relations", "stability.same_input",
    "ingestion.complete", "ingestion.copies",
    "governance.owed_done", "governance.blast_radius", "governance.unexpected", "governance.repeated",
    "governance.early", "governance.misreported",
    "cost.calls_per_1000_events", "cost.refused",
];

/// Every name that a measure may have: those above, and `recall.POLICY` for every policy that is built.
pub fn names() -> Vec<String> {
    let of_policies = BUILT_POLICIES.iter().map(|policy| format!("recall.{}", policy.name));
    NAMES.iter().map(|name| (*name).to_owned()).chain(of_policies).collect()
}

/// Adds parts up.
pub fn add_up(parts: &[Part], stability: Option<Stability>) -> Vector {
    let mut vector = Vector { scenarios: parts.len(), ..Vector::default() };
    recall(&mut vector, parts);
    false_alerts(&mut vector, parts);
    time_to_detect(&mut vector, parts);
    evidence(&mut vector, parts);
    steadiness(&mut vector, parts, stability);
    ingestion(&mut vector, parts);
    governance(&mut vector, parts);
    cost(&mut vector, parts);
    let order: BTreeMap<&str, usize> = vector.measures.iter().enumerate().map(|(i, m)| (m.name.as_str(), i)).collect();
    let mut exceptions = std::mem::take(&mut vector.exceptions);
    exceptions.sort_by_key(|e| (order.get(e.measure.as_str()).copied(), e.clone()));
    vector.exceptions = exceptions;
    vector
}

impl Vector {
    /// A measure by its name.
    pub fn get(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.name == name)
    }

    fn push(&mut self, name: impl Into<String>, unit: Unit, value: Option<f64>, basis: impl Into<String>) {
        self.measures.push(Measure { name: name.into(), value, unit, basis: basis.into() });
    }

    fn share(&mut self, name: impl Into<String>, part: usize, whole: usize, of_what: &str) {
        let space = if of_what.is_empty() { "" } else { " " };
        self.push(name, Unit::Share, ratio(part, whole), format!("{part} of {whole}{space}{of_what}"));
    }

    fn count(&mut self, name: &str, count: usize, basis: &str) {
        self.push(name, Unit::Count, Some(count as f64), basis);
    }

    fn except(&mut self, measure: &str, scenario: &str, what: impl Into<String>) {
        self.exceptions.push(Exception {
            measure: measure.to_owned(),
            scenario: scenario.to_owned(),
            what: what.into(),
        });
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn all_owed(parts: &[Part]) -> impl Iterator<Item = &OwedAlert> {
    parts.iter().flat_map(|part| &part.owed)
}

fn all_found(parts: &[Part]) -> impl Iterator<Item = &FoundAlert> {
    all_owed(parts).filter_map(|owed| owed.found.as_ref())
}

fn recall(vector: &mut Vector, parts: &[Part]) {
    let (owed, found) = (all_owed(parts).count(), all_found(parts).count());
    vector.share("recall", found, owed, "alerts owed");
    let weigh = |owed: &mut dyn Iterator<Item = &OwedAlert>| owed.map(|o| o.weight).sum::<u64>() as usize;
    let weight = weigh(&mut all_owed(parts));
    let found_weight = weigh(&mut all_owed(parts).filter(|owed| owed.found.is_some()));
    vector.push("recall.by_severity", Unit::Share, ratio(found_weight, weight), "the same, weighted by severity");
    let bound = (owed > 0).then(|| wilson_lower(found, owed));
    vector.push(
        "recall.lower_bound",
        Unit::Share,
        bound,
        "95 % sure that it is no less, if these were drawn by chance",
    );
    let mut by_policy: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for owed in all_owed(parts) {
        let (found, all) = by_policy.entry(&owed.policy).or_default();
        *all += 1;
        *found += usize::from(owed.found.is_some());
    }
    for (policy, (found, all)) in by_policy {
        vector.share(format!("recall.{policy}"), found, all, "");
    }
    for part in parts {
        for missed in part.owed.iter().filter(|owed| owed.found.is_none()) {
            let whom = missed.person.as_deref().unwrap_or("anybody");
            let why = if part.broken.is_some() { ", the run broke off" } else { "" };
            vector.except(&format!("recall.{}", missed.policy), &part.scenario, format!("no alert about {whom}{why}"));
        }
    }
}

/// Lower end of the Wilson interval of a share, 95 % on both sides: what a few lucky runs do not hide.
fn wilson_lower(hits: usize, of: usize) -> f64 {
    const Z: f64 = 1.959_963_984_540_054;
    let (n, p) = (of as f64, hits as f64 / of as f64);
    let spread = Z * libm::sqrt(p * (1.0 - p) / n + Z * Z / (4.0 * n * n));
    ((p + Z * Z / (2.0 * n) - spread) / (1.0 + Z * Z / n)).max(0.0)
}

fn false_alerts(vector: &mut Vector, parts: &[Part]) {
    let found = all_found(parts).count();
    let wrong: usize = parts.iter().map(|part| part.false_alerts.len()).sum();
    vector.share("precision", found, found + wrong, "alerts that are owed or false");
    vector.count("false_alerts", wrong, "alerts that rest on no attack, or that a scenario forbids");
    let days: usize = parts.iter().map(|part| part.user_days).sum();
    let rate = ratio(wrong, days).map(|share| share * 1_000.0);
    vector.push(
        "false_alerts.per_1000_user_days",
        Unit::PerThousand,
        rate,
        format!("{wrong} in {days} user-days without an attack"),
    );
    let look_alikes = parts.iter().filter(|part| part.look_alike);
    let silent = look_alikes.clone().filter(|part| part.false_alerts.is_empty()).count();
    vector.share("look_alikes.silent", silent, look_alikes.count(), "scenarios in which nothing was to be found");
    let duplicates: usize = parts.iter().map(|part| part.duplicates).sum();
    vector.push(
        "duplicates.per_alert",
        Unit::Share,
        ratio(duplicates, found),
        format!("{duplicates} second alerts to {found}"),
    );
    for part in parts {
        let measure = if part.look_alike { "look_alikes.silent" } else { "false_alerts" };
        for alert in &part.false_alerts {
            vector.except(measure, &part.scenario, alert);
        }
        if part.duplicates > 0 {
            vector.except("duplicates.per_alert", &part.scenario, format!("{} of them", part.duplicates));
        }
    }
}

fn time_to_detect(vector: &mut Vector, parts: &[Part]) {
    type Piece = fn(&Delay) -> Duration;
    let delays: Vec<Delay> = all_found(parts).filter_map(|found| found.delay).collect();
    let pieces: [(&str, Piece, &str); 6] = [
        ("time_to_detect", |delay| delay.total(), "from the event that decides to the alert, simulated time"),
        ("time_to_detect.vendor", |delay| delay.vendor, "until the vendor showed it"),
        ("time_to_detect.waiting", |delay| delay.waiting, "until it could be decided that something did not happen"),
        ("time_to_detect.fault", |delay| delay.fault, "until the scenario's faults let it be read"),
        ("time_to_detect.poll", |delay| delay.poll, "until the stack had read it"),
        ("time_to_detect.processing", |delay| delay.processing, "until the alert"),
    ];
    for (name, piece, what) in pieces {
        let mut sorted: Vec<Duration> = delays.iter().map(piece).collect();
        sorted.sort();
        for (which, per_cent) in [("p50", 50), ("p95", 95), ("max", 100)] {
            let value = percentile(&sorted, per_cent).map(|d| d.as_secs_f64());
            vector.push(format!("{name}.{which}"), Unit::Seconds, value, what);
        }
    }
}

fn evidence(vector: &mut Vector, parts: &[Part]) {
    let carried = || all_found(parts).filter_map(|found| found.carried.as_ref());
    let present: usize = carried().map(|c| c.present).sum();
    let missing: usize = carried().map(|c| c.missing.len()).sum();
    vector.share("evidence.fields", present, present + missing, "required fields");
    let sum = |pairs: &mut dyn Iterator<Item = (usize, usize)>| pairs.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    let (cited, episode) = sum(&mut carried().filter_map(|c| c.of_episode));
    vector.share("evidence.recall", cited, episode, "events of the episodes are cited");
    let (right, all) = sum(&mut carried().filter_map(|c| c.to_the_point));
    vector.share("evidence.precision", right, all, "events cited are of the episode");
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    carried().flat_map(|c| &c.missing).for_each(|field| *lacking.entry(field).or_default() += 1);
    let mut by_count: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    lacking.into_iter().for_each(|(field, count)| by_count.entry(count).or_default().push(field));
    for (count, fields) in by_count.into_iter().rev() {
        let what = format!("missing in {count} of {} alerts: {}", carried().count(), fields.join(", "));
        vector.except("evidence.fields", "", what);
    }
}

fn steadiness(vector: &mut Vector, parts: &[Part], stability: Option<Stability>) {
    let none = "not measured: give the report of `conformance relations` with --relations FILE".to_owned();
    match stability {
        Some(Stability { hold, tried }) => {
            vector.share("stability.relations", hold, tried, "metamorphic relations hold");
        }
        None => vector.push("stability.relations", Unit::Share, None, none),
    }
    let mut runs: BTreeMap<(&str, u64), Vec<&BTreeSet<String>>> = BTreeMap::new();
    for part in parts {
        runs.entry((&part.scenario, part.seed)).or_default().push(&part.said);
    }
    let repeated = runs.iter().filter(|(_, said)| said.len() > 1);
    let (mut equal, mut all) = (0, 0);
    for ((scenario, _), said) in repeated {
        all += 1;
        match said.iter().all(|one| *one == said[0]) {
            true => equal += 1,
            false => vector.except("stability.same_input", scenario, "two runs with one seed raised different alerts"),
        }
    }
    match all {
        0 => vector.push("stability.same_input", Unit::Share, None, "not measured: give two runs of one seed"),
        _ => vector.share("stability.same_input", equal, all, "scenarios that were run again said the same"),
    }
}

fn ingestion(vector: &mut Vector, parts: &[Part]) {
    let (due, taken) = parts.iter().fold((0, 0), |(due, taken), part| (due + part.due, taken + part.taken));
    vector.share("ingestion.complete", taken, due, "records that had to be taken in");
    vector.count("ingestion.copies", parts.iter().map(|part| part.copies).sum(), "events reported twice");
    for part in parts.iter().filter(|part| part.taken < part.due) {
        vector.except("ingestion.complete", &part.scenario, format!("{} record(s) lost", part.due - part.taken));
    }
}

fn governance(vector: &mut Vector, parts: &[Part]) {
    let sum =
        |count: fn(&super::actions::Actions) -> usize| parts.iter().map(|part| count(&part.actions)).sum::<usize>();
    vector.share("governance.owed_done", sum(|a| a.done), sum(|a| a.owed), "actions ordered");
    let users = sum(|a| a.users.len());
    let hit = |a: &super::actions::Actions| a.blast.iter().map(|(user, _)| user).collect::<BTreeSet<_>>().len();
    vector.count(
        "governance.blast_radius",
        sum(hit),
        &format!("of {users} users acted on, those without a `must` episode"),
    );
    vector.count("governance.unexpected", sum(|a| a.unexpected), "calls that nothing allows");
    vector.count("governance.repeated", sum(|a| a.repeated), "calls that did again what was done");
    vector.count("governance.early", sum(|a| a.early), "calls made before their alert");
    vector.count(
        "governance.misreported",
        sum(|a| a.misreported),
        "deeds claimed and not done, or done and not claimed",
    );
    for part in parts {
        for (user, action) in &part.actions.blast {
            vector.except("governance.blast_radius", &part.scenario, format!("{action} of {user}"));
        }
        if part.actions.done < part.actions.owed {
            let missing = part.actions.owed - part.actions.done;
            vector.except("governance.owed_done", &part.scenario, format!("{missing} action(s) never took effect"));
        }
    }
}

fn cost(vector: &mut Vector, parts: &[Part]) {
    let calls: usize = parts.iter().map(|part| part.calls).sum();
    let events: usize = parts.iter().map(|part| part.served).sum();
    let rate = ratio(calls, events).map(|share| share * 1_000.0);
    vector.push("cost.calls_per_1000_events", Unit::PerThousand, rate, format!("{calls} calls, {events} events read"));
    vector.count(
        "cost.refused",
        parts.iter().map(|part| part.refused).sum(),
        "calls refused by the vendors' own limits",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;
    use crate::score::part;

    #[test]
    fn every_measure_has_a_name_that_a_threshold_may_use() {
        let vector = add_up(&[part(&Example::travel().facts())], None);
        let names = names();
        for measure in &vector.measures {
            assert!(names.contains(&measure.name), "{}", measure.name);
        }
        for name in NAMES {
            assert!(vector.get(name).is_some(), "{name} is never measured");
        }
    }

    #[test]
    fn a_perfect_run_has_no_exceptions_but_fields() {
        let vector = add_up(&[part(&Example::travel().facts())], None);
        assert!(vector.exceptions.iter().all(|e| e.measure == "evidence.fields"), "{:#?}", vector.exceptions);
        assert_eq!(vector.get("recall").and_then(|m| m.value), Some(1.0));
        assert_eq!(vector.get("governance.blast_radius").and_then(|m| m.value), Some(0.0));
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let vector = add_up(&[], None);
        assert!(
            ["recall", "precision", "stability.relations"].iter().all(|name| vector.get(name).unwrap().value.is_none())
        );
    }

    #[test]
    fn two_runs_that_say_other_things_are_not_steady() {
        let mut other = Example::travel();
        other.recording.report.truncate(2);
        let parts = [part(&Example::travel().facts()), part(&other.facts())];
        assert_eq!(add_up(&parts, None).get("stability.same_input").and_then(|m| m.value), Some(0.0));
    }

    #[test]
    fn a_few_hits_are_no_certainty() {
        assert!((wilson_lower(10, 10) - 0.722).abs() < 0.001);
        assert!((wilson_lower(0, 10)).abs() < 1e-9);
        assert!(wilson_lower(1_000, 1_000) > 0.99);
    }
}
