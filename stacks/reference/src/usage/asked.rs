//! Being asked for a session now: the signal USR1, where there are signals.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Somebody who may ask.
pub(super) struct Asked {
    #[cfg(unix)]
    signal: Option<Signal>,
}

impl Asked {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        Self {
            // A system that will not deliver the signal leaves the schedule.
            #[cfg(unix)]
            signal: signal(SignalKind::user_defined1()).ok(),
        }
    }

    /// Waits until somebody asks.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
