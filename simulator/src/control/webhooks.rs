//! `/_sim/webhooks`: where an administrator enters the address of a webhook, and sees what became of the deliveries.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::webhooks::{Attempt, Callback, Proposal, Reception, Subscription, Term};
use crate::server::Couriers;
use crate::simulation::Simulation;
use crate::vendors;

type Desk = (Arc<Simulation>, Arc<Couriers>);

pub(super) fn router(sim: Arc<Simulation>, couriers: Arc<Couriers>) -> Router {
    Router::new().route("/_sim/webhooks", get(list).post(enter)).with_state((sim, couriers))
}

/// What an administrator types in. Without a topic it is the first that the vendor has, without fields all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    app: String,
    url: String,
    topic: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
    verify_token: Option<String>,
}

/// Tries the address as the vendor does, and enters it. What is wrong is said as a sentence.
async fn enter(State((sim, couriers)): State<Desk>, body: String) -> Response {
    match enter_form(&sim, &couriers, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err((status, why)) => (status, format!("{why}\n")).into_response(),
    }
}

async fn enter_form(sim: &Simulation, couriers: &Couriers, body: &str) -> Result<(), (StatusCode, String)> {
    let wrong = |why: String| (StatusCode::BAD_REQUEST, why);
    let form: Form = serde_json::from_str(body).map_err(|e| wrong(format!("not a webhook: {e}")))?;
    let (app, scenario_app) = sim.scenario.app(&form.app).ok_or_else(|| wrong(format!("no app `{}`", form.app)))?;
    let rules = vendors::spec(scenario_app.vendor).webhooks;
    let rules = rules.ok_or_else(|| wrong(format!("{} sends no webhooks", form.app)))?;
    let topic = rules.topics.iter().find(|t| form.topic.as_deref().is_none_or(|wanted| wanted == t.name));
    let topic = topic.ok_or_else(|| wrong(format!("no topic `{}`", form.topic.unwrap_or_default())))?;
    if let Some(unknown) = form.fields.iter().find(|f| !topic.fields.contains(&f.as_str())) {
        return Err(wrong(format!("{} has no field `{unknown}`; it has {}", topic.name, topic.fields.join(", "))));
    }
    let all = || topic.fields.iter().map(|f| (*f).to_owned()).collect();
    let proposal = Proposal {
        topic: topic.name,
        fields: if form.fields.is_empty() { all() } else { form.fields },
        callback: Callback::parse(&form.url).map_err(|e| wrong(format!("{}: {e}", form.url)))?,
        verify_token: form.verify_token,
        content_type: "application/json",
        key: sim.state().instances[app.0].tokens.client().client_secret.clone(),
        reference: None,
        shown: Value::Null,
        term: Term::OPEN,
    };
    let by_hand = format!("by hand {}", sim.state().instances[app.0].outbox.registered());
    couriers.subscribe(app, proposal, &by_hand).await.map_err(|why| (StatusCode::UNPROCESSABLE_ENTITY, why))
}

/// The subscriptions of every instance, and the last attempts.
async fn list(State((sim, _)): State<Desk>) -> Response {
    let state = sim.state();
    let apps = sim.scenario.apps.iter().zip(&state.instances).map(|(app, instance)| {
        let subscriptions: Vec<Value> = instance.outbox.subscriptions().iter().map(subscription).collect();
        let attempts: Vec<Value> = instance.outbox.attempts().map(attempt).collect();
        (app.name.clone(), json!({ "subscriptions": subscriptions, "attempts": attempts }))
    });
    Json(Value::Object(apps.collect())).into_response()
}

fn subscription(s: &Subscription) -> Value {
    json!({ "id": s.id, "topic": s.terms.topic, "fields": s.terms.fields, "url": s.terms.callback.as_str(),
            "since": s.since })
}

fn attempt(a: &Attempt) -> Value {
    let (status, error) = match &a.reception {
        Reception::Answered(status) => (Some(*status), None),
        Reception::Failed(why) => (None, Some(why)),
    };
    json!({ "at": a.at, "delivery": a.delivery, "attempt": a.attempt, "events": a.events, "status": status,
            "error": error, "again": a.again })
}
