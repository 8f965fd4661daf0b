//! A run under the machine's clock, for a stack that knows nothing of the harness: the whole story is placed before the
//! first request, and the run is over when the stack has taken it in and is silent.
//!
//! A service is silent when it has said nothing new for a while. A `once` stack is silent when a whole poll, from the
//! start of its first process to the end of its last, brought nothing new, however long that took: a busy machine makes
//! no difference. What was killed has not been silent: it has to be heard out once it is up again.
//!
//! # Not imitated
//! What cannot bear it is skipped: see [`needs_virtual_time`].

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use simulator::Simulation;
use simulator::clock::{wall_now, wall_sleep};
use simulator::journal::Entry;
use simulator::scenario::{Begins, Lasts, Scenario};
use simulator::time::SimTime;
use tokio::sync::{mpsc, watch};

use super::error::{RunError, stopped};
use super::faults::{self, ArmedFaults};
use super::jump::Ending;
use super::subject::Subject;
use super::truth;
use crate::contract::{Declares, Glance};
use crate::recording::End;
use crate::scenario::{Kind, ProcessFault, ProcessFaultKind, Script, What};
use crate::stack::report_tail::ReportTail;
use crate::stack::{Manifest, Mode};

/// Silence of a service, beyond a poll, that means it has nothing more to say. What it only says again is silence.
const SILENCE: Duration = Duration::from_secs(5);

/// Wall time, beyond three polls, without anything new, after which a run is over whether or not everything was taken in.
const PATIENCE: Duration = Duration::from_secs(60);

/// Wall time, beyond three polls, after which a run is over though the stack goes on saying something new.
const LONGEST: Duration = Duration::from_secs(600);

/// After so many polls in which a `once` stack asked nobody and said nothing it is not waited for: it does not work.
const POLLS_FOR_NOTHING: u32 = 3;

/// What lies so near to the far end of the backfill is judged and not waited for: that end moves on until the stack asks.
const EDGE: Duration = Duration::from_secs(300);

/// A process that would stay away for longer is not waited for: the scenario is skipped.
const LONGEST_AWAY: Duration = Duration::from_secs(30);

