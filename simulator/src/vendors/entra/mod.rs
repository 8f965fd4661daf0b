//! Microsoft Entra ID and Microsoft Graph v1.0.
//!
//! # Imitated
//! Identity platform (`oauth`): OpenID configuration, keys, instance discovery; client credentials with secret, Basic or
//! signed assertion, authorization code with consent page and PKCE, device code with its page, refresh tokens, admin
//! consent, version 1 of the token endpoint; the AADSTS refusals; what disabling and revoking do to the next refresh.
//!
//! Graph: users, managers, groups, memberships, directory roles, deleted items, delta queries; the sign-in log and the
//! directory audit log; Identity Protection; security alerts, incidents and secure scores; delegated grants, app role
//! assignments, service principals, applications; mail; `$batch`; change notifications; `$select`, `$filter`, `$search`,
//! `$orderby`, `$expand`, `$top`, `$count`, skip tokens, and the rules of the index that lags; Graph's errors, request ids and
//! throttling. Every change that is made through Graph is an entry of the directory audit log.
//!
//! There are two logs, `sign_in_log` and `directory_audits`, and so no `audit_log` room.
//!
//! What breaks connectors in the field, and where it is:
//!
//! | quirk | here |
//! |---|---|
//! | a delta token dies (410 with the address of a fresh round); what changes in a round comes in the next | `delta` |
//! | a skip token dies in the middle: `Directory_ExpiredPageToken`, for logs "Invalid Skip Token"; an empty page has a next link | faults `expire_cursor`, `empty_page` |
//! | the sign-in log's 403 means a permission or a licence, and comes sporadically | `sign_in_log`; fault `error` with `status: 403` |
//! | the token endpoint throttles in plain text; answers 503 with `Retry-After` | `errors`; faults `throttle`, `error` |
//! | `Retry-After` is absent (Identity Protection), or inside an item of a batch | `errors`, `batch` |
//! | `revokeSignInSessions` answers 200 with a body, where the documentation says 204 | `governance` |
//! | `$count=true` is silently ignored; `@odata.count` stands on the first page; next links carry no header | `odata::list` |
//! | a rename leaves the id and the log's old name; guests are `user_domain#EXT#@tenant` | `users`, `objects` |
//! | `updated` is told when a user or group is made or deleted | `notifications` |
//! | collections of mixed types; enumerations that grow (`unknownFutureValue`) | `groups`, `risk` |
//! | `signInActivity` is a 400 by name | `sign_in_activity` |
//! | detections change after they were made, by themselves | `risk` |
//! | seven digits in times; paths with `//`, `users('id')`, `%24select` | `events`, `normalize` |
//!
//! # Not imitated
//! Each room says what it leaves out. Of the whole:
//!
//! - The rest of the security API (hunting in other tables than those of behaviors, legacy alerts), devices, administrative units, other users' licences,
//!   `PUT` and `DELETE` of `manager`, `directReports`, `invalidateAllRefreshTokens` (beta), properties that only a single user
//!   has (`aboutMe`, `skills`, `mailboxSettings`, …).
//! - The lag itself: what is written is read at once, in every index, and no replica is behind another; a new guest can be
//!   written as soon as it is shown, a new group referred to as soon as it is made.
//! - `$select`, `$top` and `$expand` do not change what a request costs; of the throttling headers `x-ms-throttle-scope` is
//!   missing, and `x-ms-throttle-priority` is not read; the global limits per application and tenant are.
//! - Delta replays and duplicates, skip tokens that expire by themselves, row counts that vary between two readings of a log,
//!   sorting that disturbs its pages: a scenario's faults (`expire_cursor`, `redeliver`, `empty_page`) are there for what a
//!   client must bear.
//! - A loop of identical token requests (AADSTS50196): its threshold is not documented. What clients do to themselves: MSAL's
//!   own throttling cache, a client that sends no token to hosts that it does not know.
//! - That disabling an administrator wants a higher role; on-premises synchronisation that reverts it; continuous access
//!   evaluation, and the claims challenges that go with it.
//! - `If-Match` and its 412; `Link` headers on resources that change. Graph's own tokens cannot be checked by third parties;
//!   these can.
//! - The mailbox that sends notifications is not in the user list.
//!
//! # Sources
//! Microsoft's documentation of the identity platform, <https://learn.microsoft.com/entra/identity-platform/>, and of Graph
//! v1.0: `graph-docs:` is a folder or page of <https://github.com/microsoftgraph/microsoft-graph-docs>, `graph:` a page of its
//! `api-reference`, served below <https://learn.microsoft.com/graph/api/>, or of its `concepts`. Its CSDL,
//! <https://github.com/microsoftgraph/msgraph-metadata>, `schemas/v1.0-Prod.csdl`, commit f54f11b6. Issue reports are cited
//! at the places that follow them. What is recalled or guessed says so.
//!
//! | file | says |
//! |---|---|
//! | `routes` | every route |
//! | `odata`, `sets` | what may be asked of a collection; what each collection prints |
//! | `objects` | the directory's objects, whole |
//! | `state`, `changes` | what callers have changed, and how that is written down |
//! | `events` | activities as log entries |
//! | the others | a room each |

