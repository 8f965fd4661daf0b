//! What a person at a desk looks at: `/_sim/world` and `/_sim/timeline`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::scenario::{AppIndex, NetworkTag, Outcome, Verb};
use crate::simulation::Simulation;
use crate::timeline::{Activity, LogId, Record};
use crate::vendors;

/// Most people that are shown.
const PEOPLE: usize = 500;
/// Most tokens of an instance that are shown.
const TOKENS: usize = 50;
/// How far back the ordinary day is shown, and how far what somebody made happen.
const BACKGROUND: Duration = Duration::from_secs(2 * 3_600);
const WRITTEN: Duration = Duration::from_secs(30 * 86_400);
/// Most rows of the past, and of the future.
const ROWS: usize = 200;

/// Everything that stands: instances, people with their accounts, what they hold, the tokens of the stack.
pub(super) async fn world(State(sim): State<Arc<Simulation>>) -> Json<Value> {
    let now = sim.clock.now();
    let mut state = sim.state();
    state.timeline.advance(now);
    let key = |person| sim.world.person(person).key.as_str();
    let name = |app: AppIndex| sim.scenario.apps[app.0].name.as_str();
    let apps = sim.scenario.apps.iter().map(|app| {
        let spec = vendors::spec(app.vendor);
        let verbs = Verb::WRITABLE.iter().filter(|(verb, _)| (spec.logs)(*verb) && is_simple(*verb));
        json!({ "name": app.name, "vendor": app.vendor.name(),
                "logs": spec.routes.iter().filter(|route| route.feed.is_some()).map(|route| route.name).collect::<Vec<_>>(),
                "verbs": verbs.map(|(_, word)| *word).collect::<Vec<_>>() })
    });
    let people = sim.world.person_indices().take(PEOPLE).map(|index| {
        let person = sim.world.person(index);
        let accounts = person.accounts.iter().map(|(app, account)| {
            let status = state.timeline.account(index, *app);
            let word = match (status.exists, status.enabled) {
                (true, true) => "active",
                (true, false) => "suspended",
                (false, _) if status.deleted_at.is_some() => "deleted",
                (false, _) => "not yet",
            };
            (name(*app).to_owned(), json!({ "login": account.login, "admin": account.admin, "status": word }))
        });
        json!({ "key": person.key, "name": person.display_name(), "email": person.email, "home": person.home.name,
                "job": person.job, "accounts": accounts.collect::<serde_json::Map<_, _>>() })
    });
    let held = state.timeline.held(now).into_iter().map(|held| {
        json!({ "who": key(held.person), "app": name(held.app), "kind": held.kind, "name": held.name, "begun": held.begun,
                "works": held.works })
    });
    let tokens = state.instances.iter().zip(&sim.scenario.apps).flat_map(|(instance, app)| {
        instance.tokens.glance(now, TOKENS).into_iter().map(|token| {
            json!({ "name": token.name, "app": app.name, "kind": token.kind, "grant": token.grant,
                    "user": token.user.map(key), "scopes": token.scopes, "expires": token.expires,
                    "state": token.state })
        })
    });
    let networks = sim.scenario.networks.iter().map(|network| {
        let tags = NetworkTag::ALL.iter().filter(|(tag, _)| network.tags.contains(tag)).map(|(_, word)| *word);
        json!({ "name": network.name, "place": network.place.name, "tags": tags.collect::<Vec<_>>() })
    });
    let results: Vec<&str> = Outcome::WRITABLE.iter().map(|(_, word)| *word).collect();
    Json(json!({
        "title": sim.scenario.title,
        "now": now,
        "day_1": sim.scenario.calendar().day_1(),
        "can_step": sim.coordinator().is_none(),
        "apps": apps.collect::<Vec<_>>(),
        "networks": networks.collect::<Vec<_>>(),
        "results": results,
        "count": sim.world.people.len(),
        "people": people.collect::<Vec<_>>(),
        "held": held.collect::<Vec<_>>(),
        "tokens": tokens.collect::<Vec<_>>(),
    }))
}

/// Whether a verb needs nothing but an actor: it can be made to happen from a form.
pub(super) fn is_simple(verb: Verb) -> bool {
    use Verb::{
        Clone, Create, CreateToken, Delete, Download, Edit, Export, Open, RevokeToken, SignIn, SignOut, Upload,
    };
    matches!(
        verb,
        SignIn
            | SignOut
            | Open
            | Create
            | Edit
            | Upload
            | Download
            | Export
            | Clone
            | Delete
            | CreateToken
            | RevokeToken
    )
}

/// What was recorded lately, and what the script has still to bring.
pub(super) async fn timeline(State(sim): State<Arc<Simulation>>) -> Json<Value> {
    let now = sim.clock.now();
    let mut state = sim.state();
    state.timeline.advance(now);
    let timeline = &state.timeline;
    let logs = sim.scenario.apps.iter().enumerate().flat_map(|(index, app)| {
        let feeds = vendors::spec(app.vendor).feeds.iter();
        feeds.map(move |feed| LogId { app: AppIndex(index), feed: feed.name })
    });
    let since = now - WRITTEN;
    let written = logs.flat_map(|log| timeline.written(log)).filter(|record| record.activity.occurred >= since);
    let background: Vec<_> = timeline.background(now - BACKGROUND, now).collect();
    let ordinary =
        background.iter().flat_map(|(activity, records)| records.iter().map(move |record| (&**activity, record)));
    let mut past: Vec<(&Activity, &Record)> =
        written.map(|record| (&*record.activity, &**record)).chain(ordinary).collect();
    past.sort_by_key(|(activity, _)| std::cmp::Reverse(activity.occurred));
    past.truncate(ROWS);
    let upcoming = timeline.upcoming();
    let next: Vec<Value> = upcoming.iter().take(ROWS).map(|activity| row(&sim, activity, None)).collect();
    let past: Vec<Value> = past.into_iter().map(|(activity, record)| row(&sim, activity, Some(record))).collect();
    Json(json!({ "now": now, "past": past, "next": next, "to_come": upcoming.len() }))
}

fn row(sim: &Simulation, activity: &Activity, record: Option<&Record>) -> Value {
    let app = record.map(|record| record.log.app).or(activity.app);
    json!({
        "at": activity.occurred,
        "readable": record.map(|record| record.available),
        "who": sim.world.person(activity.actor).key,
        "app": app.map(|app| &sim.scenario.apps[app.0].name),
        "log": record.map(|record| record.log.feed),
        "verb": activity.verb.name(),
        "outcome": activity.outcome.name(),
        "place": activity.place.map(|place| place.name),
        "target": activity.target.map(|person| &sim.world.person(person).key),
        "object": activity.object.as_deref(),
        "attack": activity.attack.map(|attack| &sim.scenario.attacks[attack.0].name),
        "scripted": activity.step.is_some(),
        "by": activity.details.get("by"),
    })
}
