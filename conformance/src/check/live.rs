//! The process: that it gets ready, lives to the end, lets time pass, and stops when it is told to.

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::wording::{few, last_words};
use crate::recording::{End, ProcessEvent, ProcessWhat};
use crate::verdict::Finding;

/// It never got ready.
pub(super) const NOT_READY: Check = Check {
    id: "live/not-ready",
    title: "the stack never became ready",
    explanation: "\
Before any time passes a stack has to be up: its process started, the `ready` of its manifest seen (a status record, an \
answer under a URL, or a line of its log) within half a minute of wall time, and the consents it asks for given. The \
harness plays the administrator's browser: it opens the authorize URL the stack printed and follows the redirect to the \
stack's own listener, which has to answer. Here one of these did not come about, so nothing else could be judged. The \
stack's last words stand in the finding, its whole output in the run folder.

Source: docs/src/bring-a-stack.md (a service has to say when it is `ready`); docs/src/contract.md (`consent_needed`).",
    judged: Judged::Always,
    run: not_ready,
};

/// It ended by itself.
pub(super) const CRASHED: Check = Check {
    id: "live/crashed",
    title: "the stack's process ended although nobody had told it to",
    explanation: "\
A stack that runs as a service lives until it is told to stop; one that is started for each poll (`mode: once`) ends with \
status 0, unless its manifest says `exit_status: ignored`. What it said last on its standard error stands in the finding, \
the whole of it in the run's folder. Kills and stops that the scenario writes are the \
scenario's and no crash; what a stack does after them is judged like everything else. Here the process ended by itself, \
with the status shown. Usual causes: an answer of unexpected shape that stops the program in place of the one request; an \
error of one feed that ends the whole; a refused token taken for a reason to give up for good. Other checks then judge \
only what had happened by then: what is missing from a run that broke off is a consequence.

Source: docs/src/bring-a-stack.md (what is started, and when it may end); docs/src/faults.md, auth-stop-on-transient; seen \
in https://github.com/SEKOIA-IO/automation-library/pull/1313.",
    judged: Judged::Always,
    run: crashed,
};

/// It waits for nothing.
pub(super) const STUCK: Check = Check {
    id: "live/stuck",
    title: "the stack waits for an answer that cannot come, and for nothing else",
    explanation: "\
Under the virtual clock simulator and stack share one time, which jumps to the next timer when nobody can run. Here the \
run came to its end while the stack had a request open that nobody was ever going to answer, and not a single timer: no \
timeout, no next poll. In production it would have waited for ever. Usual causes: a request without a timeout to a vendor \
that never answers, with everything else waiting for it; a timeout by some other clock than the one the connections \
document names.

Not found here: a stack that has neither a timer nor an open request, such as one whose poll loop ended on an error while \
the process lives on. `live/polling-stopped` finds that.

Source: docs/src/contract.md (the clock: time moves when nothing is under way); docs/src/faults.md, http-no-timeout; seen in \
https://github.com/OpenCTI-Platform/connectors/issues/5716.",
    judged: Judged::Always,
    run: stuck,
};

/// It never comes to rest.
pub(super) const BUSY: Check = Check {
    id: "live/busy",
    title: "the stack never comes to rest",
    explanation: "\
Under the virtual clock time stands still while anybody can run. Here the simulation found no quiet for thirty seconds of \
wall time: the stack went on asking without waiting, or did not report to the clock that it waits. The reason names what \
was awaited last. Usual causes: a retry without a pause, a cursor that leads to itself and is followed for ever, a task \
that spins, a sleep or a timeout by the machine's clock, a request counted as sent and never as finished. The journal's \
last exchanges stand in the finding.

Source: docs/src/contract.md (the clock: time moves when nothing is under way; the thirty seconds are a choice); \
docs/src/faults.md, page-cursor-loop, rate-retry-storm.",
    judged: Judged::Always,
    run: busy,
};

/// It did not stop as it should.
pub(super) const NO_DRAIN: Check = Check {
    id: "live/no-drain",
    title: "told to stop, the stack did not end in order",
    explanation: "\
At the end of a run, and where a scenario says `stop`, the stack gets the signal TERM: it finishes what it has begun, \
writes what it knows, and ends. Ending with status 0 is in order, and so are 143, 130 and the signal itself, since a stack \
that keeps everything it needs on disk may simply go. Here it ended with another status, which says that stopping failed, \
or was never seen to end. Usual causes: shutdown waits for a poll or a pause that lasts hours; a worker that is cut off \
raises an error; the report is closed before the last line is written.

Source: docs/src/bring-a-stack.md (all processes live until they are told to stop); docs/src/faults.md, \
rate-retry-after-unbounded, state-shutdown-loses-buffer.",
    judged: Judged::AtTheEnd,
    run: no_drain,
};

/// Statuses of a process that stopped because it was told to.
const STOPPED: [i32; 3] = [0, 130, 143];

fn not_ready(facts: &Facts<'_>) -> Vec<Finding> {
    match &facts.recording.end {
        End::NotReady { why } => vec![NOT_READY.fail("the stack becomes ready", format!("it did not: {why}")).done()],
        End::ConsentFailed { why } => {
            vec![NOT_READY.fail("the stack can be given consent", format!("it could not: {why}")).done()]
        }
        _ => Vec::new(),
    }
}

