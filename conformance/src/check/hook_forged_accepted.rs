//! `hook/forged-accepted`.

use simulator::journal::Entry;
use simulator::scenario::FaultKind;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::is_taken_over;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// Something that the vendor never sent was taken for its delivery.
pub(super) const CHECK: Check = Check {
    id: "hook/forged-accepted",
    title: "a forged webhook delivery was answered with success",
    explanation: "\
A vendor signs what it delivers: a header holds the HMAC of the body's bytes, made with a key that only the two know. \
Here somebody else made a delivery (the scenario's fault `forge`): without a signature, with one made by another key, with \
the key of another tenant, or with the signature of another body. The stack answered 2xx, which says that it took it over. \
Anybody who finds the address can then write into the log: invent a sign-in that suspends an administrator, or bury the \
true ones. What is not rightly signed is answered 4xx and thrown away. If its events stand in the report, \
`ingest/invented-event` names them.

Usual causes: a missing signature is logged and let through; the key is looked up by what the body says; the comparison \
is skipped where no key is configured.

Source: docs/src/faults.md, hook-signature-not-checked, hook-tenant-by-body; \
https://developers.facebook.com/docs/graph-api/webhooks/getting-started/; \
https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let lines = facts.script.scenario.faults.iter().filter(|f| matches!(f.kind, FaultKind::Forge { .. }));
    let lines: Vec<u32> = lines.map(|fault| fault.at.line).collect();
    let is_forged = |e: &&Entry| e.fault.as_ref().is_some_and(|f| lines.contains(&f.line));
    let accepted: Vec<&Entry> = facts.recording.journal.iter().filter(|e| is_taken_over(e)).filter(is_forged).collect();
    let Some(first) = accepted.first() else { return Vec::new() };
    let line = first.fault.as_ref().map(|fault| fault.line);
    let observed =
        format!("{} forged one(s) answered with success, the first at {}", accepted.len(), facts.spell(first.at));
    let found = CHECK.fail("a delivery that is not rightly signed is answered 4xx", observed);
    let found = found.story(line.map(|line| facts.written(line)));
    vec![found.evidence(few(accepted.iter().map(|e| facts.exchange_row(e)))).line(line).done()]
}

#[cfg(test)]
mod tests {
    use simulator::scenario::{Begins, Fault, FaultKind, ForgedSignature, Lasts, Position};

    use super::CHECK;
    use crate::observe::example::Example;

    /// A forgery that is answered so.
    fn forged(status: u16) -> Example {
        let mut run = Example::hooked();
        run.scenario().faults.push(Fault {
            kind: FaultKind::Forge { signature: ForgedSignature::Wrong },
            route: None,
            begins: Begins::Nth(1, 1),
            lasts: Lasts::Requests(1),
            app: None,
            records: Vec::new(),
            at: Position { line: 12, column: 5 },
        });
        let fault = run.fault("forge", 1);
        run.delivery("day 1 09:00:10", status, &[]).fault = Some(fault);
        run
    }

    #[test]
    fn a_forgery_that_is_refused_passes() {
        forged(401).passes(&CHECK);
    }

    #[test]
    fn a_forgery_that_is_taken_over_fails() {
        let found = forged(200).fails(&CHECK);
        assert_eq!(found.line, Some(12));
        assert!(found.observed.contains("day 1 09:00:10"), "{found:#?}");
    }

    #[test]
    fn true_deliveries_and_copies_of_them_may_be_taken_over() {
        let mut run = forged(403);
        let fault = run.fault("replay", 1);
        run.delivery("day 1 14:00", 200, &["w1"]).fault = Some(fault);
        run.recording.journal.last_mut().unwrap().fault.as_mut().unwrap().line = 13;
        run.passes(&CHECK);
    }
}
