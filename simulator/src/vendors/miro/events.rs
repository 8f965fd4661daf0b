//! Miro: activities as audit events. Pure functions.
//!
//! `sign_in_failed` is written for credential failures only, and only where Miro itself asks for the password: with
//! single sign-on a failure is the directory's record. Sign-in events name no team.
//!
//! # Sources
//! `spec` schema `AuditEvent`; the names `sign_in_succeeded`, `sign_in_failed`, `sign_out_succeeded`, `board_opened` and
//! the category `authentication` are Miro's own. All other names and categories are proposals after the labels of the
//! help article (guesses), as are the values of `details` beyond `SSO` and `NONE`.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::audit_log::FEEDS;
use super::catalogue::category;
use crate::protocol::directory;
use crate::protocol::pages::Order;
use crate::scenario::{Outcome, Verb};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{Activity, ActivityId, Record};
use crate::world::{Instance, PersonIndex, World};

/// Name of the log.
pub(super) const LOG: &str = "audit_log";

/// The 19 digits of ids are drawn from here on.
const FIRST_ID: u64 = 3_458_764_500_000_000_000;
const IDS: u64 = 100_000_000_000;

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    event: &'a str,
    category: &'a str,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "createdBy")]
    created_by: Option<Creator>,
    object: Option<Object>,
    context: Context<'a>,
    details: Value,
}

#[derive(Serialize)]
struct Creator {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Serialize)]
struct Object {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct Context<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<Named<'a>>,
    organization: Named<'a>,
}

#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
    name: &'a str,
}

/// What kind of event an activity is.
struct Kind {
    name: Cow<'static, str>,
    category: &'static str,
    about: About,
    details: Value,
}

/// What an event is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Actor,
    Target,
    Board,
    Thing,
    Nothing,
}

/// Whether Miro's audit log knows a verb.
pub(super) fn logs(verb: Verb) -> bool {
    use Verb as V;
    // Edits and uploads stand in the content log; tokens, factors, passwords and sessions in none.
    !matches!(
        verb,
        V::Edit
            | V::Upload
            | V::Clone
            | V::CreateToken
            | V::RevokeToken
            | V::EnrollMfa
            | V::RemoveMfa
            | V::ChangePassword
            | V::Impersonate
            | V::RevokeSessions
    )
}

/// The records an activity leaves in this instance.
pub(super) fn records(activity: &Arc<Activity>, world: &World, instance: &Instance, seed: Seed) -> Vec<Record> {
    if activity.app != Some(instance.app) {
        return Vec::new();
    }
    let Some(kind) = kind(activity, world, instance) else { return Vec::new() };
    let at = activity.occurred;
    let id = id(activity, world, instance, seed);
    let person = |index| user(world, instance, index);
    let object = match kind.about {
        About::Actor => person(activity.actor),
        About::Target => activity.target.map_or_else(|| stranger(activity), person),
        About::Board | About::Thing => activity
            .object
            .as_deref()
            .map(|name| Object { id: thing_id(seed, instance, kind.about, name), name: name.to_owned() }),
        About::Nothing => None,
    };
    let governed = matches!(activity.id, ActivityId::Governed { .. });
    let created_by = if governed { Some(client(activity, instance, seed)) } else { creator(activity, world, instance) };
    let in_team = kind.category != "authentication";
    let event = Event {
        id: &id,
        event: &kind.name,
        category: kind.category,
        created_at: format!("{}.{:03}+0000", seconds(at), at.ms().rem_euclid(1_000)),
        created_by,
        object,
        context: Context {
            ip: activity.address.filter(|_| !governed),
            team: in_team.then_some(Named { id: &instance.team_id, name: &instance.team_name }),
            organization: Named { id: &instance.organisation_id, name: &world.organisation },
        },
        details: kind.details,
    };
    let body = serde_json::to_vec(&event).expect("events are plain values");
    vec![FEEDS[0].record(activity, instance, &id, at, body)]
}

