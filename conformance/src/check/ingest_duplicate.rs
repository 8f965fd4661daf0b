//! Events that are reported more often than the stack declares.

use std::collections::{BTreeMap, BTreeSet};

use simulator::time::SimTime;

use super::{Check, Judged};
use crate::contract::DeliveryPromise;
use crate::observe::Facts;
use crate::observe::ingestion::Taken;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "ingest/duplicate-event",
    title: "an event is reported more than once",
    explanation: "\
A record may reach a stack many times: polls look back, pages overlap, answers are lost and asked for again, vendors show \
old entries a second time, processes are killed between reading and remembering. Downstream it counts once. A stack that \
declares `delivery: exactly_once` reports each id of an instance once over the life of its state directory. One that \
declares `at_least_once` may repeat an event if the copies are identical (but for the times of processing) and carry the \
same id. Otherwise thresholds are crossed by copies: four failed logins, delivered twice, are eight. A line that a kill \
had cut does not count, since the restarted stack has to write it again. Rows of user lists may repeat.

Source: docs/src/faults.md, time-inclusive-boundary-duplicates, state-in-memory-dedupe, time-duplicate-inflates-detection; \
docs/src/contract.md (`delivery`).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let cut: BTreeSet<usize> = facts.heard.iter().filter(|h| h.cut).map(|h| h.number).collect();
    let wipes: Vec<SimTime> = facts.wipes().collect();
    // What was told before the state was lost nobody can remember.
    let life = |taken: &Taken| wipes.iter().filter(|wiped| taken.read_at > **wiped).count();
    let mut copies: BTreeMap<(&str, &str, usize), Vec<&Taken>> = BTreeMap::new();
    for taken in facts.entries().filter(|t| !cut.contains(&t.number)) {
        copies.entry((&taken.event.tenant, facts.name_of(taken), life(taken))).or_default().push(taken);
    }
    let exactly_once = facts.declares.delivery == DeliveryPromise::ExactlyOnce;
    let wrong = |list: &Vec<&Taken>| {
        let of_logs: BTreeSet<Option<usize>> = list.iter().map(|t| t.record).collect();
        // Two logs of one instance may use one id; then each is a record of its own.
        list.len() > of_logs.len() && (exactly_once || list.iter().any(|t| !is_copy(t, list)))
    };
    let rows: Vec<String> = copies
        .iter()
        .filter(|(_, list)| wrong(list))
        .map(|((tenant, uid, _), list)| {
            let lines: Vec<String> = list.iter().map(|t| t.number.to_string()).collect();
            format!("event {uid} of {tenant}: {} times, report lines {}", list.len(), few(lines).join(", "))
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let (expected, how) = match facts.declares.delivery {
        DeliveryPromise::ExactlyOnce => ("every event is reported once (delivery: exactly_once)", "more than once"),
        DeliveryPromise::AtLeastOnce => {
            ("copies of an event are identical (delivery: at_least_once)", "in copies that differ")
        }
    };
    vec![CHECK.fail(expected, format!("{} event(s) reported {how}", rows.len())).evidence(few(rows)).done()]
}

fn is_copy(taken: &Taken, list: &[&Taken]) -> bool {
    list.iter().filter(|t| t.record == taken.record).all(|t| t.event.content == taken.event.content)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::contract::DeliveryPromise;
    use crate::contract::sample::user_row;
    use crate::observe::example::Example;

    #[test]
    fn each_event_once_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_second_copy_fails_where_exactly_once_is_declared() {
        let mut run = Example::travel();
        run.event("e1", "day 1 10:00");
        assert!(run.fails(&CHECK).evidence[0].contains("e1 of miro: 2 times"));
    }

    #[test]
    fn who_has_lost_his_state_cannot_know_what_he_told_before() {
        let mut run = Example::travel();
        run.event("e1", "day 1 15:00");
        run.wiped("day 1 14:00").passes(&CHECK);
        run.event("e1", "day 1 15:30");
        run.fails(&CHECK);
    }

    #[test]
    fn an_identical_copy_passes_where_at_least_once_is_declared() {
        let mut run = Example::travel();
        run.declares.delivery = DeliveryPromise::AtLeastOnce;
        let mut body = run.body("e1");
        body["metadata"]["processed_time"] = 1.into();
        run.say("event", "day 1 10:00", &body);
        run.passes(&CHECK);
    }

    #[test]
    fn a_copy_that_differs_fails_even_then() {
        let mut run = Example::travel();
        run.declares.delivery = DeliveryPromise::AtLeastOnce;
        let mut body = run.body("e1");
        body["user"]["name"] = "somebody".into();
        run.say("event", "day 1 10:00", &body);
        run.fails(&CHECK);
    }

    #[test]
    fn a_line_that_a_kill_had_cut_does_not_count() {
        let mut run = Example::travel();
        run.event("e1", "day 1 10:00");
        run.recording.report[0].cut = true;
        run.passes(&CHECK);
    }

    #[test]
    fn user_rows_may_repeat() {
        let mut run = Example::quiet();
        let row = user_row("m-alice", "alice@contoso.example", "miro", run.at("day 1 01:00"));
        run.say("event", "day 1 01:00", &row).say("event", "day 1 02:00", &row);
        run.passes(&CHECK);
    }
}
