//! What a stack said of a scenario, made comparable: who, what, of which attack, how grave, how often; not in which words,
//! with which ids, or when it was read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use simulator::time::SimTime;

use crate::check::ALL;
use crate::contract::DeliveryPromise;
use crate::observe::Facts;

/// What a stack said and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its alerts, each with the times of the first event cited: microseconds from day 1.
    pub alerts: BTreeMap<Alert, Vec<i64>>,
    /// Deeds that took effect, by action and person.
    pub deeds: BTreeMap<(String, String), usize>,
    /// Events reported twice where once was promised.
    pub copies: usize,
    /// Records that had to be taken in and were not.
    pub lost: usize,
    /// Why the run broke off, if it did.
    pub broken: Option<String>,
    /// Kinds of faults of which none ever bit.
    pub idle_faults: Vec<String>,
}

/// An alert as far as two runs can be compared by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// Its policy.
    pub policy: String,
    /// Keys of the people it is about.
    pub people: BTreeSet<String>,
    /// The attacks whose records it cites.
    pub attacks: BTreeSet<String>,
    /// OCSF number of its severity.
    pub severity: u64,
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |set: &BTreeSet<String>, none: &str| match set.is_empty() {
            true => none.to_owned(),
            false => set.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        let attacks = list(&self.attacks, "no attack");
        write!(
            f,
            "{} about {}, severity {}, of {attacks}",
            self.policy,
            list(&self.people, "nobody known"),
            self.severity
        )
    }
}

/// The check that finds an event that was reported twice.
const COPIES: &str = "ingest/duplicate-event";

impl Said {
    /// What was said in a passage. Alerts of policies that are not judged are left out.
    pub fn of(facts: &Facts<'_>) -> Self {
        let mut said = Self::default();
        let judged = facts.alerts.iter().filter(|alert| !alert.suppressed && facts.differs(&alert.policy).is_none());
        for alert in judged {
            let cited = || alert.records.iter().map(|record| &facts.recording.truth[*record]);
            let first = cited().map(|record| record.occurred).min().unwrap_or(SimTime::from_us(0));
            let key = Alert {
                policy: alert.policy.clone(),
                people: alert.people.clone(),
                attacks: cited().filter_map(|record| record.attack.clone()).collect(),
                severity: alert.severity,
            };
            said.alerts.entry(key).or_default().push(first.us() - facts.calendar.day_1().us());
        }
        said.alerts.values_mut().for_each(|times| times.sort_unstable());
        for deed in facts.deeds.iter().filter(|deed| deed.done) {
            *said.deeds.entry((deed.action.clone(), deed.target.clone())).or_default() += 1;
        }
        if facts.declares.delivery == DeliveryPromise::ExactlyOnce {
            let check = ALL.iter().find(|check| check.id == COPIES).expect("it is one of the catalogue");
            said.copies = (check.run)(facts).len();
        }
        said.lost = facts.due.iter().filter(|due| facts.first_taken(due.record).is_none()).count();
        said.broken = facts.recording.end.why_broken();
        let mut bites: BTreeMap<&str, u32> = BTreeMap::new();
        facts.recording.faults.iter().for_each(|fault| *bites.entry(&fault.kind).or_default() += fault.bites);
        said.idle_faults =
            bites.into_iter().filter(|(_, bites)| *bites == 0).map(|(kind, _)| kind.to_owned()).collect();
        said
    }

    /// The same about people who are called otherwise.
    #[must_use]
    pub fn renamed(self, names: &BTreeMap<String, String>) -> Self {
        let name = |key: String| names.get(&key).cloned().unwrap_or(key);
        let mut alerts: BTreeMap<Alert, Vec<i64>> = BTreeMap::new();
        for (alert, times) in self.alerts {
            let people = alert.people.into_iter().map(name).collect();
            alerts.entry(Alert { people, ..alert }).or_default().extend(times);
        }
        alerts.values_mut().for_each(|times| times.sort_unstable());
        let deeds = self.deeds.into_iter().map(|((action, target), count)| ((action, name(target)), count)).collect();
        Self { alerts, deeds, ..self }
    }

    /// What is said of both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (alert, times) in &other.alerts {
            self.alerts.entry(alert.clone()).or_default().extend(times);
        }
        for (deed, count) in &other.deeds {
            *self.deeds.entry(deed.clone()).or_default() += count;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;

    #[test]
    fn an_alert_is_told_by_policy_person_attack_and_severity() {
        let said = Said::of(&Example::travel().facts());
        let alerts: Vec<String> = said.alerts.keys().map(Alert::to_string).collect();
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0].starts_with("impossible_travel about alice, severity "), "{alerts:?}");
        assert!(alerts[0].ends_with(" of takeover"), "{alerts:?}");
        assert_eq!(said.alerts.values().next().unwrap(), &[9 * 3_600_000_000_i64]);
        assert_eq!(said.deeds.len(), 1);
    }

    #[test]
    fn people_may_be_called_otherwise() {
        let names = BTreeMap::from([("alice".to_owned(), "zoe".to_owned())]);
        let said = Said::of(&Example::travel().facts()).renamed(&names);
        assert!(said.alerts.keys().all(|alert| alert.people.contains("zoe")));
        assert!(said.deeds.keys().all(|(_, target)| target == "zoe"));
    }
}
