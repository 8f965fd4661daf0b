//! Service principals and applications: Graph itself, the stack's own application, an enterprise application for every
//! instance that people sign in to through this directory, and the applications that people have let in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::{events, grants, oauth};
use crate::protocol::exchange::Context;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::world::Instance;

/// Application id of Microsoft Graph, the same in every tenant.
pub(in super::super) const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

const SECRET_ENDS: &str = "2036-01-01T00:00:00Z";

/// The tenant that owns Microsoft's own applications.
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// Object id of Graph's service principal in this tenant.
pub(in super::super) fn graph_principal_id(seed: Seed, instance: &Instance) -> String {
    seed.uuid(&["service principal", &instance.name, GRAPH_APP])
}

/// Object id of the service principal of the stack's own application.
pub(in super::super) fn stack_principal_id(ctx: &Context<'_>) -> String {
    let client = ctx.state.instances[ctx.app.0].tokens.client();
    oauth::service_principal_id(ctx.sim.scenario.seed, ctx.instance(), &client.client_id)
}

/// Object id of the application that the stack is registered as.
pub(in super::super) fn application_id(ctx: &Context<'_>) -> String {
    let client_id = &ctx.state.instances[ctx.app.0].tokens.client().client_id;
    ctx.sim.scenario.seed.uuid(&["application", &ctx.instance().name, client_id])
}

/// When the secret of the stack's application ends.
pub(in super::super) fn secret_ends() -> SimTime {
    SimTime::parse_rfc3339(SECRET_ENDS).expect("a literal")
}

/// Application id of the enterprise application that stands for an instance of a vendor.
pub(in super::super) fn enterprise_app_id(seed: Seed, directory: &Instance, app: &Instance) -> String {
    seed.uuid(&["enterprise application", &directory.name, &app.name])
}

/// Application id of an application that people have let in.
fn granted_app_id(seed: Seed, directory: &Instance, name: &str) -> String {
    seed.uuid(&["granted application id", &directory.name, name])
}

struct Principal<'a> {
    id: String,
    app_id: &'a str,
    name: &'a str,
    owner: &'a str,
    tags: &'a [&'a str],
    reply_urls: &'a [String],
    enabled: bool,
}

impl Principal<'_> {
    fn object(&self, app_roles: &[Value], scopes: &[Value]) -> Value {
        json!({
            "id": self.id,
            "deletedDateTime": null,
            "accountEnabled": self.enabled,
            "alternativeNames": [],
            "appDescription": null,
            "appDisplayName": self.name,
            "appId": self.app_id,
            "appOwnerOrganizationId": self.owner,
            "appRoleAssignmentRequired": false,
            "appRoles": app_roles,
            "disabledByMicrosoftStatus": null,
            "displayName": self.name,
            "homepage": null,
            "keyCredentials": [],
            "oauth2PermissionScopes": scopes,
            "passwordCredentials": [],
            "replyUrls": self.reply_urls,
            "servicePrincipalNames": [self.app_id],
            "servicePrincipalType": "Application",
            "signInAudience": "AzureADMyOrg",
            "tags": self.tags,
            "verifiedPublisher": { "displayName": null, "verifiedPublisherId": null, "addedDateTime": null },
        })
    }
}

pub(super) fn service_principals(ctx: &mut Context<'_>) -> Vec<Value> {
    let (seed, world, app) = (ctx.sim.scenario.seed, &ctx.sim.world, ctx.app);
    let directory = &world.instances[app.0];
    let tenant = &directory.organisation_id;
    let tokens = &ctx.state.instances[app.0].tokens;
    let client = tokens.client();
    let principal = |id: String, app_id: &str, name: &str, owner: &str, tags: &[&str], urls: &[String], enabled| {
        Principal { id, app_id, name, owner, tags, reply_urls: urls, enabled }.object(&[], &[])
    };
    let graph_id = graph_principal_id(seed, directory);
    let graph = Principal {
        id: graph_id,
        app_id: GRAPH_APP,
        name: "Microsoft Graph",
        owner: MICROSOFT,
        tags: &[],
        reply_urls: &[],
        enabled: true,
    };
    let mut objects = vec![graph.object(&app_roles(seed), &permission_scopes(seed))];
    let integrated = ["WindowsAzureActiveDirectoryIntegratedApp"];
    let stack = oauth::service_principal_id(seed, directory, &client.client_id);
    let urls = &client.redirect_uris;
    objects.push(principal(stack, &client.client_id, &client.name, tenant, &integrated, urls, !client.disabled));
    for instance in world.instances.iter().filter(|i| i.is_sso()) {
        let app_id = enterprise_app_id(seed, directory, instance);
        let id = seed.uuid(&["resource", &directory.name, &instance.name]);
        objects.push(principal(id, &app_id, &events::app_name(instance), tenant, &integrated, &[], true));
    }
    let names: BTreeSet<String> = grants::app_names(ctx);
    for name in &names {
        let app_id = granted_app_id(seed, directory, name);
        let id = seed.uuid(&["granted application", &directory.name, name]);
        let owner = seed.uuid(&["publisher of granted application", name]);
        objects.push(principal(id, &app_id, name, &owner, &integrated, &[], true));
    }
    objects
}

/// The application that is registered in this tenant: the stack's own.
pub(super) fn applications(ctx: &Context<'_>) -> Vec<Value> {
    let (seed, directory) = (ctx.sim.scenario.seed, ctx.instance());
    let client = ctx.state.instances[ctx.app.0].tokens.client();
    let access: Vec<Value> =
        client.scopes.iter().map(|role| json!({ "id": oauth::role_id(seed, role), "type": "Role" })).collect();
    let created = ctx.sim.scenario.history_start();
    vec![json!({
        "id": application_id(ctx),
        "deletedDateTime": null,
        "appId": client.client_id,
        "createdDateTime": super::instant(created),
        "description": null,
        "disabledByMicrosoftStatus": null,
        "displayName": client.name,
        "identifierUris": [],
        "isFallbackPublicClient": true,
        "keyCredentials": [],
        "passwordCredentials": [{
            "customKeyIdentifier": null,
            "displayName": "secret",
            "endDateTime": SECRET_ENDS,
            "hint": client.client_secret.get(..3),
            "keyId": seed.uuid(&["client secret", &directory.name]),
            "secretText": null,
            "startDateTime": super::instant(created),
        }],
        "publisherDomain": ctx.sim.world.domain,
        "requiredResourceAccess": [{ "resourceAppId": GRAPH_APP, "resourceAccess": access }],
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "web": { "homePageUrl": null, "logoutUrl": null, "redirectUris": client.redirect_uris },
    })]
}

/// What applications can be allowed at Graph.
fn app_roles(seed: Seed) -> Vec<Value> {
    let role = |name: &&str| {
        json!({
            "allowedMemberTypes": ["Application"],
            "description": name,
            "displayName": name,
            "id": oauth::role_id(seed, name),
            "isEnabled": true,
            "origin": "Application",
            "value": name,
        })
    };
    oauth::RULES.scopes.iter().map(role).collect()
}

/// What people can allow applications at Graph.
fn permission_scopes(seed: Seed) -> Vec<Value> {
    let scope = |name: &&str| {
        json!({
            "adminConsentDescription": name,
            "adminConsentDisplayName": name,
            "id": seed.uuid(&["permission scope", name]),
            "isEnabled": true,
            "type": "User",
            "userConsentDescription": null,
            "userConsentDisplayName": null,
            "value": name,
        })
    };
    oauth::RULES.scopes.iter().map(scope).collect()
}