/// Pause between two looks at the report.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What of a scenario cannot be had under a wall clock, if anything.
pub fn needs_virtual_time(script: &Script) -> Option<String> {
    let scenario = &script.scenario;
    for fault in &script.process_faults {
        if matches!(fault.begins, Begins::Time(_)) {
            return Some(format!("`{}` at a time of the story", fault.kind.name()));
        }
        let away = fault.after.unwrap_or_default() + fault.restart_after.unwrap_or_default();
        if away > LONGEST_AWAY {
            return Some(format!("`{}` for {} s", fault.kind.name(), away.as_secs()));
        }
    }
    if let Some(fault) = script.consent_faults.first() {
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
    // Trouble that the script makes and ends is over before the first request.
    let musts = || script.expect.iter().filter(|e| e.kind == Kind::Must);
    let trouble = musts().find(|e| matches!(e.what, What::ReportTrouble | What::ReportGap));
    if let Some(told) = trouble.filter(|_| scenario.faults.is_empty()) {
        return Some(format!("`{}` of what passes by itself", told.what.name()));
    }
    let timed = scenario.faults.iter().find(|fault| {
        fault.kind.takes_time() || matches!(fault.begins, Begins::Time(_)) || matches!(fault.lasts, Lasts::For(_))
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
    faults: &[ProcessFault],
    mut stop: watch::Receiver<bool>,
) -> Result<Ending, RunError> {
    let declares = &manifest.declares;
    let (silence, patience) = (declares.poll_every + SILENCE, declares.poll_every * 3 + PATIENCE);
    let longest = declares.poll_every * 3 + LONGEST;
    let begun = wall_now();
    let mut ear = Ear::new(owed(sim, declares, begun), begun);
    let mut strikes = Strikes::armed(sim, faults);
    let report = subject.report();
    // When it is started next, if that is known, and when it was started last.
    let (mut next_start, mut last_start) = (Some(begun), begun);
    let (mut poll_ended, mut was_cut) = (false, false);
    let mut polls_for_nothing = 0;
    let end = loop {
        let now = wall_now();
        {
            let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
            report.read(now);
            ear.hear(&report, sim, now);
        }
        if std::mem::take(&mut poll_ended) {
            polls_for_nothing += u32::from(ear.heard_nothing());
        }
        if let Some(restart) = strikes.strike(subject, now).await {
            (next_start, was_cut) = (restart, true);
        }
        let silent = match manifest.mode {
            Mode::Service => next_start.is_none() && now >= ear.last_word + silence,
            // A whole poll brought nothing new.
            Mode::Once => !subject.is_running() && !was_cut && ear.last_word < last_start,
        };
        let all_bit = strikes.all_bit() && sim.fault_bites().iter().all(|(_, _, bites)| *bites > 0);
        if silent && ear.awaited.is_empty() && all_bit {
            break End::Heard;
        }
        if now >= ear.last_word + patience || polls_for_nothing >= POLLS_FOR_NOTHING {
            break End::GivenUp;
        }
        if now >= begun + longest {
            break End::OutOfTime;
        }
        if !subject.is_running() && next_start.is_some_and(|at| now >= at) {
            (last_start, was_cut) = (now, false);
            next_start = (manifest.mode == Mode::Once).then(|| now + declares.poll_every);
            if let Err(end) = subject.begin().await {
                break end;
            }
            if manifest.mode == Mode::Service {
                // Before it was ready it had nothing to say.
                ear.last_word = wall_now();
            }
        }
        if let Err(end) = subject.consent_where_asked().await {
            break end;
        }
        tokio::select! {
            code = subject.exited() => {
                poll_ended = true;
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
    Ok(Ending { end, ended, bites: faults::told(faults, &strikes.bites) })
}

/// Faults of the process under the machine's clock.
struct Strikes<'a> {
    faults: &'a [ProcessFault],
    told: mpsc::UnboundedReceiver<(SimTime, usize)>,
    /// When which of them comes to pass.
    due: Vec<(SimTime, usize)>,
    bites: Vec<u32>,
}

impl<'a> Strikes<'a> {
    fn armed(sim: &Simulation, faults: &'a [ProcessFault]) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let tell = move |at, _: &str, index| {
            // Nobody listens any more once the run is over.
            let _ = tell.send((at, index));
        };
        sim.set_interceptor(Box::new(ArmedFaults::new(faults, None, Box::new(tell))));
        Self { faults, told, due: Vec::new(), bites: vec![0; faults.len()] }
    }

    fn all_bit(&self) -> bool {
        self.bites.iter().all(|bites| *bites > 0)
    }

    /// Lets come to pass what is due. Where a process met its end, gives back when there is to be one again, if ever.
    async fn strike(&mut self, subject: &mut Subject, now: SimTime) -> Option<Option<SimTime>> {
        while let Ok(told) = self.told.try_recv() {
            self.due.push(told);
        }
        let at = self.due.iter().position(|(at, _)| *at <= now)?;
        let (_, index) = self.due.remove(at);
        if !subject.is_running() {
            return None;
        }
        let fault = &self.faults[index];
        let mut bit = true;
        match fault.kind {
            ProcessFaultKind::Kill => subject.kill(fault.at.line).await,
            ProcessFaultKind::Stop => subject.stop_in_wall_time().await,
            ProcessFaultKind::WipeState => {
                subject.kill(fault.at.line).await;
                bit = subject.wipe_state(fault.at.line);
            }
            ProcessFaultKind::CutState => {
                subject.kill(fault.at.line).await;
                bit = subject.cut_state(fault.at.line);
            }
            // They begin at a moment of the story: a scenario that has one is not played under this clock.
            ProcessFaultKind::SecondCopy | ProcessFaultKind::UnwritableState => return None,
        }
        self.bites[index] += u32::from(bit);
        Some(fault.restart_after.map(|wait| wall_now() + wait))
    }
}

/// What was heard of a stack so far: what it says, and what it does to vendors.
struct Ear {
    /// Events that have to be taken in and have not been.
    awaited: BTreeSet<String>,
    /// When it last said or did something that it had not said or done before.
    last_word: SimTime,
    known: BTreeSet<String>,
    lines: usize,
    exchanges: u64,
}

impl Ear {
    fn new(awaited: BTreeSet<String>, begun: SimTime) -> Self {
        Self { awaited, last_word: begun, known: BTreeSet::new(), lines: 0, exchanges: 0 }
    }

    fn hear(&mut self, report: &ReportTail, sim: &Simulation, now: SimTime) {
        for line in report.lines_from(self.lines) {
            let (content, event) = heard(&line.text);
            if let Some(id) = event {
                self.awaited.remove(&id);
            }
            self.note(content, now);
        }
        self.lines = report.len();
        let (entries, end) = sim.journal.since(self.exchanges, usize::MAX);
        self.exchanges = end;
        for deed in entries.iter().filter_map(deed) {
            self.note(deed, now);
        }
    }

    fn heard_nothing(&self) -> bool {
        self.known.is_empty() && self.exchanges == 0
    }

    fn note(&mut self, word: String, now: SimTime) {
        if self.known.insert(word) {
            self.last_word = now;
        }
    }
}

/// What a request does to a vendor, if it does not only read or ask for a token: the same when it is done again.
fn deed(entry: &Entry) -> Option<String> {
    let path = entry.target.split('?').next().unwrap_or_default();
    let reads = matches!(entry.method.as_str(), "GET" | "HEAD") || entry.route.ends_with(".token");
    (!reads).then(|| format!("{} {path} -> {:?}", entry.method, entry.status))
}

/// Ids of the events of claimed feeds within the declared backfill.
fn owed(sim: &Simulation, declares: &Declares, now: SimTime) -> BTreeSet<String> {
    let vendor = |app: &str| sim.scenario.app(app).map_or("", |(_, app)| app.vendor.name());
    let records = truth::records(sim, now).into_iter().filter(|record| {
        let vendor = vendor(&record.app);
        let from = now - declares.backfill(&record.app, vendor) + EDGE;
        declares.claims(&format!("{vendor}.{}", record.log)) && record.persisted >= from
    });
    records.map(|record| record.event_id).collect()
}

/// What a line says, however often it says it, and which event it is about if it is one.
fn heard(line: &str) -> (String, Option<String>) {
    Glance::at(line).map_or_else(|| (line.to_owned(), None), |glance| (glance.word(), glance.event_id()))
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
        let trouble = "expect:\n  - { must: report_trouble, app: miro }\n";
        assert_eq!(needs(trouble).as_deref(), Some("`report_trouble` of what passes by itself"));
        let fault = "faults:\n  - { route: miro.audit_log, nth: 1, fault: error, status: 503 }\n";
        assert_eq!(needs(&format!("{fault}{trouble}")), None);
        assert_eq!(needs("faults:\n  - { route: miro.audit_log, nth: 1, fault: error, status: 503 }\n"), None);
        let throttle = "faults:\n  - { route: miro.audit_log, nth: 1, fault: throttle, retry_after: 60s }\n";
        assert_eq!(needs(throttle).as_deref(), Some("`throttle`"));
        #[rustfmt::skip]
        let deaths = [
            ("route: miro.audit_log, nth: 1, fault: kill",                      None),
            ("route: miro.audit_log, nth: 2, fault: stop, restart_after: 10s",  None),
            ("route: miro.audit_log, nth: 1, fault: kill, restart_after: 5m",   Some("`kill` for 300 s")),
            ("at: day 1 10:00, fault: stop, restart_after: 10s",                Some("`stop` at a time of the story")),
        ];
        for (fault, expected) in deaths {
            assert_eq!(needs(&format!("faults:\n  - {{ {fault} }}\n")).as_deref(), expected, "{fault}");
        }
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
        assert_eq!(
            heard(r#"{"kind":"event","body":{"uid":"e1"}}"#).1.as_deref(),
            Some("e1"),
            "in the lenient form too"
        );
        let alert = heard(&line.replace("event", "alert"));
        assert!(alert.1.is_none() && alert.0 != content);
        assert_eq!(heard("nonsense"), ("nonsense".to_owned(), None));
    }
}
