//! A run under the virtual clock: time jumps from one awaited moment to the next, and stands still while the harness
//! does something.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use simulator::Simulation;
use simulator::clock::{Coordinator, Hold, Progress, wall_sleep, wall_timeout};
use simulator::time::SimTime;
use tokio::sync::{mpsc, watch};

use super::agenda::{self, Agenda, Due, Released};
use super::error::{RunError, stopped};
use super::faults::{self, ArmedFaults};
use super::subject::{Subject, asked};
use crate::recording::{End, FaultBite};
use crate::scenario::{ProcessFault, ProcessFaultKind};
use crate::stack::{ExitStatus, Mode};

/// Wall time in which the exchanges of a process that was killed have to be closed.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// What a run under the virtual clock needs to know.
pub(super) struct Course<'a> {
    pub(super) faults: &'a [ProcessFault],
    pub(super) mode: Mode,
    pub(super) exit_status: ExitStatus,
    pub(super) poll_every: Duration,
    /// When the story ends, and with it the faults.
    pub(super) story_ends: SimTime,
    /// When the run is over.
    pub(super) ends: SimTime,
}

/// How a run came to its end, and how often each fault of the process bit.
pub(super) struct Ending {
    pub(super) end: End,
    pub(super) ended: SimTime,
    pub(super) bites: Vec<FaultBite>,
}

/// Plays a stack from its start to its end.
pub(super) async fn play(
    sim: &Simulation,
    clock: &Arc<Coordinator>,
    subject: &mut Subject,
    course: &Course<'_>,
    stop: watch::Receiver<bool>,
) -> Result<Ending, RunError> {
    let (agenda, released) = Agenda::new(Arc::clone(clock));
    let (report, to_be_done) = (subject.report(), Arc::clone(&agenda));
    let mut seen = 0;
    let lookout = clock.before_each_move(move |now, hold| {
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.read(now);
        let from = std::mem::replace(&mut seen, report.len());
        if asked(&report, from).next().is_none() {
            return Some(hold);
        }
        to_be_done.now(Due::Consent, hold)
    });
    let on_the_agenda = Arc::clone(&agenda);
    let tell = move |at, name: &str, index| on_the_agenda.at(at, name, Due::Fault(index));
    sim.set_interceptor(Box::new(ArmedFaults::new(course.faults, Some(course.story_ends), Box::new(tell))));
    let mut run = Run { clock, subject, course, agenda: &agenda, bites: vec![0; course.faults.len()] };
    let result = run.live(released, stop).await;
    agenda.clear();
    let (end, still) = result?;
    let ended = clock.now();
    let bites = faults::told(course.faults, &run.bites);
    drop(subject.stop(still).await);
    drop(lookout);
    Ok(Ending { end, ended, bites })
}

struct Run<'a> {
    clock: &'a Arc<Coordinator>,
    subject: &'a mut Subject,
    course: &'a Course<'a>,
    agenda: &'a Agenda,
    bites: Vec<u32>,
}

