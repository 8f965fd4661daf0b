//! Faults that met nothing.

use super::{Check, Judged};
use crate::observe::Facts;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "fault/never-bit",
    title: "a fault of the scenario met no request and no record",
    explanation: "\
A scenario with a fault tests how the stack bears it. Here the fault waited for something that never came: the route was \
not asked so often, no walk had so many pages, nothing was asked while it lasted. Everything else may be fine, but what \
was to be tested did not happen, so the verdict is inconclusive and not a pass. It is no fault of the stack's: a client \
may page differently or ask for other routes. Usually the scenario has to be written so that every client meets it (with \
a `page_size` on the app, `at` in place of `nth`, or the whole app in place of one route). In the control run, which has \
no faults, nothing is found.

Source: docs/src/verdicts.md (inconclusive: what was to be tested never occurred).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.recording.control {
        return Vec::new();
    }
    let idle = facts.recording.faults.iter().filter(|fault| fault.bites == 0);
    idle.map(|fault| {
        let observed = format!("`{}` met nothing", fault.kind);
        let found = CHECK.inconclusive("every fault meets what it was written for", observed);
        found.story([facts.written(fault.line)]).line(fault.line).done()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::verdict::Verdict;

    #[test]
    fn a_fault_that_bit_passes() {
        let mut run = Example::travel();
        run.fault("throttle", 1);
        run.passes(&CHECK);
    }

    #[test]
    fn a_fault_that_met_nothing_leaves_the_run_undecided() {
        let mut run = Example::travel();
        run.fault("throttle", 0);
        let found = run.fails(&CHECK);
        assert_eq!((found.verdict, found.line), (Verdict::Inconclusive, Some(12)));
    }

    #[test]
    fn the_control_run_has_no_faults_to_meet() {
        let mut run = Example::travel();
        run.fault("throttle", 0);
        run.recording.control = true;
        run.passes(&CHECK);
    }
}
