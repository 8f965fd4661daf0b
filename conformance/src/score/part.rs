//! What one passage adds to a score.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulator::scenario::Policy;
use simulator::time::{DAY_US, SimTime};

use crate::check::allowance::Standing;
use crate::check::wanted::severity_id;
use crate::observe::Facts;
use crate::observe::served::{is_the_stacks, refused_by_a_limit};
use crate::scenario::{Severity, What};

use super::actions::{Actions, actions};
use super::delays::{Delay, delay};
use super::evidence::{Carried, carried};
use super::found;
use super::matching::{Slot, matched};

/// The check that finds a second alert about one episode.
pub const DUPLICATE: &str = "alert/duplicate";

/// The check that finds an event that was reported twice.
pub const COPIES: &str = "ingest/duplicate-event";

/// What one passage adds.
#[derive(Clone, Debug)]
pub struct Part {
    /// Id of the scenario.
    pub scenario: String,
    /// Seed in force.
    pub seed: u64,
    /// Why the run broke off, if it did.
    pub broken: Option<String>,
    /// Alerts that were owed.
    pub owed: Vec<OwedAlert>,
    /// Alerts that nothing allows: policy and person.
    pub false_alerts: Vec<String>,
    /// Second alerts about one episode.
    pub duplicates: usize,
    /// Days on which somebody who was not attacked left something that the stack had to read. None where no policy was
    /// judged.
    pub user_days: usize,
    /// Whether nothing was to be found here, although policies were in force.
    pub look_alike: bool,
    /// Records that had to be taken in.
    pub due: usize,
    /// Those that were.
    pub taken: usize,
    /// Events reported twice.
    pub copies: usize,
    /// What was done to accounts.
    pub actions: Actions,
    /// Requests the stack made.
    pub calls: usize,
    /// Those that the vendors' own limits refused.
    pub refused: usize,
    /// Records that reached it.
    pub served: usize,
    /// What it said, one line an alert, times relative to day 1: equal for equal behaviour.
    pub said: BTreeSet<String>,
}

/// An alert that was owed.
#[derive(Clone, Debug)]
pub struct OwedAlert {
    /// Its policy; `any` where the scenario leaves it open.
    pub policy: String,
    /// Whose.
    pub person: Option<String>,
    /// OCSF number of its severity: how much it weighs.
    pub weight: u64,
    /// What came.
    pub found: Option<FoundAlert>,
}

/// What came of an alert that was owed.
#[derive(Clone, Debug)]
pub struct FoundAlert {
    /// How long it took.
    pub delay: Option<Delay>,
    /// What it carries.
    pub carried: Option<Carried>,
}

/// What a passage adds.
pub fn part(facts: &Facts<'_>) -> Part {
    let slots = matched(facts);
    let judged = facts.script.scenario.policies.iter().any(|policy| facts.differs(&policy.name).is_none());
    let wants_alerts =
        facts.script.expect.iter().any(|e| e.what == What::Alert && e.kind == crate::scenario::Kind::Must);
    let requests = || facts.recording.journal.iter().filter(|entry| is_the_stacks(entry));
    Part {
        scenario: facts.script.id.clone(),
        seed: facts.recording.seed,
        broken: facts.recording.end.why_broken(),
        owed: slots.iter().map(|slot| owed(facts, slot)).collect(),
        false_alerts: false_alerts(facts),
        duplicates: found(facts, DUPLICATE),
        user_days: if judged { user_days(facts) } else { 0 },
        look_alike: judged && !wants_alerts,
        due: facts.due.len(),
        taken: taken(facts),
        copies: found(facts, COPIES),
        actions: actions(facts),
        calls: requests().count(),
        refused: requests().filter(|entry| refused_by_a_limit(entry)).count(),
        served: (0..facts.recording.truth.len()).filter(|r| !facts.served.exchanges(*r).is_empty()).count(),
        said: said(facts),
    }
}

fn owed(facts: &Facts<'_>, slot: &Slot<'_>) -> OwedAlert {
    let written = slot.wanted.written;
    let policies = &facts.script.scenario.policies;
    let only = || (policies.len() == 1).then(|| policies[0].name.clone());
    let policy = written.policy.clone().or_else(only).unwrap_or_else(|| "any".to_owned());
    let severity = written.severity.or_else(|| facts.in_force(&policy).and_then(severity_of));
    OwedAlert {
        weight: severity_id(severity.unwrap_or(Severity::Medium)),
        person: slot.wanted.person.clone(),
        found: slot.alert.map(|_| FoundAlert { delay: delay(facts, slot), carried: carried(facts, slot) }),
        policy,
    }
}

