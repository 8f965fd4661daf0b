//! What was true in a run, written down for the judge.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use simulator::Simulation;
use simulator::journal::Entry;
use simulator::scenario::AppIndex;
use simulator::time::SimTime;
use simulator::timeline::{Activity, ActivityId, LogId, PageQuery, Record, StepOutcome};
use simulator::vendors;

use crate::observe::by_webhook::ByWebhook;
use crate::observe::served::is_taken_over;
use crate::recording::{PersonTruth, Prevented, TruthRecord};

/// Every record that any log showed at `ended`, log by log in the vendor's order.
pub(super) fn records(sim: &Simulation, ended: SimTime) -> Vec<TruthRecord> {
    let mut state = sim.state();
    state.timeline.advance(ended);
    let everything = PageQuery {
        from: Bound::Unbounded,
        until: Bound::Unbounded,
        newest_first: false,
        after: None,
        limit: usize::MAX,
        visible_at: ended,
    };
    let apps = sim.scenario.apps.iter().enumerate();
    let logs = apps.flat_map(|(app, spec)| {
        let feeds = vendors::spec(spec.vendor).feeds;
        // A log that is served in two ways is one log.
        let is_first = |index: usize| feeds[..index].iter().all(|earlier| earlier.name != feeds[index].name);
        let first = feeds.iter().enumerate().filter(move |(index, _)| is_first(*index));
        first.map(move |(_, feed)| LogId { app: AppIndex(app), feed: feed.name })
    });
    let records = logs.flat_map(|log| state.timeline.page(log, &everything));
    let delivered = deliveries(sim);
    let truth = |record: Arc<Record>| {
        let truth = truth(sim, &record);
        let brought = delivered.get(&(truth.app.clone(), truth.event_id.clone())).copied();
        let (altered, available) = (state.timeline.alters(&record), brought.unwrap_or(truth.available));
        TruthRecord { altered, available, made_say: state.timeline.made_say(&record), ..truth }
    };
    records.map(truth).collect()
}

/// When the events of logs that come by a webhook alone were first taken over, or first offered if they never were: by
/// instance and event id.
fn deliveries(sim: &Simulation) -> BTreeMap<(String, String), SimTime> {
    let by_webhook = ByWebhook::of(&sim.scenario);
    let mut made: Vec<(bool, Entry)> = sim.journal.entries().into_iter().map(|e| (!is_taken_over(&e), e)).collect();
    made.retain(|(_, entry)| by_webhook.comes_from(&entry.app));
    made.sort_by_key(|(refused, entry)| (*refused, entry.seq));
    let mut first = BTreeMap::new();
    for (_, entry) in made {
        for id in entry.notes.delivery.into_iter().flat_map(|delivery| delivery.events) {
            first.entry((entry.app.clone(), id)).or_insert(entry.at);
        }
    }
    first
}

/// Everybody, in the world's order.
pub(super) fn people(sim: &Simulation) -> Vec<PersonTruth> {
    let person = |person: &simulator::world::Person| PersonTruth {
        key: person.key.clone(),
        name: person.display_name(),
        email: person.email.clone(),
        directory_id: person.directory_id.clone(),
        accounts: person
            .accounts
            .iter()
            .map(|(app, account)| (sim.scenario.apps[app.0].name.clone(), account.user_id.clone()))
            .collect(),
    };
    sim.world.people.iter().map(person).collect()
}

/// Scripted activities that did not happen, in order.
pub(super) fn prevented(sim: &Simulation) -> Vec<Prevented> {
    let outcomes = sim.state().timeline.outcome();
    let prevented = outcomes.into_iter().filter_map(|outcome| match outcome {
        StepOutcome::Happened(..) => None,
        StepOutcome::Prevented { activity, why, at, .. } => {
            let step = activity.step.and_then(|step| sim.scenario.script.get(step));
            Some(Prevented {
                at,
                actor: sim.world.person(activity.actor).key.clone(),
                verb: activity.verb.name().to_owned(),
                step: step.and_then(|step| step.id.clone()),
                line: step.map_or(0, |step| step.position.line),
                why,
            })
        }
    });
    prevented.collect()
}

fn truth(sim: &Simulation, record: &Arc<Record>) -> TruthRecord {
    let activity: &Activity = &record.activity;
    let step = activity.step.and_then(|step| sim.scenario.script.get(step));
    TruthRecord {
        app: sim.scenario.apps[record.log.app.0].name.clone(),
        log: record.log.feed.to_owned(),
        event_id: record.event_id.to_string(),
        occurred: activity.occurred,
        persisted: record.persisted,
        available: record.available,
        actor: sim.world.person(activity.actor).key.clone(),
        verb: activity.verb.name().to_owned(),
        outcome: activity.outcome.name().to_owned(),
        address: activity.address,
        activity: activity_name(sim, activity.id),
        step: step.and_then(|step| step.id.clone()),
        line: step.map(|step| step.position.line),
        attack: activity.attack.map(|attack| sim.scenario.attacks[attack.0].name.clone()),
        by_the_stack: matches!(activity.id, ActivityId::Governed { .. }),
        altered: false,
        made_say: Vec::new(),
    }
}

/// `p07/20514/3`, `script/2/0`, `governed/0`, `arrived/0`: the same activity has the same name in every log.
fn activity_name(sim: &Simulation, id: ActivityId) -> String {
    match id {
        ActivityId::Background { person, day, n } => format!("{}/{day}/{n}", sim.world.person(person).key),
        ActivityId::Scripted { step, n } => format!("script/{step}/{n}"),
        ActivityId::Governed { app, n } => format!("governed/{}/{n}", app.0),
        ActivityId::Arrived { n } => format!("arrived/{n}"),
    }
}
