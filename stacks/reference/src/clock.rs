//! The only door to time: nothing else reads a clock or sleeps.
//!
//! In production this is the machine's clock. Under test a simulator owns the time and makes it jump, which needs one thing
//! of us: to say when we have nothing left to do. The runtime has one thread, and just before that thread parks — no task
//! can run, each waits for a timer, an HTTP answer or a browser — it calls [`Idle::nothing_left_to_do`]. If anything
//! changed since the last report, a new one goes out with all timers and the number of requests begun and ended, and of
//! those that were made to us. Its answer names the timer to release. Request timeouts, back-off and polls are all such
//! timers, so none can fire falsely however slow the machine.

#![expect(clippy::disallowed_methods, reason = "this is the clock")]

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot, watch};

/// How long a stop may wait for answers that are still out, in the machine's own time.
const DRAIN_LIMIT: std::time::Duration = std::time::Duration::from_secs(3);
/// An answer mostly comes sooner than this, in the machine's own time. A report that it is awaited is an exchange too, and
/// needed where the answer is held back alone.
const ANSWERS_COME_WITHIN: std::time::Duration = std::time::Duration::from_millis(10);
/// For how long something is awaited that takes no simulated time, in the machine's own.
const BESIDE_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);
/// A simulated clock that fails this often in a row is gone.
const CLOCK_FAILURES: u32 = 3;

/// The time, and ways to wait for it.
#[derive(Clone)]
pub(crate) struct Clock {
    source: Source,
    stop: watch::Receiver<bool>,
}

#[derive(Clone)]
enum Source {
    System,
    Simulated(Arc<Idle>),
}

/// Why a pause ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The time has come.
    Due,
    /// The stack is to stop.
    Stopping,
}

/// A request had no answer in time.
#[derive(Debug)]
pub(crate) struct TimedOut;

impl Clock {
    /// The machine's clock.
    pub(crate) fn system(stop: watch::Receiver<bool>) -> Self {
        Self { source: Source::System, stop }
    }

