//! Whether faults of webhook deliveries find any to strike, if a stack subscribes to everything as soon as it starts and
//! takes over whatever comes.

use simulator::fault::LONGEST_HOLD;
use simulator::protocol::webhooks::{Callback, Outbox, Proposal, Reception, Sources, Term, Webhooks};
use simulator::scenario::{AppIndex, Begins, Fault, FaultKind, Lasts, Scenario};
use simulator::time::SimTime;
use simulator::timeline::Timeline;
use simulator::vendors;
use simulator::world::World;

use crate::scenario::Script;
use crate::scenario::lint::Remark;

/// Faults that no delivery meets.
pub(super) fn unmet(script: &Script, world: &World, ends: SimTime) -> Vec<Remark> {
    let scenario = &script.scenario;
    let mut remarks = Vec::new();
    for (index, app) in scenario.apps.iter().enumerate() {
        let Some(rules) = vendors::spec(app.vendor).webhooks else { continue };
        let strikes = |f: &&Fault| {
            let pattern = f.route.as_ref().filter(|pattern| pattern.app == AppIndex(index));
            pattern.is_some_and(|pattern| pattern.route.as_deref() == Some(rules.route))
        };
        if !scenario.faults.iter().any(|f| strikes(&f)) {
            continue;
        }
        let made = made(scenario, world, AppIndex(index), rules, ends);
        let why_not = |f: &Fault| why_not(f, &made, &app.name).map(|message| Remark::error(f.at, message));
        remarks.extend(scenario.faults.iter().filter(strikes).filter_map(why_not));
    }
    remarks
}

fn why_not(fault: &Fault, made: &[SimTime], app: &str) -> Option<String> {
    let count = made.len();
    match (fault.begins, fault.lasts) {
        (Begins::Nth(first, _), _) => {
            let place = first as usize - 1;
            let Some(at) = made.get(place) else {
                return Some(format!("delivery {first} cannot occur: {app} makes {count}"));
            };
            let overtaken = made.get(place + 1).is_some_and(|next| next.since(*at) < LONGEST_HOLD);
            (fault.kind == FaultKind::Reorder && !overtaken)
                .then(|| format!("nothing can overtake delivery {first}: {app} makes no other within an hour"))
        }
        (Begins::Time(from), lasts) => {
            let until = if let Lasts::For(duration) = lasts { Some(from + duration) } else { None };
            let met = made.iter().any(|at| *at >= from && until.is_none_or(|until| *at < until));
            (!met).then(|| format!("no delivery is made then: {app} makes {count} in all"))
        }
        _ => None,
    }
}

/// When each delivery is made.
fn made(scenario: &Scenario, world: &World, app: AppIndex, rules: &'static Webhooks, ends: SimTime) -> Vec<SimTime> {
    let mut timeline = Timeline::new(scenario.clone().into(), world.clone().into());
    let (seed, instance) = (scenario.seed, &world.instances[app.0]);
    let mut outbox = Outbox::default();
    for topic in rules.topics {
        let everything = Proposal {
            topic: topic.name,
            fields: topic.fields.iter().map(|field| (*field).to_owned()).collect(),
            callback: Callback::parse("http://127.0.0.1/").expect("it lies on this machine"),
            verify_token: None,
            key: String::new(),
            content_type: "application/json",
            reference: None,
            shown: serde_json::Value::Null,
            term: Term::OPEN,
        };
        outbox.subscribe(rules, everything, scenario.stack.starts);
    }
    let mut made = Vec::new();
    loop {
        let due = outbox.next_due(&Sources { rules, instance, world, seed, timeline: &timeline });
        let Some(due) = due.filter(|due| *due < ends) else { return made };
        timeline.advance(due);
        outbox.gather(&Sources { rules, instance, world, seed, timeline: &timeline }, due);
        if let Some(delivery) = outbox.take(due) {
            outbox.settle(rules, delivery, Reception::Answered(200), due);
            made.push(due);
        }
    }
}
