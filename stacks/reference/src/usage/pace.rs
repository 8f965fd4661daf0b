//! Thirty requests a minute, all tokens of a tenant together (Defender for Cloud Apps, introduction to the API).

use std::collections::VecDeque;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::api::Trouble;
use crate::clock::{Clock, Wake};

const REQUESTS: usize = 30;
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// When the last requests were sent. In any minute, however it is cut, there are no more than allowed.
#[derive(Default)]
pub(crate) struct Pace(Mutex<VecDeque<Timestamp>>);

impl Pace {
    /// What is known of a process before this one: nothing, so its requests are taken to have been sent just now.
    pub(crate) fn after_another(now: Timestamp) -> Self {
        Self(Mutex::new(std::iter::repeat_n(now, REQUESTS).collect()))
    }

    /// Waits for the next request's turn.
    pub(crate) async fn turn(&self, clock: &Clock, who: &str) -> Result<(), Trouble> {
        while let Some(due) = self.due(clock.now()) {
            if clock.pause_until(&format!("pace:{who}"), due).await == Wake::Stopping {
                return Err(Trouble::Stopping);
            }
        }
        Ok(())
    }

    /// Counts a request now, or says when it may be tried again.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let mut sent = self.0.lock().expect("nobody panics while holding the times of requests");
        while sent.front().is_some_and(|first| *first + WINDOW <= now) {
            sent.pop_front();
        }
        match sent.front() {
            Some(first) if sent.len() >= REQUESTS => Some(*first + WINDOW),
            _ => {
                sent.push_back(now);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_minute_holds_more_than_thirty(gaps_ms in proptest::collection::vec(0_i64..5_000, 1..200)) {
            let (pace, mut now, mut sent) = (Pace::default(), Timestamp::UNIX_EPOCH, Vec::new());
            for gap in gaps_ms {
                now += SignedDuration::from_millis(gap);
                while let Some(due) = pace.due(now) {
                    now = due;
                }
                sent.push(now);
            }
            for (n, first) in sent.iter().enumerate() {
                let within = sent[n..].iter().take_while(|at| at.duration_since(*first) < WINDOW).count();
                prop_assert!(within <= REQUESTS);
            }
        }
    }

    #[test]
    fn after_another_process_a_minute_is_waited() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(Pace::after_another(now).due(now), Some(now + WINDOW));
    }
}
