//! What the stack says it has.

use simulator::time::SimTime;

use crate::contract::event::{APP_PERMISSIONS, APPLICATION_ERROR, USER_INVENTORY};
use crate::contract::{Event, Said};

use super::posture::POSTURE;
use super::truth::Truth;
use super::usage::APP_USAGE;
use super::{Facts, Heard, by_webhook, said};

/// A reported event.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// What it says.
    pub event: Event,
    /// The record it is a copy of.
    pub record: Option<usize>,
}

impl Taken {
    /// Whether it is a row of a user list and no entry of a log.
    pub fn is_user_row(&self) -> bool {
        let of_list = |log: &str| matches!(log, "members" | "users");
        self.event.class == Some(USER_INVENTORY) || self.event.log.as_deref().is_some_and(of_list)
    }

    /// Whether it speaks of the stack itself and of nothing a vendor recorded.
    pub fn is_own_trouble(&self) -> bool {
        self.event.class == Some(APPLICATION_ERROR)
    }
}

/// Every reported event, in order; rows of app usage, of app permissions and of posture are none.
pub(super) fn taken(heard: &[Heard], truth: &Truth) -> Vec<Taken> {
    said(heard)
        .filter_map(|(heard, said)| match said {
            Said::Event(event) if matches!(event.log.as_deref(), Some(APP_USAGE | APP_PERMISSIONS | POSTURE)) => None,
            Said::Event(event) => Some(Taken {
                number: heard.number,
                read_at: heard.read_at,
                record: truth.find(&event.tenant, event.log.as_deref(), &event.uid),
                event: event.clone(),
            }),
            _ => None,
        })
        .collect()
}

/// Where a reported event or user row comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// From the instance it names.
    Here,
    /// From these instances and not the one it names; from none of them if it names one that does not exist.
    Elsewhere(Vec<String>),
    /// From none.
    Nowhere,
}

impl Facts<'_> {
    /// Events that are said to be entries of a log.
    pub fn entries(&self) -> impl Iterator<Item = &Taken> {
        self.taken.iter().filter(|t| !t.is_user_row() && !t.is_own_trouble())
    }

    /// Where an event or a user row comes from.
    pub fn home(&self, taken: &Taken) -> Home {
        let event = &taken.event;
        if self.script.scenario.app(&event.tenant).is_none() {
            return Home::Elsewhere(Vec::new());
        }
        let known = |app: &str| match taken.is_user_row() {
            true => self.has_user(app, &event.uid),
            false => self.truth.find(app, event.log.as_deref(), &event.uid).is_some() || self.gave_out(app, &event.uid),
        };
        if known(&event.tenant) {
            return Home::Here;
        }
        let others = self.script.scenario.apps.iter().map(|a| &a.name).filter(|a| **a != event.tenant && known(a));
        let others: Vec<String> = others.cloned().collect();
        if others.is_empty() { Home::Nowhere } else { Home::Elsewhere(others) }
    }

    /// Whether a user id is one of this instance's.
    fn has_user(&self, app: &str, uid: &str) -> bool {
        self.recording.people.iter().any(|p| p.accounts.get(app).is_some_and(|id| id == uid)) || self.gave_out(app, uid)
    }

    /// Whether an instance ever answered with an entry of this id.
    fn gave_out(&self, app: &str, id: &str) -> bool {
        let pages = self.recording.journal.iter().filter(|e| e.app == app).filter_map(|e| e.notes.page.as_ref());
        pages.flat_map(|page| &page.served).any(|served| **served == *id)
    }

    /// What an event is told apart by within its instance: its id, or the record's where the stack had to make one up.
    pub fn name_of<'a>(&'a self, taken: &'a Taken) -> &'a str {
        let nameless = taken.record.map(|r| &self.recording.truth[r]).filter(|r| self.by_webhook.is_of(r));
        nameless.map_or(&taken.event.uid, |record| &record.event_id)
    }

    /// When a record was first reported, by any copy of it.
    pub fn first_taken(&self, record: usize) -> Option<SimTime> {
        // An entry that the vendor shows a second time is one record to the stack.
        let mine = self.taken.iter().filter(|t| t.record.is_some_and(|r| self.are_one(r, record)));
        mine.map(|t| t.read_at).min()
    }

    /// Whether no stack can tell two records apart.
    fn are_one(&self, a: usize, b: usize) -> bool {
        let (one, other) = (&self.recording.truth[a], &self.recording.truth[b]);
        let of_one_log = (&one.app, &one.log) == (&other.app, &other.log);
        a == b
            || of_one_log && one.event_id == other.event_id
            || of_one_log && self.by_webhook.is_of(one) && by_webhook::look_alike(one, other)
    }
}
