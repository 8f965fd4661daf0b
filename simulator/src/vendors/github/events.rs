//! GitHub: activities as audit log entries. Pure functions.
//!
//! An entry has no field that does not apply. Git events have no `created_at` and say `user: ""`, `user_id: 0`. The address
//! is there only for members, and only where the thing is not public; the country is always there. Times are whole
//! milliseconds, and the place in the log is that time and then the document's id.
//!
//! # Sources
//! The description's `audit-log-event`; docs-fields; fixtures of grove, psoxy, panther and elastic for git events,
//! `actor_location.country_code` (the description says `country_name`), `external_identity_nameid` and
//! `programmatic_access_type`; ocsf/examples `mappings/markdown/GitHub/v1.3.0` for `actor_session` (a number, in what a
//! browser did: a guess). The id's alphabet is the documentation's examples'. That two minutes pass until an entry is
//! shown is a guess: no bound is documented.
//!
//! # Not imitated
//! Entries without a document id (a git event now and then): nobody could tell them apart, a judge neither. After a rename
//! of the organisation entries keep its first name. Actors whose account is gone keep their login.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::actions::{self, Entry};
use super::audit_log::FEEDS;
use super::names::{self, Customer};
use super::repositories;
use crate::protocol::credentials::drawn_text;
use crate::protocol::directory;
use crate::scenario::{PersonKind, Using};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{Activity, ActivityId, Record};
use crate::world::{Instance, PersonIndex, World};

/// Name of the log.
pub(super) const LOG: &str = "audit_log";

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The records an activity leaves in this instance.
pub(super) fn records(activity: &Arc<Activity>, world: &World, instance: &Instance, seed: Seed) -> Vec<Record> {
    if activity.app != Some(instance.app) {
        return Vec::new();
    }
    let Some(entry) = actions::entry(activity, world, instance, seed) else { return Vec::new() };
    let at = SimTime::from_ms(activity.occurred.ms());
    let [a, b, c] = directory::labels(activity, world);
    let id = drawn_text(seed, &["github document", &instance.name, &a, &b, &c], LETTERS, 22);
    let body = render(&entry, &id, at, &Scene { activity, world, instance, seed });
    let body = serde_json::to_vec(&body).expect("entries are plain values");
    vec![FEEDS[0].record(activity, instance, &id, at, body)]
}

/// Whether a token, not a session or a key, held the request.
pub(super) fn by_token(activity: &Activity) -> bool {
    matches!(activity.using, Using::Token | Using::GrantedApp(_))
}

/// Everything an entry is made from.
struct Scene<'a> {
    activity: &'a Activity,
    world: &'a World,
    instance: &'a Instance,
    seed: Seed,
}

fn render(entry: &Entry, id: &str, at: SimTime, scene: &Scene<'_>) -> Map<String, Value> {
    let Scene { activity, world, instance, seed } = *scene;
    let git = actions::is_git(activity.verb);
    let customer = Customer::of(world, instance);
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("@timestamp", json!(at.ms()));
    put("_document_id", json!(id));
    put("action", json!(entry.action));
    actor(scene, entry, &mut put);
    put("business", json!(customer.enterprise));
    put("business_id", json!(customer.enterprise_id));
    if !git {
        put("created_at", json!(at.ms()));
    }
    access(scene, &mut put);
    put("operation_type", json!(actions::operation_type(&entry.action)));
    // An authorisation of an app may concern several organisations (https://github.com/google/go-github/issues/3488), and a
    // domain of the organisation names none.
    match entry.action.split_once('.') {
        Some(("oauth_authorization", "create")) => {
            put("org", json!([customer.login]));
            put("org_id", json!([customer.id]));
        }
        Some(("organization_domain", "create" | "destroy" | "verify")) => {}
        _ => {
            put("org", json!(customer.login));
            put("org_id", json!(customer.id));
        }
    }
    if let Some(name) = &entry.repository {
        let full = format!("{}/{name}", customer.login);
        let public = repositories::visibility_at_first(name) == "public";
        let id = names::thing_id(seed, instance, "repository", name);
        put("repo", json!(full));
        put("repo_id", json!(id));
        put("repository", json!(full));
        put("repository_id", json!(id));
        put(if git { "repository_public" } else { "public_repo" }, json!(public));
    }
    for (name, value) in &entry.fields {
        put(name, value.clone());
    }
    if git {
        put("user", json!(""));
        put("user_id", json!(0));
    }
    let agent = if git { "git/2.42.0" } else { &*activity.user_agent };
    if !agent.is_empty() {
        put("user_agent", json!(agent));
    }
    fields
}

