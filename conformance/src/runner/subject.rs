//! The stack while it is played: its processes, its report, and what happened to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use simulator::Simulation;
use simulator::clock::{Coordinator, Hold, wall_sleep, wall_timeout};

use super::place::Place;
use super::printed::Printed;
use crate::contract::Asked;
use crate::recording::{End, FaultBite, OpenFile, Output, ProcessEvent, ProcessWhat, ReportLine};
use crate::scenario::{ConsentFault, ConsentFaultKind};
use crate::stack::consent::Browser;
use crate::stack::crew::Crew;
use crate::stack::process::Launch;
use crate::stack::report_tail::ReportTail;
use crate::stack::{ExitStatus, Manifest, Mode, Ready};

/// Wall time in which a stack has to say that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Wall time in which a stack that was told to stop has to end while time stands still, and again while it goes on.
const DRAIN_WITHIN: Duration = Duration::from_secs(5);

/// Wall time in which a stack is expected to use the code that it was sent.
const CODE_USED_WITHIN: Duration = Duration::from_secs(2);

/// Wall time in which a stack that is started where it cannot work shows whether it goes to work.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(3);

/// Pause between two looks at something that is about to change.
const SOON: Duration = Duration::from_millis(1);

/// What a stack has told and asked for before it is given a code.
#[derive(Clone, Copy)]
struct Given {
    /// Lines of its report.
    lines: usize,
    /// Calls of the token endpoint.
    tokens: usize,
}

/// What came of starting a stack where it cannot work.
struct Attempt {
    /// What it asked of vendors.
    requests: u64,
    /// Whether it ended by itself as one that failed.
    failed: bool,
}

/// What a stack left, and what happened to its process.
pub(super) struct Left {
    pub(super) report: Vec<ReportLine>,
    pub(super) outputs: Vec<Output>,
    pub(super) open_state: Vec<OpenFile>,
    pub(super) process: Vec<ProcessEvent>,
}

/// A stack under test.
pub(super) struct Subject {
    sim: Arc<Simulation>,
    ready: Option<Ready>,
    ready_url: Option<String>,
    mode: Mode,
    exit_status: ExitStatus,
    launches: Vec<Launch>,
    place: Place,
    tail: Arc<Mutex<ReportTail>>,
    browser: Browser,
    /// What goes wrong with consents, and how often it has.
    consent_faults: Vec<(ConsentFault, u32)>,
    crew: Option<Crew>,
    events: Vec<ProcessEvent>,
    /// First line of the report that this process wrote.
    first_line: usize,
    /// Apps that were consented to since this process began.
    consented: BTreeSet<String>,
}

impl Subject {
    /// A stack that has not been started yet.
    pub(super) fn new(
        sim: &Arc<Simulation>,
        manifest: &Manifest,
        launches: Vec<Launch>,
        place: Place,
        ready_url: Option<String>,
        browser: Browser,
        consent_faults: &[ConsentFault],
    ) -> Self {
        Self {
            sim: Arc::clone(sim),
            ready: manifest.ready.clone(),
            ready_url,
            mode: manifest.mode,
            exit_status: manifest.exit_status,
            tail: Arc::new(Mutex::new(ReportTail::new(place.sources(manifest)).shortening(place.printed_to()))),
            launches,
            place,
            browser,
            consent_faults: consent_faults.iter().map(|fault| (*fault, 0)).collect(),
            crew: None,
            events: Vec::new(),
            first_line: 0,
            consented: BTreeSet::new(),
        }
    }

