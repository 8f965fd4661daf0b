//! What went wrong on our side of a run: no fault of the stack's.

use std::path::{Path, PathBuf};

use simulator::SimulationError;
use simulator::server::ServeError;
use tokio::sync::watch;

use crate::named::Misnamed;

/// A run that could not be made or written down.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scenario's world cannot be built.
    #[error("the scenario cannot be played: {0}")]
    Simulation(#[from] SimulationError),
    /// The vendors cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A file of the run cannot be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something else lies where a run, or a part of one, was said to be.
    #[error(transparent)]
    Misnamed(#[from] Misnamed),
    /// A file of the run folder is not what it should be.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A template of the manifest cannot be rendered with this run's values.
    #[error("{what} of stack.yaml: {source}")]
    Template {
        /// Which key.
        what: String,
        /// Why.
        source: crate::stack::template::TemplateError,
    },
    /// Accepted results cannot be written.
    #[error(transparent)]
    Snapshot(#[from] crate::snapshot::AcceptError),
    /// There is no place for what its `setup` makes.
    #[error(transparent)]
    Setup(#[from] crate::stack::setup::SetupError),
    /// There is no port left for the stack's listeners.
    #[error("no port for the stack to listen on: {0}")]
    NoPort(std::io::Error),
    /// A passage in a private network needs a thread of its own.
    #[error("no thread for a passage: {0}")]
    NoThread(std::io::Error),
    /// A private network was to be had and is no longer.
    #[error(transparent)]
    Forbidden(#[from] simulator::private_network::Forbidden),
    /// The journal forgot exchanges, and nothing can be judged without them.
    #[error("more than {kept} requests were made: that is more than the journal keeps")]
    TooManyExchanges {
        /// How many it keeps.
        kept: usize,
    },
    /// The harness itself broke.
    #[error("the harness broke: {0}")]
    Broken(String),
    /// Somebody stopped the run.
    #[error("stopped before its end")]
    Interrupted,
}

impl RunError {
    /// For `map_err` on what happens to the file at `path`.
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// Waits until somebody stops the run; for ever if nobody can any more.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