fn actor(scene: &Scene<'_>, entry: &Entry, put: &mut dyn FnMut(&str, Value)) {
    let Scene { activity, world, instance, seed } = *scene;
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    if detail("token_kind") == Some(super::tokens::INSTALLATION) {
        let name = detail("by").unwrap_or_default();
        put("actor", json!(format!("{name}[bot]")));
        put("actor_id", json!(names::thing_id(seed, instance, "bot", name)));
        put("actor_is_bot", json!(true));
        return;
    }
    let person = &world.people[activity.actor.0];
    let Some(account) = person.accounts.get(&instance.app) else { return };
    put("actor", json!(account.login));
    put("actor_id", json!(names::number(&account.user_id)));
    let public = entry.repository.as_deref().is_some_and(|r| repositories::visibility_at_first(r) == "public");
    if let Some(address) = activity.address.filter(|_| !public && person.kind != PersonKind::Guest) {
        put("actor_ip", json!(address.to_string()));
    }
    if let Some(place) = activity.place {
        put("actor_location", json!({ "country_code": place.country }));
    }
    if directory::single_sign_on(world, instance, person).is_some() {
        put("external_identity_nameid", json!(person.email));
    }
}

/// What held the request, where it was no browser.
fn access(scene: &Scene<'_>, put: &mut dyn FnMut(&str, Value)) {
    let Scene { activity, world, instance, seed } = *scene;
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    let (kind, hashed, scopes) = match &activity.using {
        _ if matches!(activity.id, ActivityId::Governed { .. }) => {
            let kind = detail("token_kind").map(super::tokens::access_type);
            (kind, detail("hashed_token").map(str::to_owned), detail("token_scopes").map(str::to_owned))
        }
        Using::Token => {
            let scopes = detail("scopes").unwrap_or("repo").replace(' ', ",");
            let token = personal_token(seed, world, instance, activity.actor);
            (Some("Personal access token (classic)"), Some(hashed(&token)), Some(scopes))
        }
        Using::GrantedApp(name) => {
            let token = drawn_text(seed, &["github app token", &instance.name, name], LETTERS, 36);
            (Some("OAuth access token"), Some(hashed(&token)), None)
        }
        _ if actions::is_git(activity.verb) => (Some("SSH key"), None, None),
        _ => {
            if let Some(session) = activity.session.as_deref() {
                put("actor_session", json!(seed.number(&["github session", &instance.name, session]) % 10_000_000_000));
            }
            (None, None, None)
        }
    };
    if let Some(hashed) = hashed {
        put("hashed_token", json!(hashed));
        put("token_id", json!(seed.number(&["github token id", &hashed]) % 1_000_000_000));
    }
    if let Some(kind) = kind {
        put("programmatic_access_type", json!(kind));
    }
    if let Some(scopes) = scopes.filter(|s| !s.is_empty()) {
        put("token_scopes", json!(scopes));
    }
}

/// The personal access token that stands for a person's latest: nobody ever sees it, its hash and its end are shown.
pub(super) fn personal_token(seed: Seed, world: &World, instance: &Instance, person: PersonIndex) -> String {
    let key = &world.people[person.0].key;
    format!("ghp_{}", drawn_text(seed, &["github personal token", &instance.name, key], LETTERS, 36))
}

/// Base64 of the SHA-256, as `hashed_token` shows tokens.
pub(super) fn hashed(token: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(token.as_bytes()))
}
