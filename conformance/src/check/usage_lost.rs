//! `usage/lost-row`.

use crate::observe::Facts;
use crate::observe::usage::{DISCOVERY, RowApp, SYNC, UsageRow};
use crate::observe::wording::few;
use crate::oracle::usage::Seat;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A user of an app of whom nothing is told, or nothing new.
pub(super) const CHECK: Check = Check {
    id: "usage/lost-row",
    title: "somebody uses an app, and is not told to, or only by older activities",
    explanation: "\
The stack claims `usage.sync` (`usage.discovery` for apps that are merely seen in traffic), and somebody used an app within \
what it declares to read: since `declares.usage.first` before its first session, and so early that a session which is due \
every `declares.usage.every` had to see it twice before the end. Either no row of app usage names that person and app, or the \
one that stands last does not know of that activity. Whoever seems not to use an app loses the account.

Usual causes: activities that arrive while pages are skipped push others past the page boundary; `skip` reaches 5,000 records \
and no further; a page that was throttled is left out; the window of the next session begins at the newest activity and not \
at the last session; a session that failed half-way is taken for a whole one; records that are saved late are never asked for \
again.

Source: defender-cloud-apps api-activities-investigate-script (scans against shifting pages), api-introduction (30 requests \
a minute); microsoft/MCAS Get-MCASActivity (`skip` and 5,000).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let standing: Vec<&UsageRow> = facts.usage.standing().collect();
    let (mut lost, mut total) = (Vec::new(), 0);
    for seat in facts.usage.uses.keys().filter(|_| facts.declares.claims(SYNC)) {
        let Some(until) = facts.usage.spans.get(&seat.defender).map(|span| span.due_until) else { continue };
        let Some(due) = facts.usage.due(seat, until) else { continue };
        total += 1;
        let row = row_of(&standing, seat);
        if row.and_then(|row| row.last).is_none_or(|last| last < due.at) {
            let told = row.map_or("no row".to_owned(), |row| facts.usage_row(row));
            let record = facts.record_row(&facts.recording.truth[due.record]);
            lost.push(format!("{} in {}: {told}; last {record}", seat.person, seat.app));
        }
    }
    let opens_discovery = |name: &String| facts.usage.spans[name].opens_discovery;
    for defender in facts.usage.spans.keys().filter(|name| facts.declares.claims(DISCOVERY) && opens_discovery(name)) {
        for (apps, person) in facts.usage.discovered_until(facts.recording.ended) {
            total += 1;
            let is_it = |app: &RowApp| apps.iter().any(|id| *app == RowApp::Discovered(*id));
            let is_told =
                |row: &&&UsageRow| row.defender == *defender && is_it(&row.app) && row.people.contains(person);
            if standing.iter().find(is_told).is_none() {
                lost.push(format!("{person} in discovered app {}: no row", apps[0]));
            }
        }
    }
    if lost.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} of {total} missing or out of date", lost.len());
    vec![CHECK.fail("everybody's last activity in every app", observed).story(few(lost)).done()]
}

fn row_of<'r>(standing: &[&'r UsageRow], seat: &Seat) -> Option<&'r UsageRow> {
    let is_of = |row: &&&UsageRow| {
        let app = matches!(&row.app, RowApp::Connected(app) if *app == seat.app);
        app && row.defender == seat.defender && row.people.contains(&seat.person)
    };
    standing.iter().find(is_of).copied()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn who_is_told_with_the_last_activity_is_not_lost() {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        run.passes(&CHECK);
    }

    #[test]
    fn who_is_not_told_is_lost() {
        assert_eq!(Example::synced().fails(&CHECK).observed, "1 of 1 missing or out of date");
    }

    #[test]
    fn who_is_told_with_an_older_activity_is_lost() {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "alice", "day 1 09:00", true).used("day 1 10:30", "alice");
        run.fails(&CHECK);
    }

    #[test]
    fn what_is_shown_after_the_story_need_not_be_told() {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "alice", "day 1 09:00", true).used("day 1 15:30", "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn what_the_access_does_not_open_need_not_be_told() {
        let mut run = Example::synced();
        let defender = run.scenario().apps.last_mut().unwrap();
        defender.scopes = Some(vec!["Discovery.read".to_owned()]);
        run.passes(&CHECK);
    }

    #[test]
    fn a_stack_that_claims_no_synchronisation_owes_none() {
        let mut run = Example::synced();
        run.declares.capabilities.remove("usage.sync");
        run.passes(&CHECK);
    }
}
