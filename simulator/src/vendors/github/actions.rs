//! What an activity is called in the audit log, and the fields of its kind.
//!
//! # Sources
//! Action names: `src/audit-logs/data/shared/entries.json` of the documentation. Fields of a kind:
//! `data/ghec/organization.json` and `fields-pool.json`, with the corrections that connectors' fixtures give. Which action a
//! verb of the scenario language stands for is ours; fields of `personal_access_token.*` and `integration_installation.*`
//! beyond the name are guesses, as are actions of settings that no row below names.
//!
//! # Not imitated
//! `git.fetch` (a clone stands for both), workflow runs, `api.request` (streams alone).

use std::borrow::Cow;

use serde_json::{Value, json};

use super::names::{self, Customer};
use super::repositories;
use crate::scenario::{Outcome, Verb};
use crate::seed::Seed;
use crate::timeline::{Activity, ActivityId};
use crate::world::{Instance, World};

/// An entry of the audit log before its common fields.
pub(super) struct Entry {
    /// `org.update_member`.
    pub(super) action: Cow<'static, str>,
    /// The repository it is about, by its short name.
    pub(super) repository: Option<String>,
    /// Fields of its kind.
    pub(super) fields: Vec<(&'static str, Value)>,
}

/// Whether the audit log knows a verb. Members' sign-ins stand in their own security logs; looking at things in none.
pub(super) fn logs(verb: Verb) -> bool {
    !matches!(verb, Verb::SignIn | Verb::SignOut | Verb::Open | Verb::Upload)
}

/// Whether a verb is done with git: such events are shown for seven days, and only to who asks for them.
pub(super) fn is_git(verb: Verb) -> bool {
    matches!(verb, Verb::Clone | Verb::Edit)
}

/// Actions of a setting: its name in scenarios, the action that enables or makes it, that ends it, that changes it.
#[rustfmt::skip]
const SETTINGS: [(&str, &str, &str, &str); 14] = [
    ("two_factor_requirement",     "org.enable_two_factor_requirement",          "org.disable_two_factor_requirement",          "org.enable_two_factor_requirement"),
    ("saml",                       "org.enable_saml",                            "org.disable_saml",                            "org.update_saml_provider_settings"),
    ("ip_allow_list",              "ip_allow_list.enable",                       "ip_allow_list.disable",                       "ip_allow_list.enable"),
    ("ip_allow_list_entry",        "ip_allow_list_entry.create",                 "ip_allow_list_entry.destroy",                 "ip_allow_list_entry.update"),
    ("audit_log_streaming",        "audit_log_streaming.create",                 "audit_log_streaming.destroy",                 "audit_log_streaming.update"),
    ("source_ip_disclosure",       "org.enable_source_ip_disclosure",            "org.disable_source_ip_disclosure",            "org.enable_source_ip_disclosure"),
    ("secret_scanning",            "secret_scanning.enable",                     "secret_scanning.disable",                     "secret_scanning.enable"),
    ("push_protection",            "org.secret_scanning_push_protection_enable", "org.secret_scanning_push_protection_disable", "org.secret_scanning_push_protection_enable"),
    ("oauth_app_restrictions",     "org.enable_oauth_app_restrictions",          "org.disable_oauth_app_restrictions",          "org.enable_oauth_app_restrictions"),
    ("private_repository_forking", "private_repository_forking.enable",          "private_repository_forking.disable",          "private_repository_forking.clear"),
    ("branch_protection",          "protected_branch.create",                    "protected_branch.destroy",                    "protected_branch.update_admin_enforced"),
    ("ruleset",                    "repository_ruleset.create",                  "repository_ruleset.destroy",                  "repository_ruleset.update"),
    ("default_repository_permission", "org.update_default_repository_permission", "org.update_default_repository_permission",   "org.update_default_repository_permission"),
    ("member_repository_creation", "org.update_member_repository_creation_permission", "org.update_member_repository_creation_permission", "org.update_member_repository_creation_permission"),
];

/// What an activity is in the audit log; none if it leaves nothing there.
pub(super) fn entry(activity: &Activity, world: &World, instance: &Instance, seed: Seed) -> Option<Entry> {
    if activity.outcome != Outcome::Success || !logs(activity.verb) {
        return None;
    }
    let detail = |key: &str| activity.details.get(key).map(String::as_str);
    let object = activity.object.as_deref();
    let plain = |action: &'static str, fields| Entry { action: action.into(), repository: None, fields };
    let on_repository =
        |action: &'static str, fields| Entry { action: action.into(), repository: object.map(str::to_owned), fields };
    let upon = || user(activity, world, instance);
    let governed = matches!(activity.id, ActivityId::Governed { .. });
    Some(match activity.verb {
        Verb::Clone => on_repository("git.clone", transport(activity)),
        Verb::Edit => on_repository("git.push", transport(activity)),
        Verb::Create => on_repository("repo.create", vec![("visibility", visibility(detail("to"), object))]),
        Verb::Delete => on_repository("repo.destroy", vec![("visibility", visibility(None, object))]),
        Verb::Download => on_repository("repo.download_zip", Vec::new()),
        Verb::Export => migration(instance, seed, world, object),
        Verb::Share => on_repository("repo.add_member", shared_with(upon(), detail("with"))),
        Verb::SetVisibility => {
            let before = visibility(None, object);
            on_repository("repo.access", vec![("visibility", json!(detail("to")?)), ("previous_visibility", before)])
        }
        Verb::CreateToken => {
            let mut fields = upon();
            fields.extend([
                ("user_programmatic_access_name", json!(object.unwrap_or("automation"))),
                ("permissions_added", json!({ "contents": "write", "metadata": "read" })),
                ("repository_selection", json!("all")),
            ]);
            plain("personal_access_token.access_granted", fields)
        }
        Verb::RevokeToken if governed => plain("org_credential_authorization.revoke", upon()),
        Verb::RevokeToken => plain("personal_access_token.access_revoked", upon()),
        Verb::GrantApp => installed(activity, object?),
        Verb::RemoveApp => plain("integration_installation.destroy", vec![("name", json!(object?))]),
        Verb::EnrollMfa => plain("two_factor_authentication.enabled", upon()),
        Verb::RemoveMfa => plain("two_factor_authentication.disabled", upon()),
        Verb::ChangePassword => plain("user.change_password", upon()),
        Verb::ChangeSetting => setting(detail("setting")?, detail("to")?, object),
        Verb::ChangeRole => role(detail("role").unwrap_or("member"), upon()),
        Verb::Impersonate => plain("staff.fake_login", upon()),
        Verb::Hire => plain("org.add_member", with(upon(), "permission", json!("read"))),
        Verb::Suspend => plain("user.suspend", upon()),
        Verb::Restore => plain("user.unsuspend", upon()),
        Verb::Terminate => plain("org.remove_member", upon()),
        Verb::Rename => plain("user.rename", with(upon(), "old_user", json!(login(activity, world, instance)))),
        Verb::ChangeEmail => plain("user.add_email", with(upon(), "email", json!(detail("to")))),
        Verb::RevokeSessions => plain("org.revoke_sso_session", upon()),
        Verb::Event => event(detail("name")?, activity, upon()),
        Verb::SignIn | Verb::SignOut | Verb::Open | Verb::Upload => return None,
    })
}

/// `operation_type`, from the last word of an action's name.
///
/// # Sources
/// The seven values: the description. Which actions have which is a guess beyond the plain ones.
pub(super) fn operation_type(action: &str) -> &'static str {
    const BY_WORD: [(&[&str], &str); 6] = [
        (&["create", "add", "grant", "granted", "install", "invite", "enable", "enabled", "push"], "create"),
        (&["destroy", "delete", "remove", "revoke", "revoked", "disable", "disabled"], "remove"),
        (&["clone", "fetch", "download", "export", "bypass"], "access"),
        (&["login", "sso", "logout"], "authentication"),
        (&["restore", "unsuspend", "restored"], "restore"),
        (&["transfer"], "transfer"),
    ];
    let name = action.rsplit('.').next().unwrap_or(action);
    let words: Vec<&str> = name.split('_').collect();
    BY_WORD.iter().find(|(known, _)| words.iter().any(|w| known.contains(w))).map_or("modify", |(_, kind)| kind)
}

