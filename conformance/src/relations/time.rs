//! Changes of time and of order: M01, M06, M07, M18, M21, M22.

use std::time::Duration;

use jiff::civil::Date;
use simulator::scenario::{AppIndex, Begins, Fault, FaultKind, Lasts, Position};
use simulator::timeline::Timeline;
use simulator::world::World;

use super::trial::{changed, in_order};
use super::{Given, Law, Trial};
use crate::oracle;

/// How far a vendor's clock is off.
const SKEW: Duration = Duration::from_secs(120);

/// M01. By hours across midnight; to the day before summer time begins in Europe, and to the day before a leap day.
pub(super) fn shifted(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    const ACROSS_MIDNIGHT: i64 = 15 * 3_600_000_000;
    let to = |date: Date| {
        changed(given.script, |scenario| {
            let days = (date - scenario.day_1).get_days();
            scenario.shift(i64::from(days));
        })
    };
    let by_hours = changed(given.script, |scenario| scenario.displace(ACROSS_MIDNIGHT));
    let trials = [
        Trial::new("fifteen hours later, across midnight", &by_hours),
        Trial::new("the night in which summer time begins", &to(Date::constant(2026, 3, 28))),
        Trial::new("a leap day's eve", &to(Date::constant(2028, 2, 28))),
    ];
    Ok(trials.into_iter().map(|trial| trial.law(Law::EqualInTime)).collect())
}

/// M06. Every second line of the script is shown so late that others overtake it.
pub(super) fn reordered(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    if given.steps()?.len() < 2 {
        return Err("there is nothing to overtake".to_owned());
    }
    let late = within_lateness(given)?.mul_f64(0.7);
    let trial = changed(given.script, |scenario| {
        scenario.script.iter_mut().step_by(2).for_each(|step| step.late = Some(late));
    });
    Ok(vec![Trial::new("every second line is shown late", &trial)])
}

/// M07. What belongs to an attack is shown as late as may be.
pub(super) fn delayed(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    given.steps()?;
    let late = within_lateness(given)?;
    let has_attack = given.script.scenario.script.iter().any(|step| step.attack.is_some());
    let trial = changed(given.script, |scenario| {
        let delayed = scenario.script.iter_mut().filter(|step| !has_attack || step.attack.is_some());
        delayed.for_each(|step| step.late = Some(late));
    });
    Ok(vec![Trial::new(if has_attack { "the attack is shown late" } else { "all of it is shown late" }, &trial)])
}

/// The most by which a record may be late: as the stack declares it, and as far as it looks back.
fn within_lateness(given: &Given<'_>) -> Result<Duration, String> {
    let declares = given.declares;
    let most = declares.lateness.min(declares.look_back.saturating_sub(declares.poll_every));
    if most.is_zero() { Err("the stack declares no lateness".to_owned()) } else { Ok(most) }
}

/// M18.
pub(super) fn ties_turned(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    let ties: Vec<usize> = (1..steps.len()).filter(|i| steps[*i].at == steps[i - 1].at).collect();
    if ties.is_empty() {
        return Err("no two lines of it happen at one instant".to_owned());
    }
    let trial = changed(given.script, |scenario| {
        ties.iter().for_each(|i| scenario.script.swap(i - 1, *i));
        in_order(&mut scenario.script);
    });
    Ok(vec![Trial::new("lines of one instant change places", &trial)])
}

/// M21. Not where two minutes may decide: within two per cent of a threshold.
pub(super) fn skewed(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    let scenario = &given.script.scenario;
    let world = World::build(scenario).map_err(|e| e.to_string())?;
    let seen = oracle::observed(scenario, &world, Timeline::uncontained(scenario, &world));
    if let Some(edge) = oracle::edges(scenario, &seen).first() {
        return Err(format!("it lies too close to a threshold: {} of {}", edge.parameter, edge.policy));
    }
    let directory = scenario.directory();
    let apps = (0..scenario.apps.len()).map(AppIndex).filter(|app| Some(*app) != directory);
    let Some(app) = apps.into_iter().next() else { return Err("it has no app beside the directory".to_owned()) };
    let skew = i64::try_from(SKEW.as_micros()).expect("two minutes are no large number");
    let off =
        |by_us| changed(given.script, |scenario| scenario.faults.push(fault(FaultKind::Clock { by_us }, Some(app))));
    let name = &scenario.apps[app.0].name;
    Ok(vec![
        Trial::new(format!("{name}'s clock is two minutes ahead"), &off(skew)),
        Trial::new(format!("{name}'s clock is two minutes behind"), &off(-skew)),
    ])
}

/// M22. The form in which a vendor writes times is its own and does not change; what can change is where the stack's process
/// believes to be.
pub(super) fn other_zone(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let zones = ["Pacific/Auckland", "America/St_Johns"];
    let there = |zone: &str| changed(given.script, |scenario| zone.clone_into(&mut scenario.stack.timezone));
    Ok(zones.iter().map(|zone| Trial::new(format!("its process lives in {zone}"), &there(zone))).collect())
}

/// A fault of all that an app does, for all of the time.
pub(super) fn fault(kind: FaultKind, app: Option<AppIndex>) -> Fault {
    let (begins, lasts) = (Begins::Always, Lasts::Always);
    Fault { kind, route: None, begins, lasts, app, records: Vec::new(), at: Position { line: 1, column: 1 } }
}
