//! `hook/subscription-taken`.

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The fault by which somebody else has the topic.
pub(super) const FOREIGN_SUBSCRIPTION: &str = "foreign_subscription";

/// Somebody else's subscription was replaced or ended.
pub(super) const CHECK: Check = Check {
    id: "hook/subscription-taken",
    title: "somebody else's subscription was taken from him",
    explanation: "\
Some topics have one address: whoever subscribes next takes the place of the one before, and neither is told (Workplace's \
`workplace_security`). The scenario's fault `foreign_subscription` gives the topic to somebody else, and the list of \
subscriptions says so. A stack that finds another's address there tells its administrators, who decide which of the two is \
wanted. Here it subscribed, or unsubscribed everybody, all the same: from then on the other one hears nothing, takes that \
for quiet, and may take the topic back.

Usual causes: the subscription is made at every start without a look at what is there; the list is read, and only for one's own \
address; cleaning up ends every subscription of the app.

Source: docs/src/faults.md, hook-steals-subscription; the refusal is seen in n8n's Facebook trigger, \
https://github.com/n8n-io/n8n/blob/master/packages/nodes-base/nodes/Facebook/FacebookTrigger.node.ts.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let given = |e: &&Entry| e.fault.as_ref().is_some_and(|fault| fault.kind == FOREIGN_SUBSCRIPTION);
    let Some(given) = facts.recording.journal.iter().find(given) else { return Vec::new() };
    let takes = |e: &&Entry| {
        let name = e.route.rsplit('.').next().unwrap_or_default();
        e.seq > given.seq && matches!(name, "subscribe" | "unsubscribe") && facts.is_fine(e)
    };
    let taken: Vec<&Entry> = facts.asked(&given.app).filter(takes).collect();
    let Some(first) = taken.first() else { return Vec::new() };
    let observed = format!("{} at {}", first.route, facts.spell(first.at));
    let found = CHECK.fail("a subscription of somebody else's is left alone", observed);
    let line = given.fault.as_ref().map_or(0, |fault| fault.line);
    let rows = [given].into_iter().chain(taken.iter().copied()).map(|e| facts.exchange_row(e));
    vec![found.story([facts.written(line)]).evidence(few(rows)).line(line).done()]
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Somebody else has the topic from one o'clock on; then this is asked.
    fn asked(route: &str, at: &str, status: u16) -> Example {
        let mut run = Example::hooked();
        run.exchange("workplace.subscribe", "day 1 00:00", 200);
        let fault = run.fault("foreign_subscription", 1);
        run.exchange("workplace.subscriptions", "day 1 01:00", 200).fault = Some(fault);
        run.exchange(route, at, status);
        run
    }

    #[test]
    fn who_looks_and_leaves_it_passes() {
        asked("workplace.subscriptions", "day 1 02:00", 200).passes(&CHECK);
        asked("workplace.subscribe", "day 1 02:00", 400).passes(&CHECK);
    }

    #[test]
    fn who_takes_the_topic_or_ends_every_subscription_fails() {
        for route in ["workplace.subscribe", "workplace.unsubscribe"] {
            let finding = asked(route, "day 1 02:00", 200).fails(&CHECK);
            assert_eq!((finding.observed, finding.line), (format!("{route} at day 1 02:00:00"), Some(12)));
        }
    }
}
