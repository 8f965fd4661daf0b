//! The virtual clock that simulator and stack share.
//!
//! The simulation is *quiet* when every declared party has reported, no request is under way but those that a fault holds,
//! every webhook that was sent has been dealt with, and nobody in the harness holds the clock. Only then does time move:
//! exactly one timer or held answer is released, the smallest `(time, name)`, and quiet is awaited again. Releasing one at
//! a time makes parallel connectors deterministic, and a request timeout can never fire falsely.
//!
//! When time moves for anything but a party's own timer, all parties are told first and quiet is awaited again at the
//! new time. A party therefore never handles an answer while believing an older time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::report::{ClockAnswer, ClockReport, PartyTimer};
use super::wall;
use crate::time::SimTime;

/// So much wall time without quiet means that somebody is busy for ever.
pub(super) const BUSY_AFTER: Duration = Duration::from_secs(30);

/// Looks that are taken in that time.
const BUSY_LOOKS: u32 = 10;

/// Whether time can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It can.
    Running,
    /// Quiet, and nothing is left to release.
    Stuck,
    /// No quiet for too long; says what was awaited.
    Busy {
        /// What quiet was waiting for.
        why: String,
    },
}

/// A clock that jumps.
pub struct Coordinator {
    inner: Mutex<Inner>,
    status: watch::Sender<Progress>,
}

struct Inner {
    now: SimTime,
    started: bool,
    declared: usize,
    parties: BTreeMap<String, Party>,
    waiting: BTreeMap<(SimTime, String, u64), Waiting>,
    next_id: u64,
    holds: usize,
    /// Told apart so that exchanges of a killed process do not count against its successor.
    epoch: u64,
    arrived: u64,
    ended: u64,
    detained: u64,
    webhooks: Webhooks,
    /// Grows whenever time can go on or the harness has done something.
    progress: u64,
    before_move: Option<BeforeMove>,
}

/// Looks at how things stand just before time moves. Gives the hold back, or keeps it: then time stands still until the
/// hold is dropped.
type BeforeMove = Box<dyn FnMut(SimTime, Hold) -> Option<Hold> + Send>;

/// Requests made to the parties.
#[derive(Clone, Copy, Debug, Default)]
struct Webhooks {
    sent: u64,
    answered: u64,
    given_up: u64,
}

struct Party {
    number: Option<u64>,
    timers: Vec<PartyTimer>,
    sent: u64,
    finished: u64,
    webhooks: u64,
    webhooks_open: u64,
    report: u64,
    reply: Option<oneshot::Sender<ClockAnswer>>,
}

enum Waiting {
    Timer(oneshot::Sender<Hold>),
    Exchange { epoch: u64, go: oneshot::Sender<()> },
}

/// The clock does not move while one of these is alive.
pub struct Hold {
    of: Arc<Coordinator>,
    counted: bool,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.counted {
            self.of.change(|inner| {
                inner.holds -= 1;
                inner.progress += 1;
            });
        }
    }
}

/// Looks before each move of a clock until dropped.
#[must_use]
pub struct Lookout {
    of: Arc<Coordinator>,
}

impl Drop for Lookout {
    fn drop(&mut self) {
        let call = self.of.lock().before_move.take();
        // It may hold what wants the clock in its turn.
        drop(call);
    }
}

/// A timer of the harness's own, registered when it was made.
pub struct Timer {
    of: Arc<Coordinator>,
    key: (SimTime, String, u64),
    due: oneshot::Receiver<Hold>,
}

impl Timer {
    /// Waits until the time has come. The clock stands still until the hold is dropped.
    pub async fn released(mut self) -> Hold {
        match (&mut self.due).await {
            Ok(hold) => hold,
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let key = self.key.clone();
        self.of.change(|inner| drop(inner.waiting.remove(&key)));
    }
}

/// Counts an exchange as open until dropped.
pub struct ExchangeGuard {
    of: Arc<Coordinator>,
    epoch: u64,
}

impl Drop for ExchangeGuard {
    fn drop(&mut self) {
        let epoch = self.epoch;
        self.of.change(|inner| {
            if inner.epoch == epoch {
                inner.ended += 1;
            }
        });
    }
}

/// Counts a request to a party as under way until dropped; then it was answered.
pub struct WebhookGuard {
    of: Arc<Coordinator>,
    epoch: u64,
    end: WebhookEnd,
}

/// How a request to a party ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookEnd {
    /// It was answered, or broke off after it was sent.
    Answered,
    /// It never got there: the party cannot know of it.
    NotReached,
    /// Its answer was not waited for any longer.
    GivenUp,
}

impl WebhookGuard {
    /// Ends it otherwise than by an answer.
    pub fn end(mut self, end: WebhookEnd) {
        self.end = end;
    }
}

