//! From a recording to a story.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use simulator::scenario::NetworkTag;
use simulator::world::World;

use super::{Action, Alert, Event, Fault, Origin, Prevented, Process, Story, exchanges};
use crate::contract::Declares;
use crate::judge::CONTROL_FAILED;
use crate::observe::Facts;
use crate::recording::{ProcessWhat, Recording, TruthRecord};
use crate::report::redact::Redactor;
use crate::runner::schedule::Passage;
use crate::scenario::control_of;
use crate::verdict::{Finding, Judgement};

/// Most events of a story.
const EVENTS: usize = 400;

/// Most exchanges of a fault that are drawn.
const MET: usize = 40;

/// How much of a passage is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The script, and the exchanges that bear on what was found.
    InQuestion,
    /// Those first, then as many more as a page can bear.
    All,
}

/// The story of a passage that was judged so: of the control run if the fault was not judged.
pub fn tell(passage: &Passage, declares: &Declares, judgement: &Judgement, extent: Extent) -> Story {
    let of_control = judgement.findings.iter().any(|f| f.check == CONTROL_FAILED);
    match &passage.control {
        Some(control) if of_control => {
            story(&control_of(&passage.script), control, declares, &judgement.findings, extent)
        }
        _ => story(&passage.script, &passage.recording, declares, &judgement.findings, extent),
    }
}

fn story(
    script: &crate::scenario::Script,
    recording: &Recording,
    declares: &Declares,
    findings: &[Finding],
    extent: Extent,
) -> Story {
    // Nobody has to derive what is owed for a picture.
    let facts = Facts::new(script, recording, declares, None);
    let world = World::build(&script.scenario).ok();
    let redactor = Redactor::new().times(script.scenario.calendar()).recording(recording);
    let named = named(findings);
    // Findings name events as a redactor does: an id may hold a time.
    let is_told = |record: &&TruthRecord| {
        record.line.is_some()
            || record.step.is_some()
            || !named.is_empty() && named.contains(&redactor.text(&record.event_id))
    };
    let told = recording.truth.iter().filter(is_told);
    let mut events: Vec<Event> = told.map(|record| event(record, world.as_ref(), &redactor)).collect();
    events.sort_by_key(|event| event.at);
    events.truncate(EVENTS);
    Story {
        text: script.text.clone(),
        seed: recording.seed,
        control: recording.control,
        day_1: script.scenario.calendar().day_1().ms(),
        started: recording.started.ms(),
        ended: recording.story_ended.ms(),
        events,
        records: recording.truth.len(),
        prevented: recording.prevented.iter().map(prevented).collect(),
        alerts: alerts(&facts, &redactor),
        actions: actions(&facts),
        faults: faults(recording),
        process: recording.process.iter().map(|e| Process { at: e.at.ms(), what: happened(&e.what) }).collect(),
        exchanges: exchanges::shown(recording, findings, extent, &redactor),
        asked: recording.journal.len(),
    }
}

/// Event ids that findings name: `…, id 7f3a`.
fn named(findings: &[Finding]) -> BTreeSet<String> {
    let pattern = Regex::new(r"\bid ([^,;)]+)").expect("a constant pattern");
    let rows = findings.iter().flat_map(|f| f.story.iter().chain(&f.evidence));
    rows.flat_map(|row| pattern.captures_iter(row)).map(|found| found[1].to_owned()).collect()
}

fn event(record: &TruthRecord, world: Option<&World>, redactor: &Redactor) -> Event {
    let network = record.address.and_then(|address| Some((address, world?.locate(address)?)));
    let from = network.map(|(address, network)| Origin {
        address: address.to_string(),
        city: network.place.name,
        country: network.place.country_name,
        lat: network.place.lat,
        lon: network.place.lon,
        tags: NetworkTag::ALL.iter().filter(|(tag, _)| network.tags.contains(tag)).map(|(_, word)| *word).collect(),
    });
    Event {
        at: record.occurred.ms(),
        readable: record.available.ms(),
        who: record.actor.clone(),
        app: record.app.clone(),
        log: record.log.clone(),
        verb: record.verb.clone(),
        outcome: record.outcome.clone(),
        id: redactor.text(&record.event_id),
        attack: record.attack.clone(),
        step: record.step.clone(),
        line: record.line,
        from,
    }
}

