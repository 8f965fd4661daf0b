//! Records that had to be taken in and are not in the report.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::due::Why;
use crate::observe::wording::few;
use crate::recording::TruthRecord;
use crate::scenario::What;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "ingest/lost-event",
    title: "a record that had to be taken in was never reported",
    explanation: "\
A stack takes in every record of the feeds it claims (`miro.audit_log`, `entra.sign_ins`, …) that became readable inside \
what it declares (`backfill`, `look_back`) early enough before the end for two polls to see it, and every record that was \
in fact served to it; and what a `must: ingest` names. The finding says for each whether it was served, and in which \
exchange, or only there to be had. Usual causes: the last page or the page after an error is dropped; the next window \
begins behind records that appeared late, or that share a time with the last one; a page that failed is taken for an empty \
one; what was read is lost when the process dies. Not due: what appears later than the declared look-back, what left the \
vendor's log before a poll could see it, what followed a withdrawn grant or a pause that outlasts the run. Of a log that \
comes by a webhook alone (`workplace.security`) is due what the stack answered 2xx, whatever became of it afterwards, and \
what the vendor gave up after attempts that nothing of the scenario hindered.

Source: docs/src/faults.md, page-last-lost, time-late-arrival, time-error-poll-moves, state-checkpoint-before-write; \
docs/src/contract.md (`backfill`, `look_back`).",
    judged: Judged::AtTheEnd,
    run,
};

/// A record that was not taken in, and why it had to be; none where only the scenario asks for it.
type Lost = (usize, Option<Why>);

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut owed: BTreeMap<usize, Option<Why>> = facts.due.iter().map(|d| (d.record, Some(d.why))).collect();
    let mut written: BTreeMap<usize, u32> = BTreeMap::new();
    for wanted in facts.musts(|what| what == What::Ingest) {
        let named: BTreeSet<*const TruthRecord> = facts.needed(&wanted).into_iter().map(std::ptr::from_ref).collect();
        for (index, record) in facts.recording.truth.iter().enumerate() {
            if named.contains(&std::ptr::from_ref(record)) {
                owed.entry(index).or_insert(None);
                written.insert(index, wanted.written.at.line);
            }
        }
    }
    let mut lost: BTreeMap<(&str, &str), Vec<Lost>> = BTreeMap::new();
    for (index, why) in owed {
        let record = &facts.recording.truth[index];
        if facts.first_taken(index).is_none() && !is_in_a_malformed_line(facts, record) {
            lost.entry((&record.app, &record.log)).or_default().push((index, why));
        }
    }
    lost.into_iter().map(|(log, records)| finding(facts, log, &records, &written)).collect()
}

fn finding(facts: &Facts<'_>, (app, log): (&str, &str), lost: &[Lost], written: &BTreeMap<usize, u32>) -> Finding {
    let records = || lost.iter().map(|(index, _)| &facts.recording.truth[*index]);
    let served = lost.iter().filter(|(_, why)| *why == Some(Why::Served)).count();
    let observed = format!("{} record(s) of {app}.{log} were never reported, {served} of them were served", lost.len());
    let line = lost.iter().find_map(|(index, _)| written.get(index).copied().or(facts.recording.truth[*index].line));
    CHECK
        .fail(format!("every record of {app}.{log} that could be read is taken in"), observed)
        .story(facts.record_rows(records()))
        .evidence(few(lost.iter().map(|(index, _)| whereabouts(facts, *index))))
        .line(line)
        .done()
}

/// In which exchange a record went to the stack, if it did.
fn whereabouts(facts: &Facts<'_>, index: usize) -> String {
    let record = &facts.recording.truth[index];
    match facts.served.exchanges(index).first() {
        Some(exchange) => format!("{}: {}", record.event_id, facts.exchange_row(&facts.recording.journal[*exchange])),
        None => format!("{}: never served, readable from {}", record.event_id, facts.spell(record.available)),
    }
}

/// What stands in a line that cannot be used is `contract/malformed-line`'s business.
fn is_in_a_malformed_line(facts: &Facts<'_>, record: &TruthRecord) -> bool {
    let id = format!("\"{}\"", record.event_id);
    let malformed = facts.heard.iter().filter(|h| h.line.is_err() && !h.cut);
    malformed.filter_map(|h| facts.recording.report.get(h.number - 1)).any(|line| line.text.contains(&id))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    #[test]
    fn everything_reported_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_record_that_was_served_and_not_reported_fails() {
        let mut run = Example::travel();
        run.record("e3", "day 1 10:30", "bob");
        run.poll("day 1 11:00", &["e3"]);
        let found = run.fails(&CHECK);
        assert!(found.observed.contains("1 of them were served"), "{found:#?}");
        assert!(found.evidence[0].contains("miro.audit_log"), "{found:#?}");
    }

    #[test]
    fn a_record_that_was_only_there_to_be_had_fails_too() {
        let mut run = Example::travel();
        run.record("e3", "day 1 10:30", "bob");
        assert!(run.fails(&CHECK).evidence[0].contains("never served"));
    }

    #[test]
    fn a_feed_that_is_not_claimed_owes_nothing() {
        let mut run = Example::travel();
        run.record("e3", "day 1 10:30", "bob");
        run.declares.capabilities.remove("miro.audit_log");
        run.passes(&CHECK);
    }

    #[test]
    fn a_record_that_appears_too_late_for_the_declared_look_back_is_not_due() {
        let mut run = Example::travel();
        let late = run.at("day 1 09:30");
        run.record("e3", "day 1 01:00", "bob").available = late;
        run.passes(&CHECK);
    }

    #[test]
    fn what_a_line_of_the_scenario_asks_for_is_due_all_the_same() {
        let mut run = Example::travel();
        let late = run.at("day 1 09:30");
        let record = run.record("e3", "day 1 01:00", "bob");
        (record.available, record.step) = (late, Some("old".to_owned()));
        run.expect(Kind::Must, What::Ingest, |e| e.evidence = vec!["old".to_owned()]);
        assert_eq!(run.fails(&CHECK).line, Some(22));
    }

    #[test]
    fn a_record_that_appears_just_before_the_end_is_not_due() {
        let mut run = Example::travel();
        run.record("e3", "day 1 15:30", "bob");
        run.passes(&CHECK);
    }

    #[test]
    fn a_page_whose_stack_was_killed_before_it_asked_again_counts_as_not_served() {
        let mut run = Example::travel();
        run.record("e3", "day 1 15:30", "bob");
        run.poll("day 1 15:40", &["e3"]).killed("day 1 15:40");
        run.passes(&CHECK);
    }

    #[test]
    fn an_entry_shown_a_second_time_is_one_record() {
        let mut run = Example::travel();
        let again = run.at("day 1 11:00");
        let record = run.record("e1", "day 1 09:00", "alice");
        (record.persisted, record.available) = (again, again);
        run.passes(&CHECK);
    }

    #[test]
    fn a_record_in_a_malformed_line_is_not_called_lost() {
        let mut run = Example::travel();
        run.recording.report[0].text = run.recording.report[0].text.replace("\"v\":1", "\"v\":7");
        run.passes(&CHECK);
    }
}
