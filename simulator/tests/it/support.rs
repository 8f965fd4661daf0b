//! A served scenario and a client for it.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use simulator::Simulation;
use simulator::clock::{ClockMode, wall_now};
use simulator::control::Extent;
use simulator::scenario;
use simulator::server::{self, GeoFiles, Listen, Running, ServeOptions};
use simulator::tls::Authority;

pub(crate) const REDIRECT: &str = "http://127.0.0.1:9/oauth/callback";

/// Says that a test, or a part of one, was not made here, past libtest, which shows what a test prints only where it fails,
/// and counts it as passed. Where `SKIP_NOTHING` is set that is a failure: for machines that are known to have everything.
#[track_caller]
pub(crate) fn not_tested(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var_os("SKIP_NOTHING").is_none(), "{test} cannot be made here: {why}");
    std::io::stderr().write_all(format!("NOT TESTED: {test}: {why}\n").as_bytes()).unwrap();
}

/// A scenario, served.
pub(crate) struct Served {
    pub(crate) sim: Arc<Simulation>,
    pub(crate) running: Running,
    pub(crate) http: reqwest::Client,
}

impl Served {
    /// Serves a scenario given as text, under a virtual clock that stands at `day 1 00:00`.
    pub(crate) async fn new(text: &str) -> Self {
        Self::start(text, Extent::Desk, None).await
    }

    /// As a stack that is judged meets it.
    pub(crate) async fn to_a_stack(text: &str) -> Self {
        Self::start(text, Extent::Stack, None).await
    }

    /// Likewise with an authority, and the beginnings of a client that trusts it and nobody else.
    pub(crate) async fn with_tls(text: &str) -> (Self, reqwest::ClientBuilder) {
        let authority = Arc::new(Authority::new(wall_now(), &[]).unwrap());
        let trusted = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
        let served = Self::start(text, Extent::Desk, Some(authority)).await;
        (served, reqwest::Client::builder().tls_certs_only([trusted]))
    }

    async fn start(text: &str, control: Extent, authority: Option<Arc<Authority>>) -> Self {
        let scenario = scenario::read_text("test.yaml", text, &simulator::cli::FOREIGN).unwrap();
        let sim = Simulation::new(scenario, ClockMode::Virtual).unwrap();
        let options =
            ServeOptions { listen: Listen::Ephemeral, redirect_uris: vec![REDIRECT.to_owned()], control, authority };
        let running = server::start(Arc::clone(&sim), options).await.unwrap();
        // The client is the one the stacks use too; it wants to know who encrypts, even where nobody does.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sim, running, http }
    }

    pub(crate) fn url(&self, app: &str, path: &str) -> String {
        format!("http://{}{path}", self.running.app_address(app).unwrap())
    }

    pub(crate) fn connection(&self, app: &str) -> Value {
        let none = PathBuf::new;
        self.running.connections(&GeoFiles { city: none(), asn: none(), anonymous_ip: none(), indicators: none() })["apps"][app].clone()
    }

    /// A ready token for an instance.
    pub(crate) fn token(&self, app: &str) -> String {
        let (index, _) = self.sim.scenario.app(app).unwrap();
        let now = self.sim.clock.now();
        self.sim.state().instances[index.0].tokens.issue_ready_token(now)
    }

    pub(crate) async fn get(&self, app: &str, path: &str) -> reqwest::Result<reqwest::Response> {
        self.http.get(self.url(app, path)).bearer_auth(self.token(app)).send().await
    }

    /// The last exchange in the journal.
    pub(crate) fn last(&self) -> simulator::journal::Entry {
        self.sim.journal.entries().pop().unwrap()
    }
}

/// A page of Miro's audit log that holds the whole history.
pub(crate) const AUDIT_LOG: &str =
    "/v2/audit/logs?createdAfter=2026-02-01T00:00:00.000Z&createdBefore=2026-03-02T00:00:00.000Z";

/// Walks a log of Miro's to its end; every id in order.
pub(crate) async fn walk(served: &Served, limit: u32) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = None::<String>;
    for _ in 0..1_000 {
        let mut query = vec![
            ("createdAfter", "2026-02-01T00:00:00.000Z".to_owned()),
            ("createdBefore", "2026-03-02T00:00:00.000Z".to_owned()),
            ("limit", limit.to_string()),
        ];
        query.extend(cursor.take().map(|c| ("cursor", c)));
        let request = served.http.get(served.url("miro", "/v2/audit/logs")).query(&query);
        let page: Value = request.bearer_auth(served.token("miro")).send().await.unwrap().json().await.unwrap();
        ids.extend(page["data"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()));
        match page["cursor"].as_str() {
            Some(next) if !next.is_empty() => cursor = Some(next.to_owned()),
            _ => return ids,
        }
    }
    panic!("the walk does not end: {}", json!(ids.len()));
}

impl Served {
    /// The same request as a future of its own, for a task.
    pub(crate) fn get_owned(
        &self,
        app: &str,
        path: &str,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> + use<> {
        self.http.get(self.url(app, path)).bearer_auth(self.token(app)).send()
    }
}
