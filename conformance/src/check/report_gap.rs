//! `report/gap-missing`.

use crate::contract::status::Phase;
use crate::observe::Facts;
use crate::scenario::What;
use crate::verdict::Finding;

use super::report_trouble::first_bite;
use super::wanted::Wanted;
use super::{Check, Judged};

/// Records that cannot be had any more, and nobody was told.
pub(super) const CHECK: Check = Check {
    id: "report/gap-missing",
    title: "records were lost for good and the stack did not say so",
    explanation: "\
A `must: report_gap` was not met: after the fault's first bite there is no `status` record with phase `degraded` and \
reason `gap` (for the app, where the expectation names one). Some records cannot be had any more: the vendor keeps its log \
for so long only, and the stack was away for longer. Going on from the oldest record that is still there is right; going \
on without a word hides that an attack may lie in what is missing.

Usual causes: the start of the window is moved to what the vendor still serves, silently; the refusal of a window that is \
too old is taken for an empty answer.

Source: scenario-language.md 2 (`report_gap`), connector-faults.md time-lookback-over-retention.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::ReportGap).iter().filter_map(|wanted| missing(facts, wanted)).collect()
}

fn missing(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let since = first_bite(facts).unwrap_or(facts.recording.started);
    let app = wanted.written.app.map(|app| facts.app_name(app));
    let told = facts.told.iter().any(|t| {
        t.status.phase == Phase::Degraded
            && t.status.reason.as_deref() == Some("gap")
            && t.read_at >= since
            && app.is_none_or(|app| t.status.app.as_deref() == Some(app))
    });
    let expected = format!("a `degraded` status with reason `gap`: {}", facts.written(wanted.written.at.line));
    let finding = || CHECK.fail(expected, format!("none after {}", facts.spell(since))).line(wanted.written.at.line);
    (!told).then(|| finding().done())
}

#[cfg(test)]
mod tests {
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
    fn other_trouble_is_no_gap() {
        let mut run = gone();
        run.status("day 1 10:00", "degraded", "miro", "503");
        run.fails(&CHECK);
    }
}