/// Name, category and object of the event; none if this outcome of this verb leaves nothing in Miro.
fn kind(activity: &Activity, world: &World, instance: &Instance) -> Option<Kind> {
    if activity.verb == Verb::SignIn {
        return sign_in(activity, world, instance);
    }
    if activity.outcome != Outcome::Success || !logs(activity.verb) {
        return None;
    }
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    let event = |name: &str, category, about, details| Kind { name: name.to_owned().into(), category, about, details };
    let plain = |name: &'static str, category, about| Kind { name: name.into(), category, about, details: json!({}) };
    let board = |name, details| event(name, "boards", About::Board, details);
    Some(match activity.verb {
        Verb::SignOut => plain("sign_out_succeeded", "authentication", About::Actor),
        Verb::Open => board("board_opened", json!({ "role": "OWNER" })),
        Verb::Create => board("board_created", json!({})),
        Verb::Delete => board("board_deleted", json!({})),
        Verb::Export => board("board_exported", json!({ "format": "PDF" })),
        Verb::Download => board("board_file_downloaded", json!({})),
        Verb::Share => match detail("with") {
            Some("anyone") => board("board_public_link_enabled", json!({})),
            Some(domain) => board("board_shared", json!({ "role": "VIEWER", "domain": domain })),
            None => board("board_shared", json!({ "role": "VIEWER" })),
        },
        Verb::SetVisibility => match detail("to") {
            Some("public") => board("board_public_link_enabled", json!({})),
            Some("organization" | "company") => board("board_organization_sharing_enabled", json!({})),
            Some("team") => board("board_team_sharing_enabled", json!({})),
            _ => board("board_public_link_disabled", json!({})),
        },
        Verb::GrantApp => event("app_installed", "administration", About::Thing, scopes(detail("scopes"))),
        Verb::RemoveApp => plain("app_uninstalled", "administration", About::Thing),
        Verb::ChangeSetting => {
            let ending = match detail("to") {
                Some("on" | "enabled") => "enabled",
                Some("off" | "disabled") => "disabled",
                _ => "updated",
            };
            let name = format!("{}_{ending}", detail("setting").unwrap_or("organization_setting"));
            event(&name, "administration", About::Nothing, json!({ "value": detail("to") }))
        }
        Verb::ChangeRole => {
            let role = detail("role").unwrap_or("member");
            let name = match role {
                "admin" | "owner" => "organization_admin_granted",
                "guest" => "user_converted_to_guest",
                _ => "organization_admin_revoked",
            };
            event(name, "users", About::Target, json!({ "role": role }))
        }
        Verb::Hire => plain("user_joined_organization", "users", About::Target),
        Verb::Suspend => plain("user_deactivated", "users", About::Target),
        Verb::Restore => plain("user_reactivated", "users", About::Target),
        Verb::Terminate => plain("user_removed_from_organization", "users", About::Target),
        Verb::Rename => event("profile_updated", "profile", About::Target, json!({ "name": detail("to") })),
        Verb::ChangeEmail => event("email_changed", "profile", About::Target, json!({ "email": detail("to") })),
        Verb::Event => {
            let name = detail("name")?;
            let category = category(name);
            let about = match category {
                "users" | "profile" => About::Target,
                "boards" => About::Board,
                _ => About::Thing,
            };
            event(name, category, about, json!({}))
        }
        _ => return None,
    })
}

fn sign_in(activity: &Activity, world: &World, instance: &Instance) -> Option<Kind> {
    let sso = directory::single_sign_on(world, instance, &world.people[activity.actor.0]).is_some();
    let auth_type = if sso { "SSO" } else { "PASSWORD" };
    let (name, details) = match activity.outcome {
        Outcome::Success => ("sign_in_succeeded", json!({ "authType": auth_type, "mfaFactorType": "NONE" })),
        failure if failure.is_credential_failure() && !sso => ("sign_in_failed", json!({ "authType": auth_type })),
        _ => return None,
    };
    Some(Kind { name: name.into(), category: "authentication", about: About::Actor, details })
}

fn scopes(scopes: Option<&str>) -> Value {
    scopes.map_or_else(|| json!({}), |scopes| json!({ "scopes": scopes }))
}

