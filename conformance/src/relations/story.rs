//! Changes of what happens: M10, M11, M14, M15, M26.

use std::time::Duration;

use serde_json::Value;
use simulator::scenario::{From, Step};
use simulator::time::DAY;
use simulator::world::{PLACES, Place};

use super::trial::{changed, in_order};
use super::{Given, Law, Trial};
use crate::scenario::{Kind, What};

/// Definitions that fire again for the same thing some days later: they learn nothing from the first time.
const FIRE_AGAIN: &[&str] = &[
    "impossible_travel",
    "multiple_failed_logins",
    "mfa_fatigue",
    "mass_download",
    "mass_deletion",
    "activity_from_anonymous_ip",
    "activity_from_suspicious_ip",
];

/// Longer than the silence that ends any of their episodes.
const DAYS_AFTER: u32 = 3;

/// Shorter than any such silence.
const SOON_AFTER: Duration = Duration::from_secs(8 * 60);

/// M10.
pub(super) fn without_attack(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    if given.steps()?.iter().all(|step| step.attack.is_none()) {
        return Err("nobody is attacked in it".to_owned());
    }
    let script = changed(given.script, |scenario| {
        scenario.script.retain(|step| step.attack.is_none());
        let left: Vec<String> = scenario.script.iter().filter_map(|step| step.id.clone()).collect();
        scenario.faults.retain(|fault| fault.records.iter().all(|id| left.contains(id)));
    });
    Ok(vec![Trial::new("the attack does not happen", &script).law(Law::Silent)])
}

/// M11.
pub(super) fn one_event_less(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    let mut trials = Vec::new();
    let beside = |step: &&Step| step.attack.is_none() && step.id.is_none() && !step.verb.is_lifecycle();
    if let Some(beside) = steps.iter().position(|step| beside(&step)) {
        let script = changed(given.script, |scenario| drop(scenario.script.remove(beside)));
        trials.push(Trial::new("without a line that no alert rests on", &script));
    }
    trials.extend(below_the_threshold(given, steps));
    trials.extend(without_the_first_half(given, steps));
    if trials.is_empty() { Err("every line of it counts, and none decides alone".to_owned()) } else { Ok(trials) }
}

/// One activity fewer than the policy asks for.
fn below_the_threshold(given: &Given<'_>, steps: &[Step]) -> Option<Trial> {
    let [policy] = &given.script.scenario.policies[..] else { return None };
    let least = policy.parameters.get("at_least").and_then(Value::as_u64)?;
    let decides = |step: &Step| step.attack.is_some() && u64::from(step.times) == least && least > 1;
    let place = steps.iter().position(decides)?;
    if steps.iter().filter(|step| step.attack.is_some()).count() > 1 {
        return None;
    }
    let script = changed(given.script, |scenario| scenario.script[place].times -= 1);
    let law = Law::Without(vec![policy.name.clone()]);
    Some(Trial::new(format!("{} in place of {least}", least - 1), &script).law(law))
}

/// A journey of which only the arrival is seen.
fn without_the_first_half(given: &Given<'_>, steps: &[Step]) -> Option<Trial> {
    const JOURNEY: &str = "impossible_travel";
    let is_journey = |e: &&crate::scenario::Expectation| {
        e.kind == Kind::Must && e.what == What::Alert && e.policy.as_deref() == Some(JOURNEY)
    };
    let mut journeys = given.script.expect.iter().filter(is_journey);
    let (journey, None) = (journeys.next()?, journeys.next()) else { return None };
    let actor = journey.actor?;
    let benign = |step: &Step| step.actor == actor && step.attack.is_none();
    let named = |step: &Step| step.id.as_ref().is_some_and(|id| journey.evidence.contains(id));
    if !steps.iter().any(|step| benign(step) && named(step)) {
        return None;
    }
    let script = changed(given.script, |scenario| scenario.script.retain(|step| !benign(step)));
    Some(Trial::new("without the victim's own activity", &script).law(Law::Without(vec![JOURNEY.to_owned()])))
}

/// M14.
pub(super) fn repeated(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    let steps = given.steps()?;
    given.only_policies(FIRE_AGAIN, "learns from the first time")?;
    if steps.iter().all(|step| step.attack.is_none()) || steps.iter().any(|step| step.verb.is_lifecycle()) {
        return Err("what happens in it cannot happen twice".to_owned());
    }
    let again = |after: Duration, which: fn(&Step) -> bool| {
        changed(given.script, |scenario| {
            let copies =
                steps.iter().filter(|step| which(step)).map(|step| Step { at: step.at + after, ..step.clone() });
            scenario.script.extend(copies.collect::<Vec<_>>());
            in_order(&mut scenario.script);
        })
    };
    let long = steps.iter().filter(|step| step.attack.is_some()).any(|step| step.over > SOON_AFTER);
    let days = Trial::new(format!("all of it again {DAYS_AFTER} days later"), &again(DAY * DAYS_AFTER, |_| true));
    let mut trials = vec![days.law(Law::Twice)];
    if !long {
        trials.push(Trial::new("the attack again within the hour", &again(SOON_AFTER, |step| step.attack.is_some())));
    }
    Ok(trials)
}

/// M15.
pub(super) fn more_of_it(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    let mut trials = Vec::new();
    let many = |step: &Step| step.attack.is_some() && step.times > 1;
    if steps.iter().any(many) {
        let script = changed(given.script, |scenario| {
            scenario.script.iter_mut().filter(|step| many(step)).for_each(|step| step.times *= 2);
        });
        trials.push(Trial::new("twice as much in the same time", &script).law(Law::NoneFewer));
    }
    let farther = |step: &Step| match (step.attack, step.from) {
        (Some(_), Some(From::Place(place))) => farthest(given.script.scenario.home, place),
        _ => None,
    };
    if steps.iter().any(|step| farther(step).is_some()) {
        let script = changed(given.script, |scenario| {
            for step in &mut scenario.script {
                step.from = farther(step).map(From::Place).or(step.from);
            }
        });
        trials.push(Trial::new("from farther away", &script).law(Law::NoneFewer));
    }
    if trials.is_empty() { Err("its attack cannot be made larger".to_owned()) } else { Ok(trials) }
}

/// The place farthest from home, if that is farther than this one.
fn farthest(home: &Place, than: &Place) -> Option<&'static Place> {
    let far = |place: &&Place| home.distance_km(place);
    let farthest = PLACES.iter().max_by(|a, b| far(a).total_cmp(&far(b)))?;
    (home.distance_km(farthest) > home.distance_km(than)).then_some(farthest)
}

/// M26.
pub(super) fn longer_history(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let script = changed(given.script, |scenario| scenario.history_days += 14);
    Ok(vec![Trial::new("a fortnight more of history", &script).law(Law::NoneFewer)])
}
