//! Graph: service principals, the applications of a tenant as it sees them, and the applications registered in it.
//!
//! Disabling a service principal bans the application: its next token request is refused (AADSTS7000112), and what people
//! let it do for them ends. Deleting it, or the application, has its token requests refused too (AADSTS7000229, AADSTS700016).
//!
//! # Sources
//! `graph-docs:api-reference` serviceprincipal-list, -get, -update, -delete, application-list, -get, -delete, organization-list.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::changes::{self, Change};
use super::objects::{self, Kind, find_of, id_of, instant, stack_principal_id};
use super::odata::list::{self, EntitySet, Index, paging};
use super::sets::{APPLICATIONS, SERVICE_PRINCIPALS};
use super::state::Tenant;
use super::{grants, odata};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;

const CATEGORY: &str = "ApplicationManagement";
const UPDATED: Change = Change { name: "Update service principal", category: CATEGORY, operation: "Update" };
const DISABLED: Change = Change { name: "Disable service principal", category: CATEGORY, operation: "Update" };
const DELETED: Change = Change { name: "Remove service principal", category: CATEGORY, operation: "Delete" };

const DELETED_APPLICATION: Change = Change { name: "Delete application", category: CATEGORY, operation: "Delete" };

/// What a caller may set.
const WRITABLE: [&str; 7] =
    ["accountEnabled", "appRoleAssignmentRequired", "displayName", "homepage", "notes", "replyUrls", "tags"];

static ORGANIZATION: EntitySet = EntitySet {
    name: "organization",
    type_name: "microsoft.graph.organization",
    default: &[],
    further: &["id", "displayName", "verifiedDomains", "tenantType", "countryLetterCode", "createdDateTime"],
    filterable: &[],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    paging: paging("organization"),
    index: Index::Plain,
};

/// `GET /v1.0/servicePrincipals`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let principals = objects::live(ctx, Kind::ServicePrincipal);
    list::serve(ctx, request, &SERVICE_PRINCIPALS, SERVICE_PRINCIPALS.name, principals)
}

/// `GET /v1.0/servicePrincipals/{id}`; also by application id, `servicePrincipals(appId='…')`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let principal = find(ctx, request.param("id"))?;
    list::serve_one(ctx, request, &SERVICE_PRINCIPALS, SERVICE_PRINCIPALS.name, principal)
}

/// The service principal with this object id, whole.
pub(super) fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    let found = match id.strip_prefix("appId=") {
        None => find_of(ctx, Kind::ServicePrincipal, id),
        Some(app) => objects::live(ctx, Kind::ServicePrincipal).into_iter().find(|p| p["appId"] == *app),
    };
    found.ok_or_else(|| Failure::not_found("service principal", id))
}

/// `PATCH /v1.0/servicePrincipals/{id}`.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let id = request.param("id").to_owned();
    let principal = find(ctx, &id).inspect_err(|_| directory::missed(ctx, "ban_app", &id))?;
    if let Some(other) = sent.keys().find(|name| !WRITABLE.contains(&name.as_str())) {
        return Err(Failure::bad_parameter(other, format!("Property '{other}' is read-only and cannot be set.")));
    }
    let enabled = match sent.get("accountEnabled") {
        None => None,
        Some(Value::Bool(enabled)) => Some(*enabled),
        Some(_) => {
            let why = "Invalid value specified for property 'accountEnabled' of resource 'ServicePrincipal'.";
            return Err(Failure::bad_parameter("accountEnabled", why));
        }
    };
    if ctx.is_real() {
        Tenant::of(ctx).patches.entry(id_of(&principal).to_owned()).or_default().extend(sent);
        if let Some(enabled) = enabled
            && id_of(&principal) == stack_principal_id(ctx)
        {
            ctx.instance_state().tokens.set_disabled(!enabled);
        }
        let change = if enabled == Some(false) { DISABLED } else { UPDATED };
        changes::written(ctx, request, change, (Kind::ServicePrincipal, &principal), None);
        if enabled == Some(false) {
            let label = principal["displayName"].as_str().unwrap_or_default();
            for person in grants::holders(ctx, id_of(&principal)) {
                let object = (Kind::ServicePrincipal.word(), id_of(&principal), label);
                changes::deed(ctx, request, Verb::RemoveApp, DISABLED, object, Some(person));
            }
        }
    }
    if enabled == Some(false) {
        directory::note(ctx, "ban_app", principal["displayName"].as_str().unwrap_or_default());
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /v1.0/servicePrincipals/{id}`: can be restored for thirty days.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let principal = find(ctx, request.param("id"))?;
    if ctx.is_real() {
        remove(ctx, request, &principal);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn remove(ctx: &mut Context<'_>, request: &Request, principal: &Value) {
    let now = ctx.now;
    Tenant::of(ctx).deleted.insert(id_of(principal).to_owned(), now);
    changes::written(ctx, request, DELETED, (Kind::ServicePrincipal, principal), None);
}

/// `GET /v1.0/applications`.
pub(super) fn applications(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let applications = objects::live(ctx, Kind::Application);
    list::serve(ctx, request, &APPLICATIONS, APPLICATIONS.name, applications)
}

/// `GET /v1.0/applications/{id}`.
pub(super) fn application(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = find_of(ctx, Kind::Application, id).ok_or_else(|| Failure::not_found("application", id))?;
    list::serve_one(ctx, request, &APPLICATIONS, APPLICATIONS.name, found)
}

/// `DELETE /v1.0/applications/{id}`: can be restored for thirty days. The service principal goes with it.
pub(super) fn delete_application(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = find_of(ctx, Kind::Application, id).ok_or_else(|| Failure::not_found("application", id))?;
    if ctx.is_real() {
        let now = ctx.now;
        Tenant::of(ctx).deleted.insert(id_of(&found).to_owned(), now);
        changes::written(ctx, request, DELETED_APPLICATION, (Kind::Application, &found), None);
        let principals = objects::live(ctx, Kind::ServicePrincipal);
        if let Some(principal) = principals.iter().find(|principal| principal["appId"] == found["appId"]) {
            remove(ctx, request, principal);
        }
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /v1.0/organization`.
pub(super) fn organization(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let world = &ctx.sim.world;
    let domain = json!({
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": true,
        "isInitial": true,
        "name": world.domain,
        "type": "Managed",
    });
    let organization = json!({
        "id": ctx.instance().organisation_id,
        "deletedDateTime": null,
        "businessPhones": [],
        "countryLetterCode": ctx.sim.scenario.home.country,
        "createdDateTime": instant(ctx.sim.scenario.history_start()),
        "displayName": world.organisation,
        "tenantType": "AAD",
        "verifiedDomains": [domain],
    });
    list::serve(ctx, request, &ORGANIZATION, ORGANIZATION.name, vec![organization])
}
