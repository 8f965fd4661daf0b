//! `rate/retry-storm`.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::is_the_stacks;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// More failures than this of one route for each poll are a storm: two polls of a client that tries eight or ten times,
/// in two or three tasks that do not know of each other.
const BORNE: u32 = 40;
const LEAST_SPAN: Duration = Duration::from_secs(3_600);

/// Asking a vendor that is down, again and again.
pub(super) const CHECK: Check = Check {
    id: "rate/retry-storm",
    title: "a vendor that was down was asked again and again",
    explanation: "\
Within one poll interval (an hour at least; more often polled, so much more is borne) more than forty requests of one route \
failed with 5xx or without an answer, and not one of them succeeded in between. Trying again after a second, two, four and so \
on, eight or ten times, is what every client library does and is what brings back a page that failed by chance. Beyond that \
the vendor is down, and the next poll is soon enough: a client that goes on every second, or that retries what a layer below \
has retried already, keeps it down and is blocked when it comes back.

Usual causes: no most number of attempts; a pause that does not grow; HTTP library, client and scheduler each retrying, so \
that four times four times four requests leave.

Source: docs/src/faults.md, rate-retry-storm, rate-nested-retries; \
https://learn.microsoft.com/azure/architecture/antipatterns/retry-storm/.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let poll_every = facts.declares.poll_every.max(Duration::from_secs(1));
    let span = poll_every.max(LEAST_SPAN);
    let polls = u32::try_from(span.as_secs() / poll_every.as_secs().max(1)).unwrap_or(1);
    let borne = BORNE.saturating_mul(polls) as usize;
    let mut failed: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut findings: BTreeMap<&str, Finding> = BTreeMap::new();
    for entry in facts.recording.journal.iter().filter(|e| is_the_stacks(e)) {
        let row = failed.entry(entry.route.as_str()).or_default();
        match entry.status {
            None | Some(500..) => row.push(entry),
            Some(200..400) => row.clear(),
            _ => {}
        }
        row.retain(|e| entry.at.since(e.at) < span);
        if row.len() > borne && !findings.contains_key(entry.route.as_str()) {
            let expected = format!("{} is left alone for a while once it has failed {borne} times", entry.route);
            let observed =
                format!("{} failures between {} and {}", row.len(), facts.spell(row[0].at), facts.spell(entry.at));
            let rows = few(row.iter().map(|e| facts.exchange_row(e)));
            findings.insert(entry.route.as_str(), CHECK.fail(expected, observed).evidence(rows).done());
        }
    }
    findings.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    fn failed(times: u32, status: u16) -> Example {
        let mut run = Example::quiet();
        for n in 0..times {
            run.exchange("miro.audit_log", &format!("day 1 01:{n:02}"), status);
        }
        run
    }

    #[test]
    fn polls_that_gave_up_are_borne() {
        failed(40, 503).passes(&CHECK);
    }

    #[test]
    fn a_storm_is_told_once() {
        let finding = failed(55, 503).fails(&CHECK);
        assert_eq!(finding.observed, "41 failures between day 1 01:00:00 and day 1 01:40:00");
    }

    #[test]
    fn a_success_between_begins_anew() {
        let mut run = failed(25, 503);
        run.exchange("miro.audit_log", "day 1 01:30", 200);
        for n in 31..56 {
            run.exchange("miro.audit_log", &format!("day 1 01:{n}"), 503);
        }
        run.passes(&CHECK);
    }

    #[test]
    fn refusals_are_another_matter() {
        failed(55, 401).passes(&CHECK);
        failed(55, 429).passes(&CHECK);
    }
}
