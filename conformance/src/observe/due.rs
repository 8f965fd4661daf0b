//! Which records a stack had to take in: every record of a claimed feed inside what it declares, and every record that
//! was in fact served to it.
//!
//! All tolerances are here, and each errs on the side of the stack:
//!
//! - An app without a backfill is read from its connection on; with one, from that much before.
//! - A record that appears later than the declared look-back after its time need not be found.
//! - A record needs two poll intervals, after it appeared and after the last fault its app met, to be due. That the app lets
//!   only some addresses in, and not the stack's, counts like a fault. A pause that
//!   the vendor asked for and that lasts beyond the end of the run excuses what appeared after its beginning.
//! - Under the machine's clock only what the first poll could see is due.
//! - What has left the vendor's log before a poll could see it is not due.
//! - A withdrawn grant ends what can be had, unless the app is connected again.
//! - A second instance that the stack declares to refuse, and refused, is not read.
//! - A log that the stack's access is not granted need not be read.
//! - What was not due yet when the state was lost is lost with it, unless it lies in the backfill of the next connection.
//! - A page whose stack was killed before it asked again counts as not served.
//! - A log that comes by a webhook alone is judged by its deliveries ([`super::by_webhook`]).
//!
//! `docs/src/contract.md` has the numbers that a stack declares.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::journal::Entry;
use simulator::protocol::exchange::Access;
use simulator::scenario::Scenario;
use simulator::time::SimTime;

use crate::contract::status::Phase;
use crate::recording::{ProcessWhat, TruthRecord};

use super::served::{REVOKED, is_shut_out, is_the_stacks, succeeded};
use super::{Facts, by_webhook};

/// A record that had to be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which: place in the recording's truth.
    pub record: usize,
    /// Why.
    pub why: Why,
}

/// Why a record had to be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It lies within what the stack declares to read, or was delivered as often as the vendor tries and not taken.
    Declared,
    /// It was served.
    Served,
}

pub(super) fn due(facts: &Facts<'_>) -> Vec<Due> {
    let mut horizons: BTreeMap<(&str, &str), Option<Horizon>> = BTreeMap::new();
    let mut due = Vec::new();
    for (index, record) in facts.recording.truth.iter().enumerate() {
        if !facts.claims_record(record) || facts.is_refused_instance(&record.app) {
            continue;
        }
        if facts.by_webhook.is_of(record) {
            due.extend(by_webhook::why(facts, index).map(|why| Due { record: index, why }));
            continue;
        }
        let key = (record.app.as_str(), record.log.as_str());
        let horizon = horizons.entry(key).or_insert_with(|| Horizon::new(facts, &record.app, &record.log));
        if was_served(facts, index) {
            due.push(Due { record: index, why: Why::Served });
        } else if horizon.as_ref().is_some_and(|h| h.holds(record))
            && may_read(&facts.script.scenario, &record.app, &record.log)
        {
            due.push(Due { record: index, why: Why::Declared });
        }
    }
    due
}

/// What a stack declares to read of one log, laid over what happened to its connection.
struct Horizon {
    /// The poll that begins it.
    begins: SimTime,
    /// The first time whose records are read.
    earliest: SimTime,
    /// How much later than its time a record may appear.
    lateness: Duration,
    /// When the last fault, or the app's allow list, met an exchange of the app.
    last_trouble: SimTime,
    /// Until when a correct stack is sure to have polled.
    last_chance: SimTime,
    /// When the state was lost, and the first time whose records are read again after that.
    lost: Vec<(SimTime, SimTime)>,
    /// Two polls.
    patience: Duration,
    /// How far back the vendor's log goes.
    retention: Option<Duration>,
    /// Whether polls come when they are declared to. Under the machine's clock they last as long as the machine makes them.
    polls_in_time: bool,
}

impl Horizon {
    fn new(facts: &Facts<'_>, app: &str, log: &str) -> Option<Self> {
        let (_, instance) = facts.script.scenario.app(app)?;
        let (poll, look_back) = (facts.declares.poll_every, facts.declares.look_back);
        let connected = connected(facts, app);
        let first = first_page(facts, app, log);
        let backfill = facts.declares.backfill(app, instance.vendor.name());
        let again = |wiped| {
            (wiped, connected_after(facts, app, wiped).map_or(facts.recording.ended, |at| at + poll - backfill))
        };
        let begins = first.map_or(connected, |first| first.clamp(connected, connected + poll));
        Some(Self {
            begins,
            earliest: begins - backfill,
            lost: facts.wipes().map(again).collect(),
            // Looking back may be meant from the poll or from the checkpoint, which is one poll earlier.
            lateness: if look_back > poll { look_back - poll } else { look_back },
            last_trouble: last_trouble(facts, app),
            last_chance: last_chance(facts, app),
            patience: poll * 2,
            retention: instance.retention,
            polls_in_time: facts.has_deadlines(),
        })
    }

