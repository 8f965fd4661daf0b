//! The control plane, `/_sim/…`: the shared clock, the journal, what the simulation consists of, what goes wrong in it, and
//! what is published about its addresses.
//!
//! | file | holds |
//! |---|---|
//! | this one | the shared clock, the journal, people: for stacks and harnesses |
//! | [`faults`] | what goes wrong, and its end |
//! | [`feeds`], [`taxii`] | what is published about addresses |
//! | [`webhooks`] | where an administrator enters a webhook's address |
//! | [`look`], [`act`] | what somebody at a desk sees, and does |
//! | [`attack`] | the same, as a whole attack |
//! | [`pages`] | the inspector, and where consent ends |
//! | [`guard`] | who may use all this |
//!
//! On loopback it is open to programs. Listening anywhere else it wants the token that `simulator serve` prints. A stack that
//! is judged reaches [`Extent::Stack`] alone: what is to come, what is true and what goes wrong are the judge's.

mod act;
mod attack;
mod faults;
mod feeds;
mod guard;
mod look;
mod pages;
mod taxii;
mod webhooks;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

pub(crate) use faults::ServedWith;
pub use feeds::addresses as feed_addresses;
pub(crate) use pages::Origins;

use crate::clock::ClockReport;
use crate::server::Couriers;
use crate::simulation::Simulation;

/// How much of the control plane there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What a stack needs: the clock, the feeds, where a consent ends and where a webhook's address is entered.
    Stack,
    /// What somebody at a desk needs beside: to look at everything, and to meddle with it.
    Desk,
}

/// The routes of the control plane.
pub(crate) fn router(
    sim: Arc<Simulation>,
    couriers: Arc<Couriers>,
    token: Option<String>,
    extent: Extent,
    served: ServedWith,
    origins: Origins,
) -> Router {
    let mut router = Router::new()
        .route("/_sim/clock", get(read_clock).post(report_idle))
        .with_state(Arc::clone(&sim))
        .route(guard::CALLBACK, get(pages::callback).with_state((Arc::clone(&sim), origins)))
        .merge(feeds::router(Arc::clone(&sim)))
        .merge(webhooks::router(Arc::clone(&sim), Arc::clone(&couriers)));
    if extent == Extent::Desk {
        router = router.merge(desk(sim, couriers, served));
    }
    router.layer(middleware::from_fn(move |request, next| guard::check(token.clone(), request, next)))
}

fn desk(sim: Arc<Simulation>, couriers: Arc<Couriers>, served: ServedWith) -> Router {
    Router::new()
        .route("/_sim/", get(pages::front))
        .route("/_sim/journal", get(journal))
        .route("/_sim/people", get(people))
        .route("/_sim/token/{app}", get(token_of))
        .route("/_sim/world", get(look::world))
        .route("/_sim/attacks", get(attack::list))
        .route("/_sim/timeline", get(look::timeline))
        .with_state(Arc::clone(&sim))
        .merge(faults::router(Arc::clone(&sim)))
        .merge(act::router(sim, couriers, served))
}

async fn read_clock(State(sim): State<Arc<Simulation>>) -> Response {
    Json(json!({ "now": sim.clock.now() })).into_response()
}

async fn report_idle(State(sim): State<Arc<Simulation>>, body: String) -> Response {
    let Some(coordinator) = sim.coordinator() else {
        return (StatusCode::CONFLICT, "this simulation runs on the machine's clock\n").into_response();
    };
    match serde_json::from_str::<ClockReport>(&body) {
        Ok(report) => Json(coordinator.report(report).await).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, format!("not a clock report: {error}\n")).into_response(),
    }
}

/// Which entries of the journal are wanted: what was kept since a look, whose answer said `next`.
#[derive(Deserialize)]
struct JournalQuery {
    #[serde(default)]
    after: u64,
    #[serde(default = "default_limit")]
    limit: usize,
}

fn default_limit() -> usize {
    1_000
}

async fn journal(State(sim): State<Arc<Simulation>>, Query(query): Query<JournalQuery>) -> Response {
    let (entries, next) = sim.journal.since(query.after, query.limit.min(10_000));
    Json(json!({ "forgotten": sim.journal.forgotten(), "entries": entries, "next": next })).into_response()
}

async fn people(State(sim): State<Arc<Simulation>>) -> Response {
    let people: Vec<_> = sim
        .world
        .people
        .iter()
        .take(1_000)
        .map(|p| {
            json!({ "key": p.key, "name": p.display_name(), "email": p.email, "home": p.home.name,
                    "directory_id": p.directory_id })
        })
        .collect();
    Json(json!({ "count": sim.world.people.len(), "people": people })).into_response()
}

/// A token that is ready for use, for a line in a shell: the same one as long as it is good.
async fn token_of(State(sim): State<Arc<Simulation>>, Path(app): Path<String>) -> Response {
    let Some((index, _)) = sim.scenario.app(&app) else {
        let apps: Vec<&str> = sim.scenario.apps.iter().map(|app| app.name.as_str()).collect();
        let why = format!("there is no app `{app}`; there are {}\n", apps.join(", "));
        return (StatusCode::NOT_FOUND, why).into_response();
    };
    let now = sim.clock.now();
    sim.state().instances[index.0].tokens.issue_ready_token(now).into_response()
}
