//! Workplace: activities as security events. Pure functions.
//!
//! One record is one change of the webhook topic `workplace_security`, or one entry of Meta Admin Center's log; which,
//! says the instance's profile. A community that can only be read, or is gone, records nothing more \[guess\].
//!
//! A failed sign-in is recorded where Workplace itself asks for the password: with single sign-on it is the directory's
//! record. Events name people by id and by address; addresses are used again, ids are not.
//!
//! # Not imitated
//! An address that was changed: events go on naming the one that an account began with. Resetting a password, setting
//! an account to unclaimed, imports and what else the help pages name without a verb of the scenario language: `event`
//! writes any literal.
//!
//! # Sources
//! Fields and types of a change: the request schema of Meta's own sample
//! (`fbsamples/workplace-platform-samples`, `WebhookModifyEmailAfterUserDeactivation`), which also confirms the literal
//! `ADMIN_DEACTIVATE_ACCOUNT` and the field `admin_activity`. All other literals follow the names of Netskope's list of
//! audit events and of Workplace's help pages (guesses), as do the other three fields. That `timestamp` is unix seconds in
//! text, and that a change made by an integration names it as actor, are guesses. Meta Admin Center's fields:
//! `security_audit_logs` of `fbsamples/meta-admin-center-integrations`.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::graph::escape;
use super::oauth;
use super::security_log::FEEDS;
use crate::protocol::directory;
use crate::scenario::{Outcome, VendorProfile, Verb};
use crate::seed::Seed;
use crate::timeline::{Activity, ActivityId, Record};
use crate::world::{Instance, PersonIndex, World};

/// Name of the log.
pub(super) const LOG: &str = "security";

/// The fields of the topic.
pub(super) const FIELDS: [&str; 4] = [ADMIN, PASSWORDS, SESSIONS, TWO_FACTOR];
const ADMIN: &str = "admin_activity";
const PASSWORDS: &str = "passwords";
const SESSIONS: &str = "sessions";
const TWO_FACTOR: &str = "two_fac";

/// What an activity is called.
struct Kind {
    /// Literal of the webhook.
    literal: String,
    /// Field of the topic; none for what Meta Admin Center alone records.
    field: Option<&'static str>,
    /// What Meta Admin Center calls it.
    title: &'static str,
}

/// Whether Workplace records a verb.
pub(super) fn logs(verb: Verb) -> bool {
    use Verb as V;
    matches!(
        verb,
        V::SignIn
            | V::SignOut
            | V::ChangePassword
            | V::EnrollMfa
            | V::RemoveMfa
            | V::ChangeRole
            | V::ChangeSetting
            | V::GrantApp
            | V::RemoveApp
            | V::Hire
            | V::Suspend
            | V::Restore
            | V::Terminate
            | V::ChangeEmail
            | V::RevokeSessions
            | V::Upload
            | V::Download
            | V::Event
    )
}

/// The records an activity leaves in this instance.
pub(super) fn records(activity: &Arc<Activity>, world: &World, instance: &Instance, seed: Seed) -> Vec<Record> {
    if activity.app != Some(instance.app) {
        return Vec::new();
    }
    let Some(kind) = kind(activity, world, instance) else { return Vec::new() };
    let (event_id, body) = match (instance.profile, kind.field) {
        (VendorProfile::Current, Some(field)) => change(activity, world, instance, seed, field, &kind.literal),
        (VendorProfile::AdminCenter, _) => entry(activity, world, instance, seed, &kind),
        _ => return Vec::new(),
    };
    vec![FEEDS[0].record(activity, instance, &event_id, activity.occurred, escape(&body))]
}