impl Drop for WebhookGuard {
    fn drop(&mut self) {
        let (epoch, end) = (self.epoch, self.end);
        self.of.change(|inner| {
            if inner.epoch == epoch {
                match end {
                    WebhookEnd::Answered => inner.webhooks.answered += 1,
                    WebhookEnd::NotReached => inner.webhooks.sent -= 1,
                    WebhookEnd::GivenUp => inner.webhooks.given_up += 1,
                }
            }
        });
    }
}

impl Coordinator {
    /// A clock that stands at `now` and does not move before [`Coordinator::start`].
    pub fn new(now: SimTime) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                now,
                started: false,
                declared: 0,
                parties: BTreeMap::new(),
                waiting: BTreeMap::new(),
                next_id: 0,
                holds: 0,
                epoch: 0,
                arrived: 0,
                ended: 0,
                detained: 0,
                webhooks: Webhooks::default(),
                progress: 0,
                before_move: None,
            }),
            status: watch::Sender::new(Progress::Running),
        })
    }

    /// The time it is.
    pub fn now(&self) -> SimTime {
        self.lock().now
    }

    /// How many parties must have reported before anything is released.
    pub fn declare_parties(self: &Arc<Self>, count: usize) {
        self.change(|inner| inner.declared = count);
    }

    /// Called with the time it is, each time just before it moves, until what is given back here is dropped. A hold that is
    /// not given back keeps it where it is. The clock is locked meanwhile: whoever is called asks it nothing, and drops no
    /// hold.
    pub fn before_each_move(
        self: &Arc<Self>,
        call: impl FnMut(SimTime, Hold) -> Option<Hold> + Send + 'static,
    ) -> Lookout {
        self.lock().before_move = Some(Box::new(call));
        Lookout { of: Arc::clone(self) }
    }

    /// Lets time pass from now on, and begins to watch that it can.
    pub fn start(self: &Arc<Self>) {
        self.start_watched(BUSY_AFTER);
    }

    fn start_watched(self: &Arc<Self>, busy_after: Duration) {
        self.change(|inner| inner.started = true);
        let clock = Arc::downgrade(self);
        tokio::spawn(async move {
            let (mut last, mut looks) = (u64::MAX, 0);
            loop {
                wall::wall_sleep(busy_after / BUSY_LOOKS).await;
                let Some(clock) = clock.upgrade() else { return };
                let (progress, held, why) = {
                    let inner = clock.lock();
                    (inner.progress, inner.holds > 0, inner.awaited())
                };
                // What the harness itself takes its time over is not the stack's.
                looks = if progress == last && !held { looks + 1 } else { 0 };
                if let (BUSY_LOOKS.., Some(why)) = (looks, why) {
                    clock.status.send_replace(Progress::Busy { why });
                    return;
                }
                last = progress;
            }
        });
    }

    /// Keeps the clock still while alive.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.lock().holds += 1;
        Hold { of: Arc::clone(self), counted: true }
    }

    /// A timer of the harness's own. It stands from this call on, before anything is awaited.
    pub fn timer(self: &Arc<Self>, until: SimTime, name: &str) -> Timer {
        let (go, due) = oneshot::channel();
        let mut inner = self.lock();
        let id = inner.id();
        let key = (until, name.to_owned(), id);
        inner.waiting.insert(key.clone(), Waiting::Timer(go));
        drop(inner);
        Timer { of: Arc::clone(self), key, due }
    }

    /// Forgets all parties and their exchanges: the process was killed.
    pub fn forget_parties(self: &Arc<Self>) {
        self.change(|inner| {
            inner.epoch += 1;
            (inner.arrived, inner.ended, inner.detained, inner.declared) = (0, 0, 0, 0);
            inner.webhooks = Webhooks::default();
            inner.parties.clear();
            inner.waiting.retain(|_, waiting| matches!(waiting, Waiting::Timer(_)));
        });
    }

    /// How many exchanges are open, held ones among them.
    pub fn open_exchanges(&self) -> u64 {
        let inner = self.lock();
        inner.arrived - inner.ended
    }

    /// How many timers the parties wait for. A party that is idle without one waits to be called.
    pub fn party_timers(&self) -> usize {
        self.lock().parties.values().map(|party| party.timers.len()).sum()
    }

    /// Whether time can go on; changes at most once, to [`Progress::Stuck`] or [`Progress::Busy`].
    pub fn status(&self) -> watch::Receiver<Progress> {
        self.status.subscribe()
    }

    /// Counts an exchange in. It is open until the guard is dropped.
    pub fn arrive(self: &Arc<Self>) -> ExchangeGuard {
        let mut inner = self.lock();
        inner.arrived += 1;
        ExchangeGuard { of: Arc::clone(self), epoch: inner.epoch }
    }

    /// Counts a request to a party as sent. It is under way until the guard is dropped.
    pub fn send_webhook(self: &Arc<Self>) -> WebhookGuard {
        let mut inner = self.lock();
        inner.webhooks.sent += 1;
        WebhookGuard { of: Arc::clone(self), epoch: inner.epoch, end: WebhookEnd::Answered }
    }

    /// Holds an open exchange until `until`, or for as long as the client bears it.
    pub async fn detain(self: &Arc<Self>, exchange: &ExchangeGuard, until: Option<SimTime>, name: &str) {
        /// Undoes the detention when the client gives up.
        struct Detained<'a> {
            of: &'a Arc<Coordinator>,
            epoch: u64,
            key: Option<(SimTime, String, u64)>,
            over: bool,
        }
        impl Drop for Detained<'_> {
            fn drop(&mut self) {
                if self.over {
                    return;
                }
                let (epoch, key) = (self.epoch, self.key.take());
                self.of.change(|inner| {
                    if inner.epoch == epoch {
                        inner.detained -= 1;
                    }
                    if let Some(key) = key {
                        inner.waiting.remove(&key);
                    }
                });
            }
        }

        let (go, due) = oneshot::channel();
        let mut key = None;
        self.change(|inner| {
            if inner.epoch == exchange.epoch {
                inner.detained += 1;
            }
            if let Some(until) = until {
                let id = inner.id();
                let k = (until.max(inner.now), name.to_owned(), id);
                inner.waiting.insert(k.clone(), Waiting::Exchange { epoch: exchange.epoch, go });
                key = Some(k);
            }
        });
        let mut detained = Detained { of: self, epoch: exchange.epoch, key, over: false };
        if until.is_some() && due.await.is_ok() {
            detained.over = true;
            return;
        }
        std::future::pending::<()>().await;
    }

    /// A party's report; resolves when the party is to go on. Dropped before that, the party is gone.
    pub async fn report(self: &Arc<Self>, report: ClockReport) -> ClockAnswer {
        /// Takes the party off the list when its connection closes.
        struct Registered<'a> {
            of: &'a Arc<Coordinator>,
            party: String,
            report: u64,
        }
        impl Drop for Registered<'_> {
            fn drop(&mut self) {
                let mut inner = self.of.lock();
                // An answered report has no reply left: then the party lives, and is about to report again.
                if inner.parties.get(&self.party).is_some_and(|p| p.report == self.report && p.reply.is_some()) {
                    inner.parties.remove(&self.party);
                }
            }
        }

        let (reply, answer) = oneshot::channel();
        let party = report.party.clone();
        let mut id = 0;
        self.change(|inner| {
            id = inner.id();
            if inner.parties.get(&report.party).is_some_and(|known| known.number > report.number) {
                // It was overtaken on its way by a newer one.
                let _ = reply.send(ClockAnswer::Replaced { replaced: true });
                return;
            }
            let ClockReport { party, number, timers, sent, finished, webhooks, webhooks_open } = report;
            let reply = Some(reply);
            let new = Party { number, timers, sent, finished, webhooks, webhooks_open, report: id, reply };
            if let Some(Party { reply: Some(old), .. }) = inner.parties.insert(party, new) {
                // The older post may be gone already; then nobody needs to know.
                let _ = old.send(ClockAnswer::Replaced { replaced: true });
            }
        });
        let _registered = Registered { of: self, party, report: id };
        answer.await.unwrap_or(ClockAnswer::Replaced { replaced: true })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change, then lets time pass as far as it can.
    fn change(self: &Arc<Self>, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.lock();
        change(&mut inner);
        if inner.pump(self) == Pumped::NothingLeft {
            self.status.send_if_modified(|status| {
                let first = *status == Progress::Running;
                if first {
                    *status = Progress::Stuck;
                }
                first
            });
        }
    }
}

