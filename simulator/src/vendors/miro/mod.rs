//! Miro.
//!
//! # Imitated
//! | room | what |
//! |---|---|
//! | [`oauth`] | consent page, expiring and lasting tokens, rotation, token context, revocation v1 and v2, developer team |
//! | [`audit_log`], [`audit_log_v1`] | both audit logs with all their parameters |
//! | [`members`], [`teams`], [`settings`] | organisation, members, teams, seats, settings |
//! | [`scim`] | users and groups, on a key of its own |
//! | [`boards`], [`items`] | boards, sharing, members and content, for data scans |
//! | [`classification`], [`content_log`], [`exports`], [`cases`] | labels, content log, board exports, cases and legal holds |
//! | [`governance`] | the session reset |
//!
//! Further: the credit budget with its headers ([`limits`]), the error envelope ([`errors`]), and who may use the
//! Enterprise API ([`roster`]).
//!
//! What breaks connectors in the field, and where it is:
//!
//! | quirk | here |
//! |---|---|
//! | times with `+0000`, and ids with more digits than they; windows take any number of fraction digits | [`events`], [`audit_log`] |
//! | a cursor with `#` in it: who does not encode it sends half, which is refused | [`audit_log`] |
//! | the old log: newest first alone, `size` the grand total, links that say `http` | [`audit_log_v1`] |
//! | members as an array where addresses are asked for, else as an object | [`members`] |
//! | `ASC` here, `asc` there | [`audit_log`], [`content_log`] |
//! | `team_id` as a bare number beyond 2⁵³ | [`oauth`] |
//! | secrets taken from the URL; a refresh that kills the old pair; a bad token that is a 400 on its own page | [`oauth`] |
//! | a scope that Microsoft's guide misspells | [`oauth`] |
//! | SCIM under a base of its own, `"False"` for false, a `maxResults` that is not kept to | [`scim`] |
//! | 429 without `Retry-After` | [`limits`] |
//! | items of a board: ten at least | [`items`] |
//!
//! # Not imitated
//! Projects and user groups (`spec` has them, a connector of this kind does not ask). The AI interaction log: nobody here
//! uses AI. Plans other than Enterprise for the whole organisation, and add-ons that must be bought. The SIEM and
//! eDiscovery toggles: a ready token stands in for both, carries every scope, and does not die when another admin flips
//! the switch (a `revoke_grant` fault does that). One event per team for a sign-in, as before June 2023. Sign-in events of
//! deactivated users. `meta.location` with an internal host, as in `spec`'s examples: ours can be followed. `Retry-After`,
//! ETags: Miro documents none. `team_id` as a text in the token's answer. The second host: API, pages and SCIM share one
//! port here. Each room lists what else it leaves out.
//!
//! # Sources
//! `spec`: Miro's OpenAPI document, <https://github.com/miroapp/api-clients>, `packages/generator/spec.json`, commit 3a2506b.
//! Its developer pages, <https://developers.miro.com>, on OAuth 2.0 and rate limits. The help article on audit logs,
//! <https://help.miro.com/hc/en-us/articles/360017571434-Audit-logs>. Event names that no source confirms are marked in [`events`].

mod audit_log;
mod audit_log_v1;
mod boards;
mod cases;
mod catalogue;
mod classification;
mod content_log;
mod errors;
mod events;
mod exports;
mod governance;
mod items;
mod limits;
mod members;
mod oauth;
mod paging;
mod roster;
mod routes;
mod scim;
mod settings;
mod teams;
mod tenancy;
#[cfg(test)]
mod tests;
mod trace;

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use super::{Endpoint, HostRule, VendorSpec};
use crate::protocol::exchange::Route;
use crate::scenario::Vendor;
use crate::time::{DAY, SimTime};

/// Miro, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Miro,
    title: "Miro",
    routes: &routes::ROUTES,
    described,
    hosts: &HOSTS,
    feeds: &audit_log::FEEDS,
    webhooks: None,
    credentials: oauth::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize: |path| Cow::Borrowed(path),
    around: super::plainly,
    alerts: None,
    stream: None,
    parameters: super::as_sent,
    cursor_parameter: "cursor",
    links_pages: false,
    logs: events::logs,
    tenancy: &tenancy::TENANCY,
    first_look: |_, now| {
        let day = |t: SimTime| t.civil().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let (from, until) = (day(now - 7 * DAY), day(now + DAY));
        format!("/v2/audit/logs?createdAfter={from}&createdBefore={until}&limit=5")
    },
};

/// What `spec` has, but for one operation whose schema wants a status that is an object and a text at once.
fn described(route: &Route) -> bool {
    !route.source.starts_with("page ") && !route.source.starts_with("ours") && route.name != "cancel_export_job"
}

/// The API's host, and the one that people's browsers see.
static HOSTS: [HostRule; 2] = [
    HostRule {
        name: "api.miro.com",
        serves: |path| !of_the_website(path),
        slower_by: Duration::ZERO,
        source: "spec: servers",
    },
    HostRule {
        name: "miro.com",
        serves: of_the_website,
        slower_by: Duration::ZERO,
        source: "page oauth-20-authorization-v2; page scim",
    },
];

fn of_the_website(path: &str) -> bool {
    path == "/oauth/authorize" || path.starts_with(scim::SURFACE.base)
}

fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    json!({
        "authorize_url": endpoint.url("/oauth/authorize"),
        "token_url": endpoint.url("/v1/oauth/token"),
        "scope": endpoint.client.scopes.join(" "),
        "organization_id": endpoint.instance.organisation_id,
        "team_id": endpoint.instance.team_id,
        "scim": {
            "base_url": endpoint.url(scim::SURFACE.base),
            "token": endpoint.keys.get(scim::KEY),
        },
    })
}
