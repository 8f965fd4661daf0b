//! The other host that `foreign_next_link` and `redirect` lead to: it says that the walk ends here, and remembers who came
//! with what.
//!
//! Whatever arrives enters the journal under the route `APP.elsewhere`. Somebody who brought a secret is its caller: a
//! token has left the vendor it was made for.
//!
//! # Sources
//! `docs/src/faults.md`: sec-next-link-host; <https://github.com/microsoft/Policy-Weaver/issues/112>.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, Response};
use hyper::body::Incoming;

use super::redact::{self, SecretNames};
use crate::journal::Entry;
use crate::protocol::form::decode_pairs;
use crate::scenario::{AppIndex, Scenario};
use crate::simulation::Simulation;

/// Name of the route without the instance.
pub const ROUTE: &str = "elsewhere";

/// The other host of one instance.
pub(super) struct Elsewhere {
    sim: Arc<Simulation>,
    app: AppIndex,
}

/// Whether a fault of the scenario leads clients of this instance away.
pub(super) fn is_wanted(scenario: &Scenario, app: AppIndex) -> bool {
    scenario.faults.iter().any(|f| f.kind.leads_away() && f.route.as_ref().is_some_and(|route| route.app == app))
}

/// Scheme and host of the other host, for a client that knows the vendor as `origin`: by another name of this machine
/// than the client uses, so that not only the port differs.
pub(super) fn other_host(origin: &str, to: SocketAddr) -> String {
    let name = if origin.contains("localhost") { "127.0.0.1" } else { "localhost" };
    format!("http://{name}:{}", to.port())
}

impl Elsewhere {
    pub(super) fn new(sim: Arc<Simulation>, app: AppIndex) -> Self {
        Self { sim, app }
    }

    /// Takes down what was sent, and answers that there is no more.
    pub(super) fn exchange(&self, request: &Request<Incoming>) -> Response<Body> {
        let _counted = self.sim.clock.arrive();
        let (seq, now) = (self.sim.journal.next_seq(), self.sim.clock.now());
        let uri = request.uri();
        let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let sent = header.and_then(|text| text.split_once(' ')).map(|(_, token)| token.trim().to_owned());
        let query = decode_pairs(uri.query().unwrap_or_default().as_bytes());
        let in_query = query.iter().map(|(_, value)| value.clone());
        let state = self.sim.state();
        let stores = || state.instances.iter().map(|instance| &instance.tokens);
        let brought = sent.into_iter().chain(in_query).find_map(|text| stores().find_map(|s| s.name_of_secret(&text)));
        let app = &self.sim.scenario.apps[self.app.0].name;
        let reasons = match &brought {
            Some(secret) => vec![format!("host: not the vendor's, and {secret} was sent to it")],
            None => vec!["host: not the vendor's".to_owned()],
        };
        let entry = Entry {
            seq,
            at: now,
            ended: now,
            app: app.clone(),
            route: format!("{app}.{ROUTE}"),
            method: request.method().to_string(),
            target: redact::target(uri.path(), &query, SecretNames::new(&state, self.app)),
            caller: brought,
            status: Some(200),
            reasons,
            ..Entry::default()
        };
        drop(state);
        self.sim.journal.push(entry);
        let mut response = Response::new(Body::from(r#"{"value":[],"data":[]}"#));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
