//! The machine's clock: the one file that may ask it.
#![expect(clippy::disallowed_methods, reason = "this is the door that everything else has to use")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::time::SimTime;

/// The machine's time.
pub fn wall_now() -> SimTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    SimTime::from_us(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Waits, in the machine's time.
pub async fn wall_sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Gives `future` so much of the machine's time, then `None`. For what must never wait for ever: a stack that does not
/// get ready, a process that does not end.
pub async fn wall_timeout<T>(duration: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(duration, future).await.ok()
}
