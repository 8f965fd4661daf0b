//! What the harness itself has to do at simulated times: kills, restarts, `once` starts, the end.
//!
//! Each is a timer of the shared clock, named and released like any other; the clock stands still until it was done.

use std::sync::{Arc, Mutex, PoisonError};

use simulator::clock::{Coordinator, Hold};
use simulator::time::SimTime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Name of the last timer: among timers of one time it comes after all that are named in letters.
pub(super) const END: &str = "~end";

/// Something whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A fault of the process, by its place in the scenario's list.
    Fault(usize),
    /// The process is started again.
    Restart,
    /// A `once` stack is started.
    Poll,
    /// The stack asks an administrator for consent.
    Consent,
    /// The run is over.
    End,
}

/// What is due, and the clock held for it.
pub(super) type Released = (Due, Hold);

/// The harness's own timers.
pub(super) struct Agenda {
    clock: Arc<Coordinator>,
    due: mpsc::UnboundedSender<Released>,
    waiting: Mutex<JoinSet<()>>,
}

impl Agenda {
    /// An empty agenda, and where what is due comes out.
    pub(super) fn new(clock: Arc<Coordinator>) -> (Arc<Self>, mpsc::UnboundedReceiver<Released>) {
        let (due, released) = mpsc::unbounded_channel();
        (Arc::new(Self { clock, due, waiting: Mutex::default() }), released)
    }

    /// Puts something on the agenda. It stands when this returns.
    pub(super) fn at(&self, when: SimTime, name: &str, what: Due) {
        let timer = self.clock.timer(when, name);
        let due = self.due.clone();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.try_join_next().is_some() {}
        waiting.spawn(async move {
            let hold = timer.released().await;
            // Nobody listens any more once the run is over.
            let _ = due.send((what, hold));
        });
    }

    /// Lets something be due at once, with the clock held already. The hold comes back if nobody listens any more, because
    /// the run is over: whoever calls may have the clock locked and must not drop it.
    pub(super) fn now(&self, what: Due, hold: Hold) -> Option<Hold> {
        self.due.send((what, hold)).err().map(|unheard| unheard.0.1)
    }

    /// Takes everything off: nothing is due any more.
    pub(super) fn clear(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(s: i64) -> SimTime {
        SimTime::from_ms(s * 1_000)
    }

    #[tokio::test]
    async fn after_the_run_the_clock_moves_on_whatever_is_due() {
        let clock = Coordinator::new(t(0));
        let (agenda, released) = Agenda::new(Arc::clone(&clock));
        drop(released);
        let _lookout = clock.before_each_move(move |_, hold| agenda.now(Due::Consent, hold));
        let timer = clock.timer(t(10), "later");
        clock.start();
        drop(timer.released().await);
        assert_eq!(clock.now(), t(10));
    }

    #[tokio::test]
    async fn what_is_due_comes_one_at_a_time_in_order_and_the_clock_waits_for_each() {
        let clock = Coordinator::new(t(0));
        let (agenda, mut released) = Agenda::new(Arc::clone(&clock));
        agenda.at(t(20), END, Due::End);
        agenda.at(t(20), "kill:9", Due::Fault(0));
        agenda.at(t(10), "restart:9", Due::Restart);
        clock.start();
        for (expected, at) in [(Due::Restart, 10), (Due::Fault(0), 20), (Due::End, 20)] {
            let (due, hold) = released.recv().await.unwrap();
            assert_eq!((due, clock.now()), (expected, t(at)));
            assert!(released.try_recv().is_err());
            drop(hold);
        }
    }
}
