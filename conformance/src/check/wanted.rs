//! What a scenario expects, made ready for judging: groups spread out, policies held against what the stack declares.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::scenario::{Policy, Who};
use simulator::time::{SimTime, parse_duration};

use crate::contract::StackClock;
use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::recording::TruthRecord;
use crate::scenario::{ActionWord, Expectation, Kind, Severity, What};

/// An expectation about one person.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// As written.
    pub written: &'a Expectation,
    /// Key of the person, if it names one: each member of a group owes one of its own.
    pub person: Option<String>,
}

/// Parameters of the built-in policies where a scenario does not write them (detections.md 2.9, scenario-language.md 2).
const DEFAULTS: [(&str, &str, &str); 4] = [
    ("impossible_travel", "speed", "900"),
    ("impossible_travel", "distance", "500"),
    ("multiple_failed_logins", "at_least", "11"),
    ("multiple_failed_logins", "within", "\"5m\""),
];

impl Facts<'_> {
    /// Every `must` of this kind that is judged, by person.
    pub fn musts(&self, what: fn(What) -> bool) -> Vec<Wanted<'_>> {
        let musts = self.script.expect.iter().filter(|e| e.kind == Kind::Must && what(e.what));
        musts.flat_map(|e| self.spread(e)).filter(|w| self.excused(w).is_none()).collect()
    }

    /// Every expectation that is not judged, with the reason.
    pub fn not_judged(&self) -> Vec<String> {
        let musts = self.script.expect.iter().filter(|e| e.kind == Kind::Must);
        let all = musts.flat_map(|e| self.spread(e));
        let mut reasons: Vec<String> = all
            .filter_map(|wanted| {
                let reason = self.excused(&wanted)?;
                let whom = wanted.person.as_ref().map(|p| format!(" ({p})")).unwrap_or_default();
                Some(format!("{}{whom}: {reason}", self.written(wanted.written.at.line)))
            })
            .collect();
        reasons.dedup();
        reasons
    }

    fn spread<'s>(&self, written: &'s Expectation) -> Vec<Wanted<'s>> {
        let who = if written.what == What::Alert { written.actor } else { written.target.or(written.actor) };
        match who {
            None => vec![Wanted { written, person: None }],
            Some(who) => self.everybody(who).into_iter().map(|key| Wanted { written, person: Some(key) }).collect(),
        }
    }

    /// Why a `must` is not judged.
    fn excused(&self, wanted: &Wanted<'_>) -> Option<String> {
        match wanted.written.what {
            What::Alert => {
                let differs = wanted.written.policy.as_deref().and_then(|p| self.differs(p));
                differs.or_else(|| self.not_owed(wanted))
            }
            What::Action(word) => self.action_excused(word, wanted.person.as_deref()),
            What::Contain => self.nothing_contains(),
            What::ReportTrouble | What::ReportGap if self.recording.control => {
                Some("the control run has no faults to report".to_owned())
            }
            _ => None,
        }
    }

    /// An action is not owed when every alert that leads to it is not.
    fn action_excused(&self, word: ActionWord, person: Option<&str>) -> Option<String> {
        let leads = |policy: &&Policy| actions(policy).contains(&word.name());
        let policies: Vec<&Policy> = self.script.scenario.policies.iter().filter(leads).collect();
        let differing: Vec<String> = policies.iter().filter_map(|p| self.differs(&p.name)).collect();
        if !policies.is_empty() && differing.len() == policies.len() {
            return differing.into_iter().next();
        }
        let led = |e: &&Expectation| e.policy.as_ref().is_none_or(|name| policies.iter().any(|p| p.name == *name));
        let alerts = self.script.expect.iter().filter(|e| e.kind == Kind::Must && e.what == What::Alert).filter(led);
        let about = alerts.filter(|e| match (e.actor, person) {
            (Some(who), Some(person)) => self.everybody(who).iter().any(|key| key == person),
            _ => true,
        });
        let of = |written| self.not_owed(&Wanted { written, person: person.map(str::to_owned) });
        let reasons: Vec<Option<String>> = about.map(of).collect();
        if reasons.is_empty() || reasons.iter().any(Option::is_none) { None } else { reasons.into_iter().next()? }
    }

    /// Why an alert is not owed any more: the stack prevented it, or never promised to look where it would have to.
    fn not_owed(&self, wanted: &Wanted<'_>) -> Option<String> {
        self.lapsed(wanted.written, wanted.person.as_deref()).or_else(|| self.beyond_promise(wanted))
    }

    /// Why an alert cannot be asked for: something it needs appears later than the stack promises to look, or stands only
    /// in logs that it does not claim. Of an attack, one activity within the promise is enough. What is taken in has to
    /// be evaluated, however late it came (detections.md 2.9).
    fn beyond_promise(&self, wanted: &Wanted<'_>) -> Option<String> {
        let written = wanted.written;
        let attack = written.attack.map(|a| &self.script.scenario.attacks[a.0].name);
        let of_evidence = |r: &TruthRecord| written.evidence.iter().any(|id| self.is_of_step(r, id, wanted));
        let of_attack = |r: &TruthRecord| r.attack.is_some() && r.attack.as_ref() == attack;
        let mut promised: BTreeMap<&str, (bool, &TruthRecord)> = BTreeMap::new();
        for (index, record) in self.recording.truth.iter().enumerate() {
            let needed = if written.evidence.is_empty() { of_attack(record) } else { of_evidence(record) };
            if needed {
                promised.entry(&record.activity).or_insert((false, record)).0 |=
                    self.due.iter().any(|d| d.record == index);
            }
        }
        let beyond = promised.values().find(|(promised, _)| !promised)?.1;
        let enough = written.evidence.is_empty() && promised.values().any(|(promised, _)| *promised);
        (!enough).then(|| format!("the stack does not promise to take in {}", self.record_row(beyond)))
    }

    /// Why containing is not owed: every policy that could act is not judged.
    fn nothing_contains(&self) -> Option<String> {
        let acting = self.script.scenario.policies.iter().filter(|p| !actions(p).is_empty());
        let reasons: Vec<Option<String>> = acting.map(|p| self.differs(&p.name)).collect();
        if reasons.iter().any(Option::is_none) { None } else { reasons.into_iter().next()? }
    }

    /// The policy of this name, if it is in force.
    pub fn in_force(&self, policy: &str) -> Option<&Policy> {
        self.script.scenario.policies.iter().find(|p| p.name == policy)
    }

    /// Why alerts of a policy are not judged: it is off, or the stack's own parameters are others.
    pub fn differs(&self, policy: &str) -> Option<String> {
        let Some(asked) = self.in_force(policy) else { return Some(format!("policy {policy} is not in force")) };
        let declared = self.declares.policies.get(policy)?;
        declared.parameters.iter().find_map(|(key, own)| {
            let default = || {
                let found = DEFAULTS.iter().find(|(p, k, _)| p == &policy && k == key)?;
                serde_json::from_str(found.2).ok()
            };
            let asked: Value = asked.parameters.get(key).cloned().or_else(default)?;
            (!same(own, &asked))
                .then(|| format!("the stack declares {key} {own} for {policy}, the scenario asks for {asked}"))
        })
    }

    /// Whether an alert is what is wanted, evidence and severity aside.
    pub fn is_wanted(&self, wanted: &Wanted<'_>, alert: &AlertFact) -> bool {
        let written = wanted.written;
        !alert.suppressed
            && self.in_force(&alert.policy).is_some()
            && written.policy.as_ref().is_none_or(|p| *p == alert.policy)
            && wanted.person.as_ref().is_none_or(|p| alert.about(p))
            && self.cites_attack(written, &alert.records)
    }

    /// Whether an alert is one that an expectation of any kind speaks of: of a group, anybody's.
    pub fn answers_for(&self, written: &Expectation, alert: &AlertFact) -> bool {
        self.spread(written).iter().any(|wanted| self.is_wanted(wanted, alert))
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

    fn is_of_step(&self, record: &TruthRecord, id: &str, wanted: &Wanted<'_>) -> bool {
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
            mine && app.is_none_or(|app| r.app == app) && self.claims_feed(&r.app, &r.log)
        };
        self.recording.truth.iter().filter(wants).collect()
    }

    /// When the last record that an alert needs could be read.
    pub fn decided_at(&self, wanted: &Wanted<'_>) -> Option<SimTime> {
        if wanted.written.evidence.is_empty()
            && let Some(owed) = &self.owed
        {
            let mine = owed.iter().filter(|o| self.answers(wanted.written, wanted.person.as_deref(), o));
            return mine.map(|o| o.available_at).min();
        }
        self.needed(wanted).iter().map(|r| r.available).max()
    }

    /// Whether deadlines are judged: not under the machine's clock.
    pub fn has_deadlines(&self) -> bool {
        self.declares.clock == StackClock::Virtual
    }

    /// Whether a scenario's `actor` or `target` means this person; nobody in particular means anybody.
    pub fn means(&self, who: Option<Who>, key: &str) -> bool {
        who.is_none_or(|who| self.everybody(who).iter().any(|k| k == key))
    }
}

