//! `usage/doubled-row`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::DeliveryPromise;
use crate::observe::Facts;
use crate::observe::usage::UsageRow;
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// One user counted twice.
pub(super) const CHECK: Check = Check {
    id: "usage/doubled-row",
    title: "one user of an app is told twice",
    explanation: "\
At the end two rows of app usage with different ids stand for one person in one app (also where two apps have become one, and \
the rows of both stand), or, where the stack promises to tell a \
thing once, one row was told again without anything new in it. Counts of users, and what is paid by them, are then too high.

Usual causes: users are told apart by a name that changes (an address, a display name) and not by the id of the account; \
a discovered app that is listed no longer is never looked for; \
activities that arrive while pages are skipped move others to the next page, and each page's users are counted; a session \
that was killed is told again from the beginning.

Source: https://learn.microsoft.com/defender-cloud-apps/api-activities (`resolvedActorAccount` and `entityData` carry the \
account's id); docs/src/contract.md (`delivery`).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut by_seat: BTreeMap<_, Vec<&UsageRow>> = BTreeMap::new();
    let [_, listing] = facts.usage.listings(facts.recording.ended);
    for row in facts.usage.standing() {
        by_seat.entry((&row.defender, row.app.listed_in(&listing), &row.people)).or_default().push(row);
    }
    let twice = by_seat.into_iter().filter(|((_, _, people), rows)| !people.is_empty() && rows.len() > 1);
    let twice = few(twice.flat_map(|(_, rows)| rows).map(|row| facts.usage_row(row)));
    if !twice.is_empty() {
        let found = CHECK.fail("one row for each person and app", "several that stand at the end");
        findings.push(found.evidence(twice).done());
    }
    let mut told: BTreeMap<(&str, &str), &Value> = BTreeMap::new();
    let mut again = Vec::new();
    for row in &facts.usage.rows {
        if told.insert((&row.defender, &row.uid), &row.content) == Some(&row.content) {
            again.push(facts.usage_row(row));
        }
    }
    if !again.is_empty() && facts.declares.delivery == DeliveryPromise::ExactlyOnce {
        let found = CHECK.fail("a row is told again when there is something new in it", "told again without");
        findings.push(found.evidence(few(again)).done());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn a_row_that_replaces_another_is_no_second_one() {
        let mut run = Example::synced();
        run.used("day 1 10:30", "alice");
        run.usage("day 1 10:00", "alice", "day 1 09:00", true).usage("day 1 11:00", "alice", "day 1 10:30", true);
        run.passes(&CHECK);
    }

    #[test]
    fn two_ids_for_one_person_count_twice() {
        let mut run = Example::synced();
        run.usage_as("other", "day 1 10:00", "alice", "day 1 09:00", true);
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        run.fails(&CHECK);
    }

    #[test]
    fn the_same_told_again_is_doubled() {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "alice", "day 1 09:00", true).usage("day 1 11:00", "alice", "day 1 09:00", true);
        run.fails(&CHECK);
    }
}