fn transport(activity: &Activity) -> Vec<(&'static str, Value)> {
    // 1 and `http` are a connector's fixture; 2 for SSH is a guess.
    let (number, name) = if super::events::by_token(activity) { (1, "http") } else { (2, "ssh") };
    vec![("transport_protocol", json!(number)), ("transport_protocol_name", json!(name))]
}

/// The visibility written, else the one that the repository has at the beginning.
fn visibility(written: Option<&str>, object: Option<&str>) -> Value {
    let name = object.unwrap_or_default();
    json!(written.unwrap_or_else(|| repositories::visibility_at_first(name)))
}

/// Whose account it is about: the target's, else the actor's own.
fn user(activity: &Activity, world: &World, instance: &Instance) -> Vec<(&'static str, Value)> {
    let who = activity.target.unwrap_or(activity.actor);
    let account = world.people[who.0].accounts.get(&instance.app);
    account.map_or_else(Vec::new, |a| vec![("user", json!(a.login)), ("user_id", json!(names::number(&a.user_id)))])
}

fn login(activity: &Activity, world: &World, instance: &Instance) -> String {
    let who = activity.target.unwrap_or(activity.actor);
    world.people[who.0].accounts.get(&instance.app).map(|a| a.login.clone()).unwrap_or_default()
}

