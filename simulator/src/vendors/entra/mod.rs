//! Microsoft Entra ID and Microsoft Graph v1.0.
//!
//! # Imitated
//! The OpenID configuration, the key set, client credentials with real RS256 tokens, instance discovery, the AADSTS
//! refusals; users (`$select`, simple `$filter`, `$top`, `$count`, skip tokens), enabling and disabling, ending sign-in
//! sessions, mail; the sign-in log and the directory audit log with filter, order and skip tokens; Graph's errors,
//! request ids and throttling.
//!
//! There are two logs, `sign_in_log` and `directory_audits`, and so no `audit_log` room.
//!
//! # Not imitated
//! Interactive grants, certificates, delta queries, `$batch`, subscriptions, groups, roles, app permissions, Identity
//! Protection, deleted items, `$search`, `$expand`, `$orderby` on users. The mailbox that sends notifications is not in
//! the user list. Graph's own tokens cannot be checked by third parties; these can.
//!
//! # Sources
//! Microsoft's documentation of the identity platform and of Graph v1.0, its CSDL (commit f54f11b6), and the issue reports
//! cited at the places that follow them. What is recalled or guessed says so.

mod directory_audits;
mod errors;
mod events;
mod filter;
mod governance;
mod limits;
mod logs;
mod mail;
mod oauth;
mod query;
mod sign_in_log;
#[cfg(test)]
mod tests;
mod users;

use std::borrow::Cow;

use axum::http::Method;
use serde_json::json;

use super::{Endpoint, VendorSpec};
use crate::protocol::exchange::{Access, Handler, Route};
use crate::protocol::feed::Feed;
use crate::scenario::Vendor;

/// Entra and Graph, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Entra,
    title: "Microsoft Entra ID",
    routes: &ROUTES,
    feeds: &FEEDS,
    webhooks: None,
    credentials: oauth::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize,
    around: super::plainly,
    cursor_parameter: query::SKIP_TOKEN,
    logs: events::logs,
};

static FEEDS: [Feed; 2] = [sign_in_log::FEED, directory_audits::FEED];

const PUBLIC: Access = Access::Public;
const READ_USERS: Access =
    Access::Token(&["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]);
const WRITE_USERS: Access =
    Access::Token(&["User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]);
const REVOKE: Access = Access::Token(&["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]);
const MAIL: Access = Access::Token(&["Mail.Send"]);
const AUDIT: Access = Access::Token(&["AuditLog.Read.All"]);

/// Every route: name, method, path, access, resource units, list, source, handler.
#[rustfmt::skip]
static ROUTES: [Route; 14] = [
    route("openid_configuration", Method::GET,   "/{tenant}/v2.0/.well-known/openid-configuration", PUBLIC, 0, None, "OpenID Connect on the identity platform", oauth::openid_configuration),
    route("keys",                 Method::GET,   "/{tenant}/discovery/v2.0/keys",      PUBLIC,      0, None,                     "OpenID Connect on the identity platform", oauth::keys),
    route("token",                Method::POST,  "/{tenant}/oauth2/v2.0/token",        PUBLIC,      0, None,                     "client credentials flow",          oauth::token),
    route("instance_discovery",   Method::GET,   "/common/discovery/instance",         PUBLIC,      0, None,                     "MSAL sources",                     oauth::instance_discovery),
    route("users",                Method::GET,   "/v1.0/users",                        READ_USERS,  2, Some("users"),            "graph: user-list",                 users::list),
    route("users_count",          Method::GET,   "/v1.0/users/$count",                 READ_USERS,  1, None,                     "graph: aad-advanced-queries",      users::count),
    route("user",                 Method::GET,   "/v1.0/users/{id}",                   READ_USERS,  1, None,                     "graph: user-get",                  users::one),
    route("update_user",          Method::PATCH, "/v1.0/users/{id}",                   WRITE_USERS, 1, None,                     "graph: user-update",               governance::update_user),
    route("revoke_sign_in_sessions", Method::POST, "/v1.0/users/{id}/revokeSignInSessions", REVOKE, 1, None,                    "graph: user-revokesigninsessions", governance::revoke_sign_in_sessions),
    route("send_mail",            Method::POST,  "/v1.0/users/{id}/sendMail",          MAIL,        1, None,                     "graph: user-sendmail",             mail::send),
    route("sign_ins",             Method::GET,   "/v1.0/auditLogs/signIns",            AUDIT,       1, Some("sign_ins"),         "graph: signin-list",               sign_in_log::list),
    route("sign_in",              Method::GET,   "/v1.0/auditLogs/signIns/{id}",       AUDIT,       1, None,                     "graph: signin-get",                sign_in_log::one),
    route("directory_audits",     Method::GET,   "/v1.0/auditLogs/directoryAudits",    AUDIT,       1, Some("directory_audits"), "graph: directoryaudit-list",       directory_audits::list),
    route("directory_audit",      Method::GET,   "/v1.0/auditLogs/directoryAudits/{id}", AUDIT,     1, None,                     "graph: directoryaudit-get",        directory_audits::one),
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

/// SDKs join a base that ends in a slash with a path that begins with one.
fn normalize(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return Cow::Borrowed(path);
    }
    let mut folded = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !folded.ends_with('/') {
            folded.push(c);
        }
    }
    Cow::Owned(folded)
}

fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    let (origin, tenant) = (endpoint.origin, &endpoint.instance.organisation_id);
    json!({
        "authorize_url": format!("{origin}/{tenant}/oauth2/v2.0/authorize"),
        "token_url": format!("{origin}/{tenant}/oauth2/v2.0/token"),
        "tenant_id": tenant,
        "scope": oauth::SCOPE,
        "mail_from": mail::service_mailbox(endpoint.world),
    })
}