fn severity_of(policy: &Policy) -> Option<Severity> {
    policy.parameters.get("severity").and_then(|severity| Severity::of(severity.as_str()?))
}

fn false_alerts(facts: &Facts<'_>) -> Vec<String> {
    let is_false = |standing| matches!(standing, Standing::FalseAlarm | Standing::WrongActor | Standing::Forbidden(_));
    let alerts = facts.alerts.iter().filter(|alert| is_false(facts.standing(alert)));
    alerts
        .map(|alert| {
            let people: Vec<&str> = alert.people.iter().map(String::as_str).collect();
            format!(
                "{} about {}",
                alert.policy,
                if people.is_empty() { "nobody known".to_owned() } else { people.join(", ") }
            )
        })
        .collect()
}

/// Person and UTC day of every record that the stack had to read, without the days on which that person was attacked.
fn user_days(facts: &Facts<'_>) -> usize {
    let day = |at: SimTime| at.us().div_euclid(DAY_US);
    let truth = &facts.recording.truth;
    let mut days: BTreeSet<(&str, i64)> =
        facts.due.iter().map(|due| &truth[due.record]).map(|r| (r.actor.as_str(), day(r.occurred))).collect();
    for attacked in truth.iter().filter(|record| record.attack.is_some()) {
        days.remove(&(attacked.actor.as_str(), day(attacked.occurred)));
    }
    days.len()
}

fn taken(facts: &Facts<'_>) -> usize {
    let straight: BTreeSet<usize> = facts.taken.iter().filter_map(|taken| taken.record).collect();
    facts.due.iter().filter(|d| straight.contains(&d.record) || facts.first_taken(d.record).is_some()).count()
}

fn said(facts: &Facts<'_>) -> BTreeSet<String> {
    let day_1 = facts.calendar.day_1();
    let mut said = BTreeMap::<String, usize>::new();
    for alert in facts.alerts.iter().filter(|alert| !alert.suppressed) {
        let people: Vec<&str> = alert.people.iter().map(String::as_str).collect();
        let first = alert.records.iter().map(|r| facts.recording.truth[*r].occurred).min();
        let first = first.map_or(Duration::ZERO, |first| first.since(day_1));
        let line = format!("{} {} {} {}", alert.policy, people.join(","), alert.severity, first.as_micros());
        *said.entry(line).or_default() += 1;
    }
    said.into_iter().map(|(line, count)| format!("{line} x{count}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;
    use crate::recording::End;

    #[test]
    fn a_correct_run_adds_what_was_owed_and_nothing_against_the_stack() {
        let part = part(&Example::travel().facts());
        assert_eq!(part.owed.iter().filter(|owed| owed.found.is_some()).count(), 1);
        assert_eq!((part.false_alerts.len(), part.duplicates, part.copies, part.look_alike), (0, 0, 0, false));
        assert_eq!((part.due, part.taken, part.served), (2, 2, 2));
    }

    #[test]
    fn a_day_on_which_somebody_is_attacked_is_no_benign_one() {
        let mut run = Example::travel();
        run.record("b1", "day 1 09:00", "bob");
        run.poll("day 1 11:00", &["b1"]).event("b1", "day 1 11:00");
        assert_eq!(part(&run.facts()).user_days, 1, "bob's, and not alice's");
    }

    #[test]
    fn an_alert_about_somebody_else_is_a_false_one() {
        let mut run = Example::travel();
        run.record("b1", "day 1 09:00", "bob");
        run.alert("a2", "impossible_travel", "day 1 10:00", &["b1"], "bob");
        assert_eq!(part(&run.facts()).false_alerts, ["impossible_travel about bob"]);
    }

    #[test]
    fn a_run_that_broke_off_still_owes_what_it_owed() {
        let mut run = Example::travel();
        run.recording.end = End::Stuck;
        run.recording.report.clear();
        let part = part(&run.facts());
        assert!(part.broken.is_some());
        assert_eq!((part.owed.len(), part.owed[0].found.is_none()), (1, true));
    }
}
