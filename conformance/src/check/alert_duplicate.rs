//! `alert/duplicate`.

use std::collections::BTreeSet;
use std::time::Duration;

use simulator::time::SimTime;

use crate::observe::Facts;
use crate::observe::alerts::{AlertFact, Version};
use crate::observe::owed::Owed;
use crate::scenario::{Kind, What};
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// Two alerts where one is owed.
pub(super) const CHECK: Check = Check {
    id: "alert/duplicate",
    title: "two alerts about one episode",
    explanation: "\
One alert is one policy, one person, one episode. An episode goes on while its triggers are no more than an hour apart; \
later ones update the alert (same `finding_info.uid`, activity 2) and do not make another. A policy that counts per app \
has an episode an app.

Two alerts of one policy about one person are found to be one episode if, when the second was raised, the newest records \
that the two cited were no more than an hour apart. So a stack that learns late of what joins two episodes is not blamed \
for the two alerts it had already raised. More alerts than an expectation's `times` or \
`at_most`, of each person of a group, are the same finding. Suppressed \
alerts, alerts of policies that are not judged, and alerts that cite no known record are left out.

Usual causes: the alert's id is drawn by chance and not from what it is about; the same event came twice, from two logs \
or after a restart, and was evaluated twice; alerts already raised are kept in memory only.

Source: docs/src/contract.md (an update carries the same uid). The hour is a choice; most rules of Panther's take it too: \
https://github.com/panther-labs/panther-analysis.",
    judged: Judged::Always,
    run,
};

/// An episode ends this long after its last trigger.
const GAP: Duration = Duration::from_secs(3_600);

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let judged: Vec<&AlertFact> =
        facts.alerts.iter().filter(|a| !a.suppressed && facts.differs(&a.policy).is_none()).collect();
    let mut found = Vec::new();
    for (index, second) in judged.iter().enumerate() {
        if let Some(first) = judged[..index].iter().find(|first| are_one(facts, first, second)) {
            found.push(twice(facts, first, second));
        }
    }
    if found.is_empty() {
        found = too_many(facts);
    }
    found
}

/// Whether `second`, when it was raised, was about what `first` was already about.
fn are_one(facts: &Facts<'_>, first: &AlertFact, second: &AlertFact) -> bool {
    let raised = &second.versions[0];
    let Some(before) = first.versions.iter().rfind(|v| v.number < raised.number) else { return false };
    let (Some(a), Some(b)) = (newest(facts, before), newest(facts, raised)) else { return false };
    let apart = if a < b { b.since(a) } else { a.since(b) };
    first.policy == second.policy
        && !first.people.is_disjoint(&second.people)
        && apart <= GAP
        && (!counts_per_app(facts, &first.policy) || !apps(facts, before).is_disjoint(&apps(facts, raised)))
        && !are_owed_apart(facts, first, second)
}

/// Whether the policy's definition tells the two apart by something besides the person, such as the repository: each of them
/// is owed, and nothing is of which both are.
fn are_owed_apart(facts: &Facts<'_>, first: &AlertFact, second: &AlertFact) -> bool {
    let owed = || facts.owed.iter().flatten().filter(|owed| owed.policy == first.policy);
    let cites = |owed: &Owed, alert: &AlertFact| alert.evidence.iter().any(|id| owed.evidence.contains(id));
    owed().any(|o| cites(o, first))
        && owed().any(|o| cites(o, second))
        && !owed().any(|o| cites(o, first) && cites(o, second))
}

/// When the newest record happened that an alert cited by then.
fn newest(facts: &Facts<'_>, version: &Version) -> Option<SimTime> {
    version.records.iter().map(|r| facts.recording.truth[*r].occurred).max()
}

fn apps<'f>(facts: &'f Facts<'_>, version: &Version) -> BTreeSet<&'f str> {
    version.records.iter().map(|r| facts.recording.truth[*r].app.as_str()).collect()
}

fn counts_per_app(facts: &Facts<'_>, policy: &str) -> bool {
    match facts.in_force(policy).and_then(|p| p.parameters.get("per")) {
        Some(per) => per.to_string().contains("app"),
        None => policy == "multiple_failed_logins",
    }
}

