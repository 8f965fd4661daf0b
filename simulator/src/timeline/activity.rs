//! One thing one person did, and the records it left.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use crate::scenario::{AppIndex, AttackIndex, Outcome, Using, Verb};
use crate::time::SimTime;
use crate::world::{PersonIndex, Place};

/// One thing one actor did, at one moment, from one place.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Which activity, for ever.
    pub id: ActivityId,
    /// When it happened.
    pub occurred: SimTime,
    /// Whose account.
    pub actor: PersonIndex,
    /// Which instance, for what happens in one.
    pub app: Option<AppIndex>,
    /// What was done.
    pub verb: Verb,
    /// How it ended.
    pub outcome: Outcome,
    /// Address of the request; none for what a service does itself.
    pub address: Option<IpAddr>,
    /// Where that address really is.
    pub place: Option<&'static Place>,
    /// What held the request.
    pub using: Using,
    /// User agent of the device.
    pub user_agent: Arc<str>,
    /// Which session it belongs to, an opaque id.
    pub session: Option<Arc<str>>,
    /// A person acted upon.
    pub target: Option<PersonIndex>,
    /// A thing acted upon.
    pub object: Option<Arc<str>>,
    /// `to`, `with`, `setting`, `role`, `scopes`, `name`, as the verb takes them.
    pub details: BTreeMap<String, String>,
    /// Benign, or which attack.
    pub attack: Option<AttackIndex>,
    /// Index into the script for scripted activities.
    pub step: Option<usize>,
    /// Shown by the API this long after it happened, where the script says so.
    pub late: Option<Duration>,
}

impl Activity {
    /// What the actor was called in an instance when it happened; none if still as from the start.
    pub fn renamed_in(&self, app: AppIndex) -> Option<&str> {
        self.details.get(&Self::name_key(app)).map(String::as_str)
    }

    /// The actor's address in an instance when it happened; none if still the one from the start.
    pub fn readdressed_in(&self, app: AppIndex) -> Option<&str> {
        self.details.get(&Self::email_key(app)).map(String::as_str)
    }

    /// Detail that says what the actor is called. No key of a scenario has a space in it.
    pub(super) fn name_key(app: AppIndex) -> String {
        format!("name in {}", app.0)
    }

    /// Detail that says what the actor's address is.
    pub(super) fn email_key(app: AppIndex) -> String {
        format!("email in {}", app.0)
    }
}

/// Tells an activity apart, whatever else is in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActivityId {
    /// The `n`th activity of a person on a day (of the calendar, counted from the Unix epoch).
    Background {
        /// Who.
        person: PersonIndex,
        /// Days since 1970-01-01.
        day: i64,
        /// From 0.
        n: u32,
    },
    /// A scripted one: step and repetition, both from 0.
    Scripted {
        /// Index into the script.
        step: usize,
        /// Which repetition.
        n: u32,
    },
    /// Done through the API while running: a governance call, counted in order of taking effect. Each instance counts its
    /// own, for a stack may call several at the same moment.
    Governed {
        /// Which instance was called.
        app: AppIndex,
        /// From 0.
        n: u32,
    },
    /// Ordinary work that a fault let happen in the middle of a walk, counted in order of happening.
    Arrived {
        /// From 0.
        n: u32,
    },
}

/// Which of an instance's logs a record stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId {
    /// The instance.
    pub app: AppIndex,
    /// Name of the feed: `audit_log`, `sign_ins`, `directory_audits`.
    pub feed: &'static str,
}

/// An activity as one vendor writes it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The log it stands in.
    pub log: LogId,
    /// The vendor's event id.
    pub event_id: Arc<str>,
    /// Place in the vendor's order: time first, then [`Record::event_id`].
    pub persisted: SimTime,
    /// When the API first shows it.
    pub available: SimTime,
    /// The rendered JSON object.
    pub body: Bytes,
    /// What it records.
    pub activity: Arc<Activity>,
}
