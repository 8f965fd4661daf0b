//! `permissions/stale`.

use simulator::scenario::App;

use crate::observe::Facts;
use crate::observe::permissions::{GrantList, LISTS};
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// What the stack says is let into an app is not what the vendor listed last.
pub(super) const CHECK: Check = Check {
    id: "permissions/stale",
    title: "what the stack says is let into an app is not what the vendor listed last",
    explanation: "\
The stack claims `VENDOR.app_permissions`, walked through a list of what is let in beside people (installed apps, authorised \
credentials, tokens, permissions of applications) to its end, and the rows of its log `app_permissions` that stand at the end \
say otherwise: something that was listed is not told, something that is no longer listed is told as if it were, or something is \
told that no answer ever held. An app that was taken out on Monday is taken for a danger on Friday, and one that came in is not \
seen.

A claim that was never kept is found as well: where a policy about apps is in force and the log of the instance was read, each \
of the lists has to be asked for once; that a token may not see one is no fault of the stack's.

What is true is what the vendor's answers held, so a stack that reads twice a day is judged by its second reading. Whether \
what a row says of permissions and owners is right is not judged.

Usual causes: rows that are no longer in the list are never looked for; the second page is not read; ids of two lists are told \
apart by nothing; a list that could not be read is taken for an empty one.

Source: https://learn.microsoft.com/defender-cloud-apps/manage-app-permissions: apps that lose their permission leave the \
list.",
    judged: Judged::AtTheEnd,
    run,
};

/// The policy for which a stack reads the lists.
const POLICY: &str = "new_oauth_app_broad_scope";

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let apps = facts.script.scenario.apps.iter();
    let claimed = apps.filter(|app| facts.claims_feed(&app.name, "app_permissions"));
    claimed.flat_map(|app| of_instance(facts, app)).collect()
}

fn of_instance(facts: &Facts<'_>, app: &App) -> Vec<Finding> {
    let served =
        |list: &&GrantList| simulator::vendors::spec(app.vendor).routes.iter().any(|route| route.name == list.route);
    let lists: Vec<&GrantList> = LISTS.iter().filter(served).collect();
    let mut findings: Vec<Finding> = lists.iter().filter_map(|list| untrue(facts, &app.name, list)).collect();
    let is_asked = |list: &&GrantList| {
        let route = format!("{}.{}", app.name, list.route);
        facts.recording.journal.iter().any(|entry| entry.route == route)
    };
    let reads = facts.asked(&app.name).any(|entry| facts.is_read(app, entry));
    let unasked = lists.iter().copied().find(|list| !is_asked(list));
    if let Some(list) = unasked.filter(|_| reads && facts.in_force(POLICY).is_some()) {
        let expected = format!("what is let into {} is read, since {POLICY} is in force", app.name);
        findings.push(CHECK.fail(expected, format!("{}.{} was never asked for", app.name, list.route)).done());
    }
    findings
}

fn untrue(facts: &Facts<'_>, app: &str, list: &GrantList) -> Option<Finding> {
    let listed = facts.listed(app, list)?;
    let rows = facts.permissions(app, list.kind);
    let standing = |id: &String| rows.get(id).is_some_and(|row| !row.gone);
    let untold = listed.last.iter().filter(|id| !standing(id)).map(|id| format!("{id} is listed and not told"));
    let told = rows.iter().filter(|(id, row)| !row.gone && !listed.last.contains(*id));
    let told = told.map(|(id, row)| {
        let what = if listed.ever.contains(id) { "is listed no longer" } else { "was never listed" };
        format!("{id} is told, and {what} ({})", facts.report_line(row.number))
    });
    let wrong: Vec<String> = untold.chain(told).collect();
    let first = wrong.first()?;
    let expected =
        format!("the {} grants of {app} as {} listed them at {}", list.kind, list.route, facts.spell(listed.ended));
    let observed = if wrong.len() == 1 { first.clone() } else { format!("{first}, and {} more", wrong.len() - 1) };
    Some(CHECK.fail(expected, observed).evidence(few(wrong)).done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::contract::sample;
    use crate::observe::example::Example;

    /// A run in which GitHub listed these, walk by walk, and the stack told these.
    fn run(walks: &[&[&str]], told: &[(&str, u64)]) -> Example {
        let mut run = Example::quiet();
        run.scenario().apps[0].vendor = simulator::scenario::Vendor::Github;
        run.scenario().apps[0].name = "github".to_owned();
        run.declares.capabilities.insert("github.app_permissions".to_owned());
        for (n, ids) in walks.iter().enumerate() {
            run.listed("github.installations", &format!("day 1 {:02}:00", 1 + n), ids);
        }
        for (n, (uid, activity)) in told.iter().enumerate() {
            let (hour, at) = (format!("day 1 {:02}:00", 10 + n), run.at("day 1 01:00"));
            run.say("event", &hour, &sample::permission(uid, "github", at, *activity));
        }
        run
    }

    #[test]
    fn who_tells_what_is_listed_passes() {
        run(&[&["7", "9"]], &[("installation:7", 1), ("installation:9", 1)]).passes(&CHECK);
        run(&[&["7"], &["9"]], &[("installation:7", 1), ("installation:9", 1), ("installation:7", 2)]).passes(&CHECK);
        run(&[&["7"]], &[("installation:7", 1), ("credential:8", 1)]).passes(&CHECK);
    }

    #[test]
    fn what_is_untold_or_no_longer_there_or_never_was_is_found() {
        type Row = (&'static [&'static [&'static str]], &'static [(&'static str, u64)], &'static str);
        #[rustfmt::skip]
        let cases: [Row; 4] = [
            (&[&["7"]],       &[],                                              "7 is listed and not told"),
            (&[&["7"]],       &[("installation:7", 1), ("installation:7", 2)],  "7 is listed and not told"),
            (&[&["7"], &[]],  &[("installation:7", 1)],                         "7 is told, and is listed no longer"),
            (&[&[]],          &[("installation:5", 1)],                         "5 is told, and was never listed"),
        ];
        for (walks, told, expected) in cases {
            let observed = run(walks, told).fails(&CHECK).observed;
            assert!(observed.starts_with(expected), "{observed}");
        }
    }

    #[test]
    fn who_claims_nothing_of_the_kind_is_not_judged() {
        let mut run = run(&[&["7"]], &[]);
        run.declares.capabilities.clear();
        run.passes(&CHECK);
    }
}