fn with(mut fields: Vec<(&'static str, Value)>, name: &'static str, value: Value) -> Vec<(&'static str, Value)> {
    fields.push((name, value));
    fields
}

/// Somebody of this organisation, or somebody of a domain elsewhere.
fn shared_with(own: Vec<(&'static str, Value)>, with: Option<&str>) -> Vec<(&'static str, Value)> {
    match with {
        None | Some("anyone") => own,
        Some(domain) => {
            let login = format!("guest-{}", domain.split('.').next().unwrap_or(domain));
            vec![("user", json!(login)), ("permission", json!("read"))]
        }
    }
}

/// An app let in: with scopes an OAuth app that was approved, else a GitHub App that was installed.
fn installed(activity: &Activity, name: &str) -> Entry {
    let scopes = activity.details.get("scopes").map(|scopes| scopes.replace(' ', ","));
    let (action, fields) = match scopes {
        Some(scopes) => (
            "org.oauth_app_access_approved",
            vec![("oauth_application_name", json!(name)), ("name", json!(name)), ("scopes", json!(scopes))],
        ),
        None => ("integration_installation.create", vec![("name", json!(name))]),
    };
    Entry { action: action.into(), repository: None, fields }
}

/// Everything about a migration but its name stands nested, and its repositories in a list (psoxy's fixture).
fn migration(instance: &Instance, seed: Seed, world: &World, object: Option<&str>) -> Entry {
    let name = object.unwrap_or("everything");
    let full = format!("{}/{name}", Customer::of(world, instance).login);
    let id = names::thing_id(seed, instance, "repository", name);
    let fields = vec![("repo", json!([full])), ("repo_id", json!([id])), ("data", json!({ "state": "exported" }))];
    Entry { action: "migration.create".into(), repository: None, fields }
}

fn role(role: &str, upon: Vec<(&'static str, Value)>) -> Entry {
    let (action, fields) = match role {
        "admin" | "owner" => ("org.update_member", vec![("permission", "admin"), ("old_permission", "read")]),
        "member" => ("org.update_member", vec![("permission", "read"), ("old_permission", "admin")]),
        "security_manager" => ("org.add_security_manager", vec![]),
        "billing_manager" => ("org.add_billing_manager", vec![]),
        own => ("organization_role.assign", vec![("organization_role_name", own)]),
    };
    let fields = fields.into_iter().map(|(name, value)| (name, json!(value)));
    Entry { action: action.into(), repository: None, fields: upon.into_iter().chain(fields).collect() }
}

fn setting(name: &str, to: &str, object: Option<&str>) -> Entry {
    let row = SETTINGS.iter().find(|(known, ..)| *known == name);
    let on = matches!(to, "enabled" | "created" | "required");
    let off = matches!(to, "disabled" | "destroyed" | "none" | "optional");
    let action: Cow<'static, str> = match row {
        Some((_, made, ..)) if on => (*made).into(),
        Some((_, _, ended, _)) if off => (*ended).into(),
        Some((.., changed)) => (*changed).into(),
        None => format!(
            "{name}.{}",
            if on {
                "enable"
            } else if off {
                "disable"
            } else {
                "update"
            }
        )
        .into(),
    };
    let fields = match name {
        // A boolean here, a word everywhere else (https://github.com/google/go-github/issues/3016).
        "member_repository_creation" => {
            let visibility = if off { "none" } else { "public_internal" };
            vec![("permission", json!(!off)), ("visibility", json!(visibility))]
        }
        "default_repository_permission" => vec![("permission", json!(to)), ("old_permission", json!("read"))],
        // The field's name is a guess.
        "audit_log_streaming" => vec![("audit_log_stream_sink", json!(object.unwrap_or("s3")))],
        "ip_allow_list_entry" => vec![("name", json!(object.unwrap_or("office")))],
        "ruleset" => vec![("ruleset_name", json!(object.unwrap_or("main"))), ("ruleset_enforcement", json!("active"))],
        _ => Vec::new(),
    };
    let repository = object.filter(|_| name == "branch_protection").map(str::to_owned);
    Entry { action, repository, fields }
}

/// Anything else, by its name. What its object is, its category tells.
fn event(name: &str, activity: &Activity, upon: Vec<(&'static str, Value)>) -> Entry {
    const ON_REPOSITORIES: [&str; 6] =
        ["repo", "secret_scanning_", "protected_branch", "repository_vulnerability", "pull_request", "public_key"];
    let category = name.split('.').next().unwrap_or(name);
    let object = activity.object.clone().map(|o| o.to_string());
    let on_repository =
        ON_REPOSITORIES.iter().any(|c| category.starts_with(c)) && !category.starts_with("repository_r");
    let about_somebody = activity.target.is_some() || matches!(category, "user" | "external_identity" | "team");
    let mut fields = if about_somebody { upon } else { Vec::new() };
    match (&object, category) {
        (None, _) => {}
        (Some(_), _) if on_repository => {}
        (Some(object), "team") => fields.push(("team", json!(object))),
        (Some(object), "personal_access_token") => fields.push(("user_programmatic_access_name", json!(object))),
        (Some(object), _) if name.ends_with("block_user") => fields.push(("blocked_user", json!(object))),
        (Some(object), _) => fields.push(("name", json!(object))),
    }
    if category.starts_with("secret_scanning_") {
        fields.push(("number", json!(1)));
    }
    Entry { action: name.to_owned().into(), repository: object.filter(|_| on_repository), fields }
}
