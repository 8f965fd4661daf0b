//! `alert/false-alarm`.

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::verdict::Finding;

use super::allowance::Standing;
use super::{Check, Judged};

/// An alert that nothing allows.
pub(super) const CHECK: Check = Check {
    id: "alert/false-alarm",
    title: "an alert that rests on no attack, or that the scenario forbids",
    explanation: "\
An alert of a policy that is in force cites no record of an attack on the person it is about, and no `must` or `may` \
allows it (where evidence is named, an alert that cites none of it is allowed only while no other cites it); or a \
`must_not: alert` speaks against it. Of two expectations that speak of one alert the more particular one decides.

Never a false alarm: an alert of a policy that the scenario does not put in force, or that the stack declares with other \
numbers (neither is judged); one shown as suppressed; one that cites a record of an attack on that same person, whatever \
else it cites.

Usual causes: no allowance for an address that a whole office shares; a threshold compared with `>=` where `>` is meant; \
counting the same event twice after it was served twice; sign-ins that failed taken for places where somebody was.

Source: a choice of this library: an alert of a policy in force rests on an attack, or is one that the scenario allows. \
docs/src/attacks.md has the near misses that must stay silent.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.alerts.iter().filter_map(|alert| finding(facts, alert)).collect()
}

fn finding(facts: &Facts<'_>, alert: &AlertFact) -> Option<Finding> {
    let (expected, line) = match facts.standing(alert) {
        Standing::FalseAlarm => ("no alert: no record it cites belongs to an attack".to_owned(), None),
        Standing::Forbidden(line) => (format!("no alert: {}", facts.written(line)), Some(line)),
        _ => return None,
    };
    let cited = alert.records.iter().map(|r| &facts.recording.truth[*r]);
    let people: Vec<&str> = alert.people.iter().map(String::as_str).collect();
    let finding = CHECK
        .fail(expected, format!("{} about {}", alert.policy, people.join(", ")))
        .story(facts.record_rows(cited))
        .evidence([facts.alert_row(alert)])
        .line(line);
    Some(finding.done())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::DeclaredPolicy;
    use crate::observe::example::{ALICE, BOB, Example, TAKEOVER};
    use crate::scenario::{Kind, What};

    /// Bob works from two places, which is no attack, and is alerted on.
    fn bob_alerted() -> Example {
        let mut run = Example::travel();
        run.record("b1", "day 1 09:00", "bob");
        run.record("b2", "day 1 09:30", "bob");
        run.alert("a2", "impossible_travel", "day 1 10:00", &["b1", "b2"], "bob");
        run
    }

    fn may(run: &mut Example, kind: Kind, who: Option<simulator::scenario::Who>) {
        run.expect(kind, What::Alert, |e| e.actor = who);
    }

    #[test]
    fn an_alert_that_rests_on_no_attack_fails() {
        let found = bob_alerted().fails(&CHECK);
        assert_eq!((found.line, found.story.len()), (None, 2), "{found:#?}");
    }

    #[test]
    fn an_alert_that_may_be_given_passes() {
        let mut run = bob_alerted();
        may(&mut run, Kind::May, Some(BOB));
        run.passes(&CHECK);
    }

    #[test]
    fn an_alert_that_cites_none_of_the_evidence_is_borne_only_while_no_other_cites_it() {
        let mut run = Example::travel();
        run.record("e0", "day 1 08:00", "alice");
        run.alert("a0", "impossible_travel", "day 1 09:00", &["e0"], "alice");
        let found = run.fails(&CHECK);
        assert!(found.evidence[0].contains("a0"), "{found:#?}");
        run.recording.report.retain(|line| !line.text.contains("\"a1\""));
        run.passes(&CHECK);
    }

    #[test]
    fn an_alert_beside_the_evidence_that_cites_the_attack_is_no_false_alarm() {
        let mut run = Example::travel();
        run.record("e3", "day 1 15:00", "alice").attack = Some("takeover".to_owned());
        run.alert("a2", "impossible_travel", "day 1 15:30", &["e3"], "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn an_alert_on_an_attack_needs_no_leave() {
        let mut run = Example::travel();
        run.script.expect.clear();
        run.passes(&CHECK);
    }

    #[test]
    fn an_alert_on_an_attack_fails_where_it_is_forbidden() {
        let mut run = Example::travel();
        run.script.expect.clear();
        run.expect(Kind::MustNot, What::Alert, |e| (e.actor, e.attack) = (Some(ALICE), Some(TAKEOVER)));
        assert_eq!(run.fails(&CHECK).line, Some(20));
    }

    #[test]
    fn of_two_that_speak_of_it_the_more_particular_one_decides() {
        let mut run = Example::travel();
        may(&mut run, Kind::MustNot, None);
        run.passes(&CHECK);
        let mut run = bob_alerted();
        may(&mut run, Kind::May, None);
        may(&mut run, Kind::MustNot, Some(BOB));
        assert_eq!(run.fails(&CHECK).line, Some(23));
    }

    #[test]
    fn a_policy_that_is_off_is_not_judged() {
        let mut run = Example::travel();
        run.alert("a2", "activity_by_terminated_user", "day 1 10:00", &["e1"], "bob");
        run.passes(&CHECK);
    }

    #[test]
    fn a_policy_with_other_numbers_is_not_judged() {
        let mut run = bob_alerted();
        let own = DeclaredPolicy { ids: Vec::new(), parameters: [("speed".to_owned(), json!(800))].into() };
        run.declares.policies.insert("impossible_travel".into(), own);
        run.passes(&CHECK);
    }
}
