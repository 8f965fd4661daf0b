//! Graph: app role assignments. What applications may do at Graph, and who may use an enterprise application.
//!
//! The stack's own application holds each of its permissions by an assignment: taking one away takes it out of the tokens
//! that are issued from then on. Everybody whose account in an app the directory knows is assigned to that app, by default
//! access (the role of zeros).
//!
//! Whoever is not assigned cannot consent for the stack's own application (AADSTS50105) while its service principal requires
//! assignment, which it does once `appRoleAssignmentRequired` is set. Other applications never ask.
//!
//! # Sources
//! `graph-docs:api-reference` serviceprincipal-list-approleassignments, -list-approleassignedto, -post-approleassignedto,
//! -delete-approleassignedto, user-list-approleassignments.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::changes::{self, Change};
use super::objects::{self, Kind, graph_principal_id, id_of, instant, stack_principal_id};
use super::odata::list::{self, EntitySet, Index, paging};
use super::state::Tenant;
use super::{oauth, odata, service_principals, users};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};

static ASSIGNMENTS: EntitySet = EntitySet {
    name: "appRoleAssignments",
    type_name: "microsoft.graph.appRoleAssignment",
    default: &[
        "id",
        "deletedDateTime",
        "appRoleId",
        "createdDateTime",
        "principalDisplayName",
        "principalId",
        "principalType",
        "resourceDisplayName",
        "resourceId",
    ],
    further: &[],
    filterable: &["resourceId", "principalId", "appRoleId"],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    paging: paging("appRoleAssignments"),
    index: Index::Plain,
};

/// The role of those who have no other.
const DEFAULT_ACCESS: &str = "00000000-0000-0000-0000-000000000000";

const CATEGORY: &str = "ApplicationManagement";
const ADDED: Change =
    Change { name: "Add app role assignment to service principal", category: CATEGORY, operation: "Assign" };
const REMOVED: Change =
    Change { name: "Remove app role assignment from service principal", category: CATEGORY, operation: "Unassign" };

/// Every assignment there is now, in the order of the ids.
fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let (seed, world, app) = (ctx.sim.scenario.seed, &ctx.sim.world, ctx.app);
    let directory = &world.instances[app.0];
    let created = instant(ctx.sim.scenario.history_start());
    let assignment = |role: &str, principal: (&str, &str, &str), resource: (&str, &str)| {
        json!({
            "id": seed.uuid(&["app role assignment", &directory.name, role, principal.0, resource.0]),
            "deletedDateTime": null,
            "appRoleId": role,
            "createdDateTime": created,
            "principalDisplayName": principal.1,
            "principalId": principal.0,
            "principalType": principal.2,
            "resourceDisplayName": resource.1,
            "resourceId": resource.0,
        })
    };
    let stack = stack_principal_id(ctx);
    let client = ctx.state.instances[app.0].tokens.client();
    let graph = graph_principal_id(seed, directory);
    let held = client.scopes.iter().map(|role| {
        let principal = (stack.as_str(), client.name.as_str(), "ServicePrincipal");
        assignment(&oauth::role_id(seed, role), principal, (&graph, "Microsoft Graph"))
    });
    let mut assignments: Vec<Value> = held.collect();
    let users = directory::users(world, &ctx.state.timeline, app);
    for instance in world.instances.iter().filter(|i| i.is_sso()) {
        let resource = seed.uuid(&["resource", &directory.name, &instance.name]);
        let name = super::events::app_name(instance);
        for user in &users {
            if user.person.accounts.get(&instance.app).is_some_and(|account| account.linked) {
                let principal = (user.account.user_id.as_str(), user.name());
                let principal = (principal.0, principal.1.as_str(), "User");
                assignments.push(assignment(DEFAULT_ACCESS, principal, (&resource, &name)));
            }
        }
    }
    let tenant = Tenant::of(ctx);
    assignments.extend(tenant.assignments.values().cloned());
    assignments.retain(|assignment| !tenant.withdrawn.contains(id_of(assignment)));
    assignments.sort_by(|a, b| id_of(a).cmp(id_of(b)));
    assignments.dedup_by(|a, b| id_of(a) == id_of(b));
    assignments
}

/// Whether the stack's application wants its users to be assigned to it, and this one is not.
pub(super) fn is_missing(ctx: &mut Context<'_>, user_id: &str) -> bool {
    let resource = stack_principal_id(ctx);
    let patch = Tenant::of(ctx).patches.get(&resource);
    let required = patch.is_some_and(|patch| patch.get("appRoleAssignmentRequired") == Some(&json!(true)));
    required && !all(ctx).iter().any(|a| a["principalId"] == *user_id && a["resourceId"] == *resource)
}

/// `GET /v1.0/users/{id}/appRoleAssignments`.
pub(super) fn of_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = users::find(ctx, request.param("id"))?;
    serve(ctx, request, "principalId", id_of(&user))
}

