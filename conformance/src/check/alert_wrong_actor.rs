//! `alert/wrong-actor`.

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::verdict::Finding;

use super::allowance::Standing;
use super::{Check, Judged};

/// An alert that rests on what happened to somebody else.
pub(super) const CHECK: Check = Check {
    id: "alert/wrong-actor",
    title: "an alert names somebody else than the one whose account its events are about",
    explanation: "\
The alert cites records of an attack, or of a step that an expectation names, and is about a person to whom they do not \
belong. Whom an alert is about is told by its observables: the directory's object id, or an app's user id; the e-mail \
address is asked only where no id is known. Two people may have had one address, one after the other, and many share a \
name: only ids tell them apart.

An alert that cites records of several people is right if it is about the one who was attacked.

Usual causes: joining accounts by e-mail address or display name; a cache of users that outlives a rename; taking the \
administrator who made a change, or the person it was made to, for the one who acted.

Source: docs/src/faults.md, det-user-merge, gov-wrong-user-name-match; docs/src/contract.md (the principal of an alert).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.alerts.iter().filter(|a| facts.standing(a) == Standing::WrongActor).map(|a| finding(facts, a)).collect()
}

fn finding(facts: &Facts<'_>, alert: &AlertFact) -> Finding {
    let cited = || alert.records.iter().map(|r| &facts.recording.truth[*r]);
    let attacked = || cited().filter(|r| r.attack.is_some());
    let mut right: Vec<&str> = attacked().map(|r| r.actor.as_str()).collect();
    if right.is_empty() {
        right = cited().map(|r| r.actor.as_str()).collect();
    }
    right.sort_unstable();
    right.dedup();
    let about: Vec<&str> = alert.people.iter().map(String::as_str).collect();
    let observed = match about.as_slice() {
        [] => format!("it names {}, which is nobody", alert.named.join(", ")),
        people => format!("it is about {}", people.join(", ")),
    };
    CHECK
        .fail(format!("alert {} is about {}, whose records it cites", alert.uid, right.join(" or ")), observed)
        .story(facts.record_rows(cited()))
        .evidence([facts.alert_row(alert)])
        .line(attacked().chain(cited()).find_map(|r| r.line))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;

    fn alerting(evidence: &[&str], about: &str) -> Example {
        let mut run = Example::travel();
        run.record("e3", "day 1 09:30", "bob");
        run.alert("a2", "impossible_travel", "day 1 10:00", evidence, about);
        run
    }

    #[test]
    fn an_alert_about_the_one_who_was_attacked_passes() {
        alerting(&["e1", "e2"], "alice").passes(&CHECK);
    }

    #[test]
    fn an_alert_about_somebody_else_fails_and_names_both() {
        let found = alerting(&["e1", "e2"], "bob").fails(&CHECK);
        assert!(found.expected.contains("about alice") && found.observed.contains("bob"), "{found:#?}");
    }

    #[test]
    fn an_id_that_nobody_has_is_the_wrong_person() {
        let found = alerting(&["e1", "e2"], "carol").fails(&CHECK);
        assert!(found.observed.contains("dir-carol"), "{found:#?}");
    }

    #[test]
    fn an_attack_on_one_does_not_excuse_an_alert_about_another_whose_record_it_cites_too() {
        alerting(&["e2", "e3"], "bob").fails(&CHECK);
    }

    #[test]
    fn an_alert_that_rests_on_no_attack_is_another_finding() {
        let run = alerting(&["e3"], "bob");
        run.passes(&CHECK);
        run.fails(&super::super::alert_false_alarm::CHECK);
    }
}
