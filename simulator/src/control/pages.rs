//! The page a browser meets at `/_sim/`.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use minijinja::{Environment, context};
use serde::Deserialize;

use crate::simulation::Simulation;

const FRONT: &str = include_str!("front.html");

/// What is served, and the last exchanges.
pub(super) async fn front(State(sim): State<Arc<Simulation>>) -> Html<String> {
    let entries = sim.journal.entries();
    let last: Vec<_> = entries
        .iter()
        .rev()
        .take(50)
        .map(|e| {
            context! { at => e.at.rfc3339(), route => &e.route, method => &e.method, target => &e.target,
            status => e.status, reasons => e.reasons.join(" → "),
            served => e.notes.page.as_ref().map(|p| p.served.len()) }
        })
        .collect();
    let apps: Vec<_> =
        sim.world.instances.iter().map(|i| context! { name => &i.name, vendor => i.vendor.name() }).collect();
    let environment = Environment::new();
    let page = environment.render_named_str(
        "front.html",
        FRONT,
        context! { title => &sim.scenario.title, now => sim.clock.now().rfc3339(), apps, people => sim.world.people.len(),
                   exchanges => entries.len(), last },
    );
    Html(page.unwrap_or_else(|error| format!("the page could not be rendered: {error}")))
}

/// What an authorization server sends back with the browser.
#[derive(Deserialize)]
pub(super) struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

const CALLBACK: &str = include_str!("callback.html");

/// Where consent ends when there is no stack yet: shows the code, and how to exchange it.
pub(super) async fn callback(Query(query): Query<Callback>) -> Html<String> {
    let environment = Environment::new();
    let values = context! { code => query.code, state => query.state, error => query.error };
    let page = environment.render_named_str("callback.html", CALLBACK, values);
    Html(page.unwrap_or_else(|error| format!("the page could not be rendered: {error}")))
}
