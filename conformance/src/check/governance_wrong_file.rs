//! `governance/wrong-file`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::{Check, Judged};

/// What can be done to a file.
const ON_FILES: [&str; 3] = ["quarantine", "trash", "make_private"];

/// An action on a file that it was not meant for.
pub(super) const CHECK: Check = Check {
    id: "governance/wrong-file",
    title: "an action hit a file that it was not meant for",
    explanation: "\
The journal holds a call that put a file away (quarantine, trash) or closed it (make private), the scenario allows that \
very action on another file, and not on this one: nothing stands in it that should not, or it is somebody else's. Whoever \
needs the file cannot get at it, and what should have been put away still lies open. It counts whether the call took effect \
or not, and whatever the stack's report says of it.

Usual causes: the vendor's own id of a file sent where the product's is wanted, and the first hit of a search taken for it; \
ids of a batch out of step with its files; a file looked up by its name, which two of them have; all files of an owner in \
place of the one.

Source: https://learn.microsoft.com/defender-cloud-apps/governance-actions; that an alert carries the vendor's file id and \
governance wants the product's: Microsoft's Power Automate flows.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.wrong_things(&CHECK, &ON_FILES, "files")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{ActionWord, Kind, What};

    /// A run in which `quarantine` is ordered of one thing and done to another.
    fn done_to(target: &str, object: &str) -> Example {
        let mut run = Example::travel();
        run.expect(Kind::May, What::Action(ActionWord::Quarantine), |e| e.object = Some("card_list".to_owned()));
        let entry = run.call("day 1 10:05", "quarantine", target);
        entry.notes.effect.as_mut().unwrap().object = Some(object.to_owned());
        run
    }

    #[test]
    fn the_file_that_is_meant_passes() {
        done_to("alice", "card_list").passes(&CHECK);
    }

    #[test]
    fn another_of_the_same_person_is_the_wrong_one() {
        let finding = done_to("alice", "budget").fails(&CHECK);
        assert_eq!(finding.observed, "of budget of alice");
    }

    #[test]
    fn what_nothing_orders_of_anything_is_another_matter() {
        let mut run = Example::travel();
        let entry = run.call("day 1 10:05", "quarantine", "alice");
        entry.notes.effect.as_mut().unwrap().object = Some("card_list".to_owned());
        run.passes(&CHECK);
    }
}
