//! Events that carry the name of another instance.

use std::collections::BTreeMap;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::ingestion::Home;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "ingest/wrong-instance",
    title: "an event is said to come from an instance that never had it",
    explanation: "\
Two instances of one vendor are two customers. An event belongs to the instance whose log held it, and \
`metadata.tenant_uid` has to be that instance's key in the connections document. Here an event or a row of a user list \
carries the key of an instance that does not have this id, while another one has it; or a key that the connections \
document does not know. Usual causes: one cursor, cache or configuration shared between connections, or a key taken \
from the vendor's name. Detections then mix the people of two customers, and governance reaches the wrong ones.

Source: docs/src/faults.md, multi-state-key-collision, multi-event-untagged; docs/src/contract.md (`metadata.tenant_uid`).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for taken in facts.taken.iter().filter(|t| !t.is_own_trouble()) {
        let Home::Elsewhere(homes) = facts.home(taken) else { continue };
        let really =
            if homes.is_empty() { "no such instance".to_owned() } else { format!("it is of {}", homes.join(", ")) };
        let row = format!(
            "{}: event {} of {}: {really}",
            facts.report_line(taken.number),
            taken.event.uid,
            taken.event.tenant
        );
        rows.entry(&taken.event.tenant).or_default().push(row);
    }
    let finding = |(tenant, rows): (&str, Vec<String>)| {
        let observed = format!("{} event(s) said to be of `{tenant}` are not", rows.len());
        CHECK.fail("every event carries the key of the instance that recorded it", observed).evidence(few(rows)).done()
    };
    rows.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::contract::sample::user_row;
    use crate::observe::example::Example;

    fn with_event_of(tenant: &str) -> Example {
        let mut run = Example::travel();
        let mut body = run.body("e1");
        body["metadata"]["tenant_uid"] = tenant.into();
        run.say("event", "day 1 11:00", &body);
        run
    }

    #[test]
    fn an_event_of_its_own_instance_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn an_event_that_only_another_instance_has_fails() {
        let found = with_event_of("entra").fails(&CHECK);
        assert!(found.evidence[0].contains("it is of miro"), "{found:#?}");
    }

    #[test]
    fn an_event_of_an_instance_that_nobody_knows_fails() {
        let found = with_event_of("contoso").fails(&CHECK);
        assert!(found.evidence[0].contains("no such instance"), "{found:#?}");
    }

    #[test]
    fn a_user_row_is_held_against_the_accounts_of_its_instance() {
        let mut run = Example::quiet();
        let at = run.at("day 1 01:00");
        run.say("event", "day 1 01:00", &user_row("m-alice", "alice@contoso.example", "miro", at));
        run.passes(&CHECK);
        run.say("event", "day 1 01:00", &user_row("m-alice", "alice@contoso.example", "entra", at));
        run.fails(&CHECK);
    }
}
