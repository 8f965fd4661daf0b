//! Which alert answers which `must`: the largest matching of the two, so that a score does not depend on the order in which
//! alerts came.
//!
//! An alert may answer a `must` if it is of its policy, about its person, and cites at least one event of its episode. One
//! alert answers one `must`, and a `must` with `times` wants so many. Of two that speak of the same alerts the more general
//! one wants only what the more particular one has not asked for: `times: 2` beside a `must` for each of the two.

use std::collections::BTreeSet;

use crate::check::wanted::Wanted;
use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::scenario::What;

/// An alert that is owed.
pub struct Slot<'a> {
    /// The expectation behind it.
    pub wanted: Wanted<'a>,
    /// Place of the alert that answers it, in [`Facts::alerts`].
    pub alert: Option<usize>,
}

/// Every alert that is owed, with the one that answers it.
pub fn matched<'f>(facts: &'f Facts<'_>) -> Vec<Slot<'f>> {
    let mut slots: Vec<Slot<'f>> = Vec::new();
    let mut musts = facts.musts(|what| what == What::Alert);
    musts.sort_by_key(|wanted| std::cmp::Reverse(particulars(facts, wanted).count()));
    for wanted in musts {
        let asked = slots.iter().filter(|slot| includes(facts, &wanted, &slot.wanted)).count();
        let more = (wanted.written.times.unwrap_or(1) as usize).saturating_sub(asked);
        slots.extend((0..more).map(|_| Slot { wanted: wanted.clone(), alert: None }));
    }
    let edges: Vec<Vec<usize>> = slots.iter().map(|slot| answers(facts, &slot.wanted)).collect();
    for (slot, alert) in slots.iter_mut().zip(matching(&edges)) {
        slot.alert = alert;
    }
    slots
}

/// What an expectation says of the alerts it means. A step that is named says of which attack they are.
fn particulars<'w>(facts: &'w Facts<'_>, wanted: &'w Wanted<'_>) -> impl Iterator<Item = (&'static str, &'w str)> {
    let (written, scenario) = (wanted.written, &facts.script.scenario);
    let of_steps =
        scenario.script.iter().filter(|step| step.id.as_ref().is_some_and(|id| written.evidence.contains(id)));
    let attacks: BTreeSet<&str> = written
        .attack
        .into_iter()
        .chain(of_steps.filter_map(|step| step.attack))
        .map(|a| &*scenario.attacks[a.0].name)
        .collect();
    let policy = written.policy.as_deref().map(|policy| ("policy", policy));
    let person = wanted.person.as_deref().map(|person| ("person", person));
    let app = written.app.map(|app| ("app", facts.app_name(app)));
    let evidence = written.evidence.iter().map(|id| ("evidence", id.as_str()));
    let attacks = attacks.into_iter().map(|attack| ("attack", attack));
    policy.into_iter().chain(person).chain(app).chain(evidence).chain(attacks)
}

/// Whether an alert that answers `particular` answers `general` too.
fn includes(facts: &Facts<'_>, general: &Wanted<'_>, particular: &Wanted<'_>) -> bool {
    particulars(facts, general).all(|one| particulars(facts, particular).any(|other| one == other))
}