    /// Starts the process and waits until it says that it is ready, consenting where it asks for it meanwhile.
    pub(super) async fn begin(&mut self) -> Result<(), End> {
        let lines = self.tail().len();
        self.first_line = lines;
        self.consented.clear();
        let mut printed = Printed::from_now(self.place.printed_to());
        let crew = Crew::begin(&self.launches, self.mode, self.exit_status);
        self.crew = Some(crew.map_err(|why| End::NotReady { why })?);
        self.note(ProcessWhat::Started);
        if self.ready.is_none() {
            return Ok(());
        }
        match wall_timeout(READY_WITHIN, self.until_ready(&mut printed)).await {
            Some(Ok(())) => self.note(ProcessWhat::Ready),
            Some(Err(end)) => return Err(end),
            None => {
                let why = format!("it did not say so within {} s; {}", READY_WITHIN.as_secs(), self.last_words());
                return Err(End::NotReady { why });
            }
        }
        Ok(())
    }

    /// Consents where the stack asks for it, once an app: a grant that is withdrawn later is not given again, for the
    /// administrator who withdrew it has meant it. A process that is started anew may ask anew.
    pub(super) async fn consent_where_asked(&mut self) -> Result<(), End> {
        let asked: BTreeMap<String, String> = asked(&self.tail(), self.first_line).collect();
        for (app, url) in asked {
            if self.consented.insert(app.clone()) {
                self.consent(&app, &url).await?;
            }
        }
        Ok(())
    }

    /// Waits for the end of the process, for ever if there is none. The exit is noted; may be cancelled.
    pub(super) async fn exited(&mut self) -> Option<i32> {
        let Some(crew) = &mut self.crew else { return std::future::pending().await };
        let code = crew.exited().await;
        self.gone(ProcessWhat::Exited { code });
        code
    }

