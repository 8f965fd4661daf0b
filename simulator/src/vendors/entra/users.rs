//! Graph: users.
//!
//! The default set of properties unless `$select` names others; pages of 100, at most 999, by skip token; `$filter`,
//! `$search`, `$orderby` and `$count` with the rules of the lagging index; making, changing and deleting.
//!
//! # Sources
//! `graph-docs:api-reference` user-list, user-get, user-post-users, user-update, user-delete. Which properties a new user
//! must have: user-post-users. That a second user of the same name is a 400 with these words is recalled.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::changes::{self, Change};
use super::objects::{self, Kind, Relation, find_of, find_person, id_of, instant};
use super::odata::{self, list};
use super::sets::{DIRECTORY_OBJECTS, USERS};
use super::sign_in_activity;
use super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;
use crate::world::PersonIndex;

const ADDED: Change = Change { name: "Add user", category: "UserManagement", operation: "Add" };
const UPDATED: Change = Change { name: "Update user", category: "UserManagement", operation: "Update" };
const DELETED: Change = Change { name: "Delete user", category: "UserManagement", operation: "Delete" };

/// Whether a value has the type of a property.
type Fits = fn(&Value) -> bool;

/// What a caller may set, with the type it has: text, truth or list.
const WRITABLE: [(&str, Fits); 17] = [
    ("accountEnabled", Value::is_boolean),
    ("businessPhones", Value::is_array),
    ("city", text_or_null),
    ("companyName", text_or_null),
    ("country", text_or_null),
    ("department", text_or_null),
    ("displayName", Value::is_string),
    ("employeeId", text_or_null),
    ("givenName", text_or_null),
    ("jobTitle", text_or_null),
    ("mail", text_or_null),
    ("mailNickname", Value::is_string),
    ("mobilePhone", text_or_null),
    ("officeLocation", text_or_null),
    ("surname", text_or_null),
    ("usageLocation", text_or_null),
    ("userPrincipalName", Value::is_string),
];

/// What a caller may send that is not kept.
const SWALLOWED: [&str; 4] = ["passwordProfile", "passwordPolicies", "preferredLanguage", "userType"];

fn text_or_null(value: &Value) -> bool {
    value.is_string() || value.is_null()
}

/// `GET /v1.0/users`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut users = objects::live(ctx, Kind::User);
    let set = sign_in_activity::set_for(ctx, request, &mut users)?;
    list::serve(ctx, request, set, USERS.name, users)
}

/// `GET /v1.0/users/$count`: a number as plain text.
pub(super) fn count(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let users = objects::live(ctx, Kind::User);
    list::serve_count(request, &USERS, users)
}

/// `GET /v1.0/users/{id or user principal name}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    // The segment may come percent-encoded, and then looks like an id to the router.
    if request.param("id") == "$count" {
        return count(ctx, request);
    }
    let user = find(ctx, request.param("id"))?;
    sign_in_activity::check_key(request, &user)?;
    serve_one(ctx, request, user)
}

fn serve_one(ctx: &mut Context<'_>, request: &Request, user: Value) -> Result<Answer, Failure> {
    let mut users = [user];
    let set = sign_in_activity::set_for(ctx, request, &mut users)?;
    let [user] = users;
    list::serve_one(ctx, request, set, USERS.name, user)
}

/// `GET /v1.0/users/{id or user principal name}/manager`.
pub(super) fn manager(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = find(ctx, request.param("id"))?;
    let manager = objects::related(ctx, &user, Relation::Manager, &[Kind::User]).pop();
    let manager = manager.ok_or_else(|| Failure::not_found("manager", "manager"))?;
    list::serve_one(ctx, request, &DIRECTORY_OBJECTS, DIRECTORY_OBJECTS.name, manager)
}

/// `GET /v1.0/me`: the person behind a delegated token.
pub(super) fn me(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Some(person) = request.caller().user else {
        let why = "/me request is only valid with delegated authentication flow.";
        return Err(Failure::bad_parameter("me", why));
    };
    let account = ctx.sim.world.person(person).accounts.get(&ctx.app);
    let user = account.map(|a| a.user_id.clone()).ok_or_else(|| Failure::not_found("user", "me"))?;
    let user = find(ctx, &user)?;
    serve_one(ctx, request, user)
}

/// The user with an object id or user principal name, whole.
pub(super) fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    find_of(ctx, Kind::User, id).ok_or_else(|| Failure::not_found("user", id))
}

/// `POST /v1.0/users`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    check(&sent)?;
    for wanted in ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"] {
        if sent.get(wanted).is_none_or(Value::is_null) {
            return Err(Failure::bad_parameter(
                wanted,
                format!("A value is required for property '{wanted}' of resource 'User'."),
            ));
        }
    }
    let name = sent["userPrincipalName"].as_str().unwrap_or_default().to_owned();
    check_name(ctx, &name, None)?;
    let number = Tenant::of(ctx).draw();
    let id = ctx.sim.scenario.seed.uuid(&["user made", &ctx.instance().name, &number.to_string()]);
    let mut user = Map::new();
    for name in USERS.default.iter().chain(USERS.further) {
        let empty =
            if ["businessPhones", "otherMails", "proxyAddresses"].contains(name) { json!([]) } else { Value::Null };
        user.insert((*name).to_owned(), sent.get(*name).cloned().unwrap_or(empty));
    }
    let now = instant(ctx.now);
    user.insert("id".into(), json!(id));
    user.insert("createdDateTime".into(), json!(now));
    user.insert("signInSessionsValidFromDateTime".into(), json!(now));
    user.insert("userType".into(), json!("Member"));
    let user = Value::Object(user);
    if ctx.is_real() {
        let properties = user.as_object().cloned().unwrap_or_default();
        Tenant::of(ctx).made.insert(id, (Kind::User, properties));
        changes::written(ctx, request, ADDED, (Kind::User, &user), None);
    }
    let printed = USERS.default.iter().map(|name| ((*name).to_owned(), user[*name].clone())).collect::<Map<_, _>>();
    Ok(odata::entity(request, StatusCode::CREATED, "users/$entity", printed.into()))
}

