//! `governance/wrong-alert`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::{Check, Judged};

/// What can be done to an alert.
const ON_ALERTS: [&str; 1] = ["close_alert"];

/// An alert of the product's own was closed that nobody had looked into.
pub(super) const CHECK: Check = Check {
    id: "governance/wrong-alert",
    title: "an alert was closed that was not meant",
    explanation: "\
The journal holds a call that closed alerts of the product's own, and among them one under another policy than the stack's \
alerts whose answer the closing is. Whoever looks at the product sees it as found out, and nobody has looked. It counts whether \
the call took effect or not, and whatever the stack's report says of it.

A deed names the policies of all alerts that it closes: a bulk call that closes two is right where both are meant.

Usual causes: everything closed that is open about the person, or of the day; the first hit of a search taken for the one; a \
filter that the product did not understand and left out, so that it closed what it found without.

Source: https://learn.microsoft.com/defender-cloud-apps/api-alerts-close-true-positive (by ids or by filters, many at once).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.wrong_things(&CHECK, &ON_ALERTS, "alerts")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{ActionWord, Kind, What};

    /// A run in which `close_alert` is allowed of one policy's alert and done to another's.
    fn closed(policies: &[&str]) -> Example {
        let mut run = Example::travel();
        run.expect(Kind::May, What::Action(ActionWord::CloseAlert), |e| {
            e.object = Some("impossible_travel".to_owned());
        });
        let entry = run.call("day 1 10:05", "close_alert", "alice");
        let effect = entry.notes.effect.as_mut().unwrap();
        (effect.object, effect.policies) =
            (Some(policies.join(" and ")), policies.iter().map(|p| (*p).to_owned()).collect());
        run
    }

    #[test]
    fn the_alert_that_is_meant_passes() {
        closed(&["impossible_travel"]).passes(&CHECK);
    }

    #[test]
    fn another_beside_it_is_the_wrong_one() {
        let finding = closed(&["activity_from_infrequent_country", "impossible_travel"]).fails(&CHECK);
        assert_eq!(finding.observed, "of activity_from_infrequent_country and impossible_travel of alice");
    }

    #[test]
    fn what_nothing_orders_of_anything_is_another_matter() {
        let mut run = Example::travel();
        let entry = run.call("day 1 10:05", "close_alert", "alice");
        let effect = entry.notes.effect.as_mut().unwrap();
        let policy = "impossible_travel".to_owned();
        (effect.object, effect.policies) = (Some(policy.clone()), vec![policy]);
        run.passes(&CHECK);
    }
}
