//! Cloud discovery: which apps people use that nobody has connected.
//!
//! | file | says |
//! |---|---|
//! | [`upload`] | logs of one's own: where to put them, and that they are there |
//! | [`block_script`] | what keeps people from an app, in the words of their appliance |
//!
//! One report is there from the beginning, the global view; an uploaded log that is to be a snapshot becomes another, of the
//! same apps. Users and addresses of an app have no call here: an app is asked for by user (`user.entity`), and Graph's
//! `dataDiscovery` lists both.
//!
//! The catalogue is the vendor's, and changes: a script renames an app, or merges it into another (`does: event`, see
//! [`crate::world::discovery`]). What is renamed keeps its number, and what is merged is found under the other's.
//!
//! # Not imitated
//! Parsing of what is uploaded; tags of apps, whose calls are answered with 404 and 500 to whoever has a token; sanctioning,
//! which is the portal's; data sources and log collectors; anonymised names; risk factors of an app beyond its score.
//!
//! # Sources
//! The API's pages on discovery for streams, categories, upload and script; microsoft/MCAS for discovered apps, which were
//! never documented (<https://github.com/MicrosoftDocs/CloudAppSecurityDocs/issues/674>), and for the catalogue; fields that
//! no consumer names are invented. Kept ninety days: documented.

pub(super) mod block_script;
pub(super) mod upload;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::asked;
use super::filters::{AMOUNTS, Field, JUST_EQ, Kind, ONE_OF, field};
use super::list::{self, List};
use crate::protocol::credentials::{HEX, drawn_text};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;
use crate::world::discovery::{CATALOGUE, CloudApp, Listing, Usage, used_since};

/// The discovered apps of a report.
static APPS: List = List {
    paging: list::paging("discovered_apps"),
    fields: &FIELDS,
    sorts: &[
        ("name", "/name"),
        ("usersCount", "/usersCount"),
        ("ipAddressesCount", "/ipAddressesCount"),
        ("lastUsed", "/lastUsed"),
        ("trafficUploadedBytes", "/trafficUploadedBytes"),
        ("trafficTotalEvents", "/trafficTotalEvents"),
        ("score", "/score"),
    ],
    order: Order::Ascending,
    id: "appId",
};

/// What discovered apps can be filtered by.
static FIELDS: [Field; 7] = [
    field("score", Kind::Number, JUST_EQ, "/scores"),
    field("users", Kind::Number, AMOUNTS, "/usersCount"),
    field("user.entity", Kind::Text, ONE_OF, "/users"),
    field("appId", Kind::Number, ONE_OF, "/appId"),
    field("category", Kind::Text, ONE_OF, "/category"),
    field("appTag", Kind::Text, ONE_OF, "/tags"),
    field("sanctioned", Kind::Flag, JUST_EQ, "/sanctioned"),
];

/// The days that a report may be asked for.
const TIMEFRAMES: [u32; 3] = [7, 30, 90];
/// The shelf's word for reports that were made of uploaded logs.
const SNAPSHOT: &str = "discovery snapshot";

fn global_view(ctx: &Context<'_>) -> String {
    drawn_text(ctx.sim.scenario.seed, &["defender stream", &ctx.instance().name, "global"], HEX, 24)
}

fn category(app: &CloudApp) -> String {
    format!("SAASDB_CATEGORY_{}", app.category.to_uppercase())
}

/// `GET /api/discovery/streams/`.
pub(super) fn streams(ctx: &mut Context<'_>, _: &Request) -> Result<Answer, Failure> {
    let began = ctx.sim.scenario.history_start();
    let global = stream(ctx, &global_view(ctx), "Global View", began);
    let snapshots: Vec<Value> = ctx.instance_state().shelf.all(SNAPSHOT).map(|(_, stream)| stream.clone()).collect();
    let streams: Vec<Value> = std::iter::once(global).chain(snapshots).collect();
    Ok(Answer::json(StatusCode::OK, &json!({ "streams": streams })))
}

fn stream(ctx: &Context<'_>, id: &str, name: &str, created: crate::time::SimTime) -> Value {
    let received = ctx.sim.scenario.calendar().day_1().min(ctx.now);
    json!({
        "_id": id,
        "displayName": name,
        "anonymizeUsers": false,
        "anonymizeMachines": false,
        "logType": 112,
        "receiverType": "syslog",
        "protocol": "tcp",
        "streamType": 3,
        "isManual": false,
        "created": created.rfc3339(),
        "lastModified": created.rfc3339(),
        "lastDataReceived": received.rfc3339(),
        "lastAlertProcessingTime": received.ms(),
        "logFilesHistoryCount": 1,
        "logFilesFailsCount": 0,
        "globalAggregated": name == "Global View",
        "supportedEntityTypes": [1, 2],
        "supportedTrafficTypes": [1, 2, 3],
        "timeFrames": TIMEFRAMES,
        "timeFrames2": TIMEFRAMES,
        "userTags": [],
        "sourceStreams": [],
    })
}

