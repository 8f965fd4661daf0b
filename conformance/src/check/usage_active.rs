//! `usage/wrong-activity`.

use std::collections::BTreeSet;

use crate::observe::Facts;
use crate::observe::usage::{RowApp, Usage, UsageRow};
use crate::observe::wording::few;
use crate::oracle::usage::Seat;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A last activity, or what follows from it, that is not so.
pub(super) const CHECK: Check = Check {
    id: "usage/wrong-activity",
    title: "a user's last activity, or whether they count as active, is wrong",
    explanation: "\
A row of app usage is true for a moment (`time`), which lies in the session that told it. For that moment the last activity \
has to be one of that person in that app, not older than the last that the API showed then; and whoever did something within \
`declares.usage.active_within` (sixty days) before counts as active, to the millisecond and its first moment included. A row \
that stands at the end has to be right then too: who becomes inactive by waiting is told again.

Usual causes: days are counted by dates and not by times; local time is taken for UTC; the border counts to the wrong side; \
the time at which an activity was saved is taken for that at which it happened; the activity of another app or of a failed \
sign-in is taken for the last; nobody is looked at again who does nothing.

Source: https://oomnitza.zendesk.com/hc/en-us/articles/38634551342231 (active within 60 days, last activity); \
defender-cloud-apps api-activities (`timestamp`, `created`).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let standing: BTreeSet<usize> = facts.usage.standing().map(|row| row.number).collect();
    let connected = facts.usage.rows.iter().filter(|row| !row.gone && matches!(row.app, RowApp::Connected(_)));
    let wrong = connected.filter_map(|row| {
        let is_last = standing.contains(&row.number);
        let seats: Vec<Seat> = facts.usage.seats(row).filter(|s| facts.usage.known(s, row.read_at).is_some()).collect();
        let whys: Vec<String> = seats.iter().filter_map(|seat| why_wrong(facts, row, seat, is_last)).collect();
        // Of two people with one address it may be either.
        (!seats.is_empty() && whys.len() == seats.len()).then(|| format!("{}: {}", facts.usage_row(row), whys[0]))
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} row(s) are wrong", wrong.len());
    vec![CHECK.fail("last activities, and who is active, as they are", observed).evidence(few(wrong)).done()]
}

fn why_wrong(facts: &Facts<'_>, row: &UsageRow, seat: &Seat, is_last: bool) -> Option<String> {
    let usage = &facts.usage;
    if !Usage::is_of_its_time(row) {
        return Some("the moment is none of the session that told it".to_owned());
    }
    let Some(last) = row.last else { return Some("the last activity is missing".to_owned()) };
    if !usage.uses[seat].iter().any(|used| used.at == last && used.available <= row.read_at) {
        return Some("that person did nothing there then".to_owned());
    }
    let due = usage.due(seat, row.as_of).filter(|due| due.at > last);
    if let Some(due) = due {
        return Some(format!("the last activity was at {}", facts.spell(due.at)));
    }
    let within = facts.declares.usage.active_within;
    let active = |at| last + within >= at;
    if row.active != Some(active(row.as_of)) {
        return Some(format!("the rule says {}", if active(row.as_of) { "active" } else { "inactive" }));
    }
    let (from, until) = (usage.spans[&seat.defender].due_until, facts.recording.ended);
    let at_the_end = [active(from), active(until)];
    let stale = is_last && from >= row.as_of && !at_the_end.contains(&active(row.as_of));
    stale.then(|| format!("at {} it is true no more", facts.spell(from)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CHECK;
    use crate::observe::example::Example;

    /// Alice was last seen sixty days before the session at `day 1 10:00`, and that much later.
    fn seen(later: Duration, active: bool) -> Example {
        let mut run = Example::synced();
        run.recording.truth.clear();
        run.used("day -60 10:00", "alice").persisted = run.at("day -60 10:00") + later;
        run.usage("day 1 10:00", "alice", "day -60 10:00", active);
        run
    }

    #[test]
    fn sixty_days_to_the_moment_are_active_then() {
        let mut run = seen(Duration::ZERO, true);
        run.usage("day 1 11:00", "alice", "day -60 10:00", false);
        run.passes(&CHECK);
    }

    #[test]
    fn the_wrong_side_of_the_border_is_wrong() {
        assert!(seen(Duration::ZERO, false).fails(&CHECK).evidence[0].contains("the rule says active"));
    }

    #[test]
    fn who_becomes_inactive_by_waiting_is_told_again() {
        let found = seen(Duration::ZERO, true).fails(&CHECK);
        assert!(found.evidence[0].contains("true no more"), "{found:#?}");
    }

    #[test]
    fn a_time_at_which_nothing_was_done_is_no_last_activity() {
        let found = seen(Duration::from_secs(1), true).fails(&CHECK);
        assert!(found.evidence[0].contains("did nothing there then"), "{found:#?}");
    }

    #[test]
    fn an_older_activity_than_the_last_is_wrong() {
        let mut run = Example::synced();
        run.used("day 1 09:30", "alice");
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        run.fails(&CHECK);
    }
}
