//! `hook/answered-with-error`.

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// A true delivery was refused.
pub(super) const CHECK: Check = Check {
    id: "hook/answered-with-error",
    title: "a true webhook delivery was refused",
    explanation: "\
The vendor delivered what had happened, rightly signed, to a stack that was up, and was answered with an error. A 4xx says \
that the delivery is wrong, which it is not: its signature is right over the bytes as they were sent, and each attempt \
brings the same bytes, so the next one is refused as well until the vendor gives up. A 5xx says that the stack cannot take \
it now, and is right while something stands in its way (a full sink, a database that is away): it is judged only where the \
scenario has no fault at all, so nothing can. Deliveries that a fault has bent are not looked at, nor such as found the \
process down.

Usual causes: the signature is made over the body after it was parsed and written again, so that escapes, spaces or the \
order of keys differ; only the older of two signature headers is read; a body is refused for its size or for an event \
nobody has thought of; an error while storing one event fails the batch.

Source: docs/src/faults.md, hook-signature-on-reserialised, hook-signature-legacy-only, hook-huge-body; \
https://developers.facebook.com/docs/workplace/reference/webhooks/; \
https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let untroubled = facts.script.scenario.faults.is_empty() && facts.script.process_faults.is_empty();
    let is_error = |status: u16| match status {
        // The stack asks for patience, and not that the delivery be another.
        408 | 425 | 429 => untroubled,
        400..500 => true,
        status => status >= 500 && untroubled,
    };
    let refused = facts.sound_deliveries().filter(|e| e.status.is_some_and(is_error));
    let refused: Vec<&Entry> = refused.collect();
    let Some(first) = refused.first() else { return Vec::new() };
    let observed = format!(
        "{} refused, the first with {} at {}",
        refused.len(),
        first.status.unwrap_or_default(),
        facts.spell(first.at)
    );
    let found = CHECK.fail("a true delivery is answered 2xx", observed);
    vec![found.evidence(few(refused.iter().map(|e| facts.exchange_row(e)))).done()]
}

#[cfg(test)]
mod tests {
    use simulator::scenario::{Begins, Fault, FaultKind, Lasts, Position};

    use super::CHECK;
    use crate::observe::example::Example;

    fn answered(status: u16) -> Example {
        let mut run = Example::hooked();
        run.delivery("day 1 10:00", status, &["w1"]);
        run
    }

    #[test]
    fn a_delivery_that_is_taken_over_passes() {
        for status in [200, 202, 204] {
            answered(status).passes(&CHECK);
        }
    }

    #[test]
    fn a_delivery_that_is_refused_fails() {
        for status in [400, 401, 413, 500] {
            assert!(answered(status).fails(&CHECK).observed.contains(&status.to_string()));
        }
    }

    #[test]
    fn a_stack_in_trouble_may_ask_for_another_attempt() {
        let mut run = answered(503);
        run.scenario().faults.push(Fault {
            kind: FaultKind::Hang,
            route: None,
            begins: Begins::Nth(1, 1),
            lasts: Lasts::Requests(1),
            app: None,
            records: Vec::new(),
            at: Position { line: 12, column: 5 },
        });
        run.passes(&CHECK);
        run.delivery("day 1 10:05", 400, &["w1"]);
        run.fails(&CHECK);
    }

    #[test]
    fn what_a_fault_has_bent_may_be_refused_and_so_may_anything_while_the_process_is_down() {
        let mut run = answered(401);
        let fault = run.fault("replay", 1);
        run.recording.journal.last_mut().unwrap().fault = Some(fault);
        run.passes(&CHECK);
        let mut run = answered(401);
        run.killed("day 1 09:59").passes(&CHECK);
    }
}
