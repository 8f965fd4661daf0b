//! What a person at a desk does: step time, arm a fault, end a token, suspend somebody, let something happen.
//!
//! | POST | body | does |
//! |---|---|---|
//! | `/_sim/step` | `{"by": "1h"}` or `{"to": "next"}` | moves the clock forward, by a duration or to the next scripted thing |
//! | `/_sim/faults` | a fault as scenarios write it | arms it; `nth` counts from now; its number ends it |
//! | `/_sim/tokens` | `{"expire": NAME}` | ends an access token before its time |
//! | `/_sim/accounts` | `{"app", "person", "does"}`: suspend, restore or revoke_sessions | as an administrator would |
//! | `/_sim/attacks` | see [`attack`] | lets a whole attack happen now |
//! | `/_sim/activities` | `{"app", "actor", "does"}`, and `from`, `result`, `object`, `times` | lets somebody do something now |
//!
//! What is wrong is said as a sentence, with status 400 (409 where this simulation cannot do it). What was done is said as
//! `{"done": SENTENCE}`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::attack;
use super::faults::ServedWith;
use super::look::is_simple;
use crate::clock::Clock;
use crate::scenario::{self, AppIndex, Foreign, From, Outcome, Position, Verb};
use crate::server::Couriers;
use crate::simulation::Simulation;
use crate::time::{parse_duration, spell_duration};
use crate::timeline::{Deed, Happening, StepOutcome};
use crate::vendors;
use crate::world::PersonIndex;

/// Who does what is done here, in records.
const BY: &str = "desk";
/// The furthest step: a token's life, a weekend, a month.
const FURTHEST: Duration = Duration::from_secs(31 * 86_400);
/// Most repetitions of one happening.
const MOST: u32 = 500;
/// Longest name of what something happens to.
const LONGEST_OBJECT: usize = 256;

type Desk = State<(Arc<Simulation>, Arc<Couriers>)>;
pub(super) type Done = Result<String, (StatusCode, String)>;

pub(super) fn router(sim: Arc<Simulation>, couriers: Arc<Couriers>, served: ServedWith) -> Router {
    let armed = move |sim: &Simulation, asked: &Map<String, Value>| arm(sim, asked, served);
    Router::new()
        .route("/_sim/step", post(|desk: Desk, body: String| async move { said(&desk, &body, step) }))
        .route("/_sim/faults", post(move |desk: Desk, body: String| async move { said(&desk, &body, armed) }))
        .route("/_sim/tokens", post(|desk: Desk, body: String| async move { said(&desk, &body, expire) }))
        .route("/_sim/accounts", post(|desk: Desk, body: String| async move { said(&desk, &body, govern) }))
        .route("/_sim/attacks", post(|desk: Desk, body: String| async move { said(&desk, &body, attack::emit) }))
        .route("/_sim/activities", post(|desk: Desk, body: String| async move { said(&desk, &body, happen) }))
        .with_state((sim, couriers))
}

fn said<T: DeserializeOwned>(
    State((sim, couriers)): &Desk,
    body: &str,
    act: impl FnOnce(&Simulation, &T) -> Done,
) -> Response {
    let asked = serde_json::from_str(body).map_err(|error| wrong(format!("not what is wanted here: {error}")));
    match asked.and_then(|asked| act(sim, &asked)) {
        Ok(done) => {
            // Whatever was done may have to be delivered.
            couriers.plan();
            Json(json!({ "done": done })).into_response()
        }
        Err((status, why)) => (status, format!("{why}\n")).into_response(),
    }
}

pub(super) fn wrong(why: impl Into<String>) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, why.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    By(String),
    To(Goal),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Goal {
    Next,
}

fn step(sim: &Simulation, asked: &Step) -> Done {
    let Clock::Wall(ahead) = &sim.clock else {
        return Err((StatusCode::CONFLICT, "the clock of this simulation is the stack's to move".to_owned()));
    };
    let now = ahead.now();
    let by = match asked {
        Step::By(text) => parse_duration(text).map_err(|error| wrong(error.to_string()))?,
        Step::To(Goal::Next) => {
            let mut state = sim.state();
            state.timeline.advance(now);
            let next = state.timeline.next_due();
            next.ok_or((StatusCode::CONFLICT, "the script has nothing more to bring".to_owned()))?.since(now)
        }
    };
    if by > FURTHEST {
        return Err(wrong(format!("a step goes {} at most", spell_duration(FURTHEST))));
    }
    ahead.step(by);
    let now = ahead.now();
    sim.state().timeline.advance(now);
    Ok(format!("it is {} now", sim.scenario.calendar().spell(now)))
}