mod assignments;
mod batch;
mod changes;
mod deleted_items;
mod delta;
mod directory_audits;
mod errors;
mod events;
mod governance;
mod grants;
mod groups;
mod limits;
mod logs;
mod mail;
mod notifications;
mod oauth;
mod objects;
mod odata;
mod risk;
mod routes;
mod security;
mod service_principals;
mod sets;
mod sign_in_activity;
mod sign_in_log;
mod state;
mod subscriptions;
mod tenancy;
#[cfg(test)]
mod tests;
mod users;

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use super::{Endpoint, HostRule, VendorSpec};
use crate::protocol::feed::Feed;
use crate::scenario::Vendor;

/// Entra and Graph, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Entra,
    title: "Microsoft Entra ID",
    routes: &routes::ROUTES,
    described: routes::described,
    hosts: &HOSTS,
    feeds: &FEEDS,
    webhooks: Some(&notifications::WEBHOOKS),
    credentials: oauth::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize,
    around: super::plainly,
    alerts: None,
    stream: None,
    parameters: super::as_sent,
    cursor_parameter: odata::SKIP_TOKEN,
    links_pages: true,
    logs: events::logs,
    tenancy: &tenancy::TENANCY,
    first_look: |_, _| "/v1.0/users?%24top=5".to_owned(),
};

/// Graph, and the identity platform beside it.
static HOSTS: [HostRule; 2] = [
    HostRule {
        name: "graph.microsoft.com",
        serves: of_graph,
        slower_by: Duration::ZERO,
        source: "graph: national cloud deployments",
    },
    HostRule {
        name: "login.microsoftonline.com",
        // The discovery document names a user-info address below whatever host it was read from.
        serves: |path| !of_graph(path) || path.starts_with("/oidc/"),
        slower_by: Duration::ZERO,
        source: "identity platform: national clouds",
    },
];

fn of_graph(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    ["v1.0", "beta", "oidc"].contains(&first)
}

static FEEDS: [Feed; 2] = [sign_in_log::FEED, directory_audits::FEED];

/// Brings a path into the form that the routes are declared in.
///
/// SDKs join a base that ends in a slash with a path that begins with one; OData writes keys and functions with
/// parentheses (`users('id')`, `delta()`, `microsoft.graph.delta`); some clients encode the dollar sign.
fn normalize(path: &str) -> Cow<'_, str> {
    if !path.contains("//") && !path.contains(['(', '%']) && !path.contains("microsoft.graph.delta") {
        return Cow::Borrowed(path);
    }
    let mut segments = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = segment.replace("%24", "$");
        match segment.trim_start_matches("microsoft.graph.").trim_end_matches("()") {
            "delta" => segments.push("delta".to_owned()),
            _ => match segment.strip_suffix(')').and_then(|s| s.split_once('(')) {
                Some((set, key)) => {
                    let set = set.trim_start_matches("microsoft.graph.security.");
                    segments.extend([set.to_owned(), key.replace(['\'', '"'], "")]);
                }
                None => segments.push(segment),
            },
        }
    }
    let end = if path.len() > 1 && path.ends_with('/') { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", segments.join("/")))
}

fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    let tenant = &endpoint.instance.organisation_id;
    json!({
        "authorize_url": endpoint.url(&format!("/{tenant}/oauth2/v2.0/authorize")),
        "token_url": endpoint.url(&format!("/{tenant}/oauth2/v2.0/token")),
        "tenant_id": tenant,
        "scope": oauth::SCOPE,
        "mail_from": mail::service_mailbox(endpoint.world),
    })
}