    /// Whether it was ever started.
    pub(super) fn has_begun(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether there is a process.
    pub(super) fn is_running(&self) -> bool {
        self.crew.is_some()
    }

    /// Kills it as a fault written at `line` wants.
    pub(super) async fn kill(&mut self, line: u32) {
        if let Some(crew) = &mut self.crew {
            crew.kill().await;
            self.gone(ProcessWhat::Killed { line });
        }
    }

    /// Removes the state of a process that is gone, as a fault written at `line` wants; says whether that could be done.
    pub(super) fn wipe_state(&mut self, line: u32) -> bool {
        let wiped = self.place.wipe_state().is_ok();
        if wiped {
            self.note(ProcessWhat::StateWiped { line });
        }
        wiped
    }

    /// Cuts the state of a process that is gone, as a fault written at `line` wants; says whether there was any.
    pub(super) fn cut_state(&mut self, line: u32) -> bool {
        let cut = self.place.cut_state().unwrap_or(false);
        if cut {
            self.note(ProcessWhat::StateCut { line });
        }
        cut
    }

    /// Starts a second copy while time stands still, as a fault written at `line` wants. Says whether it could be started.
    pub(super) async fn start_second_copy(&mut self, clock: &Coordinator, line: u32) -> bool {
        let Some(attempt) = self.start_for_a_while(clock).await else { return false };
        self.note(ProcessWhat::SecondCopy { line, requests: attempt.requests });
        true
    }

    /// Starts a process that is gone where it cannot keep its state, while time stands still, as a fault written at `line`
    /// wants; then gives the state back. Says whether all that could be done.
    pub(super) async fn start_without_state(&mut self, clock: &Coordinator, line: u32) -> bool {
        let lines = self.tail().len();
        let Ok(Some(taken)) = self.place.take_state() else { return false };
        let attempt = self.start_for_a_while(clock).await;
        let given_back = taken.give_back().is_ok();
        let Some(Attempt { requests, failed }) = attempt else { return false };
        let now = self.sim.clock.now();
        self.tail().killed(now);
        let complained = self.tail().statuses(lines).iter().any(|status| status.phase == "degraded");
        self.note(ProcessWhat::StateUnwritable { line, requests, told: complained || failed });
        given_back
    }

    /// Starts the stack while time stands still, and counts what it asks of vendors until it ends by itself or has shown that
    /// it goes on; then it is killed. None if it could not be started.
    async fn start_for_a_while(&self, clock: &Coordinator) -> Option<Attempt> {
        let (asked, open) = (self.sim.journal.count(|_| true), clock.open_exchanges());
        let mut crew = Crew::begin(&self.launches, self.mode, self.exit_status).ok()?;
        let ended = wall_timeout(ATTEMPT_WITHIN, crew.exited()).await;
        if ended.is_none() {
            crew.kill().await;
        }
        // What it had under way enters the journal as soon as its connections are found to be closed.
        let closed = async {
            while clock.open_exchanges() > open {
                wall_sleep(SOON).await;
            }
        };
        let _ = wall_timeout(ATTEMPT_WITHIN, closed).await;
        let requests = self.sim.journal.count(|_| true).saturating_sub(asked) as u64;
        Some(Attempt { requests, failed: ended.is_some_and(|code| code != Some(0)) })
    }

    /// Tells it to stop and waits until it has ended. While it does, time stands still at first; if that is what it
    /// waits for, time goes on. Killed if that does not help either. The hold comes back if time never went on: what the
    /// process reported last may still be taken for its word, and must not move time.
    pub(super) async fn stop(&mut self, still: Hold) -> Option<Hold> {
        self.stop_while(Some(still)).await
    }

    /// The same under a wall clock.
    pub(super) async fn stop_in_wall_time(&mut self) {
        self.stop_while(None).await;
    }

    async fn stop_while(&mut self, mut still: Option<Hold>) -> Option<Hold> {
        let Some(crew) = &mut self.crew else { return still };
        crew.tell_to_stop();
        self.events.push(ProcessEvent { at: self.sim.clock.now(), what: ProcessWhat::ToldToStop });
        let mut ended = wall_timeout(DRAIN_WITHIN, crew.exited()).await;
        if ended.is_none() {
            still = None;
            ended = wall_timeout(DRAIN_WITHIN, crew.exited()).await;
        }
        match ended {
            Some(code) => self.gone(ProcessWhat::Exited { code }),
            None => {
                crew.kill().await;
                self.gone(ProcessWhat::WouldNotStop);
            }
        }
        still
    }

    /// Its report, to be read as it grows.
    pub(super) fn report(&self) -> Arc<Mutex<ReportTail>> {
        Arc::clone(&self.tail)
    }

    /// All that it left.
    pub(super) fn leave(self, ended: simulator::time::SimTime) -> Left {
        let (report, secrets) = (self.tail().finish(ended), self.sim.secrets());
        Left {
            report,
            outputs: self.place.outputs(&secrets),
            open_state: self.place.open_state(&secrets),
            process: self.events,
        }
    }

    async fn until_ready(&mut self, printed: &mut Printed) -> Result<(), End> {
        loop {
            self.tail().read(self.sim.clock.now());
            self.consent_where_asked().await?;
            let ready = match &self.ready {
                None => true,
                Some(Ready::Phase(phase)) => {
                    self.tail().statuses(self.first_line).iter().any(|status| status.phase == *phase)
                }
                Some(Ready::Log(pattern)) => printed.fresh_lines().iter().any(|line| pattern.is_match(line)),
                Some(Ready::Http(_)) => match &self.ready_url {
                    Some(url) => self.browser.answers(url).await,
                    None => true,
                },
            };
            if ready {
                return Ok(());
            }
            tokio::select! {
                code = self.exited() => {
                    let code = code.map_or_else(|| "by a signal".to_owned(), |code| format!("with status {code}"));
                    return Err(End::NotReady { why: format!("its process ended {code}; {}", self.last_words()) });
                }
                () = wall_sleep(SOON) => {}
            }
        }
    }

    async fn consent(&mut self, app: &str, url: &str) -> Result<(), End> {
        let failed = |e| End::ConsentFailed { why: format!("{app}: {e}") };
        if self.meets(ConsentFaultKind::ForgedRedirect, app) {
            let given = self.given(app);
            if self.browser.comes_uninvited(url).await.map_err(failed)? {
                self.until_code_used(app, given).await;
            }
        }
        let given = self.given(app);
        let page = self.browser.consent(url).await.map_err(failed)?;
        // Time must not pass before the stack has taken up the code: until then an older report of it that nothing can run
        // still stands.
        self.until_code_used(app, given).await;
        if self.meets(ConsentFaultKind::RepeatedRedirect, app) {
            self.until_told(given.lines, app, &["connecting", "connected"]).await;
            self.browser.comes_again(&page).await.map_err(failed)?;
        }
        Ok(())
    }

    fn given(&self, app: &str) -> Given {
        Given { lines: self.tail().len(), tokens: self.tokens_asked_for(app) }
    }

    /// Until the stack has asked for tokens, or is connected. One that never does shows it in what it does not ingest.
    async fn until_code_used(&self, app: &str, given: Given) {
        let asked = async {
            while self.tokens_asked_for(app) <= given.tokens {
                wall_sleep(SOON).await;
            }
        };
        tokio::select! {
            _ = wall_timeout(CODE_USED_WITHIN, asked) => {}
            () = self.until_told(given.lines, app, &["connected"]) => {}
        }
    }

    /// Until the stack tells one of these of an app: when it goes on, it has put away what it was given.
    async fn until_told(&self, lines: usize, app: &str, phases: &[&str]) {
        let told = async {
            loop {
                self.tail().read(self.sim.clock.now());
                let of_it = |s: &Asked| s.app.as_deref() == Some(app) && phases.contains(&s.phase.as_str());
                if self.tail().statuses(lines).iter().any(of_it) {
                    return;
                }
                wall_sleep(SOON).await;
            }
        };
        let _ = wall_timeout(CODE_USED_WITHIN, told).await;
    }

    /// Whether a fault of this kind befalls this consent. It is counted.
    fn meets(&mut self, kind: ConsentFaultKind, app: &str) -> bool {
        let apps = &self.sim.scenario.apps;
        let mut mine = self.consent_faults.iter_mut().filter(|(f, _)| f.kind == kind && apps[f.app.0].name == app);
        mine.next().map(|(_, bites)| *bites += 1).is_some()
    }

    /// What has become of the faults of consents.
    pub(super) fn consent_bites(&self) -> impl Iterator<Item = FaultBite> {
        self.consent_faults.iter().map(|(fault, bites)| FaultBite {
            kind: fault.kind.name().to_owned(),
            line: fault.at.line,
            bites: *bites,
        })
    }

    /// How often the stack has asked an instance for tokens, as far as it was answered.
    fn tokens_asked_for(&self, app: &str) -> usize {
        let route = format!("{app}.token");
        self.sim.journal.count(|entry| entry.route == route)
    }

    fn gone(&mut self, how: ProcessWhat) {
        self.crew = None;
        self.tail().killed(self.sim.clock.now());
        self.note(how);
    }

    fn note(&mut self, what: ProcessWhat) {
        self.events.push(ProcessEvent { at: self.sim.clock.now(), what });
    }

    fn tail(&self) -> MutexGuard<'_, ReportTail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it printed last, for a message.
    fn last_words(&self) -> String {
        let printed = Printed::the_end(self.place.printed_to()).fresh_lines();
        let lines: Vec<&str> =
            printed.iter().map(String::as_str).rev().filter(|line| !line.trim().is_empty()).take(3).collect();
        let words: Vec<&str> = lines.into_iter().rev().collect();
        match words.join(" | ") {
            words if words.is_empty() => format!("it printed nothing (see {})", self.place.dir().display()),
            words => format!("its last words: {}", words.chars().take(500).collect::<String>()),
        }
    }
}

/// Apps that the process which wrote the report from line `first` on has asked consent for, with the pages.
pub(super) fn asked(report: &ReportTail, first: usize) -> impl Iterator<Item = (String, String)> {
    report.statuses(first).into_iter().filter_map(asks_for_consent)
}

fn asks_for_consent(asked: Asked) -> Option<(String, String)> {
    match asked {
        Asked { phase, app: Some(app), authorize_url: Some(url) } if phase == "consent_needed" => Some((app, url)),
        _ => None,
    }
}
