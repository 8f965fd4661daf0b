//! Pages that are asked for again and again.

use std::collections::BTreeMap;

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::succeeded;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// So often one page may be got within a poll interval: once, and for each of two walks that begin anew as well, with as
/// many to spare.
const ALLOWED: usize = 6;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "page/cursor-loop",
    title: "a cursor that leads in a circle was followed again and again",
    explanation: "\
A cursor may lead to itself, or two cursors to each other: by a bug of the vendor's, by entries that arrive faster than \
they are read, by a client that keeps the wrong one. A connector notices that it asks for a page it has had, gives the walk \
up, says so, and leaves the rest to the next poll; other feeds go on. Here one page of one walk (same grant, same query, \
same cursor) was got more than six times within one poll interval. Requests that failed are not counted, since repeating \
those is right. Usual causes: no guard at all; one that remembers only the last cursor, so that A, B, A, B goes on for \
ever; the same events counted anew on every turn.

Source: docs/src/faults.md, page-cursor-loop, page-cursor-cycle; seen in https://github.com/PostHog/posthog/pull/102929, \
https://github.com/boto/botocore/issues/3778. That six are borne is a choice.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut got: BTreeMap<(&str, &str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in facts.recording.journal.iter().filter(|e| succeeded(e, facts.declares)) {
        if let Some(page) = &entry.notes.page
            && let Some(cursor) = &page.cursor
        {
            got.entry((&entry.app, &page.walk, cursor)).or_default().push(entry);
        }
    }
    got.values().filter_map(|times| finding(facts, times)).collect()
}

fn finding(facts: &Facts<'_>, times: &[&Entry]) -> Option<Finding> {
    let within = |w: &&[&Entry]| w[ALLOWED].at.since(w[0].at) < facts.declares.poll_every;
    let burst = times.windows(ALLOWED + 1).find(within)?;
    let first = burst[0];
    let until = first.at + facts.declares.poll_every;
    let all: Vec<&&Entry> = times.iter().filter(|e| e.at >= first.at && e.at < until).collect();
    let expected = format!("a page that was had is not asked for over and over, {ALLOWED} times in a poll at most");
    let observed = format!("one page of {} was got {} times from {} on", first.route, all.len(), facts.spell(first.at));
    let line = all.iter().find_map(|e| e.fault.as_ref().map(|f| f.line));
    Some(CHECK.fail(expected, observed).evidence(few(all.iter().map(|e| facts.exchange_row(e)))).line(line).done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    fn turns(cursors: &[(&str, &str)], every_minutes: usize, times: usize) -> Example {
        let mut run = Example::quiet();
        for n in 0..times {
            let at = format!("day 1 {:02}:{:02}", 1 + n * every_minutes / 60, n * every_minutes % 60);
            let (cursor, next) = cursors[n % cursors.len()];
            run.page(&at, 2, Some(cursor), Some(next), &[]);
        }
        run
    }

    #[test]
    fn a_walk_given_up_and_begun_anew_passes() {
        turns(&[("a", "a")], 1, 6).passes(&CHECK);
    }

    #[test]
    fn a_cursor_that_leads_to_itself_followed_on_and_on_fails() {
        assert!(turns(&[("a", "a")], 1, 20).fails(&CHECK).observed.contains("got 20 times"));
    }

    #[test]
    fn two_cursors_that_lead_to_each_other_are_a_circle_too() {
        assert_eq!(turns(&[("a", "b"), ("b", "a")], 1, 20).check(&CHECK).len(), 2);
    }

    #[test]
    fn a_cursor_kept_from_poll_to_poll_passes() {
        turns(&[("a", "a")], 60, 12).passes(&CHECK);
    }

    #[test]
    fn a_page_that_fails_may_be_asked_for_again() {
        let mut run = turns(&[("a", "b")], 1, 20);
        run.recording.journal.iter_mut().for_each(|e| e.status = Some(503));
        run.passes(&CHECK);
    }
}
