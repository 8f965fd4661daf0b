//! `usage/old-name`.

use simulator::world::discovery::CATALOGUE;

use crate::observe::Facts;
use crate::observe::usage::{RowApp, UsageRow};
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// An app goes on under a name that it no longer has.
pub(super) const CHECK: Check = Check {
    id: "usage/old-name",
    title: "a discovered app is still told under the name that it had",
    explanation: "\
The scenario renames an app of the product's catalogue, more than a day before the end, and a row of app usage that stands then \
still calls it as it was called before. The number of the app is the same, so nothing is lost; but whoever looks for the app by \
its name finds nobody, or the users of another that has the name now.

Usual causes: only numbers that change make a row new; names are kept from the first time they were seen; users are joined to \
apps by the name.

Source: Defender for Cloud Apps, the cloud app catalog (kept by Microsoft, who renames and merges its entries); microsoft/MCAS \
(discovered apps carry `appId` and `name`).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let listings = facts.usage.listings(facts.recording.ended);
    let is_old = |row: &&UsageRow| {
        let RowApp::Discovered(id) = row.app else { return false };
        let (Some(app), Some(told)) = (CATALOGUE.iter().find(|app| app.id == id), row.app_name.as_deref()) else {
            return false;
        };
        told == app.name && listings.iter().all(|listing| listing.name(app) != told)
    };
    let old = few(facts.usage.standing().filter(is_old).map(|row| facts.usage_row(row)));
    if old.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} row(s) under the name it had", old.len());
    vec![CHECK.fail("the name that the app has now", observed).evidence(old).done()]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use simulator::scenario::{Outcome, Position, Step, Using, Verb, Who};
    use simulator::world::discovery::RENAMED;

    use super::CHECK;
    use crate::observe::example::Example;

    /// Murmur is renamed at this moment, and the row calls it so.
    fn renamed(when: &str, told: &str) -> Example {
        let mut run = Example::synced();
        run.usage("day 1 10:00", "alice", "day 1 09:00", true);
        let at = run.at(when);
        let details = [("name", RENAMED), ("to", "Murmur Chat")].map(|(key, to)| (key.to_owned(), to.to_owned()));
        run.scenario().script.push(Step {
            at,
            verb: Verb::Event,
            actor: Who::Admin,
            app: None,
            from: None,
            using: Using::Laptop,
            agent: None,
            result: Outcome::Success,
            target: None,
            object: Some("Murmur".to_owned()),
            details: details.into(),
            times: 1,
            over: Duration::ZERO,
            late: None,
            attack: None,
            id: None,
            position: Position { line: 1, column: 1 },
        });
        let line = run.recording.report.last_mut().unwrap();
        let mut body: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        let usage = &mut body["body"]["unmapped"]["usage"];
        (usage["app_uid"], usage["source"], usage["app_name"]) = ("80003".into(), "discovery".into(), told.into());
        line.text = body.to_string();
        run
    }

    #[test]
    fn the_new_name_passes_and_the_old_one_only_for_a_day() {
        renamed("day -3 09:00", "Murmur Chat").passes(&CHECK);
        renamed("day 1 09:30", "Murmur").passes(&CHECK);
        assert_eq!(renamed("day -3 09:00", "Murmur").fails(&CHECK).observed, "1 row(s) under the name it had");
    }
}
