//! The steps of a scenario, spread out into activities as they are meant to happen.
//!
//! A step is exactly `times` activities a member of its group: the first at `at`, the last exactly `over` later, evenly
//! between, members in turn. Each takes another object unless one is named. What became of them is the
//! [overlay](super::overlay)'s to say.

use std::sync::Arc;

use super::devices::user_agent;
use super::{Activity, ActivityId};
use crate::scenario::{AppIndex, Scenario, Step, Verb, Who};
use crate::time::SimTime;
use crate::vendors;
use crate::vendors::tenancy::BOARDS;
use crate::world::{PersonIndex, World};

/// Every activity of the script in the order in which it is meant to happen: equal times keep the written order.
pub(super) fn expand(scenario: &Scenario, world: &World) -> Vec<Arc<Activity>> {
    let groups = Groups::new(scenario, world);
    let mut activities: Vec<Activity> = scenario
        .script
        .iter()
        .enumerate()
        .flat_map(|(n, step)| repetitions(scenario, world, &groups, n, step))
        .collect();
    activities.sort_by_key(|a| (a.occurred, a.id));
    activities.into_iter().map(Arc::new).collect()
}

fn repetitions(scenario: &Scenario, world: &World, groups: &Groups, step_index: usize, step: &Step) -> Vec<Activity> {
    let actors = groups.members(step.actor);
    let targets = step.target.map(|who| groups.members(who)).unwrap_or_default();
    let total = (step.times as usize) * actors.len() * targets.len().max(1);
    let label = step.id.clone().unwrap_or_else(|| scenario.calendar().spell(step.at));
    let one = |n: usize| {
        let actor = actors[n % actors.len()];
        let target = (!targets.is_empty()).then(|| targets[(n / actors.len()) % targets.len()]);
        let (address, place) = world.address(actor, step.from);
        let person = &world.person(actor).key;
        Activity {
            id: ActivityId::Scripted { step: step_index, n: u32::try_from(n).unwrap_or(u32::MAX) },
            occurred: spread(step, n, total),
            actor,
            app: step.app.or_else(|| lifecycle_app(scenario, step.verb)),
            verb: step.verb,
            outcome: step.result,
            address: Some(address),
            place: Some(place),
            using: step.using.clone(),
            user_agent: match &step.agent {
                Some(agent) => agent.as_str().into(),
                None => user_agent(scenario.seed, person, &step.using),
            },
            session: None,
            target,
            object: object(scenario, step, &label, person, n),
            details: step.details.clone(),
            attack: step.attack,
            step: Some(step_index),
            late: step.late,
        }
    };
    (0..total).map(one).collect()
}

/// The first at `at`, the last exactly `over` later, evenly between.
fn spread(step: &Step, n: usize, total: usize) -> SimTime {
    if total < 2 {
        return step.at;
    }
    let over = step.over.as_micros();
    let share = over * n as u128 / (total as u128 - 1);
    step.at + std::time::Duration::from_micros(u64::try_from(share).unwrap_or(u64::MAX))
}

/// Lifecycle verbs happen in the directory unless an app is written.
fn lifecycle_app(scenario: &Scenario, verb: Verb) -> Option<AppIndex> {
    scenario.directory().filter(|_| verb.is_lifecycle())
}

fn object(scenario: &Scenario, step: &Step, label: &str, person: &str, n: usize) -> Option<Arc<str>> {
    if let Some(object) = &step.object {
        return Some(object.as_str().into());
    }
    let (noun, joint) = noun(scenario, step.app, step.verb)?;
    // Drawn from the entry's own name, so a new line of the script changes no other's objects.
    let base = scenario.seed.number(&["object", label, step.verb.name(), person]) % 9_000 + 1_000;
    Some(format!("{noun}{joint}{base}-{}", n + 1).into())
}

/// What the things are called to which a verb is done, and what stands between that and a number; none of a verb that is
/// done to no thing.
pub(super) fn noun(scenario: &Scenario, app: Option<AppIndex>, verb: Verb) -> Option<(&'static str, char)> {
    let things = app.map_or(&BOARDS, |app| vendors::spec(scenario.apps[app.0].vendor).tenancy.things);
    let noun = match verb {
        Verb::Open
        | Verb::Create
        | Verb::Edit
        | Verb::Export
        | Verb::Clone
        | Verb::Delete
        | Verb::Share
        | Verb::SetVisibility => things.noun,
        Verb::Upload | Verb::Download => things.file_noun,
        Verb::GrantApp | Verb::RemoveApp => "App",
        _ => return None,
    };
    Some((noun, things.joint))
}

/// The people behind each cast entry.
pub(super) struct Groups(Vec<Vec<PersonIndex>>);

impl Groups {
    pub(super) fn new(scenario: &Scenario, world: &World) -> Self {
        let mut groups = vec![Vec::new(); scenario.cast.len()];
        for index in world.person_indices() {
            if let Some(cast) = world.person(index).cast {
                groups[cast].push(index);
            }
        }
        Self(groups)
    }

    pub(super) fn members(&self, who: Who) -> Vec<PersonIndex> {
        match who {
            Who::Admin => vec![PersonIndex(0)],
            Who::Cast(index) => self.0[index].clone(),
        }
    }
}