/// Reads a fault by the rules of scenarios, as if it stood in one with these apps.
fn arm(sim: &Simulation, asked: &Map<String, Value>, served: ServedWith) -> Done {
    let apps: Map<String, Value> = sim
        .scenario
        .apps
        .iter()
        // A page can be told only where pages are bounded; here somebody looks on.
        .map(|app| (app.name.clone(), json!({ "vendor": app.vendor.name(), "page_size": 1 })))
        .collect();
    let document =
        json!({ "title": "by hand", "day_1": sim.scenario.day_1.to_string(), "apps": apps, "faults": [asked] });
    let no_other = Foreign { keys: &[], faults: &[] };
    let read =
        scenario::read_text("fault", &document.to_string(), &no_other).map_err(|errors| wrong(errors.to_string()))?;
    let mut fault = read.faults.first().cloned().ok_or_else(|| wrong("not a fault"))?;
    if fault.route.is_none() {
        return Err(wrong(format!(
            "{} bends records before they are made: write it into a scenario",
            fault.kind.name()
        )));
    }
    served.carries_out(&fault.kind).map_err(wrong)?;
    fault.at = Position { line: 0, column: 0 };
    let kind = fault.kind.name();
    let number = sim.rearm(|plan| plan.arm(fault));
    Ok(format!("{kind} is armed, with the number {number}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expire {
    expire: String,
}

fn expire(sim: &Simulation, asked: &Expire) -> Done {
    let now = sim.clock.now();
    let mut state = sim.state();
    let expired = state.instances.iter_mut().any(|instance| instance.tokens.expire_named(&asked.expire, now));
    if expired {
        Ok(format!("{} has expired", asked.expire))
    } else {
        Err(wrong(format!("no access token {}", asked.expire)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Govern {
    app: String,
    person: String,
    does: Governing,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Governing {
    Suspend,
    Restore,
    RevokeSessions,
}

fn govern(sim: &Simulation, asked: &Govern) -> Done {
    let (app, person) = (app(sim, &asked.app)?, person(sim, &asked.person)?);
    has_account(sim, app, person)?;
    let verb = match asked.does {
        Governing::Suspend => Verb::Suspend,
        Governing::Restore => Verb::Restore,
        Governing::RevokeSessions => Verb::RevokeSessions,
    };
    sim.state().timeline.govern(sim.clock.now(), Deed::upon(verb, app, person, BY));
    Ok(format!("{} of {} in {}", verb.name(), asked.person, asked.app))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Happen {
    app: String,
    actor: String,
    does: String,
    from: Option<String>,
    result: Option<String>,
    object: Option<String>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

fn happen(sim: &Simulation, asked: &Happen) -> Done {
    let (app, actor) = (app(sim, &asked.app)?, person(sim, &asked.actor)?);
    let verb = word(&Verb::WRITABLE, &asked.does)?;
    let logs = vendors::spec(sim.scenario.apps[app.0].vendor).logs;
    if !is_simple(verb) || !logs(verb) {
        return Err(wrong(format!("{} in {} cannot be made to happen by hand", asked.does, asked.app)));
    }
    has_account(sim, app, actor)?;
    let outcome = asked.result.as_deref().map_or(Ok(Outcome::Success), |text| word(&Outcome::WRITABLE, text))?;
    if outcome != Outcome::Success && verb != Verb::SignIn {
        return Err(wrong("only a sign-in can be refused by hand"));
    }
    let from = asked.from.as_deref().filter(|from| !from.is_empty()).map(|name| network(sim, name)).transpose()?;
    if !(1..=MOST).contains(&asked.times) {
        return Err(wrong(format!("times is 1 to {MOST}")));
    }
    if asked.object.as_ref().is_some_and(|object| object.len() > LONGEST_OBJECT) {
        return Err(wrong(format!("object is longer than {LONGEST_OBJECT} bytes")));
    }
    let happening = Happening { actor, app, verb, outcome, from, object: asked.object.clone() };
    let now = sim.clock.now();
    let mut state = sim.state();
    let mut prevented = None;
    for _ in 0..asked.times {
        if let StepOutcome::Prevented { why, .. } = state.timeline.happen(now, &happening) {
            prevented = Some(why);
        }
    }
    let what = format!("{} of {} in {}, {} time(s)", asked.does, asked.actor, asked.app, asked.times);
    Ok(prevented.map_or_else(|| what.clone(), |why| format!("{what}: prevented, because {why}")))
}

fn word<T: Copy>(words: &[(T, &str)], text: &str) -> Result<T, (StatusCode, String)> {
    let known = words.iter().find(|(_, word)| *word == text).map(|(value, _)| *value);
    known.ok_or_else(|| wrong(format!("unknown word `{text}`")))
}

pub(super) fn app(sim: &Simulation, name: &str) -> Result<AppIndex, (StatusCode, String)> {
    sim.scenario.app(name).map(|(index, _)| index).ok_or_else(|| wrong(format!("no app `{name}`")))
}

pub(super) fn person(sim: &Simulation, key: &str) -> Result<PersonIndex, (StatusCode, String)> {
    sim.world.person_by_key(key).ok_or_else(|| wrong(format!("nobody is called `{key}`")))
}

fn has_account(sim: &Simulation, app: AppIndex, person: PersonIndex) -> Result<(), (StatusCode, String)> {
    let known = sim.world.person(person);
    match known.accounts.contains_key(&app) {
        true => Ok(()),
        false => Err(wrong(format!("{} has no account in {}", known.key, sim.scenario.apps[app.0].name))),
    }
}

fn network(sim: &Simulation, name: &str) -> Result<From, (StatusCode, String)> {
    let place = sim.scenario.networks.iter().position(|network| network.name == name);
    place.map(From::Network).ok_or_else(|| wrong(format!("no network `{name}`")))
}

#[cfg(test)]
mod tests;
