//! A run under the machine's clock, for a stack that knows nothing of the harness: the whole story is placed before the
//! first request, and the run is over when the stack has taken it in and been silent for a while.
//!
//! # Not imitated
//! What cannot bear it is skipped: see [`needs_virtual_time`].

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use simulator::Simulation;
use simulator::clock::{wall_now, wall_sleep};
use simulator::scenario::{Begins, FaultKind, Lasts, Scenario};
use simulator::time::SimTime;
use tokio::sync::watch;

use super::error::{RunError, stopped};
use super::subject::Subject;
use super::truth;
use crate::contract::Declares;
use crate::recording::End;
use crate::scenario::{Script, What};
use crate::stack::Manifest;

/// Silence of the report, beyond a poll, that means the stack has nothing more to say. What it only says again is silence.
const SILENCE: Duration = Duration::from_secs(5);

/// Wall time, beyond three polls, without anything new, after which a run is over whether or not everything was taken in.
const PATIENCE: Duration = Duration::from_secs(60);

/// Wall time, beyond three polls, after which a run is over though the stack goes on saying something new.
const LONGEST: Duration = Duration::from_secs(600);

/// Pause between two looks at the report.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What of a scenario cannot be had under a wall clock, if anything.
pub fn needs_virtual_time(script: &Script) -> Option<String> {
    let scenario = &script.scenario;
    if let Some(fault) = script.process_faults.first() {
        return Some(format!("`{}`", fault.kind.name()));
    }
    if scenario.script.iter().any(|step| step.late.is_some()) {
        return Some("`late`".to_owned());
    }
    if scenario.apps.iter().any(|app| app.token_life.is_some()) {
        return Some("`token_life`".to_owned());
    }
    if script.expect.iter().any(|e| e.what == What::Contain) {
        return Some("`contain`".to_owned());
    }
    let timed = scenario.faults.iter().find(|fault| {
        let takes_time = matches!(
            fault.kind,
            FaultKind::Throttle { .. }
                | FaultKind::Hang
                | FaultKind::Slow { .. }
                | FaultKind::Late { .. }
                | FaultKind::Redeliver { .. }
                | FaultKind::Clock { .. }
                | FaultKind::NewRecords { .. }
                | FaultKind::Drip { .. }
                | FaultKind::Replay { .. }
                | FaultKind::Reorder
                | FaultKind::Error { retry_after: Some(_), .. }
        );
        takes_time || matches!(fault.begins, Begins::Time(_)) || matches!(fault.lasts, Lasts::For(_))
    });
    timed.map(|fault| format!("`{}`", fault.kind.name()))
}

/// A story moved so that it ends at `now`, weekdays and office hours its own.
pub fn placed_before(script: &Script, now: SimTime) -> Result<Script, RunError> {
    let story_ends = super::play::story_end(&script.scenario)?;
    let mut scenario = Scenario::clone(&script.scenario);
    scenario.displace(now.us() - story_ends.us());
    scenario.stack.ends = Some(now);
    Ok(Script { scenario: Arc::new(scenario), ..script.clone() })
}

/// Plays a stack until it has taken everything in and is silent, or patience ends.
pub(super) async fn play(
    sim: &Simulation,
    subject: &mut Subject,
    manifest: &Manifest,
    mut stop: watch::Receiver<bool>,
) -> Result<(End, SimTime), RunError> {
    let declares = &manifest.declares;
    let (silence, patience) = (declares.poll_every + SILENCE, declares.poll_every * 3 + PATIENCE);
    let longest = declares.poll_every * 3 + LONGEST;
    let begun = wall_now();
    let mut awaited = owed(sim, declares, begun);
    let report = subject.report();
    let (mut seen, mut last_word, mut next_poll) = (0, begun, begun);
    let mut said = BTreeSet::new();
    let end = loop {
        let now = wall_now();
        if !subject.is_running() && now >= next_poll {
            next_poll = now + declares.poll_every;
            if let Err(end) = subject.begin().await {
                break end;
            }
        }
        {
            let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
            report.read(now);
            for line in report.lines_from(seen) {
                let (content, event) = heard(&line.text);
                if let Some(id) = event {
                    awaited.remove(&id);
                }
                if said.insert(content) {
                    last_word = now;
                }
            }
            seen = report.len();
        }
        if let Err(end) = subject.consent_where_asked().await {
            break end;
        }
        let silent = now >= last_word + silence;
        if (awaited.is_empty() && silent) || now >= last_word + patience || now >= begun + longest {
            break End::Reached;
        }
        tokio::select! {
            code = subject.exited() => {
                if manifest.exit_status.is_crash(manifest.mode, code) {
                    break End::Crashed { code };
                }
            }
            () = stopped(&mut stop) => return Err(RunError::Interrupted),
            () = wall_sleep(LOOK_EVERY) => {}
        }
    };
    let ended = wall_now();
    subject.stop_in_wall_time().await;
    Ok((end, ended))
}

