//! What a scenario expects, made ready for judging: groups spread out, alerts matched.

use serde_json::Value;
use simulator::scenario::{Policy, Who};
use simulator::time::SimTime;

use crate::contract::StackClock;
use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::oracle::parameters;
use crate::recording::TruthRecord;
use crate::scenario::{Expectation, Kind, Severity, What};

/// An expectation about one person.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// As written.
    pub written: &'a Expectation,
    /// Key of the person, if it names one: each member of a group owes one of its own.
    pub person: Option<String>,
}

impl Facts<'_> {
    /// Every `must` of this kind that is judged, by person.
    pub fn musts(&self, what: fn(What) -> bool) -> Vec<Wanted<'_>> {
        self.every(Kind::Must).filter(|w| what(w.written.what) && self.excuse(w).is_none()).collect()
    }

    /// Every expectation of a kind, by person.
    pub(super) fn every(&self, kind: Kind) -> impl Iterator<Item = Wanted<'_>> {
        self.script.expect.iter().filter(move |e| e.kind == kind).flat_map(|e| self.spread(e))
    }

    /// An expectation about a group is one about each of its members.
    pub(super) fn spread<'s>(&self, written: &'s Expectation) -> Vec<Wanted<'s>> {
        match whom(written) {
            None => vec![Wanted { written, person: None }],
            Some(who) => self.everybody(who).into_iter().map(|key| Wanted { written, person: Some(key) }).collect(),
        }
    }

    /// The policy of this name, if it is in force.
    pub fn in_force(&self, policy: &str) -> Option<&Policy> {
        self.script.scenario.policies.iter().find(|p| p.name == policy)
    }

    /// Whether an alert is what is wanted; evidence and severity aside.
    pub fn is_wanted(&self, wanted: &Wanted<'_>, alert: &AlertFact) -> bool {
        let written = wanted.written;
        !alert.suppressed
            && self.in_force(&alert.policy).is_some()
            && written.policy.as_ref().is_none_or(|p| *p == alert.policy)
            && wanted.person.as_ref().is_none_or(|p| alert.about(p))
            && self.cites_attack(written, &alert.records)
            && self.cites_app(written, &alert.records)
    }

    /// The alerts that answer an expectation.
    pub fn answers_to(&self, wanted: &Wanted<'_>) -> Vec<&AlertFact> {
        self.alerts.iter().filter(|alert| self.is_answer(wanted, alert)).collect()
    }

    /// Whether an alert answers an expectation. Where that names evidence, it cites any of it; while no alert does, each
    /// that is wanted otherwise may be the one that is meant, with its evidence left out.
    pub fn is_answer(&self, wanted: &Wanted<'_>, alert: &AlertFact) -> bool {
        let asked = wanted.written.evidence.len();
        let cites = |alert: &AlertFact| self.uncited(wanted, &alert.records).len() < asked;
        let another = || self.alerts.iter().any(|a| self.is_wanted(wanted, a) && cites(a));
        self.is_wanted(wanted, alert) && (asked == 0 || cites(alert) || !another())
    }

    /// Whether records cited include one of the instance that an expectation names, if it names one.
    fn cites_app(&self, written: &Expectation, records: &[usize]) -> bool {
        let app = written.app.map(|app| self.app_name(app));
        app.is_none_or(|app| records.iter().any(|r| self.recording.truth[*r].app == app))
    }

    /// Whether records cited include one of the attack that an expectation names, if it names one.
    pub fn cites_attack(&self, written: &Expectation, records: &[usize]) -> bool {
        written.attack.is_none_or(|attack| {
            let name = &self.script.scenario.attacks[attack.0].name;
            records.iter().any(|r| self.recording.truth[*r].attack.as_ref() == Some(name))
        })
    }

    /// Ids of `evidence` of which no record is cited.
    pub fn uncited<'w>(&self, wanted: &Wanted<'w>, records: &[usize]) -> Vec<&'w str> {
        let cited = |id: &&String| records.iter().any(|r| self.is_of_step(&self.recording.truth[*r], id, wanted));
        wanted.written.evidence.iter().filter(|id| !cited(id)).map(String::as_str).collect()
    }

    pub(super) fn is_of_step(&self, record: &TruthRecord, id: &str, wanted: &Wanted<'_>) -> bool {
        record.step.as_deref() == Some(id) && wanted.person.as_ref().is_none_or(|p| record.actor == *p)
    }

    /// Records that an expectation needs: those of its evidence, else those of its attack. Claimed feeds only.
    pub fn needed(&self, wanted: &Wanted<'_>) -> Vec<&TruthRecord> {
        let written = wanted.written;
        let attack = written.attack.map(|a| &self.script.scenario.attacks[a.0].name);
        let app = written.app.map(|a| self.app_name(a));
        let wants = |r: &&TruthRecord| {
            let mine = match (written.evidence.is_empty(), attack) {
                (false, _) => written.evidence.iter().any(|id| self.is_of_step(r, id, wanted)),
                (true, Some(attack)) => {
                    r.attack.as_ref() == Some(attack) && wanted.person.as_ref().is_none_or(|p| r.actor == *p)
                }
                (true, None) => false,
            };
            mine && app.is_none_or(|app| r.app == app) && self.claims_record(r)
        };
        self.recording.truth.iter().filter(wants).collect()
    }

    /// When the last record that an alert needs could be read, and what its definition waits for was over.
    pub fn decided_at(&self, wanted: &Wanted<'_>) -> Option<SimTime> {
        let derived = self.owed.as_ref().map(|owed| {
            owed.iter().filter(|o| self.answers(wanted.written, wanted.person.as_deref(), o)).collect::<Vec<_>>()
        });
        if wanted.written.evidence.is_empty()
            && let Some(derived) = &derived
        {
            return derived.iter().map(|o| self.decidable_at(o)).min();
        }
        let waiting = derived.into_iter().flatten().filter(|o| !o.waits.is_zero());
        let over = waiting.map(|o| self.decidable_at(o)).min();
        self.needed(wanted).iter().map(|r| r.available).max().map(|read| over.map_or(read, |over| read.max(over)))
    }

    /// Whether deadlines are judged: not under the machine's clock.
    pub fn has_deadlines(&self) -> bool {
        self.declares.clock == StackClock::Virtual
    }
}

/// Whom an expectation is about: of an alert its actor, else the target, or the actor whose alert led to it.
pub(super) fn whom(written: &Expectation) -> Option<Who> {
    if written.what == What::Alert { written.actor } else { written.target.or(written.actor) }
}

/// The actions written for a policy.
pub fn actions(policy: &Policy) -> Vec<&str> {
    if parameters::flag(policy, "dry_run") {
        return Vec::new();
    }
    match policy.parameters.get("action") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// OCSF's number for a severity of the scenario language.
pub fn severity_id(severity: Severity) -> u64 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}
