//! Workplace, by Meta. The service is gone since June 2026: a simulator is all that a connector can still be tested against.
//!
//! | profile | what is served |
//! |---|---|
//! | `current` | the service as it was; its security events come by webhook and in no other way |
//! | `read_only` | its last year: everything can be read, nothing changed, nothing new is recorded |
//! | `gone` | after it was shut down: no app is installed, every other address leads nowhere |
//! | `admin_center` | the successor for accounts, with a log to be pulled and a token of its own |
//!
//! # Imitated
//! Installing an app, custom integrations, `appsecret_proof` with and without `appsecret_time`, app tokens, `debug_token`;
//! community, members (the deactivated hidden), administrators, groups, posts and files; `fields`, `ids`, batches, paging by
//! `next`; deactivating, logging out, deleting, writing to people, impersonation; SCIM 2.0 and 1.1; the webhook topic
//! `workplace_security` with handshake, both signatures, batches and 36 hours of retries; Meta Admin Center's log; Graph's
//! errors, usage headers and limits.
//!
//! # Not imitated
//! `POST /community/export_employee_data` and `GET /community/reported_content`; creating accounts; `POST` and `DELETE` on
//! `/community/members` and `/community/admins`; conversations and threads; integrations that see selected groups alone, and so
//! fewer fields of members; `company`, the older word for `community`. There is no `audit_log`: the service sends its
//! events (`webhooks`), and what its successor has is a `security_log`. That the first connection of Defender for Cloud
//! Apps may take four hours is that product's way, not the vendor's. How the shut-down hosts answer is not known: a closed
//! port is a scenario's `reset`. Times in feeds as text. Each file says what else it leaves out.
//!
//! # Sources
//! `developers.facebook.com/docs/workplace` as archived, Meta's samples (`fbsamples/workplace-platform-samples`,
//! `fbsamples/meta-admin-center-integrations`), its Business SDK, and connectors named where they are the only witness.
//! What is commonly documented of Meta's Graph and not of Workplace says so; guesses are marked.

mod batch;
mod errors;
mod events;
mod governance;
mod graph;
mod groups;
mod limits;
mod members;
mod nodes;
mod oauth;
mod posts;
mod proof;
mod scim;
mod security_log;
mod tenancy;
#[cfg(test)]
mod tests;
mod webhooks;

use std::borrow::Cow;
use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use super::{Endpoint, HostRule, VendorSpec};
use crate::protocol::dialect::{Failure, TokenEnd};
use crate::protocol::exchange::{Access, Answer, Context, Handler, Request, Route};
use crate::scenario::{Vendor, VendorProfile};

/// Workplace, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Workplace,
    title: "Workplace by Meta",
    routes: &ROUTES,
    // No description was ever published.
    described: |_| false,
    hosts: &HOSTS,
    feeds: &security_log::FEEDS,
    webhooks: Some(&webhooks::WEBHOOKS),
    credentials: oauth::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize,
    around,
    alerts: None,
    stream: None,
    parameters: oauth::token_in_form,
    cursor_parameter: graph::AFTER,
    links_pages: true,
    logs: events::logs,
    tenancy: &tenancy::TENANCY,
    first_look: |_, _| "/community/organization_members?fields=id,name,email&limit=5".to_owned(),
};

const PUBLIC: Access = Access::Public;
const ANY: Access = Access::Token(&[]);
const GROUPS: Access = Access::Token(&[oauth::READ_GROUP]);
const MEMBERSHIP: Access = Access::Token(&[oauth::READ_GROUP_MEMBERSHIP]);
const PROFILES: Access = Access::Token(&[oauth::MANAGE_WORK_PROFILES]);
const ACCOUNTS: Access = Access::Token(&[oauth::MANAGE_ACCOUNTS]);
const LOG: Access = Access::Token(&[oauth::READ_SECURITY_LOGS]);
const MESSAGE: Access = Access::Token(&[oauth::MESSAGE_ANY_MEMBER]);