/// Ids of the events of claimed feeds within the declared backfill.
fn owed(sim: &Simulation, declares: &Declares, now: SimTime) -> BTreeSet<String> {
    let vendor = |app: &str| sim.scenario.app(app).map_or("", |(_, app)| app.vendor.name());
    let records = truth::records(sim, now).into_iter().filter(|record| {
        let vendor = vendor(&record.app);
        let from = now - declares.backfill(&record.app, vendor);
        declares.claims(&format!("{vendor}.{}", record.log)) && record.persisted >= from
    });
    records.map(|record| record.event_id).collect()
}

/// What a line says, however often it says it, and which event it is about if it is one.
fn heard(line: &str) -> (String, Option<String>) {
    let Ok(record) = serde_json::from_str::<serde_json::Value>(line) else { return (line.to_owned(), None) };
    let body = &record["body"];
    let event = (record["kind"] == "event").then(|| body["metadata"]["uid"].as_str().map(str::to_owned)).flatten();
    (format!("{}{body}", record["kind"]), event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read_text;

    fn script(extra: &str) -> Script {
        let text = format!("title: A story\napps: {{ entra: {{}}, miro: {{}} }}\ncast: {{ alice: {{}} }}\n{extra}");
        let text = if text.contains("expect:") { text } else { text + "expect:\n  - { must_not: alert }\n" };
        read_text("x/story", std::path::Path::new("story.yaml"), &text).unwrap()
    }

    #[test]
    fn a_story_keeps_its_weekdays_and_ends_now() {
        let script = script(
            "policies: { impossible_travel: { created: day 1 08:00 } }\nscript:\n  - { at: day 2 09:00, actor: alice, does: sign_in, app: miro }\n",
        );
        let now = SimTime::parse_rfc3339("2027-01-01T12:34:56Z").unwrap();
        let placed = placed_before(&script, now).unwrap().scenario;
        assert_eq!(placed.day_1.weekday(), script.scenario.day_1.weekday());
        assert_eq!(placed.calendar().spell(placed.script[0].at), "day 2 09:00:00");
        assert_eq!((placed.stack.ends, placed.calendar().spell(now)), (Some(now), "day 2 10:03:00".to_owned()));
        let created = placed.policies[0].parameters["created"].as_str().and_then(SimTime::parse_rfc3339).unwrap();
        assert_eq!(placed.calendar().spell(created), "day 1 08:00:00");
    }

    #[test]
    fn what_needs_virtual_time_is_named() {
        let needs = |extra: &str| needs_virtual_time(&script(extra));
        assert_eq!(needs(""), None);
        assert_eq!(needs("faults:\n  - { route: miro.audit_log, nth: 1, fault: error, status: 503 }\n"), None);
        let throttle = "faults:\n  - { route: miro.audit_log, nth: 1, fault: throttle, retry_after: 60s }\n";
        assert_eq!(needs(throttle).as_deref(), Some("`throttle`"));
        let kill = "faults:\n  - { route: miro.audit_log, nth: 1, fault: kill }\n";
        assert_eq!(needs(kill).as_deref(), Some("`kill`"));
        for fault in ["fault: clock, by: 4m", "route: miro.audit_log, nth: 1, fault: drip, over: 5m"] {
            let kind = fault.split("fault: ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
            assert_eq!(needs(&format!("faults:\n  - {{ {fault} }}\n")), Some(format!("`{kind}`")));
        }
        let late = "script:\n  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, late: 45m }\n";
        assert_eq!(needs(late).as_deref(), Some("`late`"));
    }

    #[test]
    fn an_event_is_told_by_its_id_and_what_is_said_again_by_its_content() {
        let line = r#"{"v":1,"kind":"event","seq":1,"body":{"metadata":{"uid":"e1"}}}"#;
        let (content, event) = heard(line);
        assert_eq!(event.as_deref(), Some("e1"));
        assert_eq!(heard(&line.replace("\"seq\":1", "\"seq\":9")), (content.clone(), event));
        let alert = heard(&line.replace("event", "alert"));
        assert!(alert.1.is_none() && alert.0 != content);
        assert_eq!(heard("nonsense"), ("nonsense".to_owned(), None));
    }
}
