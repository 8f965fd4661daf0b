//! Entries of the directory audit log.
//!
//! # Sources
//! Fields and their order: the CSDL's `directoryAudit`. `Update StsRefreshTokenValidFrom Timestamp` and the form of ids are
//! from real records (SEKOIA-IO/intake-formats); the other activity names are recalled.

use std::borrow::Cow;

use serde::Serialize;

use super::{DIRECTORY_AUDITS, Entry, seven_digits, uuid};
use crate::protocol::credentials::drawn_text;
use crate::protocol::directory;
use crate::scenario::{Outcome, Verb};
use crate::seed::Seed;
use crate::timeline::{Activity, ActivityId};
use crate::vendors::entra::{changes, oauth};
use crate::world::{Instance, PersonIndex, World};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DirectoryAudit<'a> {
    id: &'a str,
    category: &'a str,
    correlation_id: String,
    result: &'a str,
    result_reason: &'a str,
    activity_display_name: &'a str,
    activity_date_time: String,
    logged_by_service: &'a str,
    operation_type: &'a str,
    initiated_by: Initiator,
    target_resources: Vec<Target>,
    additional_details: Vec<KeyValue<'a>>,
}

#[derive(Serialize)]
struct Initiator {
    user: Option<User>,
    app: Option<App>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    display_name: String,
    user_principal_name: String,
    ip_address: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct App {
    app_id: String,
    display_name: String,
    service_principal_id: String,
    service_principal_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    id: Option<String>,
    display_name: String,
    #[serde(rename = "type")]
    kind: String,
    user_principal_name: Option<String>,
    group_type: Option<&'static str>,
    modified_properties: Vec<Modified>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Modified {
    display_name: &'static str,
    old_value: Option<String>,
    new_value: Option<String>,
}

#[derive(Serialize)]
struct KeyValue<'a> {
    key: &'a str,
    value: &'a str,
}

/// What kind of entry a verb leaves.
struct Kind {
    name: Cow<'static, str>,
    category: Cow<'static, str>,
    operation: Cow<'static, str>,
    service: &'static str,
    modified: Vec<Modified>,
}

/// Whether the directory audit log knows a verb.
pub(super) fn knows(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Hire
            | Verb::Suspend
            | Verb::Restore
            | Verb::Terminate
            | Verb::Rename
            | Verb::ChangeEmail
            | Verb::RevokeSessions
            | Verb::ChangePassword
            | Verb::EnrollMfa
            | Verb::RemoveMfa
            | Verb::GrantApp
            | Verb::RemoveApp
            | Verb::ChangeRole
            | Verb::ChangeSetting
            | Verb::Event
    )
}

/// The entry of an activity; none for what the log does not know.
pub(super) fn entry(activity: &Activity, world: &World, instance: &Instance, seed: Seed) -> Option<Entry> {
    let kind = kind(activity)?;
    let [a, b, c] = directory::labels(activity, world);
    let labels = ["directory audit", instance.name.as_str(), &a, &b, &c];
    let id = format!(
        "Directory_{}_{:08}",
        drawn_text(seed, &labels, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 8),
        seed.number(&labels) % 100_000_000
    );
    let (result, result_reason) =
        if activity.outcome == Outcome::Success { ("success", "") } else { ("failure", "refused") };
    let body = serde_json::to_vec(&DirectoryAudit {
        id: &id,
        category: &kind.category,
        correlation_id: uuid(activity, world, instance, seed, "correlation"),
        result,
        result_reason,
        activity_display_name: &kind.name,
        activity_date_time: seven_digits(activity.occurred),
        logged_by_service: kind.service,
        operation_type: &kind.operation,
        initiated_by: initiator(activity, world, instance, seed),
        target_resources: targets(activity, world, instance, seed, kind.modified),
        additional_details: Vec::new(),
    });
    Some(Entry { feed: DIRECTORY_AUDITS, id, body: body.expect("entries are plain values").into() })
}

fn kind(activity: &Activity) -> Option<Kind> {
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    let core = |name: &'static str, category: &'static str, operation: &'static str, modified| Kind {
        name: name.into(),
        category: category.into(),
        operation: operation.into(),
        service: "Core Directory",
        modified,
    };
    let users = "UserManagement";
    let kind = match activity.verb {
        Verb::Hire => core("Add user", users, "Add", vec![property("AccountEnabled", None, Some("[true]".into()))]),
        Verb::Suspend => core("Disable account", users, "Update", vec![enabled("[true]", "[false]")]),
        Verb::Restore => core("Enable account", users, "Update", vec![enabled("[false]", "[true]")]),
        Verb::Terminate => core("Delete user", users, "Delete", Vec::new()),
        Verb::Rename => core("Update user", users, "Update", vec![property("DisplayName", None, listed(detail("to")))]),
        Verb::ChangeEmail => {
            core("Update user", users, "Update", vec![property("UserPrincipalName", None, listed(detail("to")))])
        }
        Verb::RevokeSessions => {
            let now = format!("[\"{}\"]", activity.occurred.civil().strftime("%Y-%m-%dT%H:%M:%SZ"));
            let changed = vec![property("StsRefreshTokensValidFrom", None, Some(now))];
            core("Update StsRefreshTokenValidFrom Timestamp", users, "Update", changed)
        }
        Verb::ChangePassword => core("Change user password", users, "Update", Vec::new()),
        Verb::EnrollMfa => Kind {
            service: "Authentication Methods",
            ..core("User registered security info", users, "Add", Vec::new())
        },
        Verb::RemoveMfa => Kind {
            service: "Authentication Methods",
            ..core("User deleted security info", users, "Delete", Vec::new())
        },
        Verb::GrantApp => {
            let scopes = vec![property("ConsentAction.Permissions", None, listed(detail("scopes")))];
            core("Consent to application", "ApplicationManagement", "Assign", scopes)
        }
        Verb::RemoveApp => core("Remove delegated permission grant", "ApplicationManagement", "Unassign", Vec::new()),
        Verb::ChangeRole => {
            let role = detail("role").unwrap_or("member");
            let (name, operation) = if role == "member" {
                ("Remove member from role", "Unassign")
            } else {
                ("Add member to role", "Assign")
            };
            core(name, "RoleManagement", operation, vec![property("Role.DisplayName", None, listed(Some(role)))])
        }
        Verb::ChangeSetting => {
            core("Update policy", "Policy", "Update", vec![property("PolicyDetail", None, listed(detail("to")))])
        }
        Verb::Event => {
            Kind { name: detail(changes::NAME)?.to_owned().into(), ..core("", "Other", "Update", Vec::new()) }
        }
        _ => return None,
    };
    Some(worded(kind, activity))
}

