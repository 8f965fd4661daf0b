//! `governance/done-not-claimed`.

use crate::contract::Actions;
use crate::observe::Facts;
use crate::verdict::Finding;

use super::{Check, Judged};

/// Done, and never said.
pub(super) const CHECK: Check = Check {
    id: "governance/done-not-claimed",
    title: "an action took effect, and the report never says so",
    explanation: "\
The journal holds a call that had an effect on a person, and by the end of the run no action record of the report says \
that it was done. Whoever reads the report believes the account to be open, or asks for it again. A call in the last \
moments before the stack was told to stop is not counted, nor one whose answer the stack never got, unless it had a poll \
interval left to find out. A stack that says nothing of what it does declares `actions: journal`, and is not asked.

Usual causes: the record is written only on a plain success, not when a repeated call finds that the thing is done; it is \
lost in a restart between the call and the line.

Source: docs/src/verdicts.md (what the stack says, and what it did); docs/src/faults.md, gov-no-audit.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if facts.declares.actions == Actions::Journal {
        return findings;
    }
    for deed in facts.deeds.iter().filter(|d| d.done) {
        let said = facts
            .claims
            .iter()
            .any(|c| c.says_done() && c.action.action == deed.action && c.people.contains(&deed.target));
        let had_time = deed.at + facts.declares.poll_every <= facts.recording.ended;
        if !said && had_time {
            let expected = format!("an action record that {} of {} is done", deed.action, deed.target);
            findings.push(CHECK.fail(expected, "there is none").evidence([facts.deed_row(deed)]).done());
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn what_is_done_and_said_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_deed_that_is_never_told_is_found() {
        let mut run = Example::travel();
        run.recording.report.retain(|line| !line.text.contains("\"action\""));
        run.fails(&CHECK);
    }

    #[test]
    fn who_never_tells_its_deeds_is_not_asked_for_them() {
        let mut run = Example::travel();
        run.recording.report.retain(|line| !line.text.contains("\"action\""));
        run.declares.actions = crate::contract::Actions::Journal;
        run.passes(&CHECK);
    }

    #[test]
    fn a_deed_in_the_last_moment_need_not_be_told() {
        let mut run = Example::travel();
        run.call("day 1 15:30", "notify", "alice");
        run.passes(&CHECK);
    }
}