/// The actions written for a policy.
pub fn actions(policy: &Policy) -> Vec<&str> {
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

/// Equal as numbers, as durations, or as they are.
fn same(a: &Value, b: &Value) -> bool {
    if let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str())
        && let (Ok(a), Ok(b)) = (parse_duration(a), parse_duration(b))
    {
        return a == b;
    }
    a == b
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::DeclaredPolicy;
    use crate::observe::example::Example;

    fn with_own_speed(speed: Value) -> Example {
        let mut run = Example::travel();
        let own = DeclaredPolicy { ids: vec!["D04".into()], parameters: [("speed".to_owned(), speed)].into() };
        run.declares.policies.insert("impossible_travel".into(), own);
        run
    }

    #[test]
    fn an_expectation_that_hangs_on_another_number_is_not_judged_and_says_why() {
        let run = with_own_speed(json!(800));
        let facts = run.facts();
        assert!(facts.musts(|w| w == What::Alert).is_empty());
        let reasons = facts.not_judged();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].contains("the stack declares speed 800"), "{reasons:?}");
    }

    #[test]
    fn the_same_number_written_otherwise_is_judged() {
        assert_eq!(with_own_speed(json!(900.0)).facts().not_judged(), Vec::<String>::new());
    }

    #[test]
    fn an_alert_whose_evidence_was_prevented_lapses_and_its_action_with_it() {
        let mut run = Example::travel();
        run.prevented("thief", "day 1 09:40");
        let reasons = run.facts().not_judged();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[1].contains("not derivable any more"), "{reasons:?}");
    }

    #[test]
    fn an_alert_is_not_asked_of_a_stack_that_does_not_promise_to_read_a_record_beyond_its_look_back() {
        let mut run = Example::travel();
        let (shown, shown_in_time) = (run.at("day 1 15:00"), run.at("day 1 13:00"));
        run.recording.journal.truncate(1);
        run.recording.truth[1].available = shown;
        let reasons = run.facts().not_judged();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].contains("does not promise to take in"), "{reasons:?}");
        run.recording.truth[1].available = shown_in_time;
        assert_eq!(run.facts().not_judged(), Vec::<String>::new());
    }

    #[test]
    fn nothing_lapses_when_something_else_was_prevented() {
        let mut run = Example::travel();
        run.prevented("later", "day 1 12:00");
        assert_eq!(run.facts().not_judged(), Vec::<String>::new());
    }
}