    fn holds(&self, record: &TruthRecord) -> bool {
        let happened = record.occurred.min(record.persisted);
        let visible = record.available.max(self.last_trouble);
        let lost = |(wiped, again): &(SimTime, SimTime)| happened < *again && record.available + self.patience > *wiped;
        happened >= self.earliest
            && !self.lost.iter().any(lost)
            // What was there at the first poll needs no look-back.
            && (record.available <= self.begins || record.available.since(happened) <= self.lateness)
            && (self.polls_in_time || record.available <= self.begins)
            && visible + self.patience <= self.last_chance
            && self.retention.is_none_or(|retention| happened + retention > visible + self.patience)
    }
}

/// When an instance could first be read: `connected`, else the stack's being ready, else its start.
pub fn connected(facts: &Facts<'_>, app: &str) -> SimTime {
    let told = facts.told.iter().find(|t| t.status.phase == Phase::Connected && t.status.app.as_deref() == Some(app));
    let ready = facts.recording.process.iter().find(|e| e.what == ProcessWhat::Ready).map(|e| e.at);
    let ready = ready.unwrap_or(facts.recording.started);
    told.map_or(ready, |t| t.read_at.max(ready))
}

/// When an instance could be read again after `wiped`, if it ever was.
fn connected_after(facts: &Facts<'_>, app: &str, wiped: SimTime) -> Option<SimTime> {
    let mut told = facts.told.iter().filter(|t| t.status.phase == Phase::Connected && t.read_at > wiped);
    let told = told.find(|t| t.status.app.as_deref() == Some(app)).map(|t| t.read_at);
    let ready = || facts.recording.process.iter().find(|e| e.what == ProcessWhat::Ready && e.at > wiped).map(|e| e.at);
    told.or_else(ready)
}

/// Whether the access that the stack is given opens a log.
pub(super) fn may_read(scenario: &Scenario, app: &str, log: &str) -> bool {
    let Some((_, app)) = scenario.app(app) else { return false };
    let Some(granted) = &app.scopes else { return true };
    let routes = simulator::vendors::spec(app.vendor).routes.iter().filter(|route| route.feed == Some(log));
    let opens = |access: Access| match access {
        // A key is not among what is granted or not.
        Access::Public | Access::Token([]) | Access::Key(_) => true,
        Access::Token(scopes) => scopes.iter().any(|scope| granted.iter().any(|g| g == scope)),
    };
    routes.map(|route| route.access).any(opens)
}

fn was_served(facts: &Facts<'_>, record: usize) -> bool {
    facts.served.exchanges(record).iter().any(|exchange| outlived(facts, *exchange))
}

/// Whether the stack had the time to take in what an exchange gave: it was not killed before it asked the app again.
pub(crate) fn outlived(facts: &Facts<'_>, exchange: usize) -> bool {
    let journal = &facts.recording.journal;
    let entry = &journal[exchange];
    let next = journal[exchange + 1..].iter().find(|e| e.app == entry.app).map_or(facts.recording.ended, |e| e.at);
    !facts.killed_between(entry.ended, next)
}

fn first_page(facts: &Facts<'_>, app: &str, log: &str) -> Option<SimTime> {
    let of_log = |e: &&Entry| e.notes.page.as_ref().is_some_and(|p| p.log.as_deref() == Some(log));
    let mine = facts.recording.journal.iter().filter(|e| e.app == app && succeeded(e, facts.declares));
    mine.filter(of_log).map(|e| e.at).next()
}

/// When the last fault, or an allow list that leaves out the stack's address, met an exchange of the app.
fn last_trouble(facts: &Facts<'_>, app: &str) -> SimTime {
    let met = |e: &Entry| e.fault.is_some() || is_shut_out(e);
    let faulty = facts.recording.journal.iter().filter(|e| e.app == app && met(e) && is_the_stacks(e));
    let faulty = faulty.map(|e| e.ended.max(e.at));
    faulty.chain(facts.kills()).max().unwrap_or(facts.recording.started)
}

/// Until when a correct stack is sure to have polled: the end, unless it was told to pause beyond it or lost its grant.
fn last_chance(facts: &Facts<'_>, app: &str) -> SimTime {
    let end = facts.recording.ended;
    let mine = || facts.recording.journal.iter().filter(|e| e.app == app);
    let pauses = mine().filter_map(|e| {
        let told = Duration::try_from_secs_f64(e.retry_after_s?.max(0.0)).ok()?;
        (e.ended + told + facts.declares.poll_every > end).then_some(e.at)
    });
    let revoked = mine().filter(|e| e.fault.as_ref().is_some_and(|f| f.kind == REVOKED)).map(|e| e.at);
    let revoked =
        revoked.filter(|at| !mine().any(|e| e.at > *at && e.notes.page.is_some() && succeeded(e, facts.declares)));
    pauses.chain(revoked).min().unwrap_or(end).min(end)
}