/// Whether time has come where it was to go, or somebody keeps it back.
#[derive(PartialEq)]
enum Moved {
    There,
    Held,
}

#[derive(PartialEq)]
enum Pumped {
    Waits,
    NothingLeft,
}

impl Inner {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// What quiet waits for; `None` when it is quiet.
    fn awaited(&self) -> Option<String> {
        if !self.started {
            return Some("the start".to_owned());
        }
        if self.holds > 0 {
            return Some("the harness to finish what it is doing".to_owned());
        }
        let reported = self.parties.values().filter(|p| p.reply.is_some()).count();
        if reported < self.declared {
            return Some(format!(
                "{} of {} parties to report that they are idle",
                self.declared - reported,
                self.declared
            ));
        }
        let (sent, finished) = (self.sum(|p| p.sent), self.sum(|p| p.finished));
        if sent != self.arrived {
            return Some(format!("requests: the stack says it sent {sent}, {} arrived", self.arrived));
        }
        if finished != self.ended {
            return Some(format!(
                "answers: the stack says {finished} requests ended for it, {} were answered",
                self.ended
            ));
        }
        if self.arrived - self.ended != self.detained {
            return Some(format!("{} requests to be answered", self.arrived - self.ended - self.detained));
        }
        self.webhooks_awaited()
    }

