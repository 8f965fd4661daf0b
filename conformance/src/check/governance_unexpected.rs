//! `governance/unexpected`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::allowance::Permit;
use super::{Check, Judged};

/// An action that nothing allows.
pub(super) const CHECK: Check = Check {
    id: "governance/unexpected",
    title: "an action that nothing in the scenario allows",
    explanation: "\
The journal holds a call that acted on an account, and the scenario does not allow it: no `must` or `may` names the \
action, and it is not the written action of an allowed alert about that person; or a `must_not` forbids it. Acting on an \
account locks a person out of their work, so it is never taken on suspicion. Where the action itself is allowed, but on \
somebody else, `governance/wrong-user` says so instead.

Usual causes: actions taken on alerts of too low a severity, or of policies that have none written; the same alert seen \
again in another poll; an action of another policy.

Source: docs/src/faults.md, gov-protects-nobody, gov-mass-action; that nothing is allowed which no line and no policy orders \
is a choice of this library.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for deed in facts.deeds.iter().filter(|d| !facts.is_allowed_elsewhere(d)) {
        let (line, expected) = match facts.permit(deed) {
            Permit::Given => continue,
            Permit::Forbidden(line) => (Some(line), facts.written(line)),
            Permit::Missing => (None, format!("no {} of anybody", deed.action)),
        };
        let observed = format!("{} of {}", deed.action, deed.target);
        findings.push(CHECK.fail(expected, observed).evidence([facts.deed_row(deed)]).line(line).done());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{ActionWord, Kind, What};

    #[test]
    fn the_written_action_of_an_allowed_alert_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn an_action_that_nothing_names_is_unexpected() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "notify", "alice");
        assert_eq!(run.fails(&CHECK).observed, "notify of alice");
    }

    #[test]
    fn what_may_be_done_may_be_done() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "notify", "alice");
        run.expect(Kind::May, What::Action(ActionWord::Notify), |_| {});
        run.passes(&CHECK);
    }
}