const PAGES: &str = "docs/workplace/reference/graph-api";
const SCIM: &str = "docs/workplace/reference/account-management-api";
const HOOKS: &str = "docs/workplace/reference/webhooks";
const SAMPLE: &str = "workplace-platform-samples: Postman";

/// Every route: name, method, path, access, list, source, handler.
#[rustfmt::skip]
static ROUTES: [Route; 52] = [
    route("authorize",            Method::GET,    "/dialog/oauth",                 PUBLIC,     None,                  "docs/facebook-login: manual flow",   oauth::ask),
    route("authorize",            Method::POST,   "/dialog/oauth",                 PUBLIC,     None,                  "ours: the form of the page",         oauth::decide),
    route("token",                Method::GET,    "/oauth/access_token",           PUBLIC,     None,                  "docs/workplace/third-party-integrations", oauth::token),
    route("token",                Method::POST,   "/oauth/access_token",           PUBLIC,     None,                  "docs/workplace/third-party-integrations", oauth::token),
    route("debug_token",          Method::GET,    "/debug_token",                  PUBLIC,     None,                  "docs/graph-api",                     oauth::debug),
    route("work_token",           Method::POST,   "/work_get_token",               PUBLIC,     None,                  "meta-admin-center-integrations",     oauth::work_token),
    route("subscriptions",        Method::GET,    "/{node}/subscriptions",         PUBLIC,     None,                  HOOKS,  webhooks::list),
    route("subscribe",            Method::POST,   "/{node}/subscriptions",         PUBLIC,     None,                  HOOKS,  webhooks::subscribe),
    route("unsubscribe",          Method::DELETE, "/{node}/subscriptions",         PUBLIC,     None,                  HOOKS,  webhooks::unsubscribe),
    route("security_audit_logs",  Method::GET,    "/security_audit_logs",          LOG,        Some("security"),      "admin-center: security-log-api",     security_log::list),
    route("nodes",                Method::GET,    "/",                             ANY,        None,                  "docs/graph-api",                     nodes::several),
    route("batch",                Method::POST,   "/",                             PUBLIC,     None,                  "workplace-platform-samples: ETL",    batch::run),
    route("community",            Method::GET,    "/community",                    ANY,        None,                  SAMPLE, members::community),
    route("members",              Method::GET,    "/community/members",            PROFILES,   Some("members"),       PAGES,  members::all),
    route("organization_members", Method::GET,    "/{node}/organization_members",  MEMBERSHIP, Some("members"),       PAGES,  members::of_organization),
    route("former_members",       Method::GET,    "/{node}/former_members",        PROFILES,   Some("members"),       PAGES,  members::former),
    route("admins",               Method::GET,    "/{node}/admins",                MEMBERSHIP, Some("admins"),        SAMPLE, members::admins),
    route("groups",               Method::GET,    "/{node}/groups",                GROUPS,     Some("groups"),        SAMPLE, groups::list),
    route("group_members",        Method::GET,    "/{node}/members",               GROUPS,     Some("group_members"), SAMPLE, groups::members),
    route("feed",                 Method::GET,    "/{node}/feed",                  ANY,        Some("feed"),          SAMPLE, posts::feed),
    route("files",                Method::GET,    "/{node}/files",                 GROUPS,     Some("files"),         SAMPLE, posts::files),
    route("download",             Method::GET,    "/{node}/download",              ANY,        None,                  "ours: where download_link leads",    posts::download),
    route("attachments",          Method::GET,    "/{node}/attachments",           ANY,        None,                  SAMPLE, posts::attachments),
    route("comments",             Method::GET,    "/{node}/comments",              ANY,        Some("nothing"),       SAMPLE, posts::nothing),
    route("reactions",            Method::GET,    "/{node}/reactions",             ANY,        Some("nothing"),       SAMPLE, posts::nothing),
    route("likes",                Method::GET,    "/{node}/likes",                 ANY,        Some("nothing"),       SAMPLE, posts::nothing),
    route("seen",                 Method::GET,    "/{node}/seen",                  ANY,        Some("nothing"),       SAMPLE, posts::nothing),
    route("message",              Method::POST,   "/me/messages",                  MESSAGE,    None,                  SAMPLE, governance::message),
    route("logout",               Method::POST,   "/{node}/logout",                ACCOUNTS,   None,                  SAMPLE, governance::logout),
    route("node",                 Method::GET,    "/{node}",                       ANY,        None,                  PAGES,  nodes::one),
    route("update_member",        Method::POST,   "/{node}",                       ACCOUNTS,   None,                  SAMPLE, governance::update),
    route("delete_member",        Method::DELETE, "/{node}",                       ACCOUNTS,   None,                  SAMPLE, governance::delete),
    route("scim_users",           Method::GET,    "/Users",                        ACCOUNTS,   None,                  SCIM,   scim::users),
    route("scim_create",          Method::POST,   "/Users",                        ACCOUNTS,   None,                  SCIM,   scim::create),
    route("scim_user",            Method::GET,    "/Users/{id}",                   ACCOUNTS,   None,                  SCIM,   scim::user),
    route("scim_replace",         Method::PUT,    "/Users/{id}",                   ACCOUNTS,   None,                  SCIM,   scim::replace),
    route("scim_delete",          Method::DELETE, "/Users/{id}",                   ACCOUNTS,   None,                  SCIM,   scim::delete),
    route("scim_groups",          Method::GET,    "/Groups",                       ACCOUNTS,   None,                  SCIM,   scim::sets),
    route("scim_group",           Method::GET,    "/Groups/{id}",                  ACCOUNTS,   None,                  SCIM,   scim::set),
    route("scim_schemas",         Method::GET,    "/Schemas",                      ACCOUNTS,   None,                  SCIM,   scim::schemas),
    route("scim_schema",          Method::GET,    "/Schemas/{id}",                 ACCOUNTS,   None,                  SCIM,   scim::schemas),
    route("scim_provider",        Method::GET,    "/ServiceProviderConfigs",       ACCOUNTS,   None,                  SCIM,   scim::provider),
    route("scim1_users",          Method::GET,    "/scim/v1/Users",                ACCOUNTS,   None,                  SCIM,   scim::users),
    route("scim1_create",         Method::POST,   "/scim/v1/Users",                ACCOUNTS,   None,                  SCIM,   scim::create),
    route("scim1_user",           Method::GET,    "/scim/v1/Users/{id}",           ACCOUNTS,   None,                  SCIM,   scim::user),
    route("scim1_replace",        Method::PUT,    "/scim/v1/Users/{id}",           ACCOUNTS,   None,                  SCIM,   scim::replace),
    route("scim1_delete",         Method::DELETE, "/scim/v1/Users/{id}",           ACCOUNTS,   None,                  SCIM,   scim::delete),
    route("scim1_groups",         Method::GET,    "/scim/v1/Groups",               ACCOUNTS,   None,                  SCIM,   scim::sets),
    route("scim1_group",          Method::GET,    "/scim/v1/Groups/{id}",          ACCOUNTS,   None,                  SCIM,   scim::set),
    route("scim1_schemas",        Method::GET,    "/scim/v1/Schemas",              ACCOUNTS,   None,                  SCIM,   scim::schemas),
    route("scim1_schema",         Method::GET,    "/scim/v1/Schemas/{id}",         ACCOUNTS,   None,                  SCIM,   scim::schemas),
    route("scim1_provider",       Method::GET,    "/scim/v1/ServiceProviderConfigs", ACCOUNTS, None,                  SCIM,   scim::provider),
];

