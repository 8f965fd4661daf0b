//! `governance/wrong-user`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::allowance::Permit;
use super::{Check, Judged};

/// An action on somebody it was not meant for.
pub(super) const CHECK: Check = Check {
    id: "governance/wrong-user",
    title: "an action hit somebody it was not meant for",
    explanation: "\
The journal holds a call that acted on a person for whom the scenario allows no such action, while it allows (or orders) \
that very action on somebody else. A colleague was suspended in the thief's place. It counts whether the call took effect \
or not, and whatever the stack's report says of it: what a stack did outranks what it says.

Usual causes: accounts joined by display name or by an address that was used again; the directory's id taken from the \
first row of a search; the actor of an administrator's deed taken for its target; two instances whose users have equal \
ids.

Source: docs/src/faults.md, gov-wrong-user-name-match, gov-wrong-user-after-rename, gov-empty-target.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    // What is done to a thing of somebody's is judged by the thing: `governance/wrong-file`, `governance/wrong-grant`.
    let upon_people = facts.deeds.iter().filter(|d| d.object.is_none());
    let wrong = upon_people.filter(|d| facts.permit(d) != Permit::Given && facts.is_allowed_elsewhere(d));
    wrong
        .map(|deed| {
            let line = match facts.permit(deed) {
                Permit::Forbidden(line) => Some(line),
                _ => None,
            };
            CHECK
                .fail(format!("{} of those only whom the scenario names", deed.action), format!("of {}", deed.target))
                .evidence([facts.deed_row(deed)])
                .line(line)
                .done()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn the_right_person_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_colleague_in_her_place_is_the_wrong_user() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "suspend", "bob");
        let finding = run.fails(&CHECK);
        assert_eq!(finding.observed, "of bob");
    }

    #[test]
    fn an_action_that_nothing_allows_on_anybody_is_another_matter() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "notify", "bob");
        run.passes(&CHECK);
    }
}
