//! How what is said of a changed scenario must stand to what is said of the unchanged one.

use std::collections::BTreeMap;

use super::said::{Alert, Said};

/// A law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Law {
    /// The same alerts, equally often.
    Equal,
    /// The same, of events at the same time from day 1.
    EqualInTime,
    /// The same alerts and the same deeds, each equally often, and no event reported twice.
    EqualDeeds,
    /// The same but for alerts of these policies, which are gone.
    Without(Vec<String>),
    /// Only the alerts that rest on no attack are left.
    Silent,
    /// Every alert twice.
    Twice,
    /// No alert fewer, none less severe.
    NoneFewer,
}

impl Law {
    /// What speaks against it: nothing if it holds. `before` is of the unchanged scenario.
    pub fn broken(&self, before: &Said, after: &Said) -> Vec<String> {
        let mut against: Vec<String> = after.broken.iter().map(|why| format!("the run broke off: {why}")).collect();
        against.extend(match self {
            Self::Equal => counted(&counts(before, |_| 1), &counts(after, |_| 1)),
            Self::EqualInTime => times(before, after),
            Self::EqualDeeds => {
                let mut against = counted(&counts(before, |_| 1), &counts(after, |_| 1));
                against.extend(deeds(before, after));
                if after.copies > before.copies {
                    against.push(format!("{} event(s) reported twice, {} before", after.copies, before.copies));
                }
                if after.lost > before.lost {
                    against.push(format!("{} record(s) not taken in, {} before", after.lost, before.lost));
                }
                against
            }
            Self::Without(policies) => {
                let stays = |alert: &Alert| usize::from(!policies.contains(&alert.policy));
                counted(&counts(before, stays), &counts(after, |_| 1))
            }
            Self::Silent => {
                counted(&counts(before, |alert| usize::from(alert.attacks.is_empty())), &counts(after, |_| 1))
            }
            Self::Twice => counted(&counts(before, |_| 2), &counts(after, |_| 1)),
            Self::NoneFewer => fewer(before, after),
        });
        against
    }
}

fn counts(said: &Said, times: impl Fn(&Alert) -> usize) -> BTreeMap<&Alert, usize> {
    let counted = said.alerts.iter().map(|(alert, at)| (alert, at.len() * times(alert)));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// Every alert that is there more or less often than is expected.
fn counted(expected: &BTreeMap<&Alert, usize>, found: &BTreeMap<&Alert, usize>) -> Vec<String> {
    let all = expected.keys().chain(found.keys().filter(|alert| !expected.contains_key(*alert)));
    let of = |counts: &BTreeMap<&Alert, usize>, alert: &Alert| counts.get(alert).copied().unwrap_or(0);
    let differing = all.filter(|alert| of(expected, alert) != of(found, alert));
    differing.map(|alert| format!("{} of {} expected: {alert}", of(found, alert), of(expected, alert))).collect()
}

fn times(before: &Said, after: &Said) -> Vec<String> {
    let mut against = counted(&counts(before, |_| 1), &counts(after, |_| 1));
    for (alert, at) in &before.alerts {
        if after.alerts.get(alert).is_some_and(|then| then.len() == at.len() && then != at) {
            against.push(format!("of events at other times from day 1: {alert}"));
        }
    }
    against
}

fn deeds(before: &Said, after: &Said) -> Vec<String> {
    let all = before.deeds.keys().chain(after.deeds.keys().filter(|deed| !before.deeds.contains_key(*deed)));
    let of = |said: &Said, deed: &(String, String)| said.deeds.get(deed).copied().unwrap_or(0);
    let differing = all.filter(|deed| of(before, deed) != of(after, deed));
    differing
        .map(|deed| format!("{} of {} expected: {} of {}", of(after, deed), of(before, deed), deed.0, deed.1))
        .collect()
}

/// Alerts for which there are not as many that are at least as severe.
fn fewer(before: &Said, after: &Said) -> Vec<String> {
    let as_grave = |said: &Said, alert: &Alert| -> usize {
        let same = |other: &&Alert| {
            (&other.policy, &other.people, &other.attacks) == (&alert.policy, &alert.people, &alert.attacks)
                && other.severity >= alert.severity
        };
        said.alerts.iter().filter(|(other, _)| same(other)).map(|(_, at)| at.len()).sum()
    };
    let gone = before.alerts.keys().filter(|alert| as_grave(after, alert) < as_grave(before, alert));
    gone.map(|alert| format!("{} of {} left: {alert}", as_grave(after, alert), as_grave(before, alert))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn alert(policy: &str, who: &str, attack: Option<&str>, severity: u64) -> Alert {
        Alert {
            policy: policy.to_owned(),
            people: BTreeSet::from([who.to_owned()]),
            attacks: attack.iter().map(|a| (*a).to_owned()).collect(),
            severity,
        }
    }

    fn said(alerts: &[(Alert, &[i64])]) -> Said {
        Said { alerts: alerts.iter().map(|(alert, at)| (alert.clone(), at.to_vec())).collect(), ..Said::default() }
    }

    #[test]
    fn each_law_is_broken_by_what_speaks_against_it() {
        let travel = alert("travel", "alice", Some("takeover"), 3);
        let graver = Alert { severity: 4, ..travel.clone() };
        let benign = alert("settings", "bob", None, 3);
        let before = said(&[(travel.clone(), &[9]), (benign.clone(), &[10])]);
        let without = said(&[(benign.clone(), &[10])]);
        let later = said(&[(travel.clone(), &[11]), (benign.clone(), &[10])]);
        let twice = said(&[(travel.clone(), &[9, 50]), (benign.clone(), &[10, 51])]);
        let grave = said(&[(graver, &[9]), (benign, &[10])]);
        let travel_gone = Law::Without(vec!["travel".to_owned()]);
        #[rustfmt::skip]
        let cases = [
            // law              after     holds
            (Law::Equal,       &before,  true),
            (Law::Equal,       &later,   true),
            (Law::Equal,       &without, false),
            (Law::Equal,       &grave,   false),
            (Law::EqualInTime, &before,  true),
            (Law::EqualInTime, &later,   false),
            (travel_gone.clone(), &without, true),
            (travel_gone,      &before,  false),
            (Law::Silent,      &without, true),
            (Law::Silent,      &before,  false),
            (Law::Twice,       &twice,   true),
            (Law::Twice,       &before,  false),
            (Law::NoneFewer,   &twice,   true),
            (Law::NoneFewer,   &grave,   true),
            (Law::NoneFewer,   &without, false),
        ];
        for (law, after, holds) in cases {
            let against = law.broken(&before, after);
            assert_eq!(against.is_empty(), holds, "{law:?}: {against:?}");
        }
    }

    #[test]
    fn a_run_that_broke_off_proves_nothing() {
        let broken = Said { broken: Some("why".to_owned()), ..Said::default() };
        assert!(!Law::Silent.broken(&Said::default(), &broken).is_empty());
    }

    #[test]
    fn a_deed_done_again_is_no_equal_deed() {
        let deed = ("suspend".to_owned(), "alice".to_owned());
        let once = Said { deeds: BTreeMap::from([(deed.clone(), 1)]), ..Said::default() };
        let again = Said { deeds: BTreeMap::from([(deed, 2)]), ..Said::default() };
        assert_eq!(Law::EqualDeeds.broken(&once, &again), ["2 of 1 expected: suspend of alice"]);
        assert!(Law::Equal.broken(&once, &again).is_empty());
    }
}
