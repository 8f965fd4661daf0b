//! Being asked for something now, by a signal, where there are signals: USR1 for a session of the usage sync, USR2 for a test
//! of every connector ("Test now").

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// A session of the usage sync.
    Session,
    /// A test of every connector.
    Test,
}

/// Somebody who may ask.
pub(crate) struct Asked {
    #[cfg(unix)]
    signal: Option<Signal>,
}

impl Asked {
    /// Listens from now on.
    pub(crate) fn listen(order: Order) -> Self {
        #[cfg(not(unix))]
        let _ = order;
        #[cfg(unix)]
        let kind = match order {
            Order::Session => SignalKind::user_defined1(),
            Order::Test => SignalKind::user_defined2(),
        };
        Self {
            // A system that will not deliver the signal leaves the schedule.
            #[cfg(unix)]
            signal: signal(kind).ok(),
        }
    }

    /// Waits until somebody asks.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
