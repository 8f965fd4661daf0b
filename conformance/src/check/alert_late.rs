//! `alert/late`.

use simulator::time::spell_duration;

use crate::observe::Facts;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// An alert after its deadline.
pub(super) const CHECK: Check = Check {
    id: "alert/late",
    title: "an alert came after its deadline",
    explanation: "\
A `must: alert` with `within` was met too late. The deadline is the moment at which the last record it needs could be \
read, plus one poll interval as the stack declares it, plus `within`. What counts is when the harness first read the \
alert, not the time that the stack wrote into it; updates may come later. If several alerts answer, the first counts; one \
that cites none of the evidence answers only while no other cites any.

Where the evidence is not named, the moment is taken from the definition of the policy; where nobody derives that, \
nothing is judged. A vendor that shows a record late moves the deadline with it: waiting for a vendor is nobody's fault. \
A stack that follows the machine's clock has no deadlines.

Usual causes: rules that run on a schedule of their own, hours after the events came in; a queue behind a long walk of \
pages; a pause that outlasts what the vendor asked for.

Source: docs/src/contract.md (`poll_every` is a promise); scenarios/scenario.schema.json (`within` of an expectation).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.has_deadlines() {
        return Vec::new();
    }
    facts.musts(|what| what == What::Alert).iter().filter_map(|wanted| late(facts, wanted)).collect()
}

fn late(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let within = wanted.written.within?;
    let decided = facts.decided_at(wanted)?;
    let deadline = decided + facts.declares.poll_every + within;
    let first = facts.answers_to(wanted).into_iter().min_by_key(|alert| alert.created())?;
    if first.created() <= deadline {
        return None;
    }
    let finding = CHECK
        .fail(
            format!(
                "by {} ({} readable + poll_every {} + within {}): {}",
                facts.spell(deadline),
                facts.spell(decided),
                spell_duration(facts.declares.poll_every),
                spell_duration(within),
                facts.written(wanted.written.at.line)
            ),
            format!(
                "at {}, {} too late",
                facts.spell(first.created()),
                spell_duration(first.created().since(deadline))
            ),
        )
        .story(facts.record_rows(facts.needed(wanted)))
        .evidence([facts.alert_row(first)])
        .line(wanted.written.at.line);
    Some(finding.done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::StackClock;
    use crate::observe::example::Example;

    /// The last record is readable at 9:40; a poll an hour and 15 minutes make 10:55.
    fn alerted(at: &str) -> Example {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.alert("a1", "impossible_travel", at, &["e1", "e2"], "alice");
        run
    }

    #[test]
    fn an_alert_on_the_stroke_of_its_deadline_is_in_time() {
        alerted("day 1 10:55").passes(&CHECK);
    }

    #[test]
    fn an_alert_a_second_later_is_late() {
        let found = alerted("day 1 10:55:01").fails(&CHECK);
        assert!(found.observed.contains("1s too late"), "{found:#?}");
    }

    #[test]
    fn a_record_that_the_vendor_shows_late_moves_the_deadline() {
        let mut run = alerted("day 1 10:55:01");
        run.recording.truth[1].available = run.at("day 1 09:41");
        run.passes(&CHECK);
    }

    #[test]
    fn an_early_alert_that_cites_none_of_the_evidence_is_no_answer() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.record("e0", "day 1 08:00", "alice");
        run.alert("a0", "impossible_travel", "day 1 09:00", &["e0"], "alice");
        run.passes(&CHECK);
        run.alert("a1", "impossible_travel", "day 1 10:55:01", &["e1", "e2"], "alice");
        run.fails(&CHECK);
    }

    #[test]
    fn an_update_after_the_deadline_is_not_late() {
        let mut run = alerted("day 1 10:00");
        run.alert("a1", "impossible_travel", "day 1 14:00", &["e1", "e2"], "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn the_machines_clock_has_no_deadlines() {
        let mut run = alerted("day 1 15:00");
        run.declares.clock = StackClock::Wall;
        run.passes(&CHECK);
    }
}