    /// The clock at `url`, to which this process is `party`.
    pub(crate) async fn simulated(
        url: String,
        party: String,
        idle: Arc<Idle>,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, reqwest::Error> {
        // Connections are kept: to the simulator a closed one means that we are gone.
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_idle_timeout(None).build()?;
        let told: Told = client.get(&url).send().await?.error_for_status()?.json().await?;
        idle.ledger().begin(told.now);
        tokio::spawn(report_when_idle(Arc::clone(&idle), client, url, party));
        Ok(Self { source: Source::Simulated(idle), stop })
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.source {
            // To the microsecond, as everywhere.
            Source::System => Timestamp::from_microsecond(Timestamp::now().as_microsecond()).expect("now is in range"),
            Source::Simulated(idle) => idle.ledger().now,
        }
    }

    /// Whether somebody else makes the time pass.
    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self.source, Source::Simulated(_))
    }

    /// Waits until `at`, or until the stack is to stop. `name` says what for.
    pub(crate) async fn pause_until(&self, name: &str, at: Timestamp) -> Wake {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Wake::Stopping,
            () = self.sleep_until(name, at) => Wake::Due,
        }
    }

    /// Waits for `span`, or until the stack is to stop.
    pub(crate) async fn pause(&self, name: &str, span: SignedDuration) -> Wake {
        self.pause_until(name, self.now() + span).await
    }

    /// Waits until the simulated clock no longer answers, so that no time will pass any more.
    pub(crate) async fn gone(&self) {
        match &self.source {
            Source::System => std::future::pending().await,
            Source::Simulated(idle) => idle.gone.notified().await,
        }
    }

    /// Waits until the stack is to stop.
    pub(crate) async fn stopped(&self) {
        // An error means that nobody can ask for a stop any more, which is the same.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }

    /// Awaits one HTTP exchange, at most for `limit`, and counts it.
    pub(crate) async fn exchange<F: Future>(
        &self,
        name: &str,
        limit: SignedDuration,
        work: F,
    ) -> Result<F::Output, TimedOut> {
        let _counted = self.count_exchange();
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.sleep_until(name, self.now() + limit) => Err(TimedOut),
        }
    }

    /// Awaits what takes no simulated time: until it is done, nothing is reported as idle.
    pub(crate) async fn beside<F: Future>(&self, work: F) -> Result<F::Output, TimedOut> {
        let _held = match &self.source {
            Source::System => None,
            Source::Simulated(idle) => {
                idle.ledger().change(|ledger| ledger.beside += 1);
                Some(Beside { idle })
            }
        };
        tokio::time::timeout(BESIDE_LIMIT, work).await.map_err(|_elapsed| TimedOut)
    }

    /// Awaits `work` for as long as a stop may take in the machine's own time.
    pub(crate) async fn drain(&self, work: impl Future<Output = ()>) {
        if tokio::time::timeout(DRAIN_LIMIT, work).await.is_err() {
            tracing::warn!("stopping although answers are still out");
        }
    }

    async fn sleep_until(&self, name: &str, at: Timestamp) {
        match &self.source {
            Source::System => {
                // In pieces, because the machine's clock may be set while we sleep.
                while let Ok(left) = std::time::Duration::try_from(at.duration_since(Timestamp::now())) {
                    if left.is_zero() {
                        break;
                    }
                    tokio::time::sleep(left.min(std::time::Duration::from_secs(60))).await;
                }
            }
            Source::Simulated(idle) => {
                let (name, released) = idle.ledger().wait_for(name, at);
                let _withdrawn_when_dropped = Timer { idle, name };
                // The sender lives in the ledger until it fires.
                let _ = released.await;
            }
        }
    }

    /// Counts a request that a vendor makes to us, until what is returned is dropped.
    pub(crate) fn count_webhook(&self) -> Option<Webhook> {
        match &self.source {
            Source::System => None,
            Source::Simulated(idle) => Some(Webhook { idle: Arc::clone(idle) }),
        }
    }

    fn count_exchange(&self) -> Option<Exchange<'_>> {
        match &self.source {
            Source::System => None,
            Source::Simulated(idle) => {
                idle.ledger().change(|ledger| ledger.sent += 1);
                Some(Exchange { idle })
            }
        }
    }
}

/// What the simulated clock needs to know of this process; the runtime calls it when nothing can run.
#[derive(Default)]
pub struct Idle {
    ledger: Mutex<Ledger>,
    changed: Notify,
    /// Told once, when the clock no longer answers.
    gone: Notify,
}

impl Idle {
    /// To be called just before the runtime's only thread parks.
    pub fn nothing_left_to_do(&self) {
        let mut ledger = self.ledger();
        // Once for each change: who was told and waits for an answer is not told again of the same.
        if ledger.has_news() && ledger.idle_at != ledger.version {
            ledger.idle_at = ledger.version;
            self.changed.notify_one();
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("nobody panics while holding the ledger")
    }
}

#[derive(Default)]
struct Ledger {
    running: bool,
    now: Timestamp,
    timers: BTreeMap<String, (Timestamp, oneshot::Sender<()>)>,
    numbers: HashMap<String, u64>,
    sent: u64,
    finished: u64,
    webhooks: u64,
    /// What is under way and takes no simulated time.
    beside: u64,
    /// Grows with every change; what was last posted is compared with it.
    version: u64,
    posted: u64,
    /// The version at which there was nothing left to do.
    idle_at: u64,
    /// What the numbers of this process's reports begin with: above those of one that was killed before.
    first_number: u64,
    failures: u32,
}

impl Ledger {
    fn begin(&mut self, now: Timestamp) {
        self.running = true;
        self.first_number = u64::try_from(Timestamp::now().as_microsecond()).unwrap_or_default();
        self.change(|ledger| ledger.now = now);
    }

    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        change(self);
        self.version += 1;
    }

    fn has_news(&self) -> bool {
        self.running && self.version != self.posted && self.beside == 0
    }

    fn awaits_answers(&self) -> bool {
        self.sent != self.finished
    }

