//! What the definitions say of a scenario before any stack has run: is what it asks for derivable, is what it calls
//! benign silent, is a threshold so near that it should be written, can a fault's page or delivery be reached.

use std::ops::Bound;
use std::time::Duration;

use simulator::scenario::table::Key;
use simulator::scenario::tables::{BUILT_POLICIES, RECORD_FAULTS};
use simulator::scenario::{AppIndex, Begins, Fault, FaultKind, Policy, Who};
use simulator::time::SimTime;
use simulator::timeline::{LogId, PageQuery, Timeline};
use simulator::world::{PersonIndex, World};

use super::{Owed, Seen, edges, observed, owed};
use crate::scenario::lint::{Gravity, Remark};
use crate::scenario::{Expectation, Kind, Script, What};

/// Parameters of policies that learn.
const LEARNING: [&str; 2] = ["learning_days", "dormant"];

/// How much of the history is looked at: more than any definition's window.
const BEFORE: Duration = Duration::from_secs(2 * 86_400);

/// Everything the definitions have to say of a scenario, uncontained.
pub fn remarks(script: &Script) -> Vec<Remark> {
    let scenario = &script.scenario;
    let world = match World::build(scenario) {
        Ok(world) => world,
        Err(error) => {
            let at = scenario.apps.first().map(|a| a.at).unwrap_or_default();
            return vec![Remark::error(at, error.to_string())];
        }
    };
    let timeline = Timeline::new(scenario.clone(), world.clone().into());
    let begin = scenario.calendar().day_1() - BEFORE;
    let items = Timeline::uncontained(scenario, &world).into_iter().chain(timeline.background(begin, timeline.ends()));
    let seen = observed(scenario, &world, items);
    let mut derived = owed(scenario, &seen);
    derived.extend(super::sensitive_content::owed(scenario, &world));

    let mut remarks = Vec::new();
    for wanted in script.expect.iter().filter(|e| e.kind == Kind::Must && e.what == What::Alert) {
        if !derived.iter().any(|o| answers(script, &world, &seen, wanted, o)) {
            remarks.push(Remark::error(wanted.at, near::not_derivable(script, &world, &seen, wanted, &derived)));
        }
    }
    for forbidden in script.expect.iter().filter(|e| e.kind == Kind::MustNot && e.what == What::Alert) {
        for alert in derived.iter().filter(|o| answers(script, &world, &seen, forbidden, o)) {
            remarks.push(Remark::error(forbidden.at, forbidden_but_owed(script, &world, alert)));
        }
    }
    for alert in derived.iter().filter(|o| o.attack.is_none()) {
        let allowed = |e: &&Expectation| e.kind != Kind::MustNot && e.what == What::Alert;
        if !script.expect.iter().filter(allowed).any(|e| answers(script, &world, &seen, e, alert)) {
            remarks.push(Remark::error(step_of(script, &seen, alert), benign_but_owed(script, &world, alert)));
        }
    }
    for edge in edges(scenario, &seen) {
        let policy = scenario.policies.iter().find(|p| p.name == edge.policy);
        if let Some(policy) = policy.filter(|p| !p.parameters.contains_key(edge.parameter)) {
            let message = format!(
                "{} comes within 2 % of `{}` ({:.1} against {:.1}) at {}: write the parameter",
                world.people[edge.actor.0].key,
                edge.parameter,
                edge.value,
                edge.threshold,
                scenario.calendar().spell(edge.at),
            );
            remarks.push(Remark { gravity: Gravity::Warning, ..Remark::error(policy.at, message) });
        }
    }
    remarks.extend(unwritten_beginnings(script));
    remarks.extend(unreachable_pages(script, &timeline));
    remarks.extend(idle_bends(script, &timeline));
    remarks.extend(nobody_at_work(script));
    remarks.extend(idle::remarks(script, timeline.ends()));
    remarks.extend(deliveries::unmet(script, &world, timeline.ends()));
    // A single sign-on leaves two records, and every pair of them says the same.
    remarks.dedup();
    remarks
}

/// Policies that learn, and may begin with it at any time: stacks read different lengths of history.
fn unwritten_beginnings(script: &Script) -> Vec<Remark> {
    let learns = |policy: &&Policy| {
        let built = BUILT_POLICIES.iter().find(|built| built.name == policy.name);
        let keys = built.map_or(&[][..], |built| built.keys).iter().filter(|key| LEARNING.contains(&key.name));
        let is_none = |key: &Key| policy.parameters.get(key.name).map_or(key.default == "0", |days| *days == 0);
        keys.into_iter().any(|key| !is_none(key)) && !policy.parameters.contains_key("created")
    };
    let hint = |policy: &Policy| {
        let message =
            format!("{} learns: write `created`, so that every stack begins to learn at one time", policy.name);
        Remark { gravity: Gravity::Warning, ..Remark::error(policy.at, message) }
    };
    script.scenario.policies.iter().filter(learns).map(hint).collect()
}

/// Whether a derived alert is the one an expectation speaks of.
fn answers(script: &Script, world: &World, seen: &[Seen], wanted: &Expectation, alert: &Owed) -> bool {
    let cites = |id: &String| {
        let step = script.scenario.script.iter().position(|s| s.id.as_ref() == Some(id));
        let left_by = |s: &&Seen| s.activity.step == step && step.is_some();
        seen.iter().filter(left_by).any(|s| alert.evidence.contains(&s.cite()))
    };
    let of_app = |app: &str| alert.evidence.iter().any(|(instance, _)| instance == app);
    wanted.policy.as_ref().is_none_or(|p| *p == alert.policy)
        && wanted.app.is_none_or(|app| of_app(&script.scenario.apps[app.0].name))
        && wanted.actor.is_none_or(|who| is(world, alert.actor, who))
        && wanted.attack.is_none_or(|attack| alert.attack == Some(attack))
        && wanted.evidence.iter().all(cites)
}

