//! The same request refused over and over by the vendor's own limits.

use std::collections::BTreeMap;

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::{is_the_stacks, refused_by_a_limit};
use crate::observe::wording::few;
use crate::verdict::Finding;

/// So often a request may be refused before it passes: whoever waits as told passes the next time, or, where parallel
/// feeds share a quota, soon after.
const ALLOWED: usize = 4;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "rate/limit-earned",
    title: "a request ran into the vendor's limit again and again",
    explanation: "\
Vendors answer 429 (GitHub 403 too) when a quota is used up. To meet that answer is no mistake: a long walk through \
Graph's logs (5 requests in 10 s) meets it whatever the client does, waits as told and goes on. Here one and the same \
request was refused by the vendor's own limits, with no fault of the scenario involved, more than four times in a row. So \
the stack repeats it sooner than the quota comes back, by a schedule of its own or in too many parallel tasks that take \
each other's share. Vendors lengthen the pause or block such clients, and other applications of the same customer suffer. \
Retries after injected faults and refusals with a success between them are not counted.

Source: docs/src/faults.md, rate-nested-retries, rate-shared-budget; https://learn.microsoft.com/graph/throttling-limits; \
https://developers.miro.com/docs/rate-limiting.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut refused: BTreeMap<(&str, &str, &str), Vec<&Entry>> = BTreeMap::new();
    let mut worst: Vec<&Entry> = Vec::new();
    for entry in facts.recording.journal.iter().filter(|e| is_the_stacks(e)) {
        let in_a_row = refused.entry((&entry.app, &entry.method, &entry.target)).or_default();
        match refused_by_a_limit(entry) {
            true => in_a_row.push(entry),
            false => in_a_row.clear(),
        }
        if in_a_row.len() > worst.len() {
            worst.clone_from(in_a_row);
        }
    }
    let Some(first) = worst.first().filter(|_| worst.len() > ALLOWED) else { return Vec::new() };
    let expected =
        format!("a request that is refused is made again when the quota is back, {ALLOWED} refusals in a row at most");
    let observed =
        format!("{} was refused {} times in a row from {} on", first.route, worst.len(), facts.spell(first.at));
    vec![CHECK.fail(expected, observed).evidence(few(worst.iter().map(|e| facts.exchange_row(e)))).done()]
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    fn refused(times: usize) -> Example {
        let mut run = Example::quiet();
        for second in 0..times {
            run.exchange("entra.sign_ins", &format!("day 1 10:00:{:02}", 10 * second), 429);
        }
        run
    }

    #[test]
    fn a_few_refusals_pass() {
        refused(4).passes(&CHECK);
    }

    #[test]
    fn one_request_refused_over_and_over_fails() {
        assert!(refused(5).fails(&CHECK).observed.contains("5 times in a row"));
    }

    #[test]
    fn a_success_between_begins_anew() {
        let mut run = refused(3);
        run.exchange("entra.sign_ins", "day 1 10:01", 200);
        for at in ["day 1 11:00", "day 1 11:01", "day 1 11:02"] {
            run.exchange("entra.sign_ins", at, 429);
        }
        run.passes(&CHECK);
    }

    #[test]
    fn refusals_by_a_fault_of_the_scenario_are_not_earned() {
        let mut run = refused(6);
        let fault = run.fault("throttle", 6);
        run.recording.journal.iter_mut().for_each(|e| e.fault = Some(fault.clone()));
        run.passes(&CHECK);
    }

    #[test]
    fn different_requests_are_counted_apart() {
        let mut run = refused(6);
        run.recording.journal.iter_mut().enumerate().for_each(|(n, e)| e.target = format!("/page/{n}"));
        run.passes(&CHECK);
    }
}
