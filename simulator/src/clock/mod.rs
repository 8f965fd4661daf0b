//! The only door to time.
//!
//! Under a virtual clock, simulator and stack share a [`Coordinator`] whose time jumps from one awaited moment to the
//! next. Under a wall clock [`Clock::now`] is the machine's.

mod coordinator;
mod report;
mod wall;

pub use coordinator::{Coordinator, ExchangeGuard, Hold, Status, Timer};
pub use report::{ClockAnswer, ClockReport, PartyTimer};
pub use wall::{wall_now, wall_sleep, wall_timeout};

use std::sync::Arc;

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

/// The clock of one simulation.
#[derive(Clone)]
pub enum Clock {
    /// Simulated time that jumps, shared with the stack.
    Virtual(Arc<Coordinator>),
    /// The machine's clock.
    Wall,
}

impl Clock {
    /// The time it is.
    pub fn now(&self) -> SimTime {
        match self {
            Self::Virtual(coordinator) => coordinator.now(),
            Self::Wall => wall_now(),
        }
    }

    /// Counts an exchange in, until the guard is dropped.
    pub fn arrive(&self) -> Option<ExchangeGuard> {
        match self {
            Self::Virtual(coordinator) => Some(coordinator.arrive()),
            Self::Wall => None,
        }
    }

    /// Holds an open exchange until `until`; for ever without one (the client has to give up).
    pub async fn detain(&self, exchange: Option<&ExchangeGuard>, until: Option<SimTime>, name: &str) {
        match (self, exchange) {
            (Self::Virtual(coordinator), Some(exchange)) => coordinator.detain(exchange, until, name).await,
            _ => match until {
                Some(until) => wall_sleep(until.since(self.now())).await,
                None => std::future::pending().await,
            },
        }
    }
}
