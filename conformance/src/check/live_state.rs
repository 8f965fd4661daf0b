//! `live/cut-state`, `live/unwritable-state`: what becomes of a stack whose state was damaged, or has no place to be.

use crate::observe::Facts;
use crate::observe::wording::{few, last_words};
use crate::recording::{End, ProcessWhat};
use crate::verdict::Finding;

use super::{Check, Judged};

/// Half a state is the end of it.
pub(super) const CUT: Check = Check {
    id: "live/cut-state",
    title: "a state that was cut short kept the stack from coming back",
    explanation: "\
A machine that loses power in the middle of a write leaves half a file behind; a full disk and a copy that broke off do \
the same. The scenario's fault `cut_state` kills the process and cuts every file of its state, except its report, to the \
first half of its bytes, whatever format they have. Then the stack is started again. It may go on from an earlier state \
that is still whole, or put the rest aside and begin as it did at first; it may say that it is in trouble, and should. \
What it must not do is stay away: here it never got ready again, or ended, so nobody watches until somebody comes and \
removes the file by hand.

Events told before the cut may be told again, as after `wipe_state`: nobody can remember them. What was alerted on and \
acted upon long before is not alerted on and acted upon anew; `alert/duplicate` and `governance/repeated` find that.

Usual causes: the file is written in place and not beside it and then renamed; what cannot be parsed is an error of the \
whole program; a database that says it is malformed is opened again and again.

Source: docs/src/faults.md, state-torn-write; seen in https://github.com/daintreehq/daintree/issues/6241 and \
https://github.com/apache/bookkeeper/pull/2635.",
    judged: Judged::Always,
    run: cut,
};

/// It works on without being able to remember.
pub(super) const UNWRITABLE: Check = Check {
    id: "live/unwritable-state",
    title: "the stack went to work although its state could not be kept, and told nobody",
    explanation: "\
Disks are full, file systems turn read-only, volumes are not mounted. The scenario's fault `unwritable_state` kills the \
process, puts a plain file in the place of its state folder, so that nothing can be made or opened below it whoever the \
process runs as, and starts the stack while simulated time stands still. It may end as one that failed (another status \
than 0), so that whoever looks after it learns of it; it may wait; and it may go to work if it says, with a `status` \
record `degraded`, that it is in trouble. Here it asked vendors for things and said nothing: a renewed token is lost with \
the process, marks do not move, and at the next start all is told again. It was then killed and its state given back, so \
what else is found may come from that.

Usual causes: an error of writing is logged and gone past; without a folder a state in memory takes its place; the state \
is first written hours after the work began.

Source: docs/src/faults.md, state-disk-full; seen in SEKOIA-IO/automation-library, Sekoia.io/CHANGELOG.md, 2.68.23.",
    judged: Judged::Always,
    run: unwritable,
};

fn cut(facts: &Facts<'_>) -> Vec<Finding> {
    let process = &facts.recording.process;
    if !matches!(facts.recording.end, End::NotReady { .. } | End::Crashed { .. }) {
        return Vec::new();
    }
    let last = process.iter().enumerate().rev().find_map(|(index, event)| match event.what {
        ProcessWhat::StateCut { line } => Some((index, event.at, line)),
        _ => None,
    });
    let Some((index, at, line)) = last else { return Vec::new() };
    if process[index..].iter().any(|event| event.what == ProcessWhat::Ready) {
        return Vec::new();
    }
    let observed = format!("cut at {}, it was not ready again", facts.spell(at));
    let found = CUT.fail("a stack starts again with the half of its state that was left", observed);
    vec![found.story([facts.written(line)]).evidence(last_words(facts)).line(line).done()]
}

fn unwritable(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for event in &facts.recording.process {
        let ProcessWhat::StateUnwritable { line, requests: requests @ 1.., told: false } = event.what else { continue };
        let then = facts.recording.journal.iter().filter(|e| e.at == event.at);
        let rows = then.map(|e| facts.exchange_row(e));
        let observed = format!("{requests} request(s) at {}, and no word", facts.spell(event.at));
        let expected = "a stack that cannot keep its state ends, waits, or says that it is in trouble";
        let found = UNWRITABLE.fail(expected, observed).story([facts.written(line)]);
        findings.push(found.evidence(few(rows)).line(line).done());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{CUT, UNWRITABLE};
    use crate::observe::example::Example;
    use crate::recording::{End, ProcessEvent, ProcessWhat};

    /// Killed, cut, and started again; whether it gets ready then.
    fn cut(ready: bool) -> Example {
        let mut run = Example::travel();
        let at = run.at("day 1 10:30");
        let mut then = vec![ProcessWhat::Killed { line: 12 }, ProcessWhat::StateCut { line: 12 }, ProcessWhat::Started];
        then.extend(ready.then_some(ProcessWhat::Ready));
        run.recording.process.retain(|event| event.at < at);
        run.recording.process.extend(then.into_iter().map(|what| ProcessEvent { at, what }));
        run
    }

    #[test]
    fn a_stack_that_comes_back_passes_and_may_meet_another_end_later() {
        cut(true).passes(&CUT);
        let mut run = cut(true);
        run.recording.end = End::Crashed { code: Some(1) };
        run.passes(&CUT);
    }

    #[test]
    fn a_stack_that_stays_away_fails() {
        for end in [End::NotReady { why: "malformed".into() }, End::Crashed { code: Some(3) }] {
            let mut run = cut(false);
            run.recording.end = end;
            let finding = run.fails(&CUT);
            let observed = "cut at day 1 10:30:00, it was not ready again";
            assert_eq!((finding.observed.as_str(), finding.line), (observed, Some(12)));
        }
    }

    #[test]
    fn a_stack_that_never_got_ready_in_the_first_place_passes() {
        let mut run = Example::travel();
        run.recording.end = End::NotReady { why: "it printed nothing".into() };
        run.passes(&CUT);
    }

    fn without_state(requests: u64, told: bool) -> Example {
        let mut run = Example::travel();
        let at = run.at("day 1 10:30");
        let what = ProcessWhat::StateUnwritable { line: 12, requests, told };
        run.recording.process.insert(2, ProcessEvent { at, what });
        run
    }

    #[test]
    fn a_stack_that_waits_or_tells_passes() {
        for (requests, told) in [(0, false), (0, true), (5, true)] {
            without_state(requests, told).passes(&UNWRITABLE);
        }
    }

    #[test]
    fn a_stack_that_works_and_says_nothing_fails() {
        let finding = without_state(5, false).fails(&UNWRITABLE);
        let observed = "5 request(s) at day 1 10:30:00, and no word";
        assert_eq!((finding.observed.as_str(), finding.line), (observed, Some(12)));
    }
}