const fn route(
    name: &'static str,
    method: Method,
    path: &'static str,
    access: Access,
    feed: Option<&'static str>,
    source: &'static str,
    handler: Handler,
) -> Route {
    Route { name, method, path, access, cost: 1, feed, source, handler }
}

/// Graph's hosts, those of SCIM in either version, and those that people's browsers see.
#[rustfmt::skip]
static HOSTS: [HostRule; 7] = [
    HostRule { name: "graph.workplace.com", serves: of_graph,                                   slower_by: Duration::ZERO, source: SAMPLE },
    HostRule { name: "graph.facebook.com",  serves: of_graph,                                   slower_by: Duration::ZERO, source: HOOKS },
    HostRule { name: "graph.work.meta.com", serves: of_graph,                                   slower_by: Duration::ZERO, source: "meta-admin-center-integrations" },
    HostRule { name: "scim.workplace.com",  serves: |path| is_scim(path) && !of_scim_v1(path),  slower_by: Duration::ZERO, source: SCIM },
    HostRule { name: "www.workplace.com",   serves: of_scim_v1,                                 slower_by: Duration::ZERO, source: SCIM },
    HostRule { name: "work.workplace.com",  serves: of_the_dialog,                              slower_by: Duration::ZERO, source: "published research on its OAuth" },
    HostRule { name: "www.facebook.com",    serves: |path| of_scim_v1(path) || of_the_dialog(path), slower_by: Duration::ZERO, source: SCIM },
];