/// Places of the alerts that may answer an expectation.
fn answers(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Vec<usize> {
    let alerts = facts.alerts.iter().enumerate();
    let fits = |alert: &AlertFact| facts.is_wanted(wanted, alert) && cites_the_episode(facts, wanted, alert);
    alerts.filter(|(_, alert)| fits(alert)).map(|(place, _)| place).collect()
}

/// Whether an alert cites an event of the episode: of the evidence that is named, else of the attack, else of what the
/// policy's definition derives. Where none of these says which events those are, any will do.
fn cites_the_episode(facts: &Facts<'_>, wanted: &Wanted<'_>, alert: &AlertFact) -> bool {
    let written = wanted.written;
    if !written.evidence.is_empty() {
        return facts.uncited(wanted, &alert.records).len() < written.evidence.len();
    }
    if written.attack.is_some() {
        return facts.cites_attack(written, &alert.records);
    }
    let derived = facts.owed.iter().flatten().filter(|o| facts.answers(written, wanted.person.as_deref(), o));
    let ids: Vec<&String> = derived.flat_map(|o| &o.evidence).collect();
    ids.is_empty() || alert.evidence.iter().any(|id| ids.contains(&id))
}

/// The largest matching of a bipartite graph, by augmenting paths: for each on the left, whom it got on the right.
pub fn matching(edges: &[Vec<usize>]) -> Vec<Option<usize>> {
    let rights = edges.iter().flatten().max().map_or(0, |most| most + 1);
    let mut taken: Vec<Option<usize>> = vec![None; rights];
    for left in 0..edges.len() {
        augment(edges, left, &mut vec![false; rights], &mut taken);
    }
    let mut got = vec![None; edges.len()];
    for (right, left) in taken.into_iter().enumerate() {
        if let Some(left) = left {
            got[left] = Some(right);
        }
    }
    got
}

fn augment(edges: &[Vec<usize>], left: usize, seen: &mut [bool], taken: &mut [Option<usize>]) -> bool {
    for &right in &edges[left] {
        if std::mem::replace(&mut seen[right], true) {
            continue;
        }
        if taken[right].is_none_or(|other| augment(edges, other, seen, taken)) {
            taken[right] = Some(left);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::observe::example::{ALICE, BOB, Example};
    use crate::scenario::Kind;

    #[test]
    fn an_alert_that_only_one_can_have_is_left_to_that_one() {
        assert_eq!(matching(&[vec![0, 1], vec![0]]), [Some(1), Some(0)]);
        assert_eq!(matching(&[vec![0], vec![0]]), [Some(0), None]);
        assert_eq!(matching(&[]), [None; 0]);
    }

    proptest! {
        #[test]
        fn its_size_does_not_depend_on_the_order_of_alerts(
            edges in proptest::collection::vec(proptest::collection::vec(0_usize..6, 0..5), 0..7),
        ) {
            let turned: Vec<Vec<usize>> =
                edges.iter().map(|row| row.iter().rev().map(|right| 5 - right).collect()).collect();
            let size = |edges: &[Vec<usize>]| matching(edges).into_iter().flatten().count();
            prop_assert_eq!(size(&edges), size(&turned));
        }
    }

    #[test]
    fn the_alert_of_the_story_answers_its_must() {
        let run = Example::travel();
        let facts = run.facts();
        assert_eq!(matched(&facts).iter().map(|slot| slot.alert).collect::<Vec<_>>(), [Some(0)]);
    }

    #[test]
    fn an_alert_that_cites_nothing_of_the_episode_answers_nothing() {
        let mut run = Example::travel();
        run.record("e0", "day 1 08:00", "alice");
        run.recording.report.truncate(2);
        run.alert("a0", "impossible_travel", "day 1 10:00", &["e0"], "alice");
        let facts = run.facts();
        assert_eq!(matched(&facts)[0].alert, None);
    }

    #[test]
    fn one_alert_does_not_answer_for_two() {
        let mut run = Example::travel();
        run.expect(Kind::Must, What::Alert, |e| {
            (e.policy, e.actor, e.times) = (Some("impossible_travel".to_owned()), Some(ALICE), Some(2));
        });
        let facts = run.facts();
        assert_eq!(matched(&facts).iter().filter(|slot| slot.alert.is_some()).count(), 1);
        assert_eq!(matched(&facts).len(), 2, "the one that names its evidence is one of the two");
    }

    #[test]
    fn one_must_in_two_ways_is_one() {
        let mut run = Example::travel();
        run.expect(Kind::Must, What::Alert, |e| e.actor = Some(ALICE));
        run.expect(Kind::Must, What::Alert, |e| {
            (e.policy, e.actor) = (Some("impossible_travel".to_owned()), Some(ALICE));
        });
        assert_eq!(matched(&run.facts()).len(), 1);
        run.expect(Kind::Must, What::Alert, |e| e.actor = Some(BOB));
        assert_eq!(matched(&run.facts()).len(), 2);
    }
}
