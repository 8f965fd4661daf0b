//! The journal's entry while its exchange is under way.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::request::Parts;

use super::pipeline::{Scheme, authority};
use super::redact::{self, SecretNames};
use crate::journal::Entry;
use crate::protocol::webhooks::Proposal;
use crate::scenario::AppIndex;
use crate::simulation::Simulation;

/// The header in which a client gives a request an id of its own.
const CLIENT_REQUEST_ID: &str = "client-request-id";

/// The entry, kept however the exchange ends, and what of the request answers are rendered with.
pub(super) struct Draft {
    sim: Arc<Simulation>,
    pub(super) entry: Entry,
    /// Scheme and host as the client used them.
    pub(super) origin: String,
    /// Path as sent.
    pub(super) path: String,
    /// Query as sent.
    pub(super) query: Option<String>,
    /// The client's own id of the request: a header, or, from browsers, a query parameter.
    pub(super) client_request_id: Option<String>,
    pub(super) accept: Option<String>,
    /// The vendor's id of the request.
    pub(super) request_id: String,
    /// A webhook subscription whose address has still to be tried.
    pub(super) proposal: Option<Proposal>,
}

impl Draft {
    /// The entry of a request whose head just came in, its secrets already replaced by their names.
    pub(super) fn new(
        sim: &Arc<Simulation>,
        asked: AppIndex,
        seq: u64,
        scheme: Scheme,
        parts: &Parts,
        query: &[(String, String)],
    ) -> Self {
        let now = sim.clock.now();
        let app = sim.scenario.apps[asked.0].name.clone();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let queried = || query.iter().find(|(name, _)| name == CLIENT_REQUEST_ID).map(|(_, value)| value.as_str());
        let path = parts.uri.path();
        let entry = Entry {
            seq,
            at: now,
            ended: now,
            route: format!("{app}.?"),
            app,
            method: parts.method.to_string(),
            target: redact::target(path, query, SecretNames::new(&sim.state(), asked)),
            ..Entry::default()
        };
        Self {
            sim: Arc::clone(sim),
            entry,
            origin: format!("{}://{}", scheme.name(), authority(&parts.uri, &parts.headers).unwrap_or("127.0.0.1")),
            path: path.to_owned(),
            query: parts.uri.query().map(str::to_owned),
            client_request_id: header(CLIENT_REQUEST_ID).or_else(queried).map(str::to_owned),
            accept: header(ACCEPT.as_str()).map(str::to_owned),
            request_id: String::new(),
            proposal: None,
        }
    }

    /// Takes the body down, and which secrets of others the request carries anywhere.
    pub(super) fn read(&mut self, asked: AppIndex, headers: &HeaderMap, query: &[(String, String)], body: &Bytes) {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let state = self.sim.state();
        let names = SecretNames::new(&state, asked);
        self.entry.request_body = redact::body(content_type, body, names);
        if names.are_all_own() {
            return;
        }
        let carried = redact::carried(headers, query, content_type, body);
        self.entry.notes.foreign_secrets = redact::foreign(&carried, names);
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let ended = self.sim.clock.now();
        self.sim.journal.push(Entry { ended, ..std::mem::take(&mut self.entry) });
    }
}
