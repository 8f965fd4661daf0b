//! The only door to time.
//!
//! Under a virtual clock, simulator and stack share a [`Coordinator`] whose time jumps from one awaited moment to the
//! next. Under a wall clock [`Clock::now`] is the machine's.

mod ahead;
mod coordinator;
mod report;
mod wall;

pub use ahead::Ahead;
pub use coordinator::{Coordinator, ExchangeGuard, Hold, Lookout, Progress, Timer, WebhookEnd, WebhookGuard};
pub use report::{ClockAnswer, ClockReport, PartyTimer};
pub use wall::{wall_now, wall_sleep, wall_timeout};

use std::sync::Arc;
use std::time::Duration;

use crate::time::SimTime;

/// A request with this header is no party's: a person's browser, at a consent page. The clock does not count it.
pub const BYSTANDER: &str = "x-simulator-bystander";

/// Whose time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMode {
    /// Simulated time that jumps.
    Virtual,
    /// The machine's clock.
    Wall,
}

/// A moment that is waited for.
pub enum Alarm {
    /// In simulated time.
    Virtual(Timer),
    /// In the machine's, and what was added to it.
    Wall(SimTime, Ahead),
}

impl Alarm {
    /// Waits until the time has come. A virtual clock stands still until the hold is dropped.
    pub async fn due(self) -> Option<Hold> {
        match self {
            Self::Virtual(timer) => Some(timer.released().await),
            Self::Wall(at, ahead) => {
                ahead.reach(at).await;
                None
            }
        }
    }
}

/// The clock of one simulation.
#[derive(Clone)]
pub enum Clock {
    /// Simulated time that jumps, shared with the stack.
    Virtual(Arc<Coordinator>),
    /// The machine's clock, which can be stepped forward.
    Wall(Ahead),
}

impl Clock {
    /// The time it is.
    pub fn now(&self) -> SimTime {
        match self {
            Self::Virtual(coordinator) => coordinator.now(),
            Self::Wall(ahead) => ahead.now(),
        }
    }

    /// Counts an exchange in, until the guard is dropped.
    pub fn arrive(&self) -> Option<ExchangeGuard> {
        match self {
            Self::Virtual(coordinator) => Some(coordinator.arrive()),
            Self::Wall(_) => None,
        }
    }

    /// A moment to be waited for; it stands from this call on. Of several at one time the names decide.
    pub fn alarm(&self, at: SimTime, name: &str) -> Alarm {
        match self {
            Self::Virtual(coordinator) => Alarm::Virtual(coordinator.timer(at.max(coordinator.now()), name)),
            Self::Wall(ahead) => Alarm::Wall(at, ahead.clone()),
        }
    }

    /// Counts a request to a party as sent, until the guard is dropped.
    pub fn send_webhook(&self) -> Option<WebhookGuard> {
        match self {
            Self::Virtual(coordinator) => Some(coordinator.send_webhook()),
            Self::Wall(_) => None,
        }
    }

    /// How long of the machine's time an answer is waited for that a vendor waits for so long. A virtual clock stands still
    /// meanwhile, and a slow machine is nobody's fault: it waits until it takes the answer's sender for busy for ever.
    pub fn patience(&self, within: Duration) -> Duration {
        match self {
            Self::Virtual(_) => coordinator::BUSY_AFTER,
            Self::Wall(_) => within,
        }
    }

    /// Keeps a virtual clock still while the guard is alive.
    pub fn hold(&self) -> Option<Hold> {
        match self {
            Self::Virtual(coordinator) => Some(coordinator.hold()),
            Self::Wall(_) => None,
        }
    }

    /// Holds an open exchange until `until`; for ever without one (the client has to give up).
    pub async fn detain(&self, exchange: Option<&ExchangeGuard>, until: Option<SimTime>, name: &str) {
        match (self, exchange) {
            (Self::Virtual(coordinator), Some(exchange)) => coordinator.detain(exchange, until, name).await,
            (Self::Wall(ahead), _) => match until {
                Some(until) => ahead.reach(until).await,
                None => std::future::pending().await,
            },
            (Self::Virtual(_), None) => match until {
                Some(until) => wall_sleep(until.since(self.now())).await,
                None => std::future::pending().await,
            },
        }
    }
}
