//! The journal's entry while its exchange is under way.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::request::Parts;

use super::pipeline::{Scheme, authority};
use super::redact;
use crate::journal::Entry;
use crate::protocol::credentials::TokenStore;
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
    /// A webhook subscription whose address has still to be tried.
    pub(super) proposal: Option<Proposal>,
}

impl Draft {
    /// The entry of a request that just came in, its secrets already replaced by their names.
    pub(super) fn new(
        sim: &Arc<Simulation>,
        asked: AppIndex,
        seq: u64,
        scheme: Scheme,
        parts: &Parts,
        query: &[(String, String)],
        body: &Bytes,
    ) -> Self {
        let now = sim.clock.now();
        let app = sim.scenario.apps[asked.0].name.clone();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let content_type = header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let queried = || query.iter().find(|(name, _)| name == CLIENT_REQUEST_ID).map(|(_, value)| value.as_str());
        let path = parts.uri.path();
        let mut entry = Entry {
            seq,
            at: now,
            ended: now,
            route: format!("{app}.?"),
            app,
            method: parts.method.to_string(),
            ..Entry::default()
        };
        {
            let state = sim.state();
            let tokens = &state.instances[asked.0].tokens;
            entry.target = redact::target(path, query, tokens);
            entry.request_body = redact::body(content_type, body, tokens);
            let others = state.instances.iter().enumerate().filter(|(index, _)| *index != asked.0);
            let others: Vec<&TokenStore> = others.map(|(_, instance)| &instance.tokens).collect();
            let carried = redact::carried(&parts.headers, query, content_type, body);
            entry.notes.foreign_secrets = redact::foreign(&carried, tokens, &others);
        }
        Self {
            sim: Arc::clone(sim),
            entry,
            origin: format!("{}://{}", scheme.name(), authority(&parts.uri, &parts.headers).unwrap_or("127.0.0.1")),
            path: path.to_owned(),
            query: parts.uri.query().map(str::to_owned),
            client_request_id: header(CLIENT_REQUEST_ID).or_else(queried).map(str::to_owned),
            accept: header(ACCEPT.as_str()).map(str::to_owned),
            proposal: None,
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let ended = self.sim.clock.now();
        self.sim.journal.push(Entry { ended, ..std::mem::take(&mut self.entry) });
    }
}
