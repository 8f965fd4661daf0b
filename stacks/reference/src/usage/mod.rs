//! App usage: which apps people use, who uses them and when each was last seen there, from Defender for Cloud Apps.
//!
//! A session reads what is new: three months back the first time, from there on what happened since the last one and
//! `look_back` before. What it learns is committed page by page; what is told of it, and how far the next session may rely on
//! it, when the walk is over. A session that was killed is done again.
//!
//! - [`settings`]: what an administrator sets
//! - [`defender`]: the calls, at their [`pace`](pace::Pace)
//! - [`rows`]: what is read of an activity, who is active, how it is told
//! - [`contacts`]: whom to tell of trouble
//!
//! - [`export`]: what was learnt as a table, whole or as a saved search
//!
//! A session runs by schedule, and at once when the process gets the signal USR1. Users of apps that are merely discovered
//! have no last activity: no API tells it.

pub(crate) mod contacts;
mod defender;
pub(crate) mod export;
pub(crate) mod pace;
pub(crate) mod rows;
pub(crate) mod settings;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::contacts::Contacts;
use self::defender::Defender;
use self::pace::Pace;
use self::rows::Found;
use self::settings::Settings;
use crate::api::{Api, Trouble};
use crate::asked::{Asked, Order};
use crate::bug::{Bug, planted, spoilt};
use crate::clock::Wake;
use crate::connections::App;
use crate::state::usage::{AppUser, Source, Trigger, UsedApp};
use crate::state::{Kind, State, StateError, Tx};

pub(crate) use self::defender::manners;

/// The pace of an instance, for all who ask it; slow at first where a process before this one broke off.
pub(crate) fn pace(state: &State, instance: &str, now: Timestamp) -> Pace {
    // What cannot be read is found out, and told, when the first session begins.
    let unfinished = state.read(|tx| tx.has_unfinished_session(instance)).unwrap_or_default();
    if unfinished { Pace::after_another(now) } else { Pace::default() }
}

/// A session that takes longer has failed.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// Discovery reports are made once a day.
const DISCOVERY_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How far back the log of activities goes.
const RETENTION: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How often a walk that lost its way begins again before it is left to the next session.
const MAX_RESTARTS: u32 = 2;
const ACTIVITIES: &str = "activities";
const DISCOVERY: &str = "discovery";

/// The synchronisation with one instance.
pub(crate) struct Sync {
    defender: Defender,
    state: Arc<State>,
    settings: Settings,
    look_back: SignedDuration,
    contacts: Contacts,
}

impl Sync {
    /// Synchronises with the instance that `api` speaks for.
    pub(crate) fn new(api: Api, app: &App, settings: Settings, look_back: SignedDuration, contacts: Contacts) -> Self {
        let state = Arc::clone(&api.state);
        Self { defender: Defender::new(api, app), state, settings, look_back, contacts }
    }

