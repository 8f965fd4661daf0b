//! Walks that end although the vendor had named a next page, and what stood there was never had.

use std::collections::BTreeSet;

use simulator::journal::{Entry, PageNote};

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::due::Why;
use crate::observe::served::succeeded;
use crate::observe::wording::few;
use crate::recording::TruthRecord;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "page/walk-abandoned",
    title: "a walk through a log ended although there was a next page",
    explanation: "\
An answer that carries a cursor or a next link says that there is more. A walk goes on until an answer carries none; a \
page that fails is asked for again, with the same cursor, or the whole window is read again later. Here the stack got a \
page with a cursor, never used that cursor, and records of the walk's window that were readable then never reached it by \
any other way, although they were due. The finding names the page. Who stops early because the rest is known (newest \
first), begins the walk anew, or reads the window in a later poll, has the records and is not blamed; nor is a stack that \
was killed, or whose run ended. Usual causes: 429 or 5xx in mid-walk taken for the end, an empty or short page taken for \
the last one, a token that expired in mid-walk.

Source: docs/src/faults.md, page-first-only, page-short-not-last, rate-429-as-end, rate-5xx-as-end, auth-expiry-mid-page; \
seen in https://github.com/elastic/integrations/issues/3350, https://github.com/airbytehq/airbyte/issues/34883.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let never_had: Vec<&TruthRecord> = facts
        .due
        .iter()
        .filter(|due| due.why == Why::Declared && facts.first_taken(due.record).is_none())
        .map(|due| &facts.recording.truth[due.record])
        .collect();
    if never_had.is_empty() {
        return Vec::new();
    }
    let followed: BTreeSet<(&str, &str)> = facts
        .recording
        .journal
        .iter()
        .filter(|e| succeeded(e, facts.declares))
        .filter_map(|e| Some((e.app.as_str(), e.notes.page.as_ref()?.cursor.as_deref()?)))
        .collect();
    let mut findings = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for entry in facts.recording.journal.iter().filter(|e| succeeded(e, facts.declares)) {
        let Some(page) = &entry.notes.page else { continue };
        let Some(next) = page.next.as_deref().filter(|next| !followed.contains(&(entry.app.as_str(), next))) else {
            continue;
        };
        let behind = |r: &&&TruthRecord| lies_behind(r, entry, page) && !told.contains(r.event_id.as_str());
        let behind: Vec<&TruthRecord> = never_had.iter().filter(behind).copied().collect();
        if behind.is_empty() || is_excused(facts, entry) {
            continue;
        }
        told.extend(behind.iter().map(|r| r.event_id.as_str()));
        findings.push(finding(facts, entry, page, next, &behind));
    }
    findings
}

/// Whether a record was to be seen on this walk. Which end the walk began at does not matter: it was not had at all.
fn lies_behind(record: &TruthRecord, entry: &Entry, page: &PageNote) -> bool {
    record.app == entry.app
        && page.log.as_ref() == Some(&record.log)
        && record.available <= entry.at
        && page.from.is_none_or(|from| record.persisted >= from)
        && page.until.is_none_or(|until| record.persisted <= until)
}

/// Whether something other than the stack may have ended the walk.
fn is_excused(facts: &Facts<'_>, entry: &Entry) -> bool {
    let over = entry.ended + facts.declares.poll_every > facts.recording.ended;
    over || facts.killed_between(entry.ended, entry.ended + facts.declares.poll_every)
}

fn finding(facts: &Facts<'_>, entry: &Entry, page: &PageNote, next: &str, behind: &[&TruthRecord]) -> Finding {
    // What the walk's next requests met says why it ended.
    let later = facts.recording.journal.iter().filter(|e| e.route == entry.route && e.seq > entry.seq).take(3);
    let rows = std::iter::once(entry).chain(later).map(|e| facts.exchange_row(e));
    let expected =
        format!("the walk goes on from page {} of {} with the cursor it was given", page.number, entry.route);
    let shown: String = next.chars().take(60).collect();
    let observed = format!("cursor `{shown}` was never used; {} record(s) behind it were never had", behind.len());
    let found = CHECK.fail(expected, observed).story(facts.record_rows(behind.iter().copied()));
    found.evidence(few(rows)).line(behind.iter().find_map(|r| r.line)).done()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Two records, of which the first page has one; its cursor is `c2`.
    fn first_page() -> Example {
        let mut run = Example::quiet();
        run.record("e1", "day 1 09:00", "alice");
        run.record("e2", "day 1 09:10", "bob");
        run.page("day 1 10:00", 1, None, Some("c2"), &["e1"]);
        run.event("e1", "day 1 10:00");
        run
    }

    #[test]
    fn a_walk_to_the_last_page_passes() {
        let mut run = first_page();
        run.page("day 1 10:00", 2, Some("c2"), None, &["e2"]);
        run.event("e2", "day 1 10:00").passes(&CHECK);
    }

    #[test]
    fn a_cursor_that_was_never_used_fails_and_names_the_page() {
        let found = first_page().fails(&CHECK);
        assert!(found.expected.contains("page 1 of miro.audit_log"), "{found:#?}");
        assert!(found.observed.contains("`c2` was never used; 1 record(s)"), "{found:#?}");
    }

    #[test]
    fn a_next_page_that_failed_and_was_left_at_that_fails() {
        let mut run = first_page();
        run.page("day 1 10:00", 2, Some("c2"), None, &[]).status = Some(502);
        run.fails(&CHECK);
    }

    #[test]
    fn what_a_later_poll_brought_is_not_missed() {
        let mut run = first_page();
        run.poll("day 1 11:00", &["e1", "e2"]).event("e2", "day 1 11:00").passes(&CHECK);
    }

    #[test]
    fn a_kill_ends_a_walk_without_blame() {
        first_page().killed("day 1 10:00").passes(&CHECK);
    }

    #[test]
    fn records_that_appeared_after_the_page_do_not_lie_behind_it() {
        let mut run = first_page();
        let later = run.at("day 1 12:00");
        run.recording.truth[1].available = later;
        run.passes(&CHECK);
    }

    #[test]
    fn records_outside_the_window_do_not_lie_behind_it() {
        let mut run = first_page();
        let until = run.at("day 1 09:05");
        run.recording.journal[0].notes.page.as_mut().unwrap().until = Some(until);
        run.passes(&CHECK);
    }
}