fn crashed(facts: &Facts<'_>) -> Vec<Finding> {
    let End::Crashed { code } = facts.recording.end else { return Vec::new() };
    let how = code.map_or("by a signal".to_owned(), |code| format!("with status {code}"));
    let observed = format!("its process ended {how} at {}", facts.spell(facts.recording.ended));
    let expected = "a service lives until it is told to stop; what is started for each poll ends with status 0";
    let evidence = [last_words(facts), last_exchanges(facts)].concat();
    vec![CRASHED.fail(expected, observed).evidence(evidence).done()]
}

fn stuck(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.recording.end != End::Stuck {
        return Vec::new();
    }
    let observed = format!("from {} on nothing could move the clock", facts.spell(facts.recording.ended));
    vec![STUCK.fail("some timer of the stack is always pending", observed).evidence(last_exchanges(facts)).done()]
}

fn busy(facts: &Facts<'_>) -> Vec<Finding> {
    let End::Busy { why } = &facts.recording.end else { return Vec::new() };
    let observed = format!("no quiet at {}: {why}", facts.spell(facts.recording.ended));
    vec![BUSY.fail("the stack comes to rest, so that time can pass", observed).evidence(last_exchanges(facts)).done()]
}

fn no_drain(facts: &Facts<'_>) -> Vec<Finding> {
    let process = &facts.recording.process;
    let told = process.iter().enumerate().filter(|(_, e)| e.what == ProcessWhat::ToldToStop);
    let finding = |observed| NO_DRAIN.fail("told to stop, the process ends in order", observed).done();
    told.filter_map(|(index, told)| {
        let told_at = facts.spell(told.at);
        // Stopped at a moment at which it was killed as well: the kill decided.
        let decides = |e: &&ProcessEvent| e.what != ProcessWhat::ToldToStop && e.what.is_of_the_process();
        let next = process[index + 1..].iter().find(decides);
        match next.map(|e| &e.what) {
            Some(ProcessWhat::Exited { code: Some(code) }) if !STOPPED.contains(code) => {
                Some(finding(format!("told to stop at {told_at}, it ended with status {code}")))
            }
            Some(ProcessWhat::WouldNotStop) => {
                Some(finding(format!("told to stop at {told_at}, it did not end and had to be killed")))
            }
            None | Some(ProcessWhat::Started | ProcessWhat::Ready) => {
                Some(finding(format!("told to stop at {told_at}, it was never seen to end")))
            }
            _ => None,
        }
    })
    .collect()
}

fn last_exchanges(facts: &Facts<'_>) -> Vec<String> {
    let journal = &facts.recording.journal;
    few(journal[journal.len().saturating_sub(8)..].iter().map(|entry| facts.exchange_row(entry)))
}

#[cfg(test)]
mod tests {
    use super::{BUSY, CRASHED, NO_DRAIN, NOT_READY, STUCK};
    use crate::check::Check;
    use crate::observe::example::Example;
    use crate::recording::{End, ProcessWhat};

    #[track_caller]
    fn check(end: End, blamed: &Check, said: &str) {
        let mut run = Example::travel();
        run.recording.end = end;
        assert!(run.fails(blamed).observed.contains(said), "{said}");
        for other in [&NOT_READY, &CRASHED, &STUCK, &BUSY].into_iter().filter(|c| c.id != blamed.id) {
            run.passes(other);
        }
    }

    #[test]
    fn a_run_that_reached_its_end_passes() {
        for check in [&NOT_READY, &CRASHED, &STUCK, &BUSY, &NO_DRAIN] {
            Example::travel().passes(check);
        }
    }

    #[test]
    fn a_stack_that_never_got_ready_fails_with_the_reason() {
        check(End::NotReady { why: "it printed nothing".into() }, &NOT_READY, "it printed nothing");
        check(End::ConsentFailed { why: "miro: 404".into() }, &NOT_READY, "miro: 404");
    }

    #[test]
    fn a_process_that_ended_by_itself_fails() {
        check(End::Crashed { code: Some(101) }, &CRASHED, "with status 101");
        check(End::Crashed { code: None }, &CRASHED, "by a signal");
    }

    #[test]
    fn a_clock_that_nothing_can_move_fails() {
        check(End::Stuck, &STUCK, "nothing could move the clock");
    }

    #[test]
    fn a_stack_without_rest_fails() {
        check(End::Busy { why: "2 requests under way".into() }, &BUSY, "2 requests under way");
    }

    fn exited(code: Option<i32>) -> Example {
        let mut run = Example::quiet();
        run.recording.process.last_mut().unwrap().what = ProcessWhat::Exited { code };
        run
    }

    #[test]
    fn ending_by_the_signal_or_with_its_status_is_in_order() {
        for code in [Some(0), Some(143), Some(130), None] {
            exited(code).passes(&NO_DRAIN);
        }
    }

    #[test]
    fn ending_with_another_status_fails() {
        assert!(exited(Some(1)).fails(&NO_DRAIN).observed.contains("status 1"));
    }

    #[test]
    fn a_process_that_had_to_be_killed_fails() {
        let mut run = Example::quiet();
        run.recording.process.last_mut().unwrap().what = ProcessWhat::WouldNotStop;
        assert!(run.fails(&NO_DRAIN).observed.ends_with("had to be killed"));
    }

    #[test]
    fn a_process_that_was_never_seen_to_end_fails() {
        let mut run = Example::quiet();
        run.recording.process.pop();
        run.fails(&NO_DRAIN);
    }
}