/// `GET /v1.0/servicePrincipals/{id}/appRoleAssignments`: what this application was granted.
pub(super) fn granted_to(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let principal = service_principals::find(ctx, request.param("id"))?;
    serve(ctx, request, "principalId", id_of(&principal))
}

/// `GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo`: who holds this application's roles.
pub(super) fn assigned_to(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let principal = service_principals::find(ctx, request.param("id"))?;
    serve(ctx, request, "resourceId", id_of(&principal))
}

fn serve(ctx: &mut Context<'_>, request: &Request, side: &str, id: &str) -> Result<Answer, Failure> {
    let mut assignments = all(ctx);
    assignments.retain(|assignment| assignment[side] == id);
    list::serve(ctx, request, &ASSIGNMENTS, ASSIGNMENTS.name, assignments)
}

/// `POST /v1.0/servicePrincipals/{id}/appRoleAssignedTo` and `…/appRoleAssignments`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    service_principals::find(ctx, request.param("id"))?;
    let sent = odata::body(request)?;
    let want = |name: &str| {
        let text = sent.get(name).and_then(Value::as_str).map(str::to_owned);
        let why = format!("A value is required for property '{name}' of resource 'AppRoleAssignment'.");
        text.ok_or_else(|| Failure::bad_parameter(name, why))
    };
    let (principal, resource, role) = (want("principalId")?, want("resourceId")?, want("appRoleId")?);
    let principal = objects::find(ctx, &principal)?;
    let resource = service_principals::find(ctx, &resource)?;
    let offered = resource["appRoles"].as_array().into_iter().flatten().find(|r| r["id"] == *role);
    if offered.is_none() && role != DEFAULT_ACCESS {
        let why = "Permission being assigned was not found on application.";
        return Err(Failure::bad_parameter("appRoleId", why));
    }
    let permission = offered.and_then(|r| r["value"].as_str()).map(str::to_owned);
    let (principal_id, resource_id) = (id_of(&principal), id_of(&resource));
    let labels = ["app role assignment", &ctx.instance().name, &role, principal_id, resource_id];
    let id = ctx.sim.scenario.seed.uuid(&labels);
    if all(ctx).iter().any(|assignment| id_of(assignment) == id) {
        let why = "Permission being assigned already exists on the object.";
        return Err(Failure::bad_parameter("appRoleId", why));
    }
    let assignment = json!({
        "id": id,
        "deletedDateTime": null,
        "appRoleId": role,
        "createdDateTime": instant(ctx.now),
        "principalDisplayName": principal["displayName"],
        "principalId": principal_id,
        "principalType": Kind::of(&principal).unwrap_or(Kind::User).word(),
        "resourceDisplayName": resource["displayName"],
        "resourceId": resource_id,
    });
    if ctx.is_real() {
        let tenant = Tenant::of(ctx);
        tenant.withdrawn.remove(&id);
        tenant.assignments.insert(id, assignment.clone());
        if let Some(permission) = permission.filter(|_| principal_id == stack_principal_id(ctx)) {
            permit(ctx, |scopes| scopes.push(permission));
        }
        changes::written(ctx, request, ADDED, (Kind::ServicePrincipal, &resource), None);
    }
    Ok(odata::entity(request, StatusCode::CREATED, "appRoleAssignments/$entity", assignment))
}

/// `DELETE /v1.0/servicePrincipals/{id}/appRoleAssignedTo/{assignment}` and from the other two sides.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("assignment").to_owned();
    let found = all(ctx).into_iter().find(|assignment| id_of(assignment) == id);
    let Some(assignment) = found else {
        directory::missed(ctx, "revoke_app", &id);
        return Err(Failure::not_found("app role assignment", id));
    };
    let text = |name: &str| assignment[name].as_str().unwrap_or_default().to_owned();
    if ctx.is_real() {
        let tenant = Tenant::of(ctx);
        tenant.withdrawn.insert(id.clone());
        tenant.assignments.remove(&id);
        let resource = service_principals::find(ctx, &text("resourceId"))?;
        if text("principalId") == stack_principal_id(ctx) {
            let seed = ctx.sim.scenario.seed;
            permit(ctx, |scopes| scopes.retain(|role| oauth::role_id(seed, role) != text("appRoleId")));
        }
        let person = ctx.sim.world.person_by_account(ctx.app, &text("principalId"));
        changes::written(ctx, request, REMOVED, (Kind::ServicePrincipal, &resource), person);
    }
    let key = changes::key_of(ctx, &text("principalId"));
    directory::note(ctx, "revoke_app", &key);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Changes what the tokens of the stack's application carry from now on.
fn permit(ctx: &mut Context<'_>, change: impl FnOnce(&mut Vec<String>)) {
    let tokens = &mut ctx.instance_state().tokens;
    let mut scopes = tokens.client().scopes.clone();
    change(&mut scopes);
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    tokens.set_scopes(&scopes);
}
