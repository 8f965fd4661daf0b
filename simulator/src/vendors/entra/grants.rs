//! Graph: delegated permission grants, what people have let applications do for them.
//!
//! They come from the timeline: who let an application in (`grant_app`) has a grant until it is removed, by the person or
//! through Graph. Taking one away ends what the application can do at once; `DELETE` is "remove tokens" of an
//! app-permission connector.
//!
//! # Sources
//! `graph-docs:api-reference` oauth2permissiongrant-list, -post, -update, -delete, user-list-oauth2permissiongrants,
//! serviceprincipal-list-oauth2permissiongrants. A scope that begins with a blank: the documentation's own sample.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::changes::{self, Change};
use super::events::DIRECTORY_AUDITS;
use super::objects::{Kind, find_of, graph_principal_id, id_of};
use super::odata::list::{self, EntitySet, Index, paging};
use super::state::Tenant;
use super::{odata, users};
use crate::protocol::credentials::drawn_text;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;
use crate::seed::Seed;
use crate::timeline::{Activity, LogId};
use crate::world::{Instance, Person, World};

pub(super) static GRANTS: EntitySet = EntitySet {
    name: "oauth2PermissionGrants",
    type_name: "microsoft.graph.oAuth2PermissionGrant",
    default: &["clientId", "consentType", "id", "principalId", "resourceId", "scope"],
    further: &[],
    filterable: &["clientId", "consentType", "principalId", "resourceId"],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    paging: paging("oauth2PermissionGrants"),
    index: Index::Plain,
};

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CATEGORY: &str = "ApplicationManagement";
const ADDED: Change = Change { name: "Add delegated permission grant", category: CATEGORY, operation: "Assign" };
const REMOVED: Change = Change { name: "Remove delegated permission grant", category: CATEGORY, operation: "Unassign" };
const UPDATED: Change = Change { name: "Update delegated permission grant", category: CATEGORY, operation: "Update" };

/// A grant's own kind in the audit log.
const KIND: &str = "OAuth2PermissionGrant";

/// Names of the applications that people have let in, those that were removed too.
pub(super) fn app_names(ctx: &Context<'_>) -> BTreeSet<String> {
    let log = LogId { app: ctx.app, feed: DIRECTORY_AUDITS };
    let written = ctx.state.timeline.written(log).iter();
    let granted = written.filter(|record| record.activity.verb == Verb::GrantApp);
    granted.filter_map(|record| record.activity.object.as_deref().map(str::to_owned)).collect()
}

/// Id of the grant that an activity gave, changed or took away.
pub(super) fn touched(seed: Seed, world: &World, directory: &Instance, activity: &Activity) -> Option<String> {
    let scripted = || {
        let name = activity.object.as_deref()?;
        let person = world.person(activity.target.unwrap_or(activity.actor));
        person.accounts.get(&directory.app)?;
        matches!(activity.verb, Verb::GrantApp | Verb::RemoveApp).then(|| grant_id(seed, directory, person, name))
    };
    changes::named(activity, KIND).or_else(scripted)
}

/// Id of a person's own grant for an application.
fn grant_id(seed: Seed, directory: &Instance, person: &Person, name: &str) -> String {
    drawn_text(seed, &["delegated grant", &directory.name, &person.key, name], LETTERS, 43)
}

/// Every grant there is now, in the order of the ids.
pub(super) fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let (seed, directory) = (ctx.sim.scenario.seed, ctx.instance().clone());
    let graph = graph_principal_id(seed, &directory);
    let log = LogId { app: ctx.app, feed: DIRECTORY_AUDITS };
    let mut grants: Vec<Value> = Vec::new();
    for record in ctx.state.timeline.written(log) {
        let activity = &record.activity;
        let Some(name) = activity.object.as_deref() else { continue };
        let person = ctx.sim.world.person(activity.target.unwrap_or(activity.actor));
        let Some(account) = person.accounts.get(&ctx.app) else { continue };
        let id = grant_id(seed, &directory, person, name);
        match activity.verb {
            Verb::GrantApp => {
                grants.retain(|grant| id_of(grant) != id);
                let scopes = activity.details.get("scopes").map_or("User.Read", String::as_str);
                grants.push(json!({
                    "clientId": seed.uuid(&["granted application", &directory.name, name]),
                    "consentType": "Principal",
                    "id": id,
                    "principalId": account.user_id,
                    "resourceId": graph,
                    "scope": format!(" {}", scopes.replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" ")),
                }));
            }
            Verb::RemoveApp => grants.retain(|grant| id_of(grant) != id),
            _ => {}
        }
    }
    let tenant = Tenant::of(ctx);
    for (id, grant) in &tenant.grants {
        grants.retain(|other| id_of(other) != id);
        grants.push(grant.clone());
    }
    grants.retain(|grant| !tenant.withdrawn.contains(id_of(grant)));
    grants.sort_by(|a, b| id_of(a).cmp(id_of(b)));
    grants
}

fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    let found = all(ctx).into_iter().find(|grant| id_of(grant) == id);
    found.ok_or_else(|| Failure::not_found("permission grant", id))
}

/// `GET /v1.0/oauth2PermissionGrants`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let grants = all(ctx);
    list::serve(ctx, request, &GRANTS, GRANTS.name, grants)
}

/// `GET /v1.0/oauth2PermissionGrants/{id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let grant = find(ctx, request.param("id"))?;
    list::serve_one(ctx, request, &GRANTS, GRANTS.name, grant)
}

/// `GET /v1.0/users/{id}/oauth2PermissionGrants`.
pub(super) fn of_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = users::find(ctx, request.param("id"))?;
    let mut grants = all(ctx);
    grants.retain(|grant| grant["principalId"] == user["id"]);
    list::serve(ctx, request, &GRANTS, GRANTS.name, grants)
}

/// `GET /v1.0/servicePrincipals/{id}/oauth2PermissionGrants`.
pub(super) fn of_service_principal(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let principal = super::service_principals::find(ctx, request.param("id"))?;
    let mut grants = all(ctx);
    grants.retain(|grant| grant["clientId"] == principal["id"]);
    list::serve(ctx, request, &GRANTS, GRANTS.name, grants)
}

/// `POST /v1.0/oauth2PermissionGrants`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let text = |name: &str| sent.get(name).and_then(Value::as_str).map(str::to_owned);
    let want = |name: &str| {
        text(name).ok_or_else(|| {
            Failure::bad_parameter(
                name,
                format!("A value is required for property '{name}' of resource 'OAuth2PermissionGrant'."),
            )
        })
    };
    let (client, resource, consent) = (want("clientId")?, want("resourceId")?, want("consentType")?);
    let principal = match (consent.as_str(), text("principalId")) {
        ("AllPrincipals", _) => None,
        ("Principal", Some(principal)) => Some(principal),
        _ => return Err(Failure::bad_parameter("consentType", "Invalid consent type or principal.")),
    };
    for id in [&client, &resource] {
        super::service_principals::find(ctx, id)?;
    }
    let number = Tenant::of(ctx).draw().to_string();
    let id = drawn_text(ctx.sim.scenario.seed, &["grant made", &ctx.instance().name, &number], LETTERS, 43);
    let grant = json!({
        "clientId": client,
        "consentType": consent,
        "id": id,
        "principalId": principal,
        "resourceId": resource,
        "scope": text("scope"),
    });
    if ctx.is_real() {
        Tenant::of(ctx).grants.insert(id.clone(), grant.clone());
        changes::deed(ctx, request, Verb::Event, ADDED, (KIND, &id, "Microsoft Graph"), None);
    }
    Ok(odata::entity(request, StatusCode::CREATED, "oauth2PermissionGrants/$entity", grant))
}

/// `PATCH /v1.0/oauth2PermissionGrants/{id}`: other scopes.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let Some(scope) = sent.get("scope").and_then(Value::as_str) else {
        return Err(Failure::bad_parameter("scope", "Only the property 'scope' can be updated."));
    };
    let mut grant = find(ctx, request.param("id"))?;
    if ctx.is_real() {
        grant["scope"] = json!(scope);
        let id = id_of(&grant).to_owned();
        Tenant::of(ctx).grants.insert(id.clone(), grant);
        changes::deed(ctx, request, Verb::Event, UPDATED, (KIND, &id, "Microsoft Graph"), None);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /v1.0/oauth2PermissionGrants/{id}`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id").to_owned();
    let grant = find(ctx, &id).inspect_err(|_| directory::missed(ctx, "revoke_app", &id))?;
    let principal = grant["principalId"].as_str().unwrap_or_default().to_owned();
    let client = grant["clientId"].as_str().unwrap_or_default();
    let app = find_of(ctx, Kind::ServicePrincipal, client);
    let name = app.as_ref().and_then(|app| app["displayName"].as_str()).unwrap_or_default().to_owned();
    if ctx.is_real() {
        let person = ctx.sim.world.person_by_account(ctx.app, &principal);
        // What a person granted ends with them; what an administrator granted for everybody is no person's.
        let verb = if person.is_some() { Verb::RemoveApp } else { Verb::Event };
        Tenant::of(ctx).withdrawn.insert(id.clone());
        changes::deed(ctx, request, verb, REMOVED, (KIND, &id, &name), person);
    }
    let key = if principal.is_empty() { id } else { changes::key_of(ctx, &principal) };
    directory::note_thing(ctx, "revoke_app", &key, &name);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// People who have a grant for the application with this service principal.
pub(super) fn holders(ctx: &mut Context<'_>, principal: &str) -> Vec<crate::world::PersonIndex> {
    let grants = all(ctx);
    let held = grants.iter().filter(|grant| grant["clientId"] == principal);
    held.filter_map(|g| ctx.sim.world.person_by_account(ctx.app, g["principalId"].as_str()?)).collect()
}
