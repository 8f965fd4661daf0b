//! Entra: activities as entries of the sign-in log and of the directory audit log. Pure functions.
//!
//! With single sign-on a success is recorded by the app and here, a failure here alone. Lifecycle verbs without an app
//! are the directory's.

mod directory_audits;
mod sign_ins;

pub(super) use sign_ins::app_name;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use crate::protocol::directory;
use crate::scenario::Verb;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{Activity, LogId, Record};
use crate::world::{Instance, World};

/// Name of the sign-in log.
pub(super) const SIGN_INS: &str = "sign_ins";
/// Name of the directory audit log.
pub(super) const DIRECTORY_AUDITS: &str = "directory_audits";
/// How long after it happened an entry is shown.
pub(super) const DELAY: Duration = Duration::from_secs(180);

/// Whether Entra's logs know a verb.
pub(super) fn logs(verb: Verb) -> bool {
    verb == Verb::SignIn || directory_audits::knows(verb)
}

/// The records an activity leaves in this instance.
pub(super) fn records(activity: &Arc<Activity>, world: &World, instance: &Instance, seed: Seed) -> Vec<Record> {
    let entry = if activity.verb == Verb::SignIn {
        signed_in_to(activity, world, instance).map(|app| sign_ins::entry(activity, world, instance, app, seed))
    } else if concerns(activity, world, instance) {
        directory_audits::entry(activity, world, instance, seed)
    } else {
        None
    };
    let record = |entry: Entry| Record {
        log: LogId { app: instance.app, feed: entry.feed },
        event_id: entry.id.into(),
        persisted: activity.occurred,
        available: activity.occurred + activity.late.unwrap_or(DELAY),
        body: entry.body,
        activity: Arc::clone(activity),
    };
    entry.map(record).into_iter().collect()
}

/// A rendered entry.
struct Entry {
    feed: &'static str,
    id: String,
    body: Bytes,
}

/// The app that somebody signs in to through this directory, or tries to.
fn signed_in_to<'a>(activity: &Activity, world: &'a World, instance: &Instance) -> Option<&'a Instance> {
    let app = world.instances.get(activity.app?.0)?;
    let person = &world.people[activity.actor.0];
    let through = app.app == instance.app
        || directory::single_sign_on(world, app, person).is_some_and(|directory| directory.app == instance.app);
    through.then_some(app)
}

/// Whether a deed that is no sign-in was done in this directory.
fn concerns(activity: &Activity, world: &World, instance: &Instance) -> bool {
    match activity.app {
        Some(app) => app == instance.app,
        None => directory::directory(world).is_some_and(|d| d.app == instance.app),
    }
}

/// `2026-03-02T09:00:00.1234560Z`: Graph prints seven digits.
pub(super) fn seven_digits(at: SimTime) -> String {
    format!("{}.{:06}0Z", at.civil().strftime("%Y-%m-%dT%H:%M:%S"), at.us().rem_euclid(1_000_000))
}

/// A UUID that belongs to an activity.
fn uuid(activity: &Activity, world: &World, instance: &Instance, seed: Seed, what: &str) -> String {
    let [a, b, c] = directory::labels(activity, world);
    seed.uuid(&[what, &instance.name, &a, &b, &c])
}
