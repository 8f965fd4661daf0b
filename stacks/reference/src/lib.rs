//! The reference stack: what a security team runs to watch its SaaS apps, small enough to read in an afternoon.
//!
//! The way of the data, one station a module:
//!
//! ```text
//! vendor's API ─► records ─► events ─► triggers ─► alerts ─► commands ─► calls to directory and apps
//! connectors      normalize  state     detect      detect    state       govern
//! ```
//!
//! - [`connectors`] poll each connected app: its users first, then its log. [`oauth`] gets and keeps the tokens,
//!   [`api`], [`http`] and [`retry`] do the asking.
//! - [`normalize`] turns each vendor's record into one event. Pure functions.
//! - [`state`] keeps everything in one SQLite database. One page of a log is one transaction: its events, the alerts
//!   they raise, the actions these call for, the checkpoint and the lines of the report. Killed at any instant, the
//!   stack loses nothing and does nothing twice.
//! - [`detect`] weighs events over their own time, however late and in whatever order they come.
//! - [`govern`] carries out actions, each once: at the directory through Microsoft Graph, or at the app that an alert
//!   is about.
//! - [`scan`] reads what stands in boards, posts, repositories and files, where a policy asks for it.
//! - [`posture`] reads how the settings stand that the secure score recommends for connected apps.
//! - [`usage`] is the other half: who uses which app, and since when no more, as Defender for Cloud Apps knows it.
//! - [`report`] is how others learn of it: one JSON line for each event, alert, action and change of state.
//! - [`clock`] is the only door to time.
//!
//! It never reads a vendor's data into a log line, never puts a secret into a URL, and keeps secrets in the database
//! alone.

#![allow(rustdoc::private_intra_doc_links, reason = "the front page leads into the house")]

mod api;
mod asked;
mod bug;
mod cli;
mod clock;
mod config;
mod connections;
mod connectors;
mod detect;
mod geo;
mod govern;
mod habits;
mod http;
mod lists;
mod normalize;
mod oauth;
mod posture;
mod report;
mod retry;
mod scan;
mod secret;
mod state;
#[cfg(test)]
mod tests;
mod usage;

use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;

use crate::api::Api;
use crate::asked::{Asked, Order};
use crate::bug::{Bug, planted};
use crate::clock::Clock;
use crate::connections::{Access, Connections, Vendor};
use crate::connectors::connection::{Connection, Rules};
use crate::connectors::connector;
use crate::connectors::intake::Intake;
use crate::connectors::receive::Receivers;
use crate::geo::Geo;
use crate::govern::{Governor, hands};
use crate::http::Http;
use crate::lists::Lists;
use crate::oauth::Grant;
use crate::oauth::consent::{Consents, authorize_url};
use crate::posture::Posture;
use crate::scan::{Scanner, can_be_scanned};
use crate::state::{Claim, State};
use crate::usage::Sync;
use crate::usage::contacts::Contacts;

pub use crate::bug::{PlantedBug, planted_bugs};
pub use crate::cli::run_cli;
pub use crate::clock::Idle;
pub use crate::config::{Config, ConfigError};
pub use crate::geo::GeoError;
pub use crate::http::HttpSetUp;
pub use crate::state::StateError;

