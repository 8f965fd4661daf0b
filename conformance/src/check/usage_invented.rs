//! `usage/invented-row`.

use crate::observe::Facts;
use crate::observe::usage::{RowApp, UsageRow};
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A user of an app who does not use it.
pub(super) const CHECK: Check = Check {
    id: "usage/invented-row",
    title: "somebody is told to use an app, and does not",
    explanation: "\
A row of app usage names a user and an app, and in all that the stack could count that person did nothing there: no \
successful activity in a connected app since the beginning of the time that it declares to read (`declares.usage.first`, \
three months), no use of a discovered app within the ninety days that discovery remembers. Licences are paid for such rows.

Usual causes: from the second page on the filters of the first are gone, so that everything ever recorded comes in; failed \
sign-ins are counted as use; users of one instance are put down to another of the same vendor; the directory's people are \
taken for the app's.

Source: defender-cloud-apps api-activities-investigate-script (`nextQueryFilters` goes back as `filters`), api-activities; \
https://github.com/MicrosoftDocs/CloudAppSecurityDocs/issues/418.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let invented =
        facts.usage.rows.iter().filter(|row| !row.gone && !is_true(facts, row)).map(|row| facts.usage_row(row));
    let invented = few(invented);
    if invented.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} row(s) of somebody who did not", invented.len());
    vec![CHECK.fail("a row for each person who uses an app, and no other", observed).evidence(invented).done()]
}

fn is_true(facts: &Facts<'_>, row: &UsageRow) -> bool {
    match &row.app {
        RowApp::Connected(_) => facts.usage.seats(row).any(|seat| facts.usage.known(&seat, row.read_at).is_some()),
        RowApp::Discovered(app) => facts.usage.is_discovered(row, *app),
        RowApp::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn who_did_something_there_uses_it() {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        run.passes(&CHECK);
    }

    #[test]
    fn who_did_nothing_there_does_not() {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "bob", "day 1 09:00", true);
        run.fails(&CHECK);
    }

    #[test]
    fn a_failed_sign_in_is_no_use() {
        let mut run = Example::synced();
        run.recording.truth.iter_mut().for_each(|record| record.outcome = "wrong_password".to_owned());
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        run.fails(&CHECK);
    }

    #[test]
    fn what_lies_before_the_time_that_is_read_is_no_use() {
        let mut run = Example::synced();
        run.recording.truth.clear();
        run.used("day -91 09:00", "alice");
        run.usage("day 1 10:00", "alice", "day -91 09:00", false);
        run.fails(&CHECK);
    }
}
