//! Microsoft Defender for Cloud Apps.
//!
//! # Imitated
//! | room | what |
//! |---|---|
//! | [`tokens`] | tokens made by hand, tokens of the directory for applications and people, permissions |
//! | [`activities`] | what happened in every connected app, filtered, paged and scanned |
//! | [`alerts`], [`policies`] | what the built-in policies found, closing, reading; `mda_mode` |
//! | [`entities`] | people and their accounts, trees |
//! | [`files`], [`governance`] | files, what is done to them, and the log of that |
//! | [`subnets`] | ranges of addresses |
//! | [`siem`] | activities and alerts as CEF, for `simulator serve --siem` |
//! | [`webhooks`] | registration of a flow, and each alert sent to it |
//! | [`discovery`] | reports, apps, categories, uploads, block scripts |
//!
//! Further: thirty requests a minute ([`limits`]); paths without their slash ([`errors`]); parameters in a body, a form or
//! the query ([`asked`]); every filter with its operators ([`filters`]); what each connector reads and how late ([`apps`]).
//!
//! There is one log, [`activities`], and so no `audit_log` room; what opens the API is in [`tokens`], and there is no `oauth`
//! room, since that is the directory's.
//!
//! Behaviors are read at the directory: by a hunting query of Graph.
//!
//! # Not imitated
//! Each room says what it leaves out. Of the whole:
//!
//! - Of what microsoft/MCAS calls beside: app permissions, user groups, reports, IP tags, administrators, SIEM agents as
//!   things of the API, completion of names.
//! - `activities_kusto`, the newer backend without `total`. Answers that come from an older edition, or none for a licence that
//!   lacks entities.
//! - The state of app connectors: the portal alone shows it ("Connected", or the text of an error), no API is documented. Every
//!   connector of a scenario is connected, so `ALERT_MANAGEMENT_DISCONNECTED_API` is not raised.
//! - CEF under the shared clock: the stream is for `simulator serve` alone.
//! - Apps that are renamed or merged in discovery.
//! - Government clouds. The portal's region: any is answered.
//! - What an alert says changes nothing by itself: no governance action of a policy is run.
//! - 502 and 504 that come by themselves (a scenario's faults are there for that), and a 429 that needs a minute more than
//!   the limiter says.
//!
//! # Sources
//! Microsoft's documentation (MicrosoftDocs/CloudAppSecurityDocs, commit 46884a1): "page X" is its X.md. Microsoft's PowerShell
//! module (microsoft/MCAS, commit 9c92478) for what is not documented: "MCAS". Power Automate flows
//! (microsoft/Microsoft-Cloud-App-Security, Playbooks). Records and calls of demisto/content and other connectors, where
//! they are named.

mod activities;
mod alerts;
mod apps;
mod asked;
mod discovery;
mod entities;
mod errors;
mod events;
mod files;
mod filters;
mod governance;
mod limits;
mod list;
mod policies;
mod routes;
mod siem;
mod state;
mod subnets;
mod tenancy;
#[cfg(test)]
mod tests;
mod tokens;
mod webhooks;

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use super::{Endpoint, HostRule, VendorSpec};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Handler, Request};
use crate::scenario::{AppIndex, Vendor};
use crate::world::World;

/// Defender for Cloud Apps, declared.
pub static SPEC: VendorSpec = VendorSpec {
    vendor: Vendor::Defender,
    title: "Microsoft Defender for Cloud Apps",
    routes: routes::ROUTES,
    // Nothing machine-readable is published.
    described: |_| false,
    hosts: &HOSTS,
    feeds: &activities::FEEDS,
    webhooks: Some(&webhooks::WEBHOOKS),
    credentials: tokens::RULES,
    limits: limits::LIMITS,
    connection,
    dialect: errors::DIALECT,
    records: events::records,
    normalize,
    around,
    alerts: Some(alerts::told),
    stream: Some(siem::lines),
    parameters: asked::parameters,
    cursor_parameter: asked::CURSOR,
    links_pages: false,
    logs: events::logs,
    tenancy: &tenancy::TENANCY,
    first_look: |_, _| "/api/v1/activities/".to_owned(),
};

/// The product's own name of a connected instance: the id of the app, and the number of the instance among those of its
/// vendor, from 0. None for what is not connected.
pub fn product_app(world: &World, app: AppIndex) -> Option<(u32, u32)> {
    apps::Connected::to(world, &world.instances[app.0]).map(|connected| (connected.connector.app_id, connected.number))
}

/// How much slower the address for all tenants is: it is said to be, and not by how much (invented).
const SLOWER: Duration = Duration::from_secs(2);

/// The tenant's portal, in whatever region, and the address for all tenants, which is the first instance's here.
static HOSTS: [HostRule; 2] = [
    HostRule {
        name: "*.portal.cloudappsecurity.com",
        serves: |_| true,
        slower_by: Duration::ZERO,
        source: "page api-introduction",
    },
    HostRule {
        name: "portal.cloudappsecurity.com",
        serves: |_| true,
        slower_by: SLOWER,
        source: "page api-authentication-application",
    },
];

/// Served with and without the portal's own prefix; one path is documented with and without its version.
fn normalize(path: &str) -> Cow<'_, str> {
    let path = path.strip_prefix("/cas").filter(|rest| rest.starts_with("/api/")).unwrap_or(path);
    match path.strip_prefix("/api/subnet/") {
        Some(rest) => Cow::Owned(format!("/api/v1/subnet/{rest}")),
        None => Cow::Borrowed(path),
    }
}

fn around(room: Handler, ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    tokens::check(ctx, request)?;
    room(ctx, request)
}

fn connection(endpoint: &Endpoint<'_>) -> serde_json::Value {
    let tenant = apps::tenant_id(endpoint.world, endpoint.instance, endpoint.seed);
    json!({
        "token_url": endpoint.url(&format!("/{tenant}/oauth2/v2.0/token")),
        "tenant_id": tenant,
        "scope": format!("{}/.default", tokens::RESOURCE),
        "portal_url": endpoint.origin,
    })
}