fn prevented(step: &crate::recording::Prevented) -> Prevented {
    Prevented {
        at: step.at.ms(),
        who: step.actor.clone(),
        verb: step.verb.clone(),
        why: step.why.clone(),
        line: step.line,
    }
}

fn alerts(facts: &Facts<'_>, redactor: &Redactor) -> Vec<Alert> {
    let alert = |alert: &crate::observe::alerts::AlertFact| Alert {
        at: alert.created().ms(),
        policy: alert.policy.clone(),
        about: if alert.people.is_empty() { alert.named.clone() } else { alert.people.iter().cloned().collect() },
        evidence: alert.evidence.iter().map(|id| redactor.text(id)).collect(),
        severity: alert.severity,
        suppressed: alert.suppressed,
    };
    facts.alerts.iter().take(EVENTS).map(alert).collect()
}

fn actions(facts: &Facts<'_>) -> Vec<Action> {
    let action = |deed: &crate::observe::governance::Deed| Action {
        at: deed.at.ms(),
        app: deed.app.clone(),
        action: deed.action.clone(),
        upon: deed.upon(),
        done: deed.done,
    };
    facts.deeds.iter().take(EVENTS).map(action).collect()
}

fn faults(recording: &Recording) -> Vec<Fault> {
    let mut met: BTreeMap<u32, Vec<(i64, i64)>> = BTreeMap::new();
    for (entry, fault) in recording.journal.iter().filter_map(|entry| Some((entry, entry.fault.as_ref()?))) {
        let met = met.entry(fault.line).or_default();
        if met.len() < MET {
            met.push((entry.at.ms(), entry.ended.ms()));
        }
    }
    let fault = |fault: &crate::recording::FaultBite| Fault {
        kind: fault.kind.clone(),
        line: fault.line,
        bites: fault.bites,
        met: met.get(&fault.line).cloned().unwrap_or_default(),
    };
    recording.faults.iter().map(fault).collect()
}

fn happened(what: &ProcessWhat) -> String {
    match what {
        ProcessWhat::Started => "started".to_owned(),
        ProcessWhat::Ready => "ready".to_owned(),
        ProcessWhat::Killed { line } => format!("killed (line {line})"),
        ProcessWhat::StateWiped { line } => format!("its state removed (line {line})"),
        ProcessWhat::StateCut { line } => format!("its state cut short (line {line})"),
        ProcessWhat::StateUnwritable { line, requests, .. } => {
            format!("started without a place for its state, {requests} request(s) (line {line})")
        }
        ProcessWhat::SecondCopy { line, requests } => {
            format!("a second copy started, {requests} request(s) (line {line})")
        }
        ProcessWhat::ToldToStop => "told to stop".to_owned(),
        ProcessWhat::WouldNotStop => "killed, because it would not stop".to_owned(),
        ProcessWhat::Exited { code: Some(code) } => format!("ended with status {code}"),
        ProcessWhat::Exited { code: None } => "ended by a signal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge;
    use crate::observe::example::Example;

    fn told(run: &Example, extent: Extent) -> Story {
        let facts = run.facts();
        let judgement = judge(&facts, None);
        story(facts.script, facts.recording, facts.declares, &judgement.findings, extent)
    }

    #[test]
    fn the_script_is_told_with_places_and_the_background_is_counted() {
        let story = told(&Example::travel(), Extent::InQuestion);
        let steps: Vec<&str> = story.events.iter().filter_map(|e| e.step.as_deref()).collect();
        assert!(steps.contains(&"desk") && steps.contains(&"thief"), "{steps:?}");
        assert!(story.records >= story.events.len());
        assert_eq!(story.alerts.len(), 1);
        assert!(story.events.windows(2).all(|two| two[0].at <= two[1].at));
    }

    #[test]
    fn ids_are_found_where_findings_name_them() {
        let finding = crate::report::example::missing_alert();
        assert_eq!(named(&[finding]), ["e1", "e2"].map(str::to_owned).into());
    }

    #[test]
    fn an_exchange_is_called_what_findings_call_it() {
        let run = Example::travel();
        let facts = run.facts();
        let story = told(&run, Extent::All);
        for (shown, entry) in story.exchanges.iter().zip(&facts.recording.journal) {
            assert!(facts.exchange_row(entry).contains(&shown.name), "{}", shown.name);
        }
    }
}
