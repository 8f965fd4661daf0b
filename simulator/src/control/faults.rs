//! `/_sim/faults`: what goes wrong, and its end. How a fault is armed here stands with what else is done at a desk, in
//! [`super::act`].

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::fault::{FaultPlan, Told};
use crate::scenario::FaultKind;
use crate::simulation::Simulation;

/// What a fault may need of the server that it is armed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServedWith {
    /// Certificates, and connections without encryption beside.
    pub(crate) tls: bool,
    /// A host beside each instance's own, whatever the scenario says.
    pub(crate) elsewhere: bool,
}

impl ServedWith {
    /// Whether this server can carry a fault out; if not, why.
    pub(super) fn carries_out(self, kind: &FaultKind) -> Result<(), String> {
        match (kind.wants_certificates() && !self.tls, kind.leads_away() && !self.elsewhere) {
            (true, _) => Err(format!("{} wants certificates; serve with --tls", kind.name())),
            (_, true) => Err(format!("{} wants another host, and none is served here", kind.name())),
            _ => Ok(()),
        }
    }
}

pub(super) fn router(sim: Arc<Simulation>) -> Router {
    Router::new()
        .route("/_sim/faults", get(list).delete(disarm_all))
        .route("/_sim/faults/{number}", delete(disarm))
        .with_state(sim)
}

async fn list(State(sim): State<Arc<Simulation>>) -> Response {
    let faults: Vec<Value> = sim.faults().iter().map(told).collect();
    Json(json!({ "faults": faults })).into_response()
}

/// A fault as it is shown; one that was armed by hand has the line 0.
pub(super) fn told(fault: &Told) -> Value {
    let Told { number, kind, line, bites } = fault;
    json!({ "number": number, "kind": kind, "line": line, "bites": bites })
}

async fn disarm(State(sim): State<Arc<Simulation>>, Path(number): Path<String>) -> Response {
    match number.parse().is_ok_and(|number| sim.rearm(|plan| plan.disarm(number))) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => (StatusCode::NOT_FOUND, format!("no fault has the number {number}\n")).into_response(),
    }
}

async fn disarm_all(State(sim): State<Arc<Simulation>>) -> Response {
    sim.rearm(FaultPlan::disarm_all);
    StatusCode::NO_CONTENT.into_response()
}
