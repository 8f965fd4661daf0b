//! GitHub: Enterprise Cloud, and Enterprise Server where it differs (`profile: server`).
//!
//! # Imitated
//! OAuth apps (web and device flow), GitHub Apps (signed tokens, installations, tokens with permissions), classic and
//! fine-grained personal tokens, checking, resetting and revoking; the audit log of organisation and enterprise with its
//! search phrase, both orders, cursors in both directions and links by number; members, outside collaborators, memberships,
//! the team, removal, roles, blocks; SCIM of the organisation; authorised credentials and fine-grained tokens;
//! installations; repositories and what lies in them; webhooks of the organisation with their deliveries; primary,
//! secondary and audit-log limits, conditional requests; refusals in GitHub's manner. Everything is served at `/` and under
//! `/api/v3`.
//!
//! # Not imitated
//! Sign-ins: members' stand in their own security logs (`user.login` and `org.sso_response` can be written as `event`).
//! GraphQL, search, audit log streams, invitations and their lists, custom organisation roles, security managers, public
//! members, team changes and team synchronisation, external groups, enterprise SCIM and managed users, licences and access
//! restrictions of the enterprise, staff tools beyond suspension, secret-scanning alerts, rule suites, collaborators, keys,
//! hooks, commits, archives, making and deleting of repositories, changes to the organisation itself. Data residency
//! (`api.<tenant>.ghe.com`). An organisation that restricts OAuth apps: the setting is logged and keeps nobody out. A lock
//! after many bad logins; 409, 410, 415 and 451; a primary limit that answers 429 of itself, a secondary one that answers
//! 403. Deliveries of Enterprise Server have no headers of their own. Each room says what else. Of the quirks that the field knows:
//! transient 401 and 404 (a scenario injects them), rows doubled by offset paging while data changes (nothing here changes
//! between pages but by the script), anonymous clones of public repositories, texts beyond ASCII, partial results over
//! several organisations (there is one), tokens tied to the organisations of their session.
//!
//! # Sources
//! `spec`: GitHub's REST description (<https://github.com/github/rest-api-description>, as packaged in `@octokit/openapi`
//! 23.0.2). Its documentation, <https://github.com/github/docs>, served at <https://docs.github.com>, under `content/`:
//!
//! | short | page |
//! |---|---|
//! | docs-oauth | `apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps` |
//! | docs-oauth-err | `apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors` |
//! | docs-rl, docs-trouble, docs-best | `rest/using-the-rest-api/` `rate-limits-for-…`, `troubleshooting-…`, `best-practices-for-using-the-rest-api` |
//! | docs-org | `organizations/…/reviewing-the-audit-log-for-your-organization` |
//! | docs-ent, docs-search | `admin/…/` `using-the-audit-log-api-for-your-enterprise`, `searching-the-audit-log-for-your-enterprise` |
//! | docs-fields | `src/audit-logs/data/`, beside `content/`: `ghec/organization.json`, `shared/fields-pool.json` |
//!
//! Issue reports at the places that follow them.

mod actions;
mod applications;
mod apps;
mod around;
mod audit_log;
mod contents;
mod credentials;
mod device;
mod errors;
mod events;
mod fine_grained;
mod governance;
mod limits;
mod lists;
mod names;
mod oauth;
mod payloads;
mod people;
mod phrase;
mod repositories;
mod root;
mod routes;
mod scim;
mod tenancy;
#[cfg(test)]
mod tests;
mod tokens;
mod webhooks;

use std::borrow::Cow;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Endpoint, HostRule, VendorSpec};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Context, Request, Route};
use crate::protocol::signing;
use crate::scenario::Vendor;

/// GitHub, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Github,
    title: "GitHub",
    routes: routes::ROUTES,
    described,
    hosts: &HOSTS,
    feeds: &audit_log::FEEDS,
    credentials: tokens::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize,
    around: around::around,
    webhooks: Some(&webhooks::WEBHOOKS),
    alerts: None,
    stream: None,
    parameters: super::as_sent,
    cursor_parameter: "after",
    links_pages: true,
    logs: actions::logs,
    tenancy: &tenancy::TENANCY,
    first_look: |connection, _| {
        let login = connection["organization"].as_str().unwrap_or_default();
        format!("/orgs/{login}/audit-log?per_page=5&include=all")
    },
};

/// What `spec` has, but for one operation that its trimmed form leaves out, one whose schema wants an account to be two
/// things at once, and one that it has with a path alone.
fn described(route: &Route) -> bool {
    route.source.starts_with("spec: ")
        && !["/", "/app/installations", "/repos/{owner}/{repo}/contents"].contains(&route.path)
}

/// The API's host, and the one that people's browsers see and that gives out tokens.
static HOSTS: [HostRule; 2] = [
    HostRule {
        name: "api.github.com",
        serves: |path| !of_the_website(path),
        slower_by: Duration::ZERO,
        source: "spec: servers",
    },
    HostRule { name: "github.com", serves: of_the_website, slower_by: Duration::ZERO, source: "docs-oauth" },
];

fn of_the_website(path: &str) -> bool {
    path.starts_with("/login/")
}

/// Served with and without Enterprise Server's prefix.
fn normalize(path: &str) -> Cow<'_, str> {
    match path.strip_prefix(names::SERVER_PREFIX) {
        Some("") => Cow::Borrowed("/"),
        Some(rest) if rest.starts_with('/') => Cow::Borrowed(rest),
        _ => Cow::Borrowed(path),
    }
}

/// Both faces of the stack's registration: the OAuth app, and the GitHub App with the key it signs with.
fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    let customer = names::Customer::of(endpoint.world, endpoint.instance);
    let app = apps::App::of(endpoint.seed, endpoint.instance);
    json!({
        "authorize_url": endpoint.url("/login/oauth/authorize"),
        "token_url": endpoint.url("/login/oauth/access_token"),
        "scope": endpoint.client.scopes.join(" "),
        "organization": customer.login,
        "organization_id": customer.id.to_string(),
        "enterprise": customer.enterprise,
        "github_app": {
            "app_id": app.id,
            "client_id": app.client_id,
            "installation_id": app.installation,
            "private_key": signing::private_key_pem(),
        },
    })
}

/// The JSON object in a request's body.
fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    let whole: serde_json::Value =
        serde_json::from_slice(&request.body).map_err(|_| Failure::bad_parameter("body", "is no JSON"))?;
    serde_json::from_value(whole).map_err(|why| Failure::bad_parameter("request", why.to_string()))
}

/// The same, or what stands for an empty body.
fn body_or_default<T: Default + DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    if request.body.is_empty() { Ok(T::default()) } else { body(request) }
}

/// Puts something on the instance's shelf; not when a fault only pretends.
fn shelve(ctx: &mut Context<'_>, kind: &'static str, id: &str, thing: serde_json::Value) -> Result<(), Failure> {
    if !ctx.is_real() {
        return Ok(());
    }
    Ok(ctx.instance_state().shelf.put(kind, id, thing)?)
}

/// Takes something from the instance's shelf; when a fault only pretends it stays there. Says whether it was there.
fn unshelve(ctx: &mut Context<'_>, kind: &'static str, id: &str) -> bool {
    if !ctx.is_real() {
        return ctx.instance_state().shelf.get(kind, id).is_some();
    }
    ctx.instance_state().shelf.take(kind, id).is_some()
}
