//! `report/gap-missing`.

use simulator::scenario::tables::FAULTS;

use crate::contract::Status;
use crate::observe::Facts;
use crate::scenario::What;
use crate::verdict::Finding;

use super::report_trouble::{first_bite, untold};
use super::wanted::Wanted;
use super::{Check, Judged};

/// Records that cannot be had any more, and nobody was told.
pub(super) const CHECK: Check = Check {
    id: "report/gap-missing",
    title: "records were lost for good and the stack did not say so",
    explanation: "\
A `must: report_gap` was not met: after the fault's first bite there is no `status` record with phase `degraded` and \
reason `gap` (for the app, where the expectation names one; before first bite + one poll interval + `within`, where it \
says so). Some records cannot be had any more: the vendor keeps its log \
for so long only, and the stack was away for longer. Going on from the oldest record that is still there is right; going \
on without a word hides that an attack may lie in what is missing.

Usual causes: the start of the window is moved to what the vendor still serves, silently; the refusal of a window that is \
too old is taken for an empty answer.

Source: docs/src/faults.md, time-lookback-over-retention, hook-lost-while-down; seen in \
https://github.com/SEKOIA-IO/automation-library/pull/1236.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::ReportGap).iter().filter_map(|wanted| missing(facts, wanted)).collect()
}

fn missing(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let app = wanted.written.app.map(|app| facts.app_name(app));
    // Records are lost to an app that does not answer and to a stack that is away.
    let bite = first_bite(facts, app, FAULTS.words).into_iter().chain(facts.kills()).min();
    untold(facts, wanted, bite, is_gap).map(|(expected, observed)| {
        let expected =
            format!("a `degraded` status with reason `gap`{expected}: {}", facts.written(wanted.written.at.line));
        CHECK.fail(expected, observed).line(wanted.written.at.line).done()
    })
}

/// Whether it says that records cannot be had any more.
pub(super) fn is_gap(status: &Status) -> bool {
    status.reason.as_deref() == Some("gap")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    fn gone() -> Example {
        let mut run = Example::quiet();
        run.expect(Kind::Must, What::ReportGap, |_| {});
        run
    }

    #[test]
    fn a_gap_that_is_told_passes() {
        let mut run = gone();
        run.status("day 1 10:00", "degraded", "miro", "gap");
        run.passes(&CHECK);
    }

    #[test]
    fn a_gap_that_is_told_after_its_deadline_is_late() {
        let mut run = gone();
        run.killed("day 1 04:00");
        run.script.expect[0].within = Some(Duration::from_secs(1800));
        run.status("day 1 05:30:01", "degraded", "miro", "gap");
        assert_eq!(run.fails(&CHECK).observed, "at day 1 05:30:01, 1s too late");
        run.status("day 1 05:30", "degraded", "miro", "gap");
        run.passes(&CHECK);
    }

    #[test]
    fn other_trouble_is_no_gap() {
        let mut run = gone();
        run.status("day 1 10:00", "degraded", "miro", "503");
        run.fails(&CHECK);
    }
}
