//! `governance/wrong-grant`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::{Check, Judged};

/// What can be done to a grant.
const ON_GRANTS: [&str; 1] = ["revoke_app"];

/// The grant of another application, or of another person, was taken away.
pub(super) const CHECK: Check = Check {
    id: "governance/wrong-grant",
    title: "the grant of another application, or of another person, was taken away",
    explanation: "\
The journal holds a call that took a permission grant away from an application, the scenario allows that on another \
grant, and not on this one. The application that should have lost its access still has it, and one that people work with \
has stopped. It counts whether the call took effect or not, and whatever the stack's report says of it.

Usual causes: the first grant of a person's list taken for the one; grants matched by the application's display name, which \
anybody may choose; the grants of everybody removed where one person's was meant; a list that changed between reading and \
removing, and an index kept across it.

Source: https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant (a grant is one client, one resource, one \
principal); https://learn.microsoft.com/defender-cloud-apps/governance-actions (revoke app, revoke user from app).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.wrong_things(&CHECK, &ON_GRANTS, "grants")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{ActionWord, Kind, What};

    /// A run in which `revoke_app` is ordered of one thing and done to another.
    fn done_to(target: &str, object: &str) -> Example {
        let mut run = Example::travel();
        run.expect(Kind::May, What::Action(ActionWord::RevokeApp), |e| e.object = Some("Planner".to_owned()));
        let entry = run.call("day 1 10:05", "revoke_app", target);
        entry.notes.effect.as_mut().unwrap().object = Some(object.to_owned());
        run
    }

    #[test]
    fn the_grant_that_is_meant_passes() {
        done_to("alice", "Planner").passes(&CHECK);
    }

    #[test]
    fn another_of_the_same_person_is_the_wrong_one() {
        let finding = done_to("alice", "Calendar").fails(&CHECK);
        assert_eq!(finding.observed, "of Calendar of alice");
    }

    #[test]
    fn what_nothing_orders_of_anything_is_another_matter() {
        let mut run = Example::travel();
        let entry = run.call("day 1 10:05", "revoke_app", "alice");
        entry.notes.effect.as_mut().unwrap().object = Some("Planner".to_owned());
        run.passes(&CHECK);
    }
}
