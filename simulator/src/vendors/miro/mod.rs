//! Miro.
//!
//! # Imitated
//! The consent page and the token endpoint (authorization code; refresh with rotation, which kills the old pair), token
//! context and revocation; the audit log v2 with window, sorting and cursor; the organisation and its members; the
//! session reset; the credit budget with its headers; Miro's error envelope.
//!
//! # Not imitated
//! Audit log v1, teams, boards, SCIM, content and AI logs, legal hold, data classification. `lastActivityAt` of members.
//! Non-expiring OAuth apps (a ready token stands in for the SIEM toggle). One organisation has one team.
//!
//! # Sources
//! Miro's OpenAPI document (`miroapp/api-clients`, commit 3a2506b), its developer pages on OAuth 2.0 and rate limits,
//! the help article on audit logs. Event names that no source confirms are marked in [`events`].

mod audit_log;
mod errors;
mod events;
mod governance;
mod limits;
mod members;
mod oauth;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use axum::http::Method;
use serde_json::json;

use super::{Endpoint, VendorSpec};
use crate::protocol::exchange::{Access, Handler, Route};
use crate::scenario::Vendor;

/// Miro, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Miro,
    title: "Miro",
    routes: &ROUTES,
    feeds: &audit_log::FEEDS,
    webhooks: None,
    credentials: oauth::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize: |path| Cow::Borrowed(path),
    around: super::plainly,
    cursor_parameter: "cursor",
    logs: events::logs,
};

const PUBLIC: Access = Access::Public;
const AUDIT: Access = Access::Token(&["auditlogs:read"]);
const ORGANIZATION: Access = Access::Token(&["organizations:read"]);
const SESSIONS: Access = Access::Token(&["sessions:delete"]);

/// Every route: name, method, path, access, rate-limit credits, feed, source, handler.
#[rustfmt::skip]
static ROUTES: [Route; 11] = [
    route("authorize",      Method::GET,  "/oauth/authorize",                       PUBLIC,       0,              None,              "oauth-20-authorization-v2",       oauth::ask),
    route("authorize",      Method::POST, "/oauth/authorize",                       PUBLIC,       0,              None,              "ours: the form of the page",      oauth::decide),
    route("token",          Method::POST, "/v1/oauth/token",                        PUBLIC,       0,              None,              "exchange-authorization-code",     oauth::token),
    route("revoke",         Method::POST, "/v1/oauth/revoke",                       PUBLIC,       0,              None,              "spec: revoke-token-v1",           oauth::revoke_v1),
    route("revoke",         Method::POST, "/v2/oauth/revoke",                       PUBLIC,       0,              None,              "spec: revoke-token-v2",           oauth::revoke_v2),
    route("token_context",  Method::GET,  "/v1/oauth-token",                        PUBLIC,       0,              None,              "spec: token-info",                oauth::context),
    route("audit_log",      Method::GET,  "/v2/audit/logs",                         AUDIT,        limits::LEVEL_2, Some("audit_log"), "spec: enterprise-get-audit-logs", audit_log::list),
    route("organization",   Method::GET,  "/v2/orgs/{org_id}",                      ORGANIZATION, limits::LEVEL_3, None,              "spec: enterprise-get-organization", members::organization),
    route("members",        Method::GET,  "/v2/orgs/{org_id}/members",              ORGANIZATION, limits::LEVEL_3, Some("members"),   "spec: enterprise-get-organization-members", members::list),
    route("member",         Method::GET,  "/v2/orgs/{org_id}/members/{member_id}",  ORGANIZATION, limits::LEVEL_3, None,              "spec: enterprise-get-organization-member", members::one),
    route("reset_sessions", Method::POST, "/v2/sessions/reset_all",                 SESSIONS,     limits::LEVEL_3, None,              "spec: enterprise-post-user-sessions-reset", governance::reset_sessions),
];

#[expect(clippy::too_many_arguments, reason = "a row of the table above")]
const fn route(
    name: &'static str,
    method: Method,
    path: &'static str,
    access: Access,
    cost: u32,
    feed: Option<&'static str>,
    source: &'static str,
    handler: Handler,
) -> Route {
    Route { name, method, path, access, cost, feed, source, handler }
}

fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    let origin = endpoint.origin;
    json!({
        "authorize_url": format!("{origin}/oauth/authorize"),
        "token_url": format!("{origin}/v1/oauth/token"),
        "scope": endpoint.client.scopes.join(" "),
        "organization_id": endpoint.instance.organisation_id,
        "team_id": endpoint.instance.team_id,
    })
}