/// Why the stack stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The connections document cannot be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// A location database cannot be used.
    #[error("{0}")]
    Geo(#[from] GeoError),
    /// The database or the report cannot be used.
    #[error("{0}")]
    State(#[from] StateError),
    /// The HTTP client cannot be made.
    #[error("{0}")]
    Http(#[from] HttpSetUp),
    /// The simulated clock does not answer.
    #[error("clock: {0}")]
    Clock(reqwest::Error),
    /// A listener cannot listen.
    #[error("listener at {address}: {source}")]
    Listener {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The runtime cannot be made.
    #[error("runtime: {0}")]
    Runtime(std::io::Error),
}

/// Runs the stack until the process is asked to stop. `idle` is told by the runtime when nothing can run.
pub async fn run(config: Config, idle: Arc<Idle>) -> Result<(), StackError> {
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        asked_to_stop().await;
        if planted(Bug::StateIgnoresTerm) {
            std::future::pending::<()>().await;
        }
        stop.send_replace(true);
    });
    run_until(config, idle, stopping).await
}

/// Runs the stack until `stopping` turns true.
async fn run_until(config: Config, idle: Arc<Idle>, stopping: watch::Receiver<bool>) -> Result<(), StackError> {
    // Fails when the program that links us has installed one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    bug::plant(config.bug);
    let connections = Connections::read(&config.connections)?;
    let _claim = Claim::on(&config.state)?;
    let clock = match connections.clock_url.clone() {
        Some(url) => Clock::simulated(url, config.party.clone(), idle, stopping).await.map_err(StackError::Clock)?,
        None => Clock::system(stopping),
    };
    let state = Arc::new(State::open(&config.state, &config.report, config.outlives, clock.clone())?);
    let http =
        Http::new(clock.clone(), config.request_timeout.0, config.habits.patience, connections.ca_file.as_deref())?;
    let mut tasks =
        if planted(Bug::Idle) { JoinSet::new() } else { start(&config, connections, &state, &http).await? };
    state.status(&json!({"phase": "ready"}))?;

    tokio::select! {
        () = clock.stopped() => {}
        Some(error) = first_failure(&mut tasks) => return Err(error.into()),
    }
    let mut failed = None;
    clock.drain(async { failed = first_failure(&mut tasks).await }).await;
    tasks.abort_all();
    if let Some(error) = failed {
        return Err(error.into());
    }
    let ingested = state.read(|tx| tx.event_count())?;
    state.status(&json!({"phase": "drained", "counters": {"ingested": ingested}}))?;
    Ok(())
}

/// One task for each connected app, one for each that can be acted upon, and the listeners.
async fn start(
    config: &Config,
    connections: Connections,
    state: &Arc<State>,
    http: &Http,
) -> Result<JoinSet<Result<(), StateError>>, StackError> {
    let mut geo = Geo::open(&connections.geo, &connections.feeds, connections.networks)?;
    let wanted = connections.feeds.taxii().filter(|_| connections.policies.want_lists());
    geo.lists = wanted.map(Lists::at);
    let rules = Arc::new(Rules {
        geo,
        policies: connections.policies,
        poll_every: config.poll_every.0,
        look_back: config.look_back.0,
        backfill: config.backfill.iter().map(|(app, span)| (app.clone(), span.0)).collect(),
        lateness: config.lateness.0,
        health_within: config.health_within.0,
        instances: connections.apps.iter().map(|(name, app)| (name.clone(), app.vendor)).collect(),
        hooks_url: config.webhooks.as_ref().map(|webhooks| webhooks.url.clone()),
        ordered: watch::Sender::new(()),
        habits: config.habits.clone(),
        turn: Mutex::new(()),
        tests: watch::Sender::new(()),
        awaited: connections.apps.keys().map(|name| (name.clone(), Notify::new())).collect(),
    });
    // Whoever is told to come here next finds an open door.
    let redirect = listen(&config.redirect).await?;
    let hooks = match &config.webhooks {
        Some(webhooks) => Some(listen(&webhooks.listen).await?),
        None => None,
    };
    let mut consents = Consents::new(Arc::clone(state));
    let mut receivers = Receivers::new(Arc::clone(state), http.clock().clone());
    let (mut started, mut syncs) = (Vec::new(), Vec::new());
    let mut directory: Option<String> = None;
    for (instance, app) in connections.apps {
        if app.vendor == Vendor::Entra && !planted(Bug::SecondDirectory) {
            if let Some(first) = &directory {
                let reason = format!("one instance of Microsoft Entra ID can be connected, and {first} is");
                state.status(&json!({"phase": "degraded", "app": instance, "reason": reason}))?;
                continue;
            }
            directory = Some(instance.clone());
        }
        let Some(connector) = connector(&app) else {
            let manners = usage::manners(&app);
            let grant = Arc::new(Grant::new(&instance, &app, http.clone(), Arc::clone(state), manners));
            let pace = Some(Arc::new(usage::pace(state, &instance, http.clock().now())));
            let api = Api { instance, http: http.clone(), grant, state: Arc::clone(state), manners, pace };
            syncs.push((api, app));
            continue;
        };
        let manners = &connector.manners;
        let grant = Arc::new(Grant::new(&instance, &app, http.clone(), Arc::clone(state), manners));
        let consented = match app.access() {
            Access::Consent => consents.expect(&instance, &app),
            Access::Ready | Access::ClientCredentials | Access::Installation => Arc::new(Notify::new()),
        };
        if grant.needs_consent()? {
            let url = authorize_url(&instance, &app);
            state.status(&json!({"phase": "consent_needed", "app": instance, "authorize_url": url}))?;
        }
        let intake = Intake { instance: instance.clone(), connector, rules: Arc::clone(&rules) };
        receivers.expect(&app, intake.clone());
        let api = Api { instance, http: http.clone(), grant, state: Arc::clone(state), manners, pace: None };
        started.push((api, app, intake, consented));
    }
    serve(redirect, consents.router());
    if let Some(hooks) = hooks {
        serve(hooks, receivers.router());
    }
    let mut tasks = JoinSet::new();
    tokio::spawn(test_when_asked(Arc::clone(&rules)));
    let directory = started.iter().find(|(_, app, ..)| app.vendor == Vendor::Entra);
    let contacts = Contacts::new(directory.map(|(api, app, ..)| (api, app)), &config.usage);
    let scans = rules.policies.want_scans();
    for (api, app) in syncs {
        if let Some(hands) = hands(app.vendor) {
            tasks.spawn(Governor::new(api.clone(), app.clone(), hands, Arc::clone(&rules)).run());
        }
        if scans && can_be_scanned(app.vendor) {
            tasks.spawn(Scanner::new(api.clone(), app.clone(), Arc::clone(&rules)).run());
        }
        tasks.spawn(Sync::new(api, &app, config.usage.clone(), config.look_back.0, contacts.clone()).run());
    }
    let mut directories = Vec::new();
    // Directories first: the others read them.
    started.sort_by_key(|(_, app, ..)| app.vendor != Vendor::Entra);
    for (api, app, intake, consented) in started {
        if let Some(hands) = hands(app.vendor) {
            tasks.spawn(Governor::new(api.clone(), app.clone(), hands, Arc::clone(&rules)).run());
        }
        if app.vendor == Vendor::Entra && posture::is_told(&rules) {
            tasks.spawn(Posture::new(api.clone(), app.clone()).run());
        }
        if scans && can_be_scanned(app.vendor) {
            tasks.spawn(Scanner::new(api.clone(), app.clone(), Arc::clone(&rules)).run());
        }
        let is_directory = app.vendor == Vendor::Entra;
        let before = if is_directory { Vec::new() } else { directories.clone() };
        let connection = Arc::new(Connection::new(api, app, intake, consented, before));
        if is_directory {
            directories.push(Arc::clone(&connection));
        }
        let watched = Arc::clone(&connection);
        tasks.spawn(async move { watched.watch().await });
        tasks.spawn(connection.run());
    }
    Ok(tasks)
}

/// Passes on that a test of every connector is asked for.
async fn test_when_asked(rules: Arc<Rules>) {
    let mut asked = Asked::listen(Order::Test);
    loop {
        asked.next().await;
        rules.tests.send_replace(());
    }
}

async fn listen(address: &str) -> Result<TcpListener, StackError> {
    let failed = |source| StackError::Listener { address: address.to_owned(), source };
    match TcpListener::bind(address).await {
        Err(_) if planted(Bug::StateTwoReplicas) => TcpListener::bind("127.0.0.1:0").await.map_err(failed),
        bound => bound.map_err(failed),
    }
}

fn serve(listener: TcpListener, router: axum::Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// Why the first of the tasks to fail failed; none when all have ended well.
async fn first_failure(tasks: &mut JoinSet<Result<(), StateError>>) -> Option<StateError> {
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended.expect("tasks are neither cancelled nor do they panic") {
            return Some(error);
        }
    }
    None
}

/// TERM, or Ctrl-C at a terminal.
async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).expect("TERM can be caught");
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
