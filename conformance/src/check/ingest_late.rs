//! Records that were reported after their deadline.

use simulator::time::spell_duration;

use super::wanted::Wanted;
use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::due::connected;
use crate::observe::wording::few;
use crate::recording::TruthRecord;
use crate::scenario::What;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "ingest/late-event",
    title: "a record was reported after its deadline",
    explanation: "\
`must: ingest` with `within` says how soon records have to stand in the report: when each became readable, plus the \
stack's declared `poll_every`, plus `within`. What was readable before the instance was connected counts from the \
connection on; what comes by a webhook alone counts from the delivery that was taken over. With `evidence` or `attack` the \
line speaks of those records, otherwise of all that are due in the `app`. Simulated time counts, so a slow machine blames \
nobody; under a wall clock deadlines are not judged. A record that was never reported is `ingest/lost-event`. Usual \
causes: one throttled or failing feed holds up the others; back-off that grows without a cap; a feed that is disabled by \
an error and comes back only after a restart; a queue behind a slow sink.

Source: scenarios/scenario.schema.json (`within` of an expectation); docs/src/faults.md, state-one-stream-kills-all, \
multi-rate-budget-shared.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.has_deadlines() {
        return Vec::new();
    }
    facts.musts(|what| what == What::Ingest).iter().filter_map(|wanted| late(facts, wanted)).collect()
}

fn late(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let within = wanted.written.within?;
    let mut records = Vec::new();
    let mut rows = Vec::new();
    for index in asked_for(facts, wanted) {
        let record = &facts.recording.truth[index];
        let readable = record.available.max(connected(facts, &record.app));
        let deadline = readable + facts.declares.poll_every + within;
        if let Some(taken) = facts.first_taken(index).filter(|taken| *taken > deadline) {
            records.push(record);
            let (taken, deadline) = (facts.spell(taken), facts.spell(deadline));
            rows.push(format!("{}: reported {taken}, its deadline was {deadline}", record.event_id));
        }
    }
    if rows.is_empty() {
        return None;
    }
    let poll = facts.declares.poll_every;
    let expected = format!(
        "reported within {} of becoming readable (poll_every {} + within {})",
        spell_duration(poll + within),
        spell_duration(poll),
        spell_duration(within)
    );
    let observed = format!("{} record(s) were reported later; first {}", rows.len(), rows[0]);
    let found = CHECK.fail(expected, observed).story([facts.written(wanted.written.at.line)]);
    Some(found.story(facts.record_rows(records)).evidence(few(rows)).line(wanted.written.at.line).done())
}

/// The records that a line speaks of: places in the truth.
fn asked_for(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Vec<usize> {
    let written = wanted.written;
    if written.evidence.is_empty() && written.attack.is_none() {
        let app = written.app.map(|a| facts.app_name(a));
        let mine = |r: &TruthRecord| {
            app.is_none_or(|app| r.app == app) && wanted.person.as_ref().is_none_or(|p| r.actor == *p)
        };
        return facts.due.iter().map(|d| d.record).filter(|r| mine(&facts.recording.truth[*r])).collect();
    }
    let needed = facts.needed(wanted);
    let is_needed = |r: &TruthRecord| needed.iter().any(|n| std::ptr::eq(*n, r));
    facts.recording.truth.iter().enumerate().filter(|(_, r)| is_needed(r)).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use simulator::scenario::AppIndex;

    use super::CHECK;
    use crate::contract::StackClock;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    /// A record readable at 9:00 and reported at `reported`, an hour's poll and ten minutes allowed.
    fn run(reported: &str) -> Example {
        let mut run = Example::quiet();
        run.record("e1", "day 1 09:00", "alice").step = Some("desk".to_owned());
        run.poll("day 1 10:00", &["e1"]).event("e1", reported);
        run.expect(Kind::Must, What::Ingest, |e| {
            (e.evidence, e.within) = (vec!["desk".to_owned()], Some(Duration::from_secs(600)));
        });
        run
    }

    #[test]
    fn a_record_reported_at_its_deadline_passes() {
        run("day 1 10:10").passes(&CHECK);
    }

    #[test]
    fn a_record_reported_later_fails() {
        let found = run("day 1 10:11").fails(&CHECK);
        assert!(found.observed.contains("its deadline was day 1 10:10:00"), "{found:#?}");
        assert_eq!(found.line, Some(20));
    }

    #[test]
    fn a_line_without_evidence_speaks_of_all_records_of_its_app() {
        let mut late = run("day 1 10:11");
        let expectation = &mut late.script.expect[0];
        (expectation.evidence, expectation.app) = (Vec::new(), Some(AppIndex(0)));
        late.fails(&CHECK);
        late.script.expect[0].app = Some(AppIndex(1));
        late.passes(&CHECK);
    }

    #[test]
    fn what_was_there_before_the_connection_counts_from_the_connection_on() {
        let mut late = run("day 1 10:40");
        late.status("day 1 09:30", "connected", "miro", "");
        late.passes(&CHECK);
    }

    #[test]
    fn nothing_is_late_by_the_machines_clock() {
        let mut late = run("day 1 12:00");
        late.declares.clock = StackClock::Wall;
        late.passes(&CHECK);
    }
}