#[rustfmt::skip]
fn kind(activity: &Activity, world: &World, instance: &Instance) -> Option<Kind> {
    let kind = |literal: &str, field, title| Some(Kind { literal: literal.to_owned(), field, title });
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    if activity.verb == Verb::SignIn && activity.outcome != Outcome::Success {
        let sso = directory::single_sign_on(world, instance, &world.people[activity.actor.0]).is_some();
        return match activity.outcome {
            _ if sso => None,
            Outcome::WrongPassword | Outcome::UnknownUser => kind("USER_LOGIN_FAILED", Some(SESSIONS), "Login Failed"),
            Outcome::WrongCode => kind("TWO_FACTOR_CODE_FAILED", Some(TWO_FACTOR), "Two-Factor Code Entry Failed"),
            _ => None,
        };
    }
    if activity.outcome != Outcome::Success {
        return None;
    }
    match activity.verb {
        Verb::SignIn         => kind("USER_LOGIN",               Some(SESSIONS),   "Logged in"),
        Verb::SignOut        => kind("USER_LOGOUT",              Some(SESSIONS),   "Logged out"),
        Verb::ChangePassword => kind("PASSWORD_CHANGE",          Some(PASSWORDS),  "Password Changed"),
        Verb::EnrollMfa      => kind("TWO_FACTOR_ENABLED",       Some(TWO_FACTOR), "Two-Factor Authentication Enabled"),
        Verb::RemoveMfa      => kind("TWO_FACTOR_DISABLED",      Some(TWO_FACTOR), "Two-Factor Authentication Disabled"),
        Verb::Hire           => kind("ADMIN_CREATE_ACCOUNT",     Some(ADMIN),      "Account Created"),
        Verb::Suspend        => kind("ADMIN_DEACTIVATE_ACCOUNT", Some(ADMIN),      "Account Deactivated"),
        Verb::Restore        => kind("ADMIN_ACTIVATE_ACCOUNT",   Some(ADMIN),      "Account Activated"),
        Verb::Terminate      => kind("ADMIN_DELETE_ACCOUNT",     Some(ADMIN),      "Account Deleted"),
        Verb::RevokeSessions => kind("ADMIN_FORCE_LOG_OUT",      Some(ADMIN),      "Forced Logout"),
        Verb::ChangeEmail    => kind("EMAIL_CHANGED",            Some(ADMIN),      "Email Changed"),
        Verb::GrantApp       => kind("INTEGRATION_ADDED",        Some(ADMIN),      "Integration Added"),
        Verb::RemoveApp      => kind("INTEGRATION_REMOVED",      Some(ADMIN),      "Integration Removed"),
        Verb::Upload         => kind("FILE_UPLOAD",              None,             "File Uploaded"),
        Verb::Download       => kind("FILE_DOWNLOAD",            None,             "File Downloaded"),
        Verb::ChangeRole     => match detail("role") {
            Some("admin" | "owner") => kind("ACCOUNT_PROMOTED_TO_ADMIN", Some(ADMIN), "Account Promoted to Admin"),
            Some("member")          => kind("ADMIN_REMOVED",             Some(ADMIN), "Admin Removed"),
            _                       => kind("ADMIN_ROLE_CHANGED",        Some(ADMIN), "Admin Role Changed"),
        },
        Verb::ChangeSetting  => match detail("setting") {
            Some("domain") => kind("DOMAIN_ADDED", Some(ADMIN), "Domain Added"),
            setting => {
                let literal = format!("{}_CHANGED", setting.unwrap_or("setting").to_uppercase());
                kind(&literal, Some(ADMIN), "Setting Changed")
            }
        },
        // An author's own word for what nobody knows: literals can be named in a scenario.
        Verb::Event          => kind(detail("name")?, Some(ADMIN), "Other"),
        _ => None,
    }
}

/// A person as events name them.
struct Named<'a> {
    id: &'a str,
    email: &'a str,
}

fn person<'a>(world: &'a World, instance: &Instance, index: PersonIndex) -> Named<'a> {
    let account = world.people[index.0].accounts.get(&instance.app);
    Named { id: account.map_or("", |a| &a.user_id), email: account.map_or("", |a| &a.login) }
}

/// Who did what an API was asked to do: a member who is impersonated, else the integration.
fn governor(activity: &Activity, world: &World) -> Option<PersonIndex> {
    let by = activity.details.get("by")?;
    world.people.iter().position(|p| p.key == *by).map(PersonIndex)
}

