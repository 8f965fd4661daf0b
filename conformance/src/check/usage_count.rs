//! `usage/wrong-count`.

use std::collections::BTreeSet;

use crate::observe::Facts;
use crate::observe::usage::{RowApp, UsageRow};
use crate::observe::wording::few;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// How many use an app.
pub(super) const CHECK: Check = Check {
    id: "usage/wrong-count",
    title: "an app is told to have another number of users, or of active ones",
    explanation: "\
A `must: usage` was not met: of the rows of app usage that stand at the end, so many name the app (`users`), and of those so \
many say that the user is active (`active`). Other checks say which row is wrong; this one holds the sums against what the \
scenario's author counted. Where the oracle counts as the stack does and otherwise than the scenario says, the scenario is \
wrong, and the run is inconclusive.

Usual causes: see `usage/lost-row`, `usage/doubled-row`, `usage/invented-row`, `usage/wrong-activity`.

Source: https://oomnitza.zendesk.com/hc/en-us/articles/38634551342231 (users and active users of an app).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::Usage).iter().filter_map(|wanted| miscounted(facts, wanted)).collect()
}

fn miscounted(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let app = facts.app_name(wanted.written.app?);
    let rows: Vec<&UsageRow> =
        facts.usage.standing().filter(|row| row.app == RowApp::Connected(app.to_owned())).collect();
    let told = (rows.len(), rows.iter().filter(|row| row.active == Some(true)).count());
    let meets = |(users, active): (usize, usize)| {
        let is = |written: Option<u32>, found: usize| written.is_none_or(|written| written as usize == found);
        is(wanted.written.users, users) && is(wanted.written.active, active)
    };
    if meets(told) {
        return None;
    }
    let observed = format!("{} user(s), {} of them active", told.0, told.1);
    let expected = facts.written(wanted.written.at.line);
    let true_count = counted(facts, app);
    let found = match meets(true_count) {
        true => CHECK.fail(expected, observed),
        false => CHECK.inconclusive(
            expected,
            format!(
                "by the oracle it is {} user(s), {} of them active; told are {observed}",
                true_count.0, true_count.1
            ),
        ),
    };
    Some(found.evidence(few(rows.into_iter().map(|row| facts.usage_row(row)))).line(wanted.written.at.line).done())
}

/// Users, and active ones, by the oracle.
fn counted(facts: &Facts<'_>, app: &str) -> (usize, usize) {
    let usage = &facts.usage;
    let seats = usage.uses.keys().filter(|seat| seat.app == app);
    let last = seats.filter_map(|seat| Some((seat, usage.due(seat, usage.spans.get(&seat.defender)?.due_until)?)));
    let last: Vec<_> = last.collect();
    let active = last.iter().filter(|(_, used)| used.at + facts.declares.usage.active_within >= facts.recording.ended);
    (last.iter().map(|(seat, _)| *seat).collect::<BTreeSet<_>>().len(), active.count())
}

#[cfg(test)]
mod tests {
    use simulator::scenario::AppIndex;

    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};
    use crate::verdict::Verdict;

    fn counting(users: u32, active: u32) -> Example {
        let mut run = Example::synced();
        run.expect(Kind::Must, What::Usage, |e| {
            (e.app, e.users, e.active) = (Some(AppIndex(0)), Some(users), Some(active));
        });
        run
    }

    #[test]
    fn who_counts_right_passes() {
        let mut run = counting(1, 1);
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        run.passes(&CHECK);
    }

    #[test]
    fn who_tells_nobody_or_says_inactive_counts_wrong() {
        assert_eq!(counting(1, 1).fails(&CHECK).observed, "0 user(s), 0 of them active");
        let mut run = counting(1, 1);
        run.usage("day 1 10:00", "alice", "day 1 09:00", false);
        assert_eq!(run.fails(&CHECK).verdict, Verdict::Fail);
    }

    #[test]
    fn a_count_that_the_oracle_does_not_find_is_the_scenarios_fault() {
        let mut run = counting(2, 2);
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        assert_eq!(run.fails(&CHECK).verdict, Verdict::Inconclusive);
    }
}