impl Run<'_> {
    /// Until the end, whichever it is. The clock stands still when this returns.
    async fn live(
        &mut self,
        mut released: mpsc::UnboundedReceiver<Released>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(End, Hold), RunError> {
        let still = self.clock.hold();
        let mut status = self.clock.status();
        self.agenda.at(self.course.ends, agenda::END, Due::End);
        self.clock.start();
        if let Err(end) = self.begin().await {
            return Ok((end, still));
        }
        drop(still);
        loop {
            tokio::select! {
                biased;
                code = self.subject.exited() => {
                    let still = self.clock.hold();
                    if self.course.exit_status.is_crash(self.course.mode, code) {
                        return Ok((End::Crashed { code }, still));
                    }
                    self.forget().await;
                }
                Some((due, still)) = released.recv() => {
                    let (end, still) = self.due(due, still).await;
                    if let Some(end) = end {
                        return Ok((end, still));
                    }
                }
                Ok(()) = status.changed() => {
                    let still = self.clock.hold();
                    let end = match status.borrow_and_update().clone() {
                        Progress::Running => continue,
                        Progress::Stuck => End::Stuck,
                        Progress::Busy { why } => End::Busy { why },
                    };
                    // A process that has just ended is what the clock waits for.
                    return Ok(match wall_timeout(Duration::from_millis(200), self.subject.exited()).await {
                        Some(code) if self.course.exit_status.is_crash(self.course.mode, code) => {
                            (End::Crashed { code }, still)
                        }
                        _ => (end, still),
                    });
                }
                () = stopped(&mut stop) => return Err(RunError::Interrupted),
            }
        }
    }

    /// Does what is due while the clock stands still. Gives back the end if this was it, and the clock, held again.
    async fn due(&mut self, due: Due, still: Hold) -> (Option<End>, Hold) {
        let end = match due {
            Due::End => {
                // It has no timer, and an answer that it waits for will never come: it would wait for ever.
                let waits = self.subject.is_running() && self.clock.open_exchanges() > 0;
                Some(if waits && self.clock.party_timers() == 0 { End::Stuck } else { End::Planned })
            }
            Due::Consent => self.subject.consent_where_asked().await.err(),
            Due::Restart if self.subject.is_running() => None,
            Due::Restart => self.begin().await.err(),
            Due::Poll => {
                let end = if self.subject.is_running() { None } else { self.begin().await.err() };
                self.plan_next_poll();
                end
            }
            Due::Fault(index) => return (None, self.strike(index, still).await),
        };
        (end, still)
    }

    /// Starts the process, for the first time or again.
    async fn begin(&mut self) -> Result<(), End> {
        self.clock.declare_parties(1);
        let first = !self.subject.has_begun();
        let begun = self.subject.begin().await;
        if first && self.course.mode == Mode::Once {
            self.plan_next_poll();
        }
        begun
    }

    fn plan_next_poll(&self) {
        self.agenda.at(self.clock.now() + self.course.poll_every, "poll", Due::Poll);
    }

    /// A fault of the process comes to pass, if there is a process. Time goes on only while it is told to stop.
    async fn strike(&mut self, index: usize, still: Hold) -> Hold {
        if !self.subject.is_running() {
            return still;
        }
        let fault = &self.course.faults[index];
        let mut bit = true;
        let still = match fault.kind {
            ProcessFaultKind::Kill => {
                self.subject.kill(fault.at.line).await;
                still
            }
            ProcessFaultKind::WipeState => {
                self.subject.kill(fault.at.line).await;
                bit = self.subject.wipe_state(fault.at.line);
                still
            }
            ProcessFaultKind::CutState => {
                self.subject.kill(fault.at.line).await;
                bit = self.subject.cut_state(fault.at.line);
                still
            }
            ProcessFaultKind::UnwritableState => {
                self.subject.kill(fault.at.line).await;
                self.forget().await;
                bit = self.subject.start_without_state(self.clock, fault.at.line).await;
                still
            }
            ProcessFaultKind::SecondCopy => {
                self.bites[index] += u32::from(self.subject.start_second_copy(self.clock, fault.at.line).await);
                return still;
            }
            ProcessFaultKind::Stop => {
                let still = self.subject.stop(still).await;
                still.unwrap_or_else(|| self.clock.hold())
            }
        };
        self.bites[index] += u32::from(bit);
        self.forget().await;
        if let Some(wait) = fault.restart_after {
            self.agenda.at(self.clock.now() + wait, &format!("restart:{}", fault.at.line), Due::Restart);
        }
        still
    }

    /// The process is gone: its exchanges are closed, so that the journal has them all at this time, and forgotten.
    async fn forget(&self) {
        let closed = async {
            while self.clock.open_exchanges() > 0 {
                wall_sleep(Duration::from_millis(1)).await;
            }
        };
        // What hangs on after that is not counted any more; it only enters the journal later.
        let _ = wall_timeout(CLOSED_WITHIN, closed).await;
        self.clock.forget_parties();
    }
}