/// A change of the topic, as `{"field","value"}`, and what it is known by. Everything in `value` is text.
///
/// No event carries an id. Two are one where nothing tells them apart: community, event, actor, target, second and address.
fn change(
    activity: &Activity,
    world: &World,
    instance: &Instance,
    seed: Seed,
    field: &str,
    literal: &str,
) -> (String, String) {
    let community = &instance.organisation_id;
    let mut value = Map::new();
    let mut put = |key: &str, text: &str| drop(value.insert(key.to_owned(), json!(text)));
    put("event", literal);
    put("timestamp", &activity.occurred.s().to_string());
    let governed = matches!(activity.id, ActivityId::Governed { .. });
    match if governed { governor(activity, world) } else { Some(activity.actor) } {
        Some(actor) => {
            let actor = person(world, instance, actor);
            put("actor_id", actor.id);
            put("actor_email", actor.email);
            put("actor_community_id", community);
            put("actor_scim_company_id", community);
        }
        // An integration has a number and no address.
        None => put("actor_id", &oauth::app_id(seed, instance, activity.details.get("by").map_or("", |by| by))),
    }
    if let Some(target) = activity.target {
        let target = person(world, instance, target);
        put("target_id", target.id);
        put("target_email", target.email);
        put("target_community_id", community);
        put("target_company_id", community);
    }
    if let Some(address) = activity.address.filter(|_| !governed) {
        put("ip", &address.to_string());
        put("ip_country", activity.place.map_or("", |place| place.country));
        let (browser, system) = browser(&activity.user_agent);
        put("browser_name", browser);
        put("browser_os", system);
        put("useragent", &activity.user_agent);
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let told_apart = [community, literal, text("actor_id"), text("target_id"), text("timestamp"), text("ip")];
    (told_apart.join("|"), json!({ "field": field, "value": value }).to_string())
}

/// An entry of Meta Admin Center's log.
#[derive(Serialize)]
struct LogEntry<'a> {
    id: &'a str,
    event_id: &'a str,
    timestamp: String,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    useragent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_username: Option<&'a str>,
    extra_data: Value,
}

fn entry(activity: &Activity, world: &World, instance: &Instance, seed: Seed, kind: &Kind) -> (String, String) {
    let governed = matches!(activity.id, ActivityId::Governed { .. });
    let actor = if governed { governor(activity, world) } else { Some(activity.actor) };
    let target = activity.target.or(actor.filter(|_| !governed));
    let id = id(activity, world, instance, seed);
    let summary = match &activity.object {
        Some(object) => format!("{}: {object}", kind.title),
        None => kind.title.to_owned(),
    };
    let entry = LogEntry {
        id: &id,
        event_id: &id,
        timestamp: super::graph::time(activity.occurred),
        event: kind.title,
        ip_address: activity.address.filter(|_| !governed).map(|a| a.to_string()),
        useragent: &activity.user_agent,
        actor_username: actor.map(|index| person(world, instance, index).email),
        target_username: target.map(|index| person(world, instance, index).email),
        extra_data: json!({ "summary": summary }),
    };
    let body = serde_json::to_string(&entry).expect("entries are plain values");
    (id, body)
}

/// Sixteen digits.
fn id(activity: &Activity, world: &World, instance: &Instance, seed: Seed) -> String {
    let [a, b, c] = directory::labels(activity, world);
    let number = seed.number(&["workplace event", &instance.name, &a, &b, &c]);
    (1_000_000_000_000_000 + number % 9_000_000_000_000_000).to_string()
}

/// Browser and system, as far as a user agent tells.
fn browser(user_agent: &str) -> (&'static str, &'static str) {
    let first = |words: &[(&str, &'static str)]| {
        words.iter().find(|(word, _)| user_agent.contains(word)).map_or("Unknown", |(_, name)| name)
    };
    let browser = first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let systems = [
        ("Windows NT 10.0", "Windows 10"),
        ("iPhone", "iOS"),
        ("Android", "Android"),
        ("Mac OS X", "Mac OS X"),
        ("Linux", "Linux"),
    ];
    (browser, first(&systems))
}