fn is(world: &World, person: PersonIndex, who: Who) -> bool {
    match who {
        Who::Admin => world.people[person.0].key == "it_admin",
        Who::Cast(member) => world.people[person.0].cast == Some(member),
    }
}

fn benign_but_owed(script: &Script, world: &World, alert: &Owed) -> String {
    format!(
        "what {} does is called benign, but {} fires on it at {}: mark the attack, or allow the alert with `may`",
        world.people[alert.actor.0].key,
        alert.policy,
        script.scenario.calendar().spell(alert.decided_at),
    )
}

fn forbidden_but_owed(script: &Script, world: &World, alert: &Owed) -> String {
    format!(
        "this forbids what follows from the script: {} fires on {} at {}",
        alert.policy,
        world.people[alert.actor.0].key,
        script.scenario.calendar().spell(alert.decided_at),
    )
}

/// Where the last scripted step stands that an alert rests on; the policy, if only the background does.
fn step_of(script: &Script, seen: &[Seen], alert: &Owed) -> simulator::scenario::Position {
    let steps = seen.iter().filter(|s| alert.evidence.contains(&s.cite())).filter_map(|s| s.activity.step);
    let policy = script.scenario.policies.iter().find(|p| p.name == alert.policy).map(|p| p.at);
    steps.max().map(|s| script.scenario.script[s].position).or(policy).unwrap_or_default()
}

/// Faults that wait for a page which no walk can have, on the wire or of the process.
fn unreachable_pages(script: &Script, timeline: &Timeline) -> Vec<Remark> {
    let scenario = &script.scenario;
    let on_the_wire = scenario.faults.iter().map(|fault| (fault.begins, &fault.route, fault.at));
    let of_the_process = script.process_faults.iter().map(|fault| (fault.begins, &fault.route, fault.at));
    let mut remarks = Vec::new();
    for (begins, route, at) in on_the_wire.chain(of_the_process) {
        let (Begins::Page(page), Some(pattern)) = (begins, route) else { continue };
        let app = &scenario.apps[pattern.app.0];
        let feed = simulator::vendors::spec(app.vendor)
            .routes
            .iter()
            .find(|r| pattern.route.as_deref() == Some(r.name))
            .and_then(|r| r.feed)
            .filter(|feed| simulator::vendors::spec(app.vendor).feeds.iter().any(|log| log.name == *feed));
        let (Some(feed), Some(size)) = (feed, app.page_size) else { continue };
        let log = LogId { app: pattern.app, feed };
        let wanted = (page as usize - 1) * size as usize + 1;
        let query = PageQuery {
            from: Bound::Unbounded,
            until: Bound::Unbounded,
            newest_first: true,
            after: None,
            limit: wanted,
            visible_at: SimTime::from_us(i64::MAX),
        };
        let mut whole = Timeline::new(scenario.clone(), World::build(scenario).expect("built before").into());
        whole.advance(timeline.ends());
        let held = whole.page(log, &query).len();
        if held < wanted {
            let message = format!("page {page} cannot occur: {} holds {held} records, page_size {size}", app.name);
            remarks.push(Remark::error(at, message));
        }
    }
    remarks
}

/// A fault that bends records and finds none to bend.
fn idle_bends(script: &Script, timeline: &Timeline) -> Vec<Remark> {
    let scenario = &script.scenario;
    let bends = |f: &&Fault| RECORD_FAULTS.contains(&f.kind.name());
    if !scenario.faults.iter().any(|f| bends(&f)) {
        return Vec::new();
    }
    let mut whole = Timeline::new(scenario.clone(), World::build(scenario).expect("built before").into());
    whole.advance(timeline.ends());
    // Records of the background are made, and counted, when somebody asks for them.
    for (app, spec) in scenario.apps.iter().enumerate() {
        for feed in simulator::vendors::spec(spec.vendor).feeds {
            let query = PageQuery {
                from: Bound::Included(scenario.calendar().day_1() - BEFORE),
                until: Bound::Unbounded,
                newest_first: false,
                after: None,
                limit: usize::MAX,
                visible_at: SimTime::from_us(i64::MAX),
            };
            whole.page(LogId { app: AppIndex(app), feed: feed.name }, &query);
        }
    }
    let bent = whole.bent_records();
    let idle = scenario.faults.iter().filter(bends).filter(|f| !bent.contains_key(&f.at.line));
    let message = |f: &Fault| match &f.kind {
        FaultKind::AlterRecord { field, .. } => {
            format!("no record that this concerns has a field `{}`", field.join("."))
        }
        kind => format!("`{}` concerns no record", kind.name()),
    };
    idle.map(|f| Remark::error(f.at, message(f))).collect()
}

/// New records are people's work, and somebody of the background has to do it.
fn nobody_at_work(script: &Script) -> Vec<Remark> {
    let scenario = &script.scenario;
    let idle =
        scenario.faults.iter().filter(|f| matches!(f.kind, FaultKind::NewRecords { .. }) && scenario.people == 0);
    idle.map(|f| Remark::error(f.at, "nobody is there whose records could arrive: `people` is 0")).collect()
}

mod deliveries;
mod idle;
mod near;

#[cfg(test)]
mod tests;