    /// Runs until the stack is to stop, or cannot go on.
    pub(crate) async fn run(self) -> Result<(), StateError> {
        match self.keep_going().await {
            Err(Trouble::State(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn instance(&self) -> &str {
        &self.defender.api.instance
    }

    fn now(&self) -> Timestamp {
        self.defender.api.clock().now()
    }

    async fn keep_going(&self) -> Result<(), Trouble> {
        let wait = format!("usage:{}", self.instance());
        let last = self.state.read(|tx| tx.last_session(self.instance()))?;
        let mut told = last.as_ref().and_then(|session| session.error.clone());
        let mut connected = false;
        let scheduled = last.map(|session| session.began + self.settings.every.0);
        let mut due = scheduled.unwrap_or_else(|| self.now());
        if due + self.settings.every.0 <= self.now() {
            self.tell("a session did not run when it was scheduled").await?;
        }
        let mut asked = Asked::listen(Order::Session);
        loop {
            let trigger = tokio::select! {
                biased;
                wake = self.defender.api.clock().pause_until(&wait, due) => match wake {
                    Wake::Due => Trigger::Schedule,
                    Wake::Stopping => return Ok(()),
                },
                () = asked.next() => Trigger::Request,
            };
            let trouble = match self.session(trigger).await {
                Ok(()) => None,
                Err(trouble @ (Trouble::Vendor(_) | Trouble::Nonsense(_) | Trouble::ConsentNeeded)) => {
                    Some(trouble.to_string())
                }
                Err(fatal) => return Err(fatal),
            };
            match &trouble {
                Some(reason) if told.as_ref() != Some(reason) => {
                    self.tell(&format!("a session failed: {reason}")).await?;
                }
                Some(reason) => self.report("degraded", Some(reason))?,
                None if !connected || told.is_some() => self.report("connected", None)?,
                None => {}
            }
            connected |= trouble.is_none();
            told = trouble;
            due = self.next(due).await?;
        }
    }

    /// The next moment of the schedule that is still to come. One that went by while a session ran did not run.
    async fn next(&self, due: Timestamp) -> Result<Timestamp, Trouble> {
        let (mut next, mut passed) = (due, 0_u32);
        while next <= self.now() {
            next += self.settings.every.0;
            passed += 1;
        }
        let missed = passed.saturating_sub(1);
        if missed > 0 {
            let reason = format!("{missed} session(s) did not run when scheduled: the one before was still running");
            self.tell(&reason).await?;
        }
        Ok(next)
    }

    /// Says in the report, and to the contacts, what is wrong.
    async fn tell(&self, reason: &str) -> Result<(), Trouble> {
        self.report("degraded", Some(reason))?;
        self.contacts.tell(self.instance(), reason).await
    }

    fn report(&self, phase: &str, reason: Option<&str>) -> Result<(), StateError> {
        let session = self.state.read(|tx| tx.last_session(self.instance()))?;
        let session = session.map(|session| {
            json!({"number": session.number, "trigger": session.trigger, "began": session.began.to_string(),
                "ended": session.ended.map(|at| at.to_string()), "error": session.error})
        });
        let mut body = json!({"phase": phase, "app": self.instance(), "session": session});
        if let Some(reason) = reason {
            body["reason"] = json!(reason);
        }
        self.state.status(&body)
    }

    /// One session, written down with its end.
    async fn session(&self, trigger: Trigger) -> Result<(), Trouble> {
        let as_of = self.now();
        let number = self.state.write(|tx| tx.begin_session(self.instance(), trigger))?;
        let limit = format!("usage:longest:{}", self.instance());
        let outcome = tokio::select! {
            biased;
            outcome = self.pull(as_of) => outcome,
            wake = self.defender.api.clock().pause_until(&limit, as_of + LONGEST) => match wake {
                Wake::Due => Err(Trouble::Nonsense("it did not finish within 24 hours")),
                Wake::Stopping => Err(Trouble::Stopping),
            },
        };
        if !matches!(outcome, Err(Trouble::Stopping | Trouble::State(_))) {
            let error = outcome.as_ref().err().map(ToString::to_string);
            self.state.write(|tx| tx.end_session(number, error.as_deref()))?;
        }
        outcome
    }

    async fn pull(&self, as_of: Timestamp) -> Result<(), Trouble> {
        // What cannot be had of the one says nothing about the other.
        let activities = self.pull_activities(as_of).await;
        if let Err(Trouble::State(_) | Trouble::Stopping) = activities {
            return activities;
        }
        activities.and(self.pull_discovery(as_of).await)
    }

    async fn pull_activities(&self, as_of: Timestamp) -> Result<(), Trouble> {
        let read = self.state.read(|tx| tx.checkpoint(self.instance(), ACTIVITIES))?;
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let first = spoilt(self.settings.first.0, Bug::SyncFirstMonthOnly, days(30));
        let first = spoilt(first, Bug::SyncFirstTooFar, days(120));
        let from = read.map_or(as_of - first, |read| read.read_until - self.look_back);
        let from = from.max(as_of - RETENTION);
        let filters = json!({"date": {"gte": from.as_millisecond()}});
        let filters = filters.as_object().cloned().unwrap_or_default();
        let mut restarts = 0;
        while let Err(trouble) = self.defender.scan(&filters, |page| self.take(page)).await {
            let Trouble::Nonsense(_) = trouble else { return Err(trouble) };
            restarts += 1;
            if restarts > MAX_RESTARTS {
                return Err(trouble);
            }
        }
        Ok(self.state.write(|tx| {
            tx.keep_checkpoint(self.instance(), ACTIVITIES, as_of)?;
            self.tell_users(tx, Source::Activities, as_of)
        })?)
    }

    /// Keeps what a page of activities says.
    fn take(&self, page: &[Value]) -> Result<(), Trouble> {
        Ok(self.state.write(|tx| {
            for Found { app, user } in page.iter().filter_map(rows::of_activity) {
                self.keep(tx, &app, &user)?;
            }
            Ok(())
        })?)
    }

    fn keep(&self, tx: &Tx<'_>, app: &UsedApp, user: &AppUser) -> Result<(), StateError> {
        if user.username.as_deref().is_some_and(|address| self.settings.is_restricted(address)) {
            return Ok(());
        }
        tx.keep_used_app(self.instance(), app)?;
        let (by, role) = (self.settings.integration_user.as_deref(), self.settings.role.as_deref());
        tx.keep_app_user(self.instance(), user, by, role)
    }

    async fn pull_discovery(&self, as_of: Timestamp) -> Result<(), Trouble> {
        let read = self.state.read(|tx| tx.checkpoint(self.instance(), DISCOVERY))?;
        if read.is_some_and(|read| read.read_until + DISCOVERY_EVERY > as_of) {
            return Ok(());
        }
        let stream = self.defender.global_view().await?;
        let apps = self.defender.discovered(&stream, None).await?;
        let mut users = Vec::new();
        for person in self.defender.people().await? {
            let Some(address) = rows::text(&person["email"]) else { continue };
            let used = match self.defender.discovered(&stream, Some(&address)).await {
                Err(Trouble::Vendor(_)) if planted(Bug::PageChildFailureSkipsParent) => continue,
                used => used?,
            };
            for app in used.iter().filter_map(rows::discovered) {
                let user = AppUser {
                    app: app.uid.clone(),
                    number: app.number,
                    account: address.clone(),
                    name: rows::text(&person["displayName"]),
                    username: Some(address.clone()),
                    last_at: None,
                };
                users.push((app, user));
            }
        }
        Ok(self.state.write(|tx| {
            for app in apps.iter().filter_map(rows::discovered) {
                tx.keep_used_app(self.instance(), &app)?;
            }
            for (app, user) in &users {
                self.keep(tx, app, user)?;
            }
            self.settle(tx, &users, as_of)?;
            tx.keep_checkpoint(self.instance(), DISCOVERY, as_of)?;
            self.tell_users(tx, Source::Discovery, as_of)
        })?)
    }

    /// Tells of those who are found no longer: apps are merged into others, and use is forgotten after ninety days.
    fn settle(&self, tx: &Tx<'_>, users: &[(UsedApp, AppUser)], as_of: Timestamp) -> Result<(), StateError> {
        if planted(Bug::SyncMergedStays) {
            return Ok(());
        }
        let found: BTreeSet<(&str, &str)> = users.iter().map(|(app, user)| (&*app.uid, &*user.account)).collect();
        for (app, user, reported) in tx.app_users(self.instance(), Source::Discovery)? {
            if found.contains(&(&*app.uid, &*user.account)) {
                continue;
            }
            if reported.is_some() {
                tx.emit(Kind::Event, &rows::gone(self.instance(), &app, &user, as_of, &self.settings))?;
            }
            tx.forget_app_user(self.instance(), &user)?;
        }
        Ok(())
    }

    /// Tells of everybody of whom there is something new to tell.
    fn tell_users(&self, tx: &Tx<'_>, source: Source, as_of: Timestamp) -> Result<(), StateError> {
        for (app, user, reported) in tx.app_users(self.instance(), source)? {
            let active = rows::is_active(&user, &app, as_of, &self.settings);
            let row = rows::told(self.instance(), &app, &user, active, as_of, &self.settings);
            // The same again, but for the moment at which it is true, is no news.
            let mut news = row.clone();
            news["time"] = Value::Null;
            if planted(Bug::SyncOldName) {
                news["unmapped"]["usage"]["app_name"] = Value::Null;
            }
            let news = news.to_string();
            if reported.as_ref() != Some(&news) || planted(Bug::SyncToldAgain) {
                tx.emit(Kind::Event, &row)?;
                tx.note_told(self.instance(), &user, active, &news)?;
            }
        }
        Ok(())
    }
}
