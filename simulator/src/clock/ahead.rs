//! How far a desk's time is ahead of the machine's.
//!
//! Only forwards: what has happened and was served stays so. Nothing but `simulator serve`'s control plane moves it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::wall::{wall_now, wall_sleep};
use crate::time::SimTime;

/// The machine's time, and what was added to it. All copies move together.
#[derive(Clone, Debug)]
pub struct Ahead(Arc<watch::Sender<Duration>>);

impl Default for Ahead {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Duration::ZERO)))
    }
}

impl Ahead {
    /// The time it is.
    pub fn now(&self) -> SimTime {
        wall_now() + *self.0.borrow()
    }

    /// Moves forward. Whoever waits for a moment in between is woken.
    pub fn step(&self, by: Duration) {
        self.0.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Waits until the time has come, be it by waiting or by a step.
    pub async fn reach(&self, at: SimTime) {
        let mut moved = self.0.subscribe();
        while self.now() < at {
            tokio::select! {
                () = wall_sleep(at.since(self.now())) => {}
                // The sender lives as long as this does.
                _ = moved.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_a_moment_is_woken_by_a_step() {
        let clock = Ahead::default();
        let (here, at) = (clock.clone(), clock.now() + Duration::from_secs(3_600));
        let waiting = tokio::spawn(async move { here.reach(at).await });
        clock.step(Duration::from_secs(7_200));
        waiting.await.unwrap();
        assert!(clock.now() > at);
    }
}