/// A deed done through Graph may word its own entry.
fn worded(kind: Kind, activity: &Activity) -> Kind {
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    let Some(name) = detail(changes::NAME) else { return kind };
    Kind {
        name: name.to_owned().into(),
        category: detail(changes::CATEGORY).map_or(kind.category.clone(), |c| c.to_owned().into()),
        operation: detail(changes::OPERATION).map_or(kind.operation.clone(), |o| o.to_owned().into()),
        ..kind
    }
}

fn enabled(old: &str, new: &str) -> Modified {
    property("AccountEnabled", Some(old.to_owned()), Some(new.to_owned()))
}

fn property(display_name: &'static str, old_value: Option<String>, new_value: Option<String>) -> Modified {
    Modified { display_name, old_value, new_value }
}

/// Values are JSON inside strings: `["value"]`.
fn listed(value: Option<&str>) -> Option<String> {
    value.map(|v| serde_json::json!([v]).to_string())
}

/// A client's governance call is its app's; all else a person's.
fn initiator(activity: &Activity, world: &World, instance: &Instance, seed: Seed) -> Initiator {
    if matches!(activity.id, ActivityId::Governed { .. }) {
        let name = activity.details.get("by").cloned().unwrap_or_default();
        let app_id = oauth::client_id(seed, instance, &name);
        let service_principal_id = oauth::service_principal_id(seed, instance, &app_id);
        let app = App { app_id, display_name: name, service_principal_id, service_principal_name: None };
        return Initiator { user: None, app: Some(app) };
    }
    let (id, user_principal_name) = identity(world, instance, activity.actor);
    let user = User {
        id,
        display_name: world.people[activity.actor.0].display_name(),
        user_principal_name,
        ip_address: activity.address.map(|a| a.to_string()),
    };
    Initiator { user: Some(user), app: None }
}

fn targets(
    activity: &Activity,
    world: &World,
    instance: &Instance,
    seed: Seed,
    modified_properties: Vec<Modified>,
) -> Vec<Target> {
    let thing = |id: String, display_name: &str, kind: &str, modified_properties| Target {
        id: Some(id),
        display_name: display_name.to_owned(),
        kind: kind.to_owned(),
        user_principal_name: None,
        group_type: (kind == "Group").then_some("unknownFutureValue"),
        modified_properties,
    };
    let object = activity.object.as_deref();
    if let (Some(kind), Some(id)) = (activity.details.get(changes::KIND), activity.details.get(changes::ID)) {
        let mut targets = Vec::new();
        if let Some(person) = activity.target.filter(|p| identity(world, instance, *p).0 != *id) {
            targets.push(user(world, instance, person, vec![property("DisplayName", None, listed(object))]));
        }
        targets.push(thing(id.clone(), object.unwrap_or_default(), kind, modified_properties));
        return targets;
    }
    if let (Verb::GrantApp | Verb::RemoveApp, Some(name)) = (activity.verb, object) {
        let id = seed.uuid(&["granted application", &instance.name, name]);
        return vec![thing(id, name, "ServicePrincipal", modified_properties)];
    }
    if activity.verb == Verb::ChangeSetting {
        let name = activity.details.get("setting").cloned().unwrap_or_default();
        let id = seed.uuid(&["policy", &instance.name, &name]);
        return vec![thing(id, &name, "Policy", modified_properties)];
    }
    // What people do to their own account names them as its target too.
    let target = activity.target.unwrap_or(activity.actor);
    vec![user(world, instance, target, modified_properties)]
}

fn user(world: &World, instance: &Instance, person: PersonIndex, modified_properties: Vec<Modified>) -> Target {
    let (id, user_principal_name) = identity(world, instance, person);
    Target {
        id: Some(id),
        display_name: world.people[person.0].display_name(),
        kind: "User".to_owned(),
        user_principal_name: Some(user_principal_name),
        group_type: None,
        modified_properties,
    }
}

/// Object id and user principal name.
fn identity(world: &World, instance: &Instance, index: PersonIndex) -> (String, String) {
    let person = &world.people[index.0];
    match person.accounts.get(&instance.app) {
        Some(account) => (account.user_id.clone(), account.login.clone()),
        None => (person.directory_id.clone(), person.email.clone()),
    }
}