/// `PATCH /v1.0/users/{id or user principal name}`.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    check(&sent)?;
    let enabled = sent.get("accountEnabled").and_then(Value::as_bool);
    let action = match enabled {
        Some(true) => "unsuspend",
        Some(false) => "suspend",
        None => "update_user",
    };
    let id = request.param("id").to_owned();
    let user = find(ctx, &id).inspect_err(|_| directory::missed(ctx, action, &id))?;
    if let Some(name) = sent.get("userPrincipalName").and_then(Value::as_str) {
        check_name(ctx, name, Some(id_of(&user)))?;
    }
    match find_person(ctx, id_of(&user)).map(|u| u.index) {
        Some(person) => update_person(ctx, request, person, &sent, &user),
        None if ctx.is_real() => {
            patch(ctx, &user, &sent);
            changes::written(ctx, request, UPDATED, (Kind::User, &user), None);
        }
        None => {}
    }
    if let Some(enabled) = enabled {
        let key = changes::key_of(ctx, id_of(&user));
        directory::note(ctx, if enabled { "unsuspend" } else { "suspend" }, &key);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// What the timeline knows of a person is told to it; the rest is kept beside.
fn update_person(
    ctx: &mut Context<'_>,
    request: &Request,
    person: PersonIndex,
    sent: &Map<String, Value>,
    user: &Value,
) {
    match sent.get("accountEnabled").and_then(Value::as_bool) {
        Some(true) => directory::act(ctx, request, Verb::Restore, person),
        Some(false) => directory::act(ctx, request, Verb::Suspend, person),
        None => {}
    }
    if !ctx.is_real() {
        return;
    }
    let mut rest = sent.clone();
    rest.remove("accountEnabled");
    for (property, verb) in [("displayName", Verb::Rename), ("userPrincipalName", Verb::ChangeEmail)] {
        if let Some(Value::String(to)) = rest.remove(property)
            && user[property] != json!(to)
        {
            changes::life(ctx, request, verb, person, [("to".to_owned(), to)].into());
        }
    }
    rest.retain(|name, _| WRITABLE.iter().any(|(known, _)| known == name));
    if !rest.is_empty() {
        patch(ctx, user, &rest);
        changes::written(ctx, request, UPDATED, (Kind::User, user), None);
    }
}

fn patch(ctx: &mut Context<'_>, user: &Value, sent: &Map<String, Value>) {
    let kept = sent.iter().filter(|(name, _)| WRITABLE.iter().any(|(known, _)| known == name));
    let kept: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    Tenant::of(ctx).patches.entry(id_of(user).to_owned()).or_default().extend(kept);
}

/// `DELETE /v1.0/users/{id or user principal name}`: can be restored for thirty days.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id").to_owned();
    let user = find(ctx, &id).inspect_err(|_| directory::missed(ctx, "delete_user", &id))?;
    if ctx.is_real() {
        match find_person(ctx, id_of(&user)).map(|u| u.index) {
            Some(person) => changes::life(ctx, request, Verb::Terminate, person, Default::default()),
            None => {
                let now = ctx.now;
                Tenant::of(ctx).deleted.insert(id_of(&user).to_owned(), now);
                changes::written(ctx, request, DELETED, (Kind::User, &user), None);
            }
        }
    }
    let key = changes::key_of(ctx, id_of(&user));
    directory::note(ctx, "delete_user", &key);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Every property is known, may be written, and has its type.
fn check(sent: &Map<String, Value>) -> Result<(), Failure> {
    for (name, value) in sent {
        let known = WRITABLE.iter().find(|(known, _)| known == name);
        match known {
            Some((_, fits)) if fits(value) => {}
            Some(_) => {
                let why = format!("Invalid value specified for property '{name}' of resource 'User'.");
                return Err(Failure::bad_parameter(name, why));
            }
            None if SWALLOWED.contains(&name.as_str()) || name.starts_with("@odata.") => {}
            None => {
                let why = format!("Property '{name}' is read-only and cannot be set.");
                return Err(Failure::bad_parameter(name, why));
            }
        }
    }
    Ok(())
}

/// A user principal name lies in the tenant's domain and is nobody else's.
fn check_name(ctx: &mut Context<'_>, name: &str, own: Option<&str>) -> Result<(), Failure> {
    let domain = ctx.sim.world.domain.clone();
    if name.split_once('@').is_none_or(|(local, at)| local.is_empty() || !at.eq_ignore_ascii_case(&domain)) {
        let why = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified \
                   domain names in your organization.";
        return Err(Failure::bad_parameter("userPrincipalName", why));
    }
    match find_of(ctx, Kind::User, name) {
        Some(other) if own != Some(id_of(&other)) => {
            let why = "Another object with the same value for property userPrincipalName already exists.";
            Err(Failure::bad_parameter("userPrincipalName", why))
        }
        _ => Ok(()),
    }
}
