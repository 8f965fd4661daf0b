//! What a webhook's delivery says.
//!
//! # Sources
//! "Webhook events and payloads": headers, events and their actions. Addresses in payloads are GitHub's own, whatever address
//! the client uses, since nobody has asked.

use axum::http::{HeaderName, header};
use serde_json::{Value, json};

use super::names::{self, Customer, Host};
use crate::protocol::form::encode_pairs;
use crate::protocol::webhooks::{Message, Occasion, Proposal, Sources};
use crate::scenario::Verb;
use crate::seed::Seed;
use crate::timeline::{Activity, Record};
use crate::world::{Instance, World};

/// Content type of a hook that wants JSON.
pub(super) const JSON: &str = "application/json";
/// Content type of the others: the JSON is the field `payload`.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
/// What a hook names that wants everything.
pub(super) const ALL_EVENTS: &str = "*";

/// Event and action that an activity is to a hook.
fn event_of(activity: &Activity) -> Option<(&'static str, &'static str)> {
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    Some(match (activity.verb, detail("to"), detail("name")) {
        (Verb::Hire, ..) => ("organization", "member_added"),
        (Verb::Terminate, ..) => ("organization", "member_removed"),
        (Verb::Event, _, Some("org.invite_member")) => ("organization", "member_invited"),
        (Verb::Event, _, Some("org.block_user")) => ("org_block", "blocked"),
        (Verb::Event, _, Some("org.unblock_user")) => ("org_block", "unblocked"),
        (Verb::Event, _, Some("secret_scanning_alert.create")) => ("secret_scanning_alert", "created"),
        (Verb::Create, ..) => ("repository", "created"),
        (Verb::Delete, ..) => ("repository", "deleted"),
        (Verb::SetVisibility, Some("public"), _) => ("repository", "publicized"),
        (Verb::SetVisibility, ..) => ("repository", "privatized"),
        (Verb::Share, ..) => ("member", "added"),
        _ => return None,
    })
}

/// Whether a hook on these terms wants a record.
pub(super) fn wants(_: &Sources<'_>, record: &Record, terms: &Proposal) -> bool {
    event_of(&record.activity).is_some_and(|(event, _)| terms.fields.iter().any(|w| w == event || w == ALL_EVENTS))
}

/// A delivery of one event.
pub(super) fn compose(occasion: &Occasion<'_>) -> Message {
    let Occasion { instance, world, seed, subscription, number, .. } = *occasion;
    let activity = &occasion.events[0].activity;
    let (event, action) = event_of(activity).expect("only what is wanted is composed");
    let mut payload = about(instance, world);
    payload["action"] = json!(action);
    let person = |index: crate::world::PersonIndex| {
        let account = world.people[index.0].accounts.get(&instance.app);
        account.map_or(Value::Null, |a| names::user_at(&Host::GITHUB, &a.login, names::number(&a.user_id), "User"))
    };
    payload["sender"] = person(activity.actor);
    if let Some(target) = activity.target {
        payload["membership"] = json!({ "state": "active", "role": "member", "user": person(target) });
    }
    if let Some(name) = activity.object.as_deref() {
        let key = if event == "org_block" { "blocked_user" } else { "repository" };
        let full = format!("{}/{name}", Customer::of(world, instance).login);
        let id = names::thing_id(seed, instance, "repository", name);
        payload[key] = match key {
            "repository" => json!({ "id": id, "name": name, "full_name": full, "private": action != "publicized" }),
            _ => json!({ "login": name }),
        };
    }
    message((instance, world, seed), event, &payload, number, &subscription.terms)
}

/// What every payload says: whose hook it is.
pub(super) fn about(instance: &Instance, world: &World) -> Value {
    let customer = Customer::of(world, instance);
    json!({
        "organization": {
            "login": customer.login,
            "id": customer.id,
            "node_id": names::node_id("O", customer.id),
            "url": format!("{}/orgs/{}", Host::GITHUB.api, customer.login),
        },
    })
}

/// A request with this payload.
pub(super) fn message(
    (instance, world, seed): (&Instance, &World, Seed),
    event: &str,
    payload: &Value,
    number: u64,
    terms: &Proposal,
) -> Message {
    let named = |name: &'static str, value: String| (HeaderName::from_static(name), value);
    let body = match terms.content_type {
        FORM => encode_pairs([("payload", payload.to_string().as_str())]),
        _ => payload.to_string(),
    };
    let headers = vec![
        (header::CONTENT_TYPE, terms.content_type.to_owned()),
        (header::USER_AGENT, "GitHub-Hookshot/0000000".to_owned()),
        named("x-github-event", event.to_owned()),
        named("x-github-delivery", guid(seed, instance, number)),
        named("x-github-hook-id", terms.reference.clone().unwrap_or_default()),
        named("x-github-hook-installation-target-type", "organization".to_owned()),
        named("x-github-hook-installation-target-id", Customer::of(world, instance).id.to_string()),
    ];
    Message { headers, body: body.into() }
}

/// Of every attempt the same.
fn guid(seed: Seed, instance: &Instance, number: u64) -> String {
    seed.uuid(&["github delivery", &instance.name, &number.to_string()])
}
