//! `alert/wrong-evidence`.

use std::collections::BTreeSet;

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::oracle::{self, EvidenceOf};
use crate::scenario::What;
use crate::verdict::Finding;

use super::allowance::Standing;
use super::wanted::Wanted;
use super::{Check, Judged};

/// An alert that does not cite what it rests on, or cites what it cannot rest on.
pub(super) const CHECK: Check = Check {
    id: "alert/wrong-evidence",
    title: "an alert does not cite the events it rests on, or cites events that are not its own",
    explanation: "\
An alert is worth as much as the events that can be looked up behind it. Three things are held against what happened:

- A `must: alert` with `evidence` wants, in one alert, a record of each step named there. Over all its updates together; \
of a sign-in that both the app and the directory record, either will do.
- Every id that an alert cites has to be a vendor's event id. An id that no record has is invented (an id of the stack's \
own belongs elsewhere). Ids of events that the stack reported and of its other alerts are not counted here.
- An alert of a policy about one person does not cite records of somebody else.

Usual causes: only the last event is kept; internal ids in place of the vendor's; evidence of a whole window copied, \
whoever it belongs to; events joined by address.

Source: docs/src/contract.md (`related_events` hold the vendors' own ids); scenarios/scenario.schema.json (`evidence` of an \
expectation).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let musts = facts.musts(|what| what == What::Alert);
    let mut found: Vec<Finding> = musts.iter().filter_map(|wanted| uncited(facts, wanted)).collect();
    let allowed = || facts.alerts.iter().filter(|a| facts.standing(a) == Standing::Allowed);
    found.extend(allowed().filter_map(|alert| invented(facts, alert)));
    found.extend(allowed().filter_map(|alert| of_others(facts, alert)));
    found
}

fn uncited(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let answers = facts.answers_to(wanted).into_iter();
    let best = answers.min_by_key(|a| facts.uncited(wanted, &a.records).len())?;
    let missing = facts.uncited(wanted, &best.records);
    if missing.is_empty() {
        return None;
    }
    let finding = CHECK
        .fail(
            format!("one alert that cites a record of each: {}", facts.written(wanted.written.at.line)),
            format!("no record of {} is cited", missing.join(", ")),
        )
        .story(facts.record_rows(facts.needed(wanted)))
        .evidence([facts.alert_row(best), format!("cites {}", best.evidence.join(", "))])
        .line(wanted.written.at.line);
    Some(finding.done())
}

fn invented(facts: &Facts<'_>, alert: &AlertFact) -> Option<Finding> {
    // A file policy's alert rests on a file, and cites that.
    if alert.policy == oracle::sensitive_content::NAME {
        return None;
    }
    let known: BTreeSet<&str> = facts.recording.truth.iter().map(|r| r.event_id.as_str()).collect();
    let own = |id: &str| facts.taken.iter().any(|t| t.event.uid == id) || facts.alerts.iter().any(|a| a.uid == id);
    let unknown = alert.evidence.iter().filter(|id| !known.contains(id.as_str()) && !own(id));
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    let first = unknown.first()?;
    let finding = CHECK
        .fail("every event cited is a record of a vendor", format!("no record has the id {first}"))
        .evidence([facts.alert_row(alert), format!("ids that nobody has: {}", unknown.join(", "))]);
    Some(finding.done())
}

fn of_others(facts: &Facts<'_>, alert: &AlertFact) -> Option<Finding> {
    let of_one = oracle::definition(&alert.policy).is_some_and(|d| d.evidence == EvidenceOf::OnePerson);
    if !of_one || alert.people.is_empty() {
        return None;
    }
    // An id may stand in the logs of several instances: somebody else's record counts only if its id is nobody's own.
    let own = |r: &usize| alert.about(&facts.recording.truth[*r].actor);
    let id = |r: &usize| &facts.recording.truth[*r].event_id;
    let has_own = |r: &usize| alert.records.iter().any(|other| own(other) && id(other) == id(r));
    let foreign: Vec<usize> = alert.records.iter().filter(|r| !own(r) && !has_own(r)).copied().collect();
    let first = &facts.recording.truth[*foreign.first()?];
    let people: Vec<&str> = alert.people.iter().map(String::as_str).collect();
    let finding = CHECK
        .fail(
            format!("an alert of {} about {} cites their records", alert.policy, people.join(", ")),
            format!("{} of the records cited belong to somebody else, the first to {}", foreign.len(), first.actor),
        )
        .story(facts.record_rows(foreign.iter().map(|r| &facts.recording.truth[*r])))
        .evidence([facts.alert_row(alert)]);
    Some(finding.done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;

    fn citing(evidence: &[&str]) -> Example {
        let mut run = Example::travel();
        run.record("b1", "day 1 09:30", "bob");
        run.recording.report.truncate(2);
        run.alert("a1", "impossible_travel", "day 1 10:00", evidence, "alice");
        run
    }

    #[test]
    fn an_alert_that_cites_a_record_of_each_step_passes() {
        citing(&["e2", "e1"]).passes(&CHECK);
    }

    #[test]
    fn an_alert_that_leaves_a_step_out_fails_and_names_it() {
        let found = citing(&["e2"]).fails(&CHECK);
        assert_eq!(found.observed, "no record of desk is cited");
    }

    #[test]
    fn what_an_update_adds_counts() {
        let mut run = citing(&["e2"]);
        run.alert("a1", "impossible_travel", "day 1 11:00", &["e1"], "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn another_record_of_the_same_step_will_do() {
        let mut run = citing(&["d2", "e1"]);
        let mut copy = run.recording.truth[1].clone();
        (copy.app, copy.log, copy.event_id) = ("entra".into(), "sign_ins".into(), "d2".into());
        run.recording.truth.push(copy);
        run.passes(&CHECK);
    }

    #[test]
    fn an_id_that_no_record_has_fails() {
        let found = citing(&["e1", "e2", "row-17"]).fails(&CHECK);
        assert!(found.observed.contains("row-17"), "{found:#?}");
    }

    #[test]
    fn somebody_elses_record_fails() {
        let found = citing(&["e1", "e2", "b1"]).fails(&CHECK);
        assert!(found.observed.contains("bob"), "{found:#?}");
    }
}
