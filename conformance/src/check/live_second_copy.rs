//! `live/second-copy`.

use simulator::journal::Entry;

use crate::observe::Facts;
use crate::observe::served::is_the_stacks;
use crate::observe::wording::few;
use crate::recording::ProcessWhat;
use crate::verdict::Finding;

use super::{Check, Judged};

/// Two copies at work.
pub(super) const CHECK: Check = Check {
    id: "live/second-copy",
    title: "a second copy of the stack went to work beside the first",
    explanation: "\
A rolling deployment, a unit that was started twice, a scheduler that lost sight of a machine: for a while there are two \
copies of one stack on one state. Both poll, both raise alerts, both act, and each overwrites what the other keeps. The \
scenario's fault `second_copy` starts one while simulated time stands still and the first one is at rest. It may end, with \
whatever status, or wait until the first one is gone: what it must not do is ask anything of a vendor. Here it did. It was \
then killed, so what else is found may come from that.

Usual causes: nothing is locked at all; a file with a process id is looked at and not held; the lock is taken after the first requests.

Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html and \
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ (a rolling update starts the new before it ends the old).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for event in &facts.recording.process {
        let ProcessWhat::SecondCopy { line, requests: requests @ 1.. } = event.what else { continue };
        let then = |e: &&Entry| e.at == event.at && is_the_stacks(e);
        let rows = facts.recording.journal.iter().filter(then).map(|e| facts.exchange_row(e));
        let observed = format!("{requests} request(s) at {}", facts.spell(event.at));
        let found = CHECK.fail("one copy of a stack works, and another leaves its vendors alone", observed);
        findings.push(found.story([facts.written(line)]).evidence(few(rows)).line(line).done());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::recording::{ProcessEvent, ProcessWhat};

    fn copied(requests: u64) -> Example {
        let mut run = Example::travel();
        let at = run.at("day 1 10:30");
        run.recording.process.insert(2, ProcessEvent { at, what: ProcessWhat::SecondCopy { line: 12, requests } });
        run
    }

    #[test]
    fn a_second_copy_that_asks_nothing_passes() {
        copied(0).passes(&CHECK);
    }

    #[test]
    fn a_second_copy_that_asks_a_vendor_fails() {
        let finding = copied(3).fails(&CHECK);
        assert_eq!((finding.observed.as_str(), finding.line), ("3 request(s) at day 1 10:30:00", Some(12)));
    }
}
