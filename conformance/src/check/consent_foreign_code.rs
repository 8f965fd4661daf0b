//! `consent/foreign-code`.

use simulator::journal::{Entry, Refusal};

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::scenario::ConsentFault;
use crate::verdict::Finding;

/// A code was redeemed that the stack had no business with.
pub(super) const CHECK: Check = Check {
    id: "consent/foreign-code",
    title: "a code was redeemed that came with a foreign state, or a second time",
    explanation: "\
The page that a consent leads back to can be opened by anybody, with any code and as often as he likes. The scenario's fault \
`forged_redirect` opens it with a code and a `state` that were made up; `repeated_redirect` opens it again after the stack has \
been connected, as a browser does that restores its tabs. The stack took the code of such a visit to the vendor's token \
endpoint, which refused it. With a true code of somebody else's tenant it would have been connected to that one.

Usual causes: `state` is sent and never compared; any state is right that was ever given out; a code is kept beside good \
tokens and used in their place when they end.

Source: RFC 6749, sections 4.1.2 (a code is used once) and 10.12 (`state`); docs/src/faults.md, \
auth-state-parameter-unchecked, auth-code-window-missed.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.script.consent_faults.iter().filter_map(|fault| redeemed(facts, fault)).collect()
}

fn redeemed(facts: &Facts<'_>, fault: &ConsentFault) -> Option<Finding> {
    let route = format!("{}.token", facts.app_name(fault.app));
    let refused = |e: &&Entry| e.route == route && e.notes.refusal == Some(Refusal::Code);
    let entries: Vec<&Entry> = facts.recording.journal.iter().filter(refused).collect();
    let first = entries.first()?;
    let observed = format!("{} code(s) refused, the first at {}", entries.len(), facts.spell(first.at));
    let found = CHECK.fail("the code of the consent that the stack asked for is redeemed, once", observed);
    let found = found.story([facts.written(fault.at.line)]);
    Some(found.evidence(few(entries.iter().map(|e| facts.exchange_row(e)))).line(fault.at.line).done())
}

#[cfg(test)]
mod tests {
    use simulator::journal::Refusal;
    use simulator::scenario::{AppIndex, Position};

    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{ConsentFault, ConsentFaultKind};

    fn token_call(refusal: Option<Refusal>) -> Example {
        let mut run = Example::quiet();
        let at = Position { line: 12, column: 5 };
        run.script.consent_faults.push(ConsentFault { kind: ConsentFaultKind::ForgedRedirect, app: AppIndex(0), at });
        let entry = run.exchange("miro.token", "day 1 09:00", if refusal.is_some() { 400 } else { 200 });
        entry.notes.refusal = refusal;
        run
    }

    #[test]
    fn a_code_that_was_given_out_passes() {
        token_call(None).passes(&CHECK);
        token_call(Some(Refusal::RefreshToken)).passes(&CHECK);
    }

    #[test]
    fn a_code_that_nobody_was_given_is_found() {
        let found = token_call(Some(Refusal::Code)).fails(&CHECK);
        assert!(found.observed.contains("day 1 09:00"), "{}", found.observed);
    }
}