fn of_graph(path: &str) -> bool {
    !is_scim(path) && !of_the_dialog(path)
}

fn of_scim_v1(path: &str) -> bool {
    path.starts_with("/scim/v1")
}

fn of_the_dialog(path: &str) -> bool {
    path.contains("/dialog/")
}

/// `v3.0`.
fn is_version(segment: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = segment.strip_prefix('v').and_then(|number| number.split_once('.'));
    number.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// Whether a path is SCIM's.
fn is_scim(path: &str) -> bool {
    scim::owns(path)
}

/// Without the version, which may stand in front of every path of Graph's; with the newer word for the community.
fn normalize(path: &str) -> Cow<'_, str> {
    let first = path.split('/').nth(1).unwrap_or_default();
    let rest = if is_version(first) { &path[1 + first.len()..] } else { path };
    let rest = if rest.is_empty() { "/" } else { rest };
    match rest.strip_prefix("/company") {
        Some(tail) if tail.is_empty() || tail.starts_with('/') => Cow::Owned(format!("/community{tail}")),
        _ => Cow::Borrowed(rest),
    }
}

/// What holds for every room: the profile, the app's proof, SCIM's own wish.
fn around(room: Handler, ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    match ctx.instance().profile {
        VendorProfile::Gone => return gone(request),
        VendorProfile::ReadOnly if writes(request) => {
            return Err(Failure::Forbidden { why: errors::READ_ONLY.to_owned() });
        }
        _ => {}
    }
    proof::check(request, &ctx.state.instances[ctx.app.0].tokens, ctx.now)?;
    if is_scim(&request.path) {
        scim::gate(request)?;
    }
    room(ctx, request)
}

/// Whether a request would change anything beside a client's own tokens and subscriptions.
fn writes(request: &Request) -> bool {
    request.method != Method::GET && request.route.access != PUBLIC
}

/// After the end nothing is installed any more, and the pages are gone \[guess\].
fn gone(request: &Request) -> Result<Answer, Failure> {
    match &request.principal {
        Some(caller) if !is_scim(&request.path) => {
            Err(Failure::TokenRevoked { token: caller.name.clone(), end: TokenEnd::Withdrawn })
        }
        _ => Ok(errors::nothing_here()),
    }
}

fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    let token = match endpoint.instance.profile {
        VendorProfile::AdminCenter => "/work_get_token",
        _ => "/oauth/access_token",
    };
    let scopes = endpoint.client.scopes.iter().filter(|s| *s != oauth::IMPERSONATE);
    let mut connection = json!({
        "token_url": endpoint.url(token),
        "scope": scopes.cloned().collect::<Vec<_>>().join(","),
        "organization_id": endpoint.instance.organisation_id,
        "app_id": endpoint.client.client_id,
        "app_secret": endpoint.client.client_secret,
        "scim_url": endpoint.url("/Users").trim_end_matches("/Users"),
    });
    // The successor's token is had by the app's own word: there is no page to consent on.
    if endpoint.instance.profile != VendorProfile::AdminCenter {
        connection["authorize_url"] = json!(endpoint.url("/dialog/oauth"));
    }
    connection
}
