//! `governance/claimed-not-done`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::{Check, Judged};

/// Said to be done, and was not.
pub(super) const CHECK: Check = Check {
    id: "governance/claimed-not-done",
    title: "an action is reported as done, and no call had that effect",
    explanation: "\
The report says that a command was carried out (`status_id` 1), and the journal holds no call that had this effect on \
that person by the time the line was read. People stop looking when a tool says that the account is closed, so this is \
worse than not acting. What a stack did outranks what it says.

Usual causes: the line is written before the call, or whatever the answer was; a 202 taken for the effect itself; the call \
was made about somebody else (then `governance/wrong-user` is shown as well).

Source: docs/src/verdicts.md (the journal outranks the report); docs/src/faults.md, gov-reported-done-but-not.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for claim in facts.claims.iter().filter(|c| c.says_done()) {
        let done = facts.deeds.iter().any(|d| {
            d.done && d.action == claim.action.action && d.at <= claim.read_at && claim.people.contains(&d.target)
        });
        if !done {
            let whom: Vec<&str> = claim.people.iter().map(String::as_str).collect();
            let whom = if whom.is_empty() { "somebody unknown".to_owned() } else { whom.join(", ") };
            let expected = format!("a call that {} {whom} before {}", claim.action.action, facts.spell(claim.read_at));
            let row = format!("{}: {} of {whom} is done", facts.report_line(claim.number), claim.action.action);
            let tried = facts.deeds.iter().filter(|d| d.action == claim.action.action).map(|d| facts.deed_row(d));
            findings.push(CHECK.fail(expected, "none had that effect").evidence([row]).evidence(tried).done());
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn what_is_said_and_done_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_claim_without_a_call_is_found_out() {
        let mut run = Example::travel();
        run.recording.journal.retain(|e| e.notes.effect.is_none());
        run.fails(&CHECK);
    }

    #[test]
    fn a_claim_before_the_call_is_one_too() {
        let mut run = Example::travel();
        run.recording.journal.retain(|e| e.notes.effect.is_none());
        run.call("day 1 10:30", "suspend", "alice");
        run.fails(&CHECK);
    }
}
