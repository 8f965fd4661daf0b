//! `auth/retry-permanent`.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::journal::Entry;

use crate::observe::Facts;
use crate::observe::served::is_the_stacks;
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// More refusals than this within one poll interval are hammering.
const BORNE: usize = 20;
const LEAST_SPAN: Duration = Duration::from_secs(3_600);

/// Knocking at a door that stays shut.
pub(super) const CHECK: Check = Check {
    id: "auth/retry-permanent",
    title: "refused for good, and asked again and again",
    explanation: "\
Within one poll interval (an hour at least) the same route refused the stack more than twenty times with 400, 401, 403 or \
404, and not one request of that route succeeded in between. Such a refusal does not go away by asking again: the grant \
was withdrawn, a scope is missing, a parameter is wrong. Asking in a loop locks accounts, trips the vendor's abuse \
detection and hides the cause. Once in each poll is right, and so is a refresh of the token in between; throttling (429, \
403 with a time to wait) is another matter.

Usual causes: 401 treated like 503; a refresh loop without an end; HTTP library, client and scheduler each retrying.

Source: docs/src/faults.md, auth-401-retry-forever, rate-retry-permanent. The number is a choice, far above what one attempt \
in each poll makes.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let span = facts.declares.poll_every.max(LEAST_SPAN);
    let mut refused: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut findings: BTreeMap<&str, Finding> = BTreeMap::new();
    for entry in facts.recording.journal.iter().filter(|e| is_the_stacks(e)) {
        let row = refused.entry(entry.route.as_str()).or_default();
        match entry.status {
            Some(400 | 401 | 403 | 404) if entry.retry_after_s.is_none() => row.push(entry),
            Some(200..300) => row.clear(),
            _ => {}
        }
        row.retain(|e| entry.at.since(e.at) < span);
        if row.len() > BORNE && !findings.contains_key(entry.route.as_str()) {
            let expected = format!("{} is asked a few times at most once it refuses for good", entry.route);
            let observed =
                format!("{} refusals between {} and {}", row.len(), facts.spell(row[0].at), facts.spell(entry.at));
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

    fn refused(times: u32, status: u16) -> Example {
        let mut run = Example::quiet();
        for n in 0..times {
            run.exchange("miro.audit_log", &format!("day 1 01:{n:02}"), status);
        }
        run
    }

    #[test]
    fn a_few_refusals_are_borne() {
        refused(20, 401).passes(&CHECK);
    }

    #[test]
    fn hammering_is_told_once() {
        let finding = refused(40, 401).fails(&CHECK);
        assert_eq!(finding.observed, "21 refusals between day 1 01:00:00 and day 1 01:20:00");
    }

    #[test]
    fn passing_trouble_is_another_matter() {
        refused(40, 503).passes(&CHECK);
    }
}
