//! Okta: the system log, users and their lifecycle. The smallest vendor there is here, and the one to read before adding
//! another.
//!
//! An administrator's API token (`Authorization: SSWS …`) opens everything. The log and the user list are walked by the
//! header `Link`; a log that is asked for without an end is polled: it always names a next page, which may still be empty.
//!
//! # Simplified
//! An event stands where it happened, not where it became known: one that a script shows late may lie before the cursor of
//! whoever polls, and is then met only by a window that reaches back. `isProxy` is always false. `Blocked` by a policy is a
//! failed sign-in, without the event of the policy. Whoever is deactivated is no user any more.
//!
//! # Not imitated
//! OAuth for services, a signed assertion at `/oauth2/v1/token` (no `oauth`), groups, applications, factors, policies,
//! event hooks, log streams; `q` and `filter` of the log; `q`, `filter` and `search` of users; warnings of the rate
//! limiter.
//!
//! # Sources
//! `sl`: <https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/>, `us`: …/tag/User/,
//! `ul`: …/tag/UserLifecycle/, `rl`: <https://developer.okta.com/docs/reference/rate-limits/>, `ec`:
//! <https://developer.okta.com/docs/reference/error-codes/>, `et`: <https://developer.okta.com/docs/reference/api/event-types/>.

mod audit_log;
mod errors;
mod events;
mod limits;
mod members;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use super::tenancy::{Logins, NOTHING, Organisation, Part, Tenancy};
use super::{HostRule, VendorSpec};
use crate::protocol::credentials::{BearerFrom, CredentialRules, drawn_text};
use crate::protocol::exchange::{Access, Route, route};
use crate::scenario::{Vendor, Verb};

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Okta, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Okta,
    title: "Okta",
    routes: &ROUTES,
    described: |_| false,
    hosts: &[HostRule { name: "*.okta.com", serves: |_| true, slower_by: Duration::ZERO, source: "sl: servers" }],
    feeds: &audit_log::FEEDS,
    webhooks: None,
    credentials: CREDENTIALS,
    limits: limits::LIMITS,
    connection: |_| json!({}),
    dialect: errors::DIALECT,
    records: events::records,
    normalize: |path| Cow::Borrowed(path),
    around: super::plainly,
    alerts: None,
    stream: None,
    parameters: super::as_sent,
    cursor_parameter: audit_log::AFTER,
    links_pages: true,
    logs: events::logs,
    tenancy: &TENANCY,
    first_look: |_, _| "/api/v1/logs?limit=5".to_owned(),
};

/// A token has the rights of the administrator who made it. They are told apart here by the names that OAuth has for them.
const CREDENTIALS: CredentialRules = CredentialRules {
    bearer: &[BearerFrom::Scheme("SSWS")],
    scopes: &["okta.logs.read", "okta.users.read", "okta.users.manage"],
    mint: |mint| format!("00{}", mint.text(LETTERS, 40)),
    source: "https://developer.okta.com/docs/guides/create-an-api-token/",
    ..CredentialRules::TOKENS_ALONE
};

/// Ids have twenty characters; people sign in with their e-mail address.
static TENANCY: Tenancy = Tenancy {
    organisation: |new| Organisation {
        id: format!("00o{}", drawn_text(new.seed, &["okta organisation", new.instance], LETTERS, 17)),
        ..Organisation::default()
    },
    user_id: |new| format!("00u{}", drawn_text(new.seed, &["okta user", &new.instance.name, new.key], LETTERS, 17)),
    logins: Logins::Address,
    part: Part::App,
    things: &NOTHING,
};

const LOGS: Access = Access::Token(&["okta.logs.read"]);
const READ: Access = Access::Token(&["okta.users.read", "okta.users.manage"]);
const MANAGE: Access = Access::Token(&["okta.users.manage"]);

#[rustfmt::skip]
static ROUTES: [Route; 7] = [
    route("system_log", Method::GET,    "/api/v1/logs",                                 LOGS,   1, Some(audit_log::LOG), "sl: listLogEvents",       audit_log::list),
    route("users",      Method::GET,    "/api/v1/users",                                READ,   1, None,              "us: listUsers",           members::list),
    route("user",       Method::GET,    "/api/v1/users/{user}",                         READ,   1, None,              "us: getUser",             members::one),
    route("suspend",    Method::POST,   "/api/v1/users/{user}/lifecycle/suspend",       MANAGE, 1, None,              "ul: suspendUser",         |ctx, request| members::act(ctx, request, Verb::Suspend)),
    route("unsuspend",  Method::POST,   "/api/v1/users/{user}/lifecycle/unsuspend",     MANAGE, 1, None,              "ul: unsuspendUser",       |ctx, request| members::act(ctx, request, Verb::Restore)),
    route("deactivate", Method::POST,   "/api/v1/users/{user}/lifecycle/deactivate",    MANAGE, 1, None,              "ul: deactivateUser",      |ctx, request| members::act(ctx, request, Verb::Terminate)),
    route("sessions",   Method::DELETE, "/api/v1/users/{user}/sessions",                MANAGE, 1, None,              "us: revokeUserSessions",  members::end_sessions),
];
