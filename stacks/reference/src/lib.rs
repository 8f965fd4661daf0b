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
//! - [`clock`] is the only door to time; [`workers`] sets all of them to work.
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
mod workers;

use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::bug::{Bug, planted};
use crate::clock::Clock;
use crate::connections::Connections;
use crate::http::Http;
use crate::state::{Claim, State};
use crate::workers::start;

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
    /// The simulated clock has gone: no time will ever pass again.
    #[error("the simulated clock is gone")]
    ClockGone,
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
        () = clock.gone() => return Err(StackError::ClockGone),
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