/// The use that a report shows: of the days asked for, and none older than ninety.
fn shown(ctx: &mut Context<'_>, request: &Request) -> Result<Vec<Usage>, Failure> {
    let stream = asked::want(request, "streamId")?;
    if stream != global_view(ctx) && ctx.instance_state().shelf.get(SNAPSHOT, stream).is_none() {
        return Err(Failure::not_found("stream", stream));
    }
    let days = asked::text(request, "timeframe").or_else(|| asked::text(request, "timeFrame")).unwrap_or("90");
    let days = days.parse().ok().filter(|days| TIMEFRAMES.contains(days));
    let days = days.ok_or_else(|| Failure::bad_parameter("timeframe", "must be 7, 30 or 90"))?;
    Ok(used_since(&ctx.sim.world, &ctx.sim.scenario, days, ctx.now))
}

/// The records of the apps that were used.
fn apps(ctx: &mut Context<'_>, request: &Request) -> Result<Vec<Value>, Failure> {
    let usage = shown(ctx, request)?;
    let listing = Listing::at(&ctx.sim.scenario, ctx.now);
    let of_app = |app: &'static CloudApp| {
        let used: Vec<&Usage> = usage.iter().filter(|used| used.app.id == app.id).collect();
        let last = used.iter().map(|used| used.last).max()?;
        let people: Vec<&str> = used.iter().map(|used| ctx.sim.world.person(used.person).email.as_str()).collect();
        let addresses: BTreeSet<_> = used.iter().map(|used| used.address).collect();
        let uploaded: u64 = used.iter().map(|used| used.uploaded).sum();
        let downloaded: u64 = used.iter().map(|used| used.downloaded).sum();
        Some(json!({
            "appId": app.id,
            "name": listing.name(app),
            "category": category(app),
            "score": app.score,
            "domain": app.domain,
            "trafficTotalBytes": uploaded + downloaded,
            "trafficUploadedBytes": uploaded,
            "trafficDownloadedBytes": downloaded,
            "trafficTotalEvents": used.iter().map(|used| used.transactions).sum::<u64>(),
            "usersCount": people.len(),
            "ipAddressesCount": addresses.len(),
            "lastUsed": last.ms(),
            "sanctioned": app.is_sanctioned(),
            "tags": if app.is_sanctioned() { json!([]) } else { json!(["Unsanctioned"]) },
            "users": people,
        }))
    };
    Ok(CATALOGUE.iter().filter_map(of_app).collect())
}

/// `POST /api/v1/discovery/discovered_apps/`.
pub(super) fn discovered_apps(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut apps = apps(ctx, request)?;
    // A range of scores is sent as two numbers under `eq`: an app that lies between them is as good as both.
    let asked = asked::filters(request)?.get("score").map(|asked| asked["eq"].clone()).unwrap_or_default();
    let ends: Vec<u64> = asked.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    for app in &mut apps {
        let score = app["score"].as_u64().unwrap_or_default();
        let between = ends.len() == 2 && (ends[0]..=ends[1]).contains(&score);
        app["scores"] = if between { json!(ends) } else { json!([score]) };
    }
    let mut answer = APPS.serve(ctx, request, apps)?.json_body();
    for app in answer["data"].as_array_mut().into_iter().flatten() {
        let fields = app.as_object_mut().expect("apps are objects");
        ["users", "scores"].iter().for_each(|name| drop(fields.shift_remove(*name)));
    }
    Ok(Answer::json(StatusCode::OK, &answer))
}

/// `POST /api/v1/discovery/discovered_apps/categories/`: a bare array.
pub(super) fn categories(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let apps = apps(ctx, request)?;
    let names: BTreeSet<String> = apps.iter().filter_map(|app| app["category"].as_str().map(str::to_owned)).collect();
    let total = |name: &String| apps.iter().filter(|app| app["category"] == **name).count();
    let categories: Vec<Value> = names.iter().map(|name| json!({ "id": name, "total": total(name) })).collect();
    Ok(Answer::json(StatusCode::OK, &categories))
}

/// `GET /api/v1/saasdb/{id}/`: an app of the catalogue.
pub(super) fn catalogue(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let app = CATALOGUE.iter().find(|app| app.id.to_string() == id).ok_or_else(|| Failure::not_found("app", id))?;
    let part = |name: &str| json!({ "name": name, "score": app.score });
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "appId": app.id,
            "name": Listing::at(&ctx.sim.scenario, ctx.now).name(app),
            "category": category(app),
            "domain": app.domain,
            "score": app.score,
            "revised_score": {
                "compliance": part("compliance"), "security": part("security"), "provider": part("provider"),
            },
        }),
    ))
}
