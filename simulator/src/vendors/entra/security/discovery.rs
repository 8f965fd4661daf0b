//! Graph beta: cloud discovery, the supported way to list discovered apps, with the people and addresses of each.
//!
//! There is one stream, that of Defender for Endpoint; it shows the same use as Defender for Cloud Apps. Neither it nor any
//! other API tells when a person used an app last.
//!
//! # Not imitated
//! Streams of uploaded logs, `/appInfo`, devices, `$skip`; tags other than by score, which is ours.
//!
//! # Sources
//! Graph's beta reference of `security-datadiscoveryreport` and its relations: paths, `period`, fields, the permission.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::odata::list::{self, EntitySet, Index, paging};
use super::is_watched;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::world::discovery::{CATALOGUE, CloudApp, Listing, Usage, used_since};

const fn set(name: &'static str, type_name: &'static str) -> EntitySet {
    EntitySet {
        expandable: &[],
        name,
        type_name,
        default: &[],
        further: &["id", "displayName", "category", "riskScore", "userCount", "lastSeenDateTime", "userIdentifier"],
        filterable: &["displayName", "category", "riskScore"],
        searchable: &[],
        sortable: &["displayName"],
        paging: paging("data_discovery"),
        index: Index::Plain,
    }
}

static STREAMS: EntitySet =
    set("security/dataDiscovery/cloudAppDiscovery/uploadedStreams", "microsoft.graph.security.cloudAppDiscoveryReport");
static APPS: EntitySet = set(
    "Collection(microsoft.graph.security.discoveredCloudAppDetail)",
    "microsoft.graph.security.endpointDiscoveredCloudAppDetail",
);
static USERS: EntitySet = set(
    "Collection(microsoft.graph.security.discoveredCloudAppUser)",
    "microsoft.graph.security.discoveredCloudAppUser",
);
static ADDRESSES: EntitySet = set(
    "Collection(microsoft.graph.security.discoveredCloudAppIPAddress)",
    "microsoft.graph.security.discoveredCloudAppIPAddress",
);

/// What a period is called in a path, after parentheses and quotes are taken away, and how many days it has.
const PERIODS: [(&str, u32); 3] = [("period=durationP7D", 7), ("period=durationP30D", 30), ("period=durationP90D", 90)];

fn stream_id(ctx: &Context<'_>) -> String {
    ctx.sim.scenario.seed.uuid(&["discovery stream", &ctx.instance().name])
}

/// `GET /beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams`.
pub(in super::super) fn streams(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let began = ctx.sim.scenario.history_start().rfc3339();
    let received = ctx.sim.scenario.calendar().day_1().min(ctx.now).rfc3339();
    let stream = json!({
        "id": stream_id(ctx),
        "displayName": "Win10 Endpoint Users",
        "description": Value::Null,
        "createdDateTime": began,
        "lastModifiedDateTime": began,
        "lastDataReceivedDateTime": received,
        "logDataProvider": "microsoftDefenderForEndpoint",
        "receiverProtocol": "syslogTls",
        "isSnapshotReport": false,
        "anonymizeUserData": false,
        "anonymizeMachineData": false,
        "logFileCount": 0,
        "supportedEntityTypes": ["userName", "ipAddress"],
        "supportedTrafficTypes": ["downloadedBytes", "uploadedBytes"],
    });
    let streams = if is_watched(ctx) { vec![stream] } else { Vec::new() };
    list::serve(ctx, request, &STREAMS, STREAMS.name, streams)
}

/// The use that lies in the period of the path.
fn shown(ctx: &Context<'_>, request: &Request) -> Result<Vec<Usage>, Failure> {
    let stream = request.param("id");
    if !is_watched(ctx) || stream != stream_id(ctx) {
        return Err(Failure::not_found("stream", stream));
    }
    let period = request.param("period");
    let days = PERIODS.iter().find(|(known, _)| *known == period).map(|(_, days)| *days);
    let days = days.ok_or_else(|| Failure::bad_parameter("period", "The period must be P7D, P30D or P90D."))?;
    Ok(used_since(&ctx.sim.world, &ctx.sim.scenario, days, ctx.now))
}

/// `GET …/uploadedStreams/{id}/aggregatedAppsDetails(period=duration'P30D')`.
pub(in super::super) fn apps(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let usage = shown(ctx, request)?;
    let listing = Listing::at(&ctx.sim.scenario, ctx.now);
    let of = |app: &'static CloudApp| {
        let used: Vec<&Usage> = usage.iter().filter(|used| used.app.id == app.id).collect();
        let last = used.iter().map(|used| used.last).max()?;
        let addresses: BTreeSet<_> = used.iter().map(|used| used.address).collect();
        let sum = |of: fn(&Usage) -> u64| used.iter().map(|used| of(used)).sum::<u64>();
        Some(json!({
            "@odata.type": "#microsoft.graph.security.endpointDiscoveredCloudAppDetail",
            "id": app.id.to_string(),
            "displayName": listing.name(app),
            "category": camel_case(app.category),
            "riskScore": app.score,
            "tags": if app.is_sanctioned() { json!([]) } else { json!(["Unsanctioned"]) },
            "userCount": used.len(),
            "ipAddressCount": addresses.len(),
            "deviceCount": used.len(),
            "transactionCount": sum(|used| used.transactions),
            "uploadNetworkTrafficInBytes": sum(|used| used.uploaded),
            "downloadNetworkTrafficInBytes": sum(|used| used.downloaded),
            "lastSeenDateTime": last.rfc3339(),
            "domains": [app.domain],
        }))
    };
    let apps = CATALOGUE.iter().filter_map(of).collect();
    list::serve(ctx, request, &APPS, APPS.name, apps)
}

/// `cloud_storage` is `cloudStorage`.
fn camel_case(words: &str) -> String {
    let mut parts = words.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + &part[..1].to_uppercase() + &part[1..])
}

/// The use of the app that a path names.
fn of_app(ctx: &Context<'_>, request: &Request) -> Result<Vec<Usage>, Failure> {
    let mut usage = shown(ctx, request)?;
    let app = request.param("app");
    usage.retain(|used| used.app.id.to_string() == app);
    if usage.is_empty() { Err(Failure::not_found("discovered app", app)) } else { Ok(usage) }
}

/// `GET …/aggregatedAppsDetails(period=duration'P30D')/{app}/users`.
pub(in super::super) fn users(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let usage = of_app(ctx, request)?;
    let people: Vec<&str> = usage.iter().map(|used| ctx.sim.world.person(used.person).email.as_str()).collect();
    let kind = "#microsoft.graph.security.discoveredCloudAppUser";
    let users = people.iter().map(|name| json!({ "@odata.type": kind, "id": name, "userIdentifier": name })).collect();
    list::serve(ctx, request, &USERS, USERS.name, users)
}

/// `GET …/aggregatedAppsDetails(period=duration'P30D')/{app}/ipAddresses`.
pub(in super::super) fn addresses(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let addresses: BTreeSet<_> = of_app(ctx, request)?.iter().map(|used| used.address).collect();
    let kind = "#microsoft.graph.security.discoveredCloudAppIPAddress";
    let told = |address: &std::net::IpAddr| json!({ "@odata.type": kind, "id": address, "ipAddress": address });
    let addresses = addresses.iter().map(told).collect();
    list::serve(ctx, request, &ADDRESSES, ADDRESSES.name, addresses)
}