/// None, printed as null, for whom the instance does not know.
fn user(world: &World, instance: &Instance, index: PersonIndex) -> Option<Object> {
    let person = &world.people[index.0];
    let account = person.accounts.get(&instance.app)?;
    Some(Object { id: account.user_id.clone(), name: person.display_name() })
}

/// Somebody whom SCIM made and the world does not know; for scripts, a thing by its name.
fn stranger(activity: &Activity) -> Option<Object> {
    let (id, name) = (activity.details.get("id")?, activity.object.as_deref()?);
    Some(Object { id: id.clone(), name: name.to_owned() })
}

fn creator(activity: &Activity, world: &World, instance: &Instance) -> Option<Creator> {
    let Object { id, name } = user(world, instance, activity.actor)?;
    let name = activity.renamed_in(instance.app).map_or(name, str::to_owned);
    let email = world.people[activity.actor.0].accounts.get(&instance.app).map(|a| a.login.clone());
    let email = activity.readdressed_in(instance.app).map(str::to_owned).or(email);
    Some(Creator { kind: "user", id, name, email })
}

/// What acts through the API: an application, or SCIM.
fn client(activity: &Activity, instance: &Instance, seed: Seed) -> Creator {
    let name = activity.details.get("by").cloned().unwrap_or_default();
    let kind =
        if activity.details.get("via").is_some_and(|v| v == "scim") { "scim_provisioner" } else { "application" };
    Creator { kind, id: thing_id(seed, instance, About::Thing, &name), name, email: None }
}

/// The id of a document's board.
pub(super) fn board_id(seed: Seed, instance: &Instance, key: &str) -> String {
    thing_id(seed, instance, About::Board, key)
}

/// Boards have ids like `uXjVOabcdef=`, other things numbers.
fn thing_id(seed: Seed, instance: &Instance, about: About, name: &str) -> String {
    if about == About::Board {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let drawn = crate::protocol::credentials::drawn_text(seed, &["miro board", &instance.name, name], letters, 7);
        return format!("uXjV{drawn}=");
    }
    (FIRST_ID + seed.number(&["miro thing", &instance.name, name]) % IDS).to_string()
}

/// `2026-11-22T01:20:10.840687Z#3458764500000000777-DDB`: the event's time, and a number of its own.
fn id(activity: &Activity, world: &World, instance: &Instance, seed: Seed) -> String {
    let [a, b, c] = directory::labels(activity, world);
    let number = FIRST_ID + 1 + seed.number(&["miro event", &instance.name, &a, &b, &c]) % (IDS - 2);
    compose(activity.occurred, number)
}

fn compose(at: SimTime, number: u64) -> String {
    format!("{}.{:06}Z#{number:019}-DDB", seconds(at), at.us().rem_euclid(1_000_000))
}

fn decompose(id: &str) -> Option<(SimTime, u64)> {
    let (time, number) = id.strip_suffix("-DDB")?.split_once('#')?;
    let number = (number.len() == 19).then(|| number.parse::<u64>().ok()).flatten()?;
    SimTime::parse_rfc3339(time).map(|at| (at, number))
}

/// The time that an event id, or a cursor, names. None if it is not one, or was cut at its `#`.
pub(super) fn time_of_id(id: &str) -> Option<SimTime> {
    decompose(id).map(|(at, _)| at)
}

/// The cursor behind an event: its id. An event that is shown a second time stands later than its id says; then the
/// cursor names the place where it stands.
pub(super) fn cursor_at(at: SimTime, id: &str, order: Order) -> String {
    match (time_of_id(id) == Some(at), order) {
        (true, _) => id.to_owned(),
        (false, Order::Ascending) => compose(at, 0),
        (false, Order::Descending) => compose(SimTime::from_us(at.us() - 1), 9_999_999_999_999_999_999),
    }
}

/// An id that no event has, right before `id` in this order.
pub(super) fn id_beside(id: &str, order: Order) -> String {
    match (decompose(id), order) {
        (Some((at, number)), Order::Ascending) => compose(at, number.saturating_sub(1)),
        (Some((at, number)), Order::Descending) => compose(at, number.saturating_add(1)),
        (None, _) => id.to_owned(),
    }
}

fn seconds(at: SimTime) -> String {
    at.civil().strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
