//! `/_sim/faults`: what goes wrong, and faults by hand while a simulation is served.
//!
//! A fault is posted as a scenario spells it, in YAML or JSON; requests are counted from then on. `at` is a time of the
//! scenario's days; with `nth: 1` a fault begins with the next request.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::fault::{FaultPlan, Told};
use crate::scenario::{Fault, FaultKind, LinkedTo, Position, RedirectedTo, read_fault};
use crate::simulation::Simulation;

/// What a fault may need of the server that it is armed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServedWith {
    /// Certificates, and connections without encryption beside.
    pub(crate) tls: bool,
    /// A host beside each instance's own, whatever the scenario says.
    pub(crate) elsewhere: bool,
}

type Desk = (Arc<Simulation>, ServedWith);

pub(super) fn router(sim: Arc<Simulation>, served: ServedWith) -> Router {
    Router::new()
        .route("/_sim/faults", get(list).post(arm).delete(disarm_all))
        .route("/_sim/faults/{number}", delete(disarm))
        .with_state((sim, served))
}

async fn list(State((sim, _)): State<Desk>) -> Response {
    let faults: Vec<Value> = sim.faults().iter().map(told).collect();
    Json(json!({ "faults": faults })).into_response()
}

fn told(fault: &Told) -> Value {
    let Told { number, kind, line, bites } = fault;
    let line = Some(line).filter(|line| **line > 0);
    json!({ "number": number, "kind": kind, "line": line, "bites": bites })
}

async fn arm(State((sim, served)): State<Desk>, body: String) -> Response {
    let read = read_fault("fault", &body, &sim.scenario).map_err(|errors| errors.to_string());
    match read.and_then(|fault| carried_out(fault, served)) {
        Ok(fault) => {
            let kind = fault.kind.name();
            let number = sim.rearm(|plan| plan.arm(Fault { at: Position { line: 0, column: 0 }, ..fault }));
            (StatusCode::CREATED, Json(told(&Told { number, kind, line: 0, bites: 0 }))).into_response()
        }
        Err(why) => (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response(),
    }
}

/// The fault, if this server can carry it out.
fn carried_out(fault: Fault, served: ServedWith) -> Result<Fault, String> {
    let wants_tls =
        matches!(fault.kind, FaultKind::BadCertificate { .. } | FaultKind::ForeignNextLink { to: LinkedTo::ClearText });
    let leads_away = matches!(
        fault.kind,
        FaultKind::ForeignNextLink { to: LinkedTo::OtherHost }
            | FaultKind::Redirect { to: RedirectedTo::OtherHost, .. }
    );
    match (wants_tls && !served.tls, leads_away && !served.elsewhere) {
        (true, _) => Err(format!("{} wants certificates; serve with --tls", fault.kind.name())),
        (_, true) => Err(format!("{} wants another host, and none is served here", fault.kind.name())),
        _ => Ok(fault),
    }
}

async fn disarm(State((sim, _)): State<Desk>, Path(number): Path<String>) -> Response {
    match number.parse().is_ok_and(|number| sim.rearm(|plan| plan.disarm(number))) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => (StatusCode::NOT_FOUND, format!("no fault has the number {number}\n")).into_response(),
    }
}

async fn disarm_all(State((sim, _)): State<Desk>) -> Response {
    sim.rearm(FaultPlan::disarm_all);
    StatusCode::NO_CONTENT.into_response()
}