fn twice(facts: &Facts<'_>, first: &AlertFact, second: &AlertFact) -> Finding {
    let cited = second.records.iter().map(|r| &facts.recording.truth[*r]);
    let people: Vec<&str> = second.people.iter().map(String::as_str).collect();
    CHECK
        .fail(
            format!("one alert of {} about {} for the episode, updated", second.policy, people.join(", ")),
            format!("{} and then {}", first.uid, second.uid),
        )
        .story(facts.record_rows(cited))
        .evidence([facts.alert_row(first), facts.alert_row(second)])
        .done()
}

/// More alerts than an expectation allows: as many as its `times`, where that is written, or its `at_most`.
fn too_many(facts: &Facts<'_>) -> Vec<Finding> {
    let limited = facts.every(Kind::Must).chain(facts.every(Kind::May)).filter(|w| w.written.what == What::Alert);
    let judged = |w: &Wanted<'_>| w.written.policy.as_deref().and_then(|p| facts.differs(p)).is_none();
    let limited = limited.filter(judged).filter_map(|w| Some((w.written.times.or(w.written.at_most)? as usize, w)));
    let mut found = Vec::new();
    for (most, wanted) in limited {
        let answers = facts.answers_to(&wanted);
        if answers.len() > most {
            let line = wanted.written.at.line;
            let finding = CHECK
                .fail(format!("at most {most}: {}", facts.written(line)), format!("{} alerts", answers.len()))
                .evidence(answers.iter().map(|a| facts.alert_row(a)))
                .line(line);
            found.push(finding.done());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;

    /// Alice signs in from a third place at this time, and a second alert cites it.
    fn again(at: &str, uid: &str) -> Example {
        let mut run = Example::travel();
        run.record("e3", at, "alice").attack = Some("takeover".to_owned());
        run.alert(uid, "impossible_travel", "day 1 12:00", &["e2", "e3"], "alice");
        run
    }

    #[test]
    fn an_update_is_no_second_alert() {
        again("day 1 10:10", "a1").passes(&CHECK);
    }

    #[test]
    fn a_second_alert_about_one_episode_fails() {
        let found = again("day 1 10:10", "a2").fails(&CHECK);
        assert_eq!(found.observed, "a1 and then a2");
    }

    #[test]
    fn an_hour_to_the_second_is_still_one_episode() {
        again("day 1 10:40", "a2").fails(&CHECK);
        again("day 1 10:40:01", "a2").passes(&CHECK);
    }

    #[test]
    fn what_joins_two_episodes_too_late_is_nobodys_fault() {
        let mut run = again("day 1 11:20", "a2");
        run.record("e4", "day 1 10:30", "alice").attack = Some("takeover".to_owned());
        run.alert("a1", "impossible_travel", "day 1 13:00", &["e1", "e4"], "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn alerts_about_two_people_are_two() {
        let mut run = Example::travel();
        run.record("b1", "day 1 09:40", "bob").attack = Some("takeover".to_owned());
        run.alert("a2", "impossible_travel", "day 1 10:00", &["b1"], "bob");
        run.passes(&CHECK);
    }

    #[test]
    fn a_policy_that_counts_per_app_has_an_alert_an_app() {
        let mut run = Example::travel();
        run.policy("multiple_failed_logins", &[]);
        let record = run.record("x1", "day 1 09:41", "alice");
        (record.app, record.log) = ("entra".into(), "sign_ins".into());
        run.alert("a2", "multiple_failed_logins", "day 1 10:00", &["e2"], "alice");
        run.alert("a3", "multiple_failed_logins", "day 1 10:00", &["x1"], "alice");
        run.passes(&CHECK);
        run.alert("a4", "multiple_failed_logins", "day 1 10:00", &["x1"], "alice");
        run.fails(&CHECK);
    }

    #[test]
    fn more_than_at_most_fails() {
        let mut run = again("day 1 11:20", "a2");
        run.script.expect[0].at_most = Some(1);
        assert_eq!(run.fails(&CHECK).line, Some(20));
        run.script.expect[0].at_most = Some(2);
        run.passes(&CHECK);
    }

    #[test]
    fn times_says_how_often_and_no_more() {
        let mut run = again("day 1 11:20", "a2");
        run.passes(&CHECK);
        run.script.expect[0].times = Some(1);
        assert_eq!(run.fails(&CHECK).line, Some(20));
    }
}
