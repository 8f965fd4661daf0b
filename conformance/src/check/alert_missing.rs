//! `alert/missing`.

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::observe::wording::few;
use crate::recording::TruthRecord;
use crate::scenario::What;
use crate::verdict::Finding;

use super::allowance::Standing;
use super::wanted::Wanted;
use super::{Check, Judged};

/// No alert about what must be alerted on.
pub(super) const CHECK: Check = Check {
    id: "alert/missing",
    title: "no alert about what a scenario says must be found",
    explanation: "\
A `must: alert` was not met: by the end of the run there is no alert of that policy about that person (and of that \
attack, where it names one), or there are fewer than `times` of them. Updates of one alert count once; an alert shown as \
suppressed does not count; which events it cites, how grave it is and when it came are checks of their own.

Not asked for: an alert whose policy the stack declares with other numbers, one that the stack itself prevented, and one \
that rests on a record which appears later than the stack promises to look. These are printed as not \
judged, with the reason. Where an alert about the wrong person cites the evidence, that is the finding, and this one is \
left out.

Usual causes: counting in fixed windows where the window slides; comparing a sign-in only with the one that arrived \
before it; pairing within one app where the person has several; state of a walk lost at a restart; an event that was \
never taken in (see `ingest/lost-event`, which is then shown first).

Source: docs/src/attacks.md (what each policy has to find, and where its edge is); docs/src/verdicts.md (how what is \
owed is derived).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::Alert).iter().filter_map(|wanted| missing(facts, wanted)).collect()
}

fn missing(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let asked = wanted.written.times.unwrap_or(1) as usize;
    let found = facts.answers_to(wanted).len();
    if found >= asked || facts.alerts.iter().any(|alert| blames_another(facts, wanted, alert)) {
        return None;
    }
    let needed = facts.needed(wanted);
    let untaken = needed.iter().filter(|r| !is_taken(facts, r)).count();
    let cause = if untaken == 0 { String::new() } else { format!("; {untaken} of its records were never reported") };
    let whom = wanted.person.as_deref().unwrap_or("anybody");
    let policy = wanted.written.policy.as_deref().unwrap_or("any policy");
    let alerts = facts.alerts.iter().filter(|a| wanted.person.as_deref().is_none_or(|p| a.about(p)));
    let finding = CHECK
        .fail(
            format!("{asked} alert(s) of {policy} about {whom}: {}", facts.written(wanted.written.at.line)),
            format!("{found}{cause}"),
        )
        .story(facts.record_rows(needed))
        .evidence(few(alerts.map(|a| facts.alert_row(a))))
        .line(wanted.written.at.line);
    Some(finding.done())
}

/// Whether the alert was raised, about somebody else: then that is the finding.
fn blames_another(facts: &Facts<'_>, wanted: &Wanted<'_>, alert: &AlertFact) -> bool {
    let needed = facts.needed(wanted);
    let cites = alert.records.iter().any(|r| needed.contains(&&facts.recording.truth[*r]));
    cites
        && wanted.written.policy.as_ref().is_none_or(|p| *p == alert.policy)
        && facts.standing(alert) == Standing::WrongActor
}

fn is_taken(facts: &Facts<'_>, record: &TruthRecord) -> bool {
    facts.taken.iter().filter_map(|t| t.record).any(|r| facts.recording.truth[r] == *record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::{ALICE, Example};
    use crate::scenario::Kind;

    #[test]
    fn an_alert_that_came_is_not_missed() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn an_alert_that_never_came_is_missed_and_the_line_is_named() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        let found = run.fails(&CHECK);
        assert_eq!(found.line, Some(20));
        assert_eq!(found.story.len(), 2, "{found:#?}");
        assert!(!found.observed.contains("never reported"), "{found:#?}");
    }

    #[test]
    fn the_cause_is_named_where_an_event_was_never_taken_in() {
        let mut run = Example::travel();
        run.recording.report.truncate(1);
        assert!(run.fails(&CHECK).observed.contains("1 of its records were never reported"));
    }

    #[test]
    fn one_alert_does_not_answer_for_two() {
        let mut run = Example::travel();
        run.script.expect[0].times = Some(2);
        run.fails(&CHECK);
    }

    #[test]
    fn an_alert_about_other_events_is_no_second_answer() {
        let mut run = Example::travel();
        run.script.expect[0].times = Some(2);
        run.record("e0", "day 1 08:00", "alice");
        run.alert("a0", "impossible_travel", "day 1 09:00", &["e0"], "alice");
        run.fails(&CHECK);
    }

    #[test]
    fn an_update_does_not_count_as_a_second_alert() {
        let mut run = Example::travel();
        run.script.expect[0].times = Some(2);
        run.alert("a1", "impossible_travel", "day 1 11:00", &["e1", "e2"], "alice");
        run.fails(&CHECK);
    }

    #[test]
    fn an_alert_of_another_policy_is_no_answer() {
        let mut run = Example::travel();
        run.policy("multiple_failed_logins", &[]);
        run.expect(Kind::Must, What::Alert, |e| {
            (e.policy, e.actor) = (Some("multiple_failed_logins".to_owned()), Some(ALICE));
        });
        assert_eq!(run.fails(&CHECK).line, Some(22));
    }

    #[test]
    fn an_alert_about_somebody_else_is_found_once_as_that() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.alert("a1", "impossible_travel", "day 1 10:00", &["e1", "e2"], "bob");
        run.passes(&CHECK);
        run.fails(&super::super::alert_wrong_actor::CHECK);
    }

    #[test]
    fn an_alert_that_the_stack_prevented_is_not_missed() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.prevented("thief", "day 1 09:40");
        run.passes(&CHECK);
    }
}
