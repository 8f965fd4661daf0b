//! Microsoft Entra ID and Microsoft Graph v1.0.
//!
//! # Imitated
//! The OpenID configuration, the key set, client credentials with real RS256 tokens, instance discovery, the AADSTS
//! refusals; users (`$select`, simple `$filter`, `$top`, `$count`, skip tokens), enabling and disabling, ending sign-in
//! sessions, mail; the sign-in log and the directory audit log with filter, order and skip tokens; Graph's errors,
//! request ids and throttling.
//!
//! # Not imitated
//! Interactive grants, certificates, delta queries, `$batch`, subscriptions, groups, roles, app permissions, Identity
//! Protection, deleted items, `$search`, `$expand`, `$orderby` on users. The mailbox that sends notifications is not in
//! the user list. Graph's own tokens cannot be checked by third parties; these can.
//!
//! # Sources
//! Microsoft's documentation of the identity platform and of Graph v1.0, its CSDL (commit f54f11b6), and the issue reports
//! cited at the places that follow them. What is recalled or guessed says so.

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
mod oauth;
mod objects;
mod odata;
mod risk;
mod routes;
mod service_principals;
mod sets;
mod sign_in_log;
mod state;
#[cfg(test)]
mod tests;
mod users;

use std::borrow::Cow;

use serde_json::json;

use super::{Endpoint, VendorSpec};
use crate::protocol::feed::Feed;
use crate::scenario::Vendor;

/// Entra and Graph, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Entra,
    title: "Microsoft Entra ID",
    routes: &routes::ROUTES,
    feeds: &FEEDS,
    credentials: oauth::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize,
    cursor_parameter: odata::SKIP_TOKEN,
    logs: events::logs,
};

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
                Some((set, key)) => segments.extend([set.to_owned(), key.replace(['\'', '"'], "")]),
                None => segments.push(segment),
            },
        }
    }
    let end = if path.len() > 1 && path.ends_with('/') { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", segments.join("/")))
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