    /// Whether there is news, and nothing to do about it but to report it.
    fn is_idle(&self) -> bool {
        self.has_news() && self.idle_at == self.version
    }

    /// Names are numbered per purpose, so that each is unique and the same in every run.
    fn wait_for(&mut self, purpose: &str, until: Timestamp) -> (String, oneshot::Receiver<()>) {
        let number = self.numbers.entry(purpose.to_owned()).or_default();
        *number += 1;
        let name = format!("{purpose}#{number}");
        let (fire, released) = oneshot::channel();
        self.change(|ledger| {
            ledger.timers.insert(name.clone(), (until, fire));
        });
        (name, released)
    }

    fn release(&mut self, told: &Told) {
        self.failures = 0;
        if told.replaced {
            return;
        }
        self.change(|ledger| {
            ledger.now = ledger.now.max(told.now);
            let timer = told.released.as_ref().and_then(|name| ledger.timers.remove(name));
            if let Some((_, fire)) = timer {
                // The waiter may have been dropped in this very moment; then nobody needs to know.
                let _ = fire.send(());
            }
        });
    }

    fn report(&mut self, party: &str) -> Value {
        self.posted = self.version;
        let timers: Vec<_> =
            self.timers.iter().map(|(name, (until, _))| json!({"until": until.to_string(), "name": name})).collect();
        // Reports travel on different connections and may overtake one another: the number tells the newer one.
        json!({
            "party": party,
            "number": self.first_number + self.posted,
            "timers": timers,
            "sent": self.sent,
            "finished": self.finished,
            "webhooks": self.webhooks,
        })
    }
}

struct Timer<'a> {
    idle: &'a Idle,
    name: String,
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        let mut ledger = self.idle.ledger();
        if ledger.timers.remove(&self.name).is_some() {
            ledger.change(|_| {});
        }
    }
}

struct Exchange<'a> {
    idle: &'a Idle,
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        self.idle.ledger().change(|ledger| ledger.finished += 1);
    }
}

struct Beside<'a> {
    idle: &'a Idle,
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        self.idle.ledger().change(|ledger| ledger.beside -= 1);
    }
}

/// A request of a vendor's that is being answered.
pub(crate) struct Webhook {
    idle: Arc<Idle>,
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.idle.ledger().change(|ledger| ledger.webhooks += 1);
    }
}

/// What the clock answers.
#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(default, deserialize_with = "timestamp")]
    now: Timestamp,
    #[serde(default)]
    released: Option<String>,
    #[serde(default)]
    replaced: bool,
}

fn timestamp<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

async fn report_when_idle(idle: Arc<Idle>, client: reqwest::Client, url: String, party: String) {
    loop {
        idle.changed.notified().await;
        // Time can only go on before an answer comes if that is held back; then it is soon enough to report a little later.
        while idle.ledger().awaits_answers() {
            tokio::select! {
                () = idle.changed.notified() => {}
                () = tokio::time::sleep(ANSWERS_COME_WITHIN) => break,
            }
        }
        let report = {
            let mut ledger = idle.ledger();
            if !ledger.is_idle() {
                continue;
            }
            ledger.report(&party)
        };
        // A report that is still held stays open: it may carry a release that was decided before it was replaced.
        tokio::spawn(post(Arc::clone(&idle), client.clone(), url.clone(), report));
    }
}

async fn post(idle: Arc<Idle>, client: reqwest::Client, url: String, report: Value) {
    let answer = async { client.post(url).json(&report).send().await?.error_for_status()?.json::<Told>().await };
    match answer.await {
        Ok(told) => idle.ledger().release(&told),
        Err(error) => {
            let mut ledger = idle.ledger();
            ledger.failures += 1;
            if ledger.failures >= CLOCK_FAILURES {
                ledger.running = false;
                tracing::error!(error = %error.without_url(), "the simulated clock does not answer");
                idle.gone.notify_one();
            } else {
                ledger.change(|_| {});
            }
        }
    }
}

#[cfg(test)]
mod tests;