    /// What the parties say, together; they may say anything.
    fn sum(&self, said: fn(&Party) -> u64) -> u64 {
        self.parties.values().map(said).fold(0, u64::saturating_add)
    }

    /// What is awaited of the requests made to the parties. Where no party is declared their answers alone count.
    fn webhooks_awaited(&self) -> Option<String> {
        let Webhooks { sent, answered, given_up } = self.webhooks;
        if self.declared == 0 {
            let open = sent - answered - given_up;
            return (open > 0).then(|| format!("{open} webhooks to be answered"));
        }
        let (handled, open) = (self.sum(|p| p.webhooks), self.sum(|p| p.webhooks_open));
        if handled.saturating_add(open) != sent {
            return Some(format!("webhooks: {sent} were sent, the stack says it handled {handled} and is at {open}"));
        }
        // What was given up may be handled all the same, or not.
        (answered + given_up < handled).then(|| format!("the answers of {} webhooks", handled - answered - given_up))
    }

    /// Releases what is due, one at a time, until somebody has something to do.
    fn pump(&mut self, clock: &Arc<Coordinator>) -> Pumped {
        while self.awaited().is_none() {
            let first_party = self
                .parties
                .iter()
                .flat_map(|(party, p)| p.timers.iter().map(move |t| (t.until, t.name.as_str(), party)))
                .min()
                .map(|(until, name, party)| (until, name.to_owned(), party.clone()));
            let first_waiting = self.waiting.keys().next().map(|(until, name, _)| (*until, name.clone()));
            match (first_party, first_waiting) {
                (None, None) => return Pumped::NothingLeft,
                (Some((until, name, party)), waiting)
                    if waiting.as_ref().is_none_or(|w| (until, &name) <= (w.0, &w.1)) =>
                {
                    if self.move_to(until, clock) == Moved::Held {
                        return Pumped::Waits;
                    }
                    self.progress += 1;
                    self.tell_all(Some((&party, &name)));
                }
                (_, Some((until, _))) => {
                    let later = until > self.now;
                    if self.move_to(until, clock) == Moved::Held {
                        return Pumped::Waits;
                    }
                    if later && !self.parties.is_empty() {
                        self.tell_all(None);
                        continue;
                    }
                    self.progress += 1;
                    self.release_first_waiting(clock);
                }
                (Some(_), None) => unreachable!("a party's timer with nothing else waiting is always the first"),
            }
        }
        Pumped::Waits
    }

    fn move_to(&mut self, until: SimTime, clock: &Arc<Coordinator>) -> Moved {
        if until <= self.now {
            return Moved::There;
        }
        if let Some(call) = &mut self.before_move {
            self.holds += 1;
            let Some(mut back) = call(self.now, Hold { of: Arc::clone(clock), counted: true }) else {
                return Moved::Held;
            };
            // Dropped uncounted: the clock is locked here.
            back.counted = false;
            self.holds -= 1;
        }
        self.now = until;
        Moved::There
    }

    /// Answers every party's report: the owner of a released timer hears its name, the others only the time.
    fn tell_all(&mut self, released: Option<(&str, &str)>) {
        for (name, party) in &mut self.parties {
            let own = released.filter(|(owner, _)| owner == name).map(|(_, timer)| timer.to_owned());
            party.timers.retain(|t| Some(&t.name) != own.as_ref());
            if let Some(reply) = party.reply.take() {
                // A party that has gone is noticed by its closed connection.
                let _ = reply.send(ClockAnswer::Moved { now: self.now, released: own });
            }
        }
    }

    fn release_first_waiting(&mut self, clock: &Arc<Coordinator>) {
        match self.waiting.pop_first() {
            Some((_, Waiting::Timer(go))) => {
                self.holds += 1;
                if let Err(mut unheard) = go.send(Hold { of: Arc::clone(clock), counted: true }) {
                    self.holds -= 1;
                    unheard.counted = false;
                }
            }
            Some((_, Waiting::Exchange { epoch, go })) => {
                if epoch == self.epoch {
                    self.detained -= 1;
                }
                let _ = go.send(());
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
