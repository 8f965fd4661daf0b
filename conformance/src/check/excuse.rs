//! Why an expectation is not judged: the stack prevented what it asks for, or was never asked.
//!
//! "What is not judged" in `docs/src/verdicts.md` is the short form of it.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::scenario::table::{Key, Kind as KeyKind};
use simulator::scenario::tables::{BUILT_POLICIES, POLICY};
use simulator::scenario::{Policy, Who};
use simulator::time::parse_duration;

use crate::observe::Facts;
use crate::observe::usage::SYNC;
use crate::recording::TruthRecord;
use crate::scenario::{Expectation, Kind, What};

use super::wanted::{Wanted, actions};

/// Why an expectation is not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excuse {
    /// The stack itself saw to it that nothing of the kind is owed: as good as met.
    Prevented(String),
    /// Nobody asked this stack: its parameters are others, it does not promise to look there, or its policy is off.
    NotAsked(String),
}

impl Excuse {
    /// The reason, for people.
    pub fn reason(&self) -> &str {
        match self {
            Self::Prevented(reason) | Self::NotAsked(reason) => reason,
        }
    }
}

impl Facts<'_> {
    /// Every expectation that is not judged, with the reason.
    pub fn not_judged(&self) -> Vec<String> {
        let mut reasons: Vec<String> = self
            .every(Kind::Must)
            .filter_map(|wanted| {
                let excuse = self.excuse(&wanted)?;
                let whom = wanted.person.as_ref().map(|p| format!(" ({p})")).unwrap_or_default();
                Some(format!("{}{whom}: {}", self.written(wanted.written.at.line), excuse.reason()))
            })
            .collect();
        reasons.dedup();
        reasons
    }

    /// Why the scenario says nothing about this stack, if it does not: everything that it asks for is asked of others. A
    /// scenario that owes nothing says nothing when each alert that it forbids is of policies that are not judged.
    pub fn not_asked(&self) -> Option<String> {
        let owed: Vec<_> = self.every(Kind::Must).map(|wanted| self.excuse(&wanted)).collect();
        let excuses = match owed.is_empty() {
            false => owed,
            true => self.every(Kind::MustNot).map(|wanted| self.silence_not_asked(wanted.written)).collect(),
        };
        let mut reasons = Vec::new();
        for excuse in &excuses {
            let Some(Excuse::NotAsked(reason)) = excuse else { return None };
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Why a `must` is not judged.
    pub(super) fn excuse(&self, wanted: &Wanted<'_>) -> Option<Excuse> {
        match wanted.written.what {
            What::Alert => {
                let differs = wanted.written.policy.as_deref().and_then(|p| self.differs(p));
                differs.map(Excuse::NotAsked).or_else(|| self.not_owed(wanted))
            }
            What::Action(_) => self.action_excused(wanted),
            What::Contain => self.nothing_contains().map(Excuse::NotAsked),
            What::Usage | What::TellContacts if !self.declares.claims(SYNC) => {
                Some(Excuse::NotAsked(format!("the stack does not claim {SYNC}")))
            }
            What::ReportTrouble | What::ReportGap | What::TellContacts if self.recording.control => {
                Some(Excuse::NotAsked("the control run has no faults to report".to_owned()))
            }
            _ => None,
        }
    }

    /// Why a `must_not: alert` is not judged: every policy in force that it speaks of has other parameters.
    fn silence_not_asked(&self, forbidden: &Expectation) -> Option<Excuse> {
        let meant = |p: &&Policy| forbidden.policy.as_ref().is_none_or(|name| *name == p.name);
        let policies = self.script.scenario.policies.iter().filter(meant);
        let differing: Option<Vec<String>> = policies.map(|p| self.differs(&p.name)).collect();
        let reasons = differing.filter(|reasons| forbidden.what == What::Alert && !reasons.is_empty())?;
        Some(Excuse::NotAsked(reasons.join("; ")))
    }

    /// An action is not owed when every alert that leads to it is not.
    fn action_excused(&self, wanted: &Wanted<'_>) -> Option<Excuse> {
        let (written, person) = (wanted.written, wanted.person.as_deref());
        let leads = |policy: &&Policy| match &written.policy {
            Some(name) => policy.name == *name,
            None => actions(policy).contains(&written.what.name()),
        };
        let policies: Vec<&Policy> = self.script.scenario.policies.iter().filter(leads).collect();
        let differing: Vec<String> = policies.iter().filter_map(|p| self.differs(&p.name)).collect();
        if !policies.is_empty() && differing.len() == policies.len() {
            return differing.into_iter().next().map(Excuse::NotAsked);
        }
        let led = |e: &&Expectation| e.policy.as_ref().is_none_or(|name| policies.iter().any(|p| p.name == *name));
        let alerts = self.script.expect.iter().filter(|e| e.kind == Kind::Must && e.what == What::Alert).filter(led);
        let about = alerts.filter(|e| match (e.actor, person) {
            (Some(who), Some(person)) => self.everybody(who).iter().any(|key| key == person),
            _ => true,
        });
        let of = |written| self.not_owed(&Wanted { written, person: person.map(str::to_owned) });
        let excuses: Vec<Option<Excuse>> = about.map(of).collect();
        if excuses.is_empty() || excuses.iter().any(Option::is_none) { None } else { excuses.into_iter().next()? }
    }

    /// Why an alert is not owed any more: the stack prevented it, or never promised to look where it would have to.
    fn not_owed(&self, wanted: &Wanted<'_>) -> Option<Excuse> {
        let lapsed = self.lapsed(wanted.written, wanted.person.as_deref()).map(Excuse::Prevented);
        lapsed.or_else(|| self.beyond_promise(wanted).map(Excuse::NotAsked))
    }

    /// Why an alert cannot be asked for: something it needs appears later than the stack promises to look, or stands only
    /// in logs that it does not claim. Of an attack, one activity within the promise is enough. What is taken in has to
    /// be evaluated, however late it came.
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

    /// Why alerts of a policy are not judged: it is off, or the stack's own parameters are others.
    pub fn differs(&self, policy: &str) -> Option<String> {
        let Some(asked) = self.in_force(policy) else { return Some(format!("policy {policy} is not in force")) };
        let declared = self.declares.policies.get(policy)?;
        declared.parameters.iter().find_map(|(key, own)| {
            let asked: Value = asked.parameters.get(key).cloned().or_else(|| unwritten(policy, key))?;
            (!same(own, &asked))
                .then(|| format!("the stack declares {key} {own} for {policy}, the scenario asks for {asked}"))
        })
    }

    /// Whether a scenario's `actor` or `target` means this person; nobody in particular means anybody.
    pub fn means(&self, who: Option<Who>, key: &str) -> bool {
        who.is_none_or(|who| self.everybody(who).iter().any(|k| k == key))
    }
}

/// What holds for a parameter that a scenario does not write: the default that the language's own table gives it. None
/// where nothing is asked for: no brake, no moment of creation.
fn unwritten(policy: &str, key: &str) -> Option<Value> {
    let built = BUILT_POLICIES.iter().find(|p| p.name == policy).map_or(&[][..], |p| p.keys);
    let key: &Key = built.iter().chain(POLICY).find(|k| k.name == key)?;
    match key.kind {
        KeyKind::Number { .. } | KeyKind::Flag => serde_json::from_str(key.default).ok(),
        KeyKind::Word(words) => words.words.contains(&key.default).then(|| key.default.into()),
        KeyKind::Words(_) if key.default == "none" => Some(Value::Array(Vec::new())),
        KeyKind::Words(_) => Some(key.default.trim_matches(['[', ']']).split(", ").map(Value::from).collect()),
        KeyKind::Duration { .. } => parse_duration(key.default).ok().map(|_| key.default.into()),
        _ => None,
    }
}

/// Equal as numbers, as durations, as words in any order, or as they are.
fn same(a: &Value, b: &Value) -> bool {
    if let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str())
        && let (Ok(a), Ok(b)) = (parse_duration(a), parse_duration(b))
    {
        return a == b;
    }
    if a.is_array() || b.is_array() {
        return words(a) == words(b);
    }
    a == b
}

/// A single word is a list of one.
fn words(value: &Value) -> Vec<String> {
    let mut words: Vec<String> = match value {
        Value::Array(list) => list.iter().map(Value::to_string).collect(),
        word => vec![word.to_string()],
    };
    words.sort();
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::DeclaredPolicy;
    use crate::observe::example::Example;

    fn declaring(key: &str, value: Value) -> Example {
        let mut run = Example::travel();
        let own = DeclaredPolicy { ids: vec!["D04".into()], parameters: [(key.to_owned(), value)].into() };
        run.declares.policies.insert("impossible_travel".into(), own);
        run
    }

    #[test]
    fn an_expectation_that_hangs_on_another_number_is_not_judged_and_says_why() {
        let run = declaring("speed", json!(800));
        let facts = run.facts();
        assert!(facts.musts(|w| w == What::Alert).is_empty());
        let reasons = facts.not_judged();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].contains("the stack declares speed 800"), "{reasons:?}");
    }

    #[test]
    fn the_same_number_written_otherwise_is_judged() {
        assert_eq!(declaring("speed", json!(900.0)).facts().not_judged(), Vec::<String>::new());
    }

    #[test]
    fn what_a_scenario_leaves_unwritten_is_the_languages_default() {
        #[rustfmt::skip]
        let cases = [
            ("speed",            json!(900),       json!(901)),
            ("distance",         json!(500),       json!(400)),
            ("any_activity",     json!(false),     json!(true)),
            ("sensitivity",      json!("medium"),  json!("high")),
            ("severity",         json!("medium"),  json!("low")),
        ];
        for (key, default, other) in cases {
            assert_eq!(declaring(key, default).facts().differs("impossible_travel"), None, "{key}");
            assert!(declaring(key, other).facts().differs("impossible_travel").is_some(), "{key}");
        }
    }

    #[test]
    fn a_list_is_the_same_in_any_order_and_a_window_in_any_spelling() {
        assert_eq!(unwritten("multiple_failed_logins", "per"), Some(json!(["actor", "app"])));
        assert!(same(&json!(["app", "actor"]), &json!(["actor", "app"])) && same(&json!("actor"), &json!(["actor"])));
        assert!(!same(&json!("actor"), &json!(["actor", "app"])));
        assert!(same(&json!("300s"), &unwritten("multiple_failed_logins", "within").unwrap()));
    }

    #[test]
    fn every_default_of_a_table_is_understood_or_asks_for_nothing() {
        const NOTHING: [&str; 3] = ["created", "actions_per_hour", "except"];
        for policy in BUILT_POLICIES {
            for key in policy.keys.iter().chain(POLICY) {
                let found = unwritten(policy.name, key.name).is_some();
                assert_eq!(found, !NOTHING.contains(&key.name), "{}.{}", policy.name, key.name);
            }
        }
    }

    #[test]
    fn an_alert_whose_evidence_was_prevented_lapses_and_its_action_with_it() {
        let mut run = Example::travel();
        run.prevented("thief", "day 1 09:40");
        let reasons = run.facts().not_judged();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[1].contains("not derivable any more"), "{reasons:?}");
        assert_eq!(run.facts().not_asked(), None, "what the stack prevented is well done");
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
        assert!(run.facts().not_asked().is_some());
        run.recording.truth[1].available = shown_in_time;
        assert_eq!(run.facts().not_judged(), Vec::<String>::new());
        assert_eq!(run.facts().not_asked(), None);
    }

    #[test]
    fn one_expectation_that_is_judged_makes_the_scenario_one_that_says_something() {
        let mut run = declaring("speed", json!(800));
        assert!(run.facts().not_asked().is_some_and(|why| why.contains("speed 800")));
        run.expect(Kind::Must, What::Ingest, |_| {});
        assert_eq!(run.facts().not_asked(), None);
    }

    #[test]
    fn silence_says_something_unless_every_policy_has_other_numbers() {
        let mut run = declaring("speed", json!(800));
        run.script.expect.clear();
        run.expect(Kind::MustNot, What::Alert, |_| {});
        assert!(run.facts().not_asked().is_some());
        run.policy("multiple_failed_logins", &[]);
        assert_eq!(run.facts().not_asked(), None);
    }

    #[test]
    fn nothing_lapses_when_something_else_was_prevented() {
        let mut run = Example::travel();
        run.prevented("later", "day 1 12:00");
        assert_eq!(run.facts().not_judged(), Vec::<String>::new());
    }
}
