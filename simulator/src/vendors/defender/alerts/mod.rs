//! Alerts: what the built-in policies have found, and what was made of it.
//!
//! | file | says |
//! |---|---|
//! | [`policies`] | the built-in policies, and what becomes of them in each `mda_mode` |
//! | [`detect`] | from activities to findings |
//! | [`close`] | read, unread, close, reopen, with the older names of these calls |
//!
//! # Not imitated
//! Alerts of other policies than the eight built-in ones of an app: those that customers write, of files, discovery,
//! sessions and app permissions; system alerts. `threatScore`, `isMarkdown`. An alert that was found grows by what belongs
//! to the same hour, and its `timestamp` stays.
//!
//! # Sources
//! The API's pages on alerts for lists, filters and numbers; demisto/content for the record of real tenants.

mod borders;
pub(super) mod close;
mod detect;
mod policies;

use detect::findings;
pub(super) use detect::{Finding, app_of};
pub(super) use policies::{BUILT_IN, Raises};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::apps::{MICROSOFT_365, tenant_id};
use super::filters::{Field, JUST_EQ, Kind, ONE_OF, TIMES, derived, field};
use super::list::{self, List};
use super::state::Tenant;
use crate::protocol::credentials::{HEX, drawn_text};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;
use crate::protocol::security::{AffectedApp, SecurityAlert};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::Timeline;
use crate::world::{Instance, World};

/// The list.
static ALERTS: List = List {
    paging: list::paging("alerts"),
    fields: &FIELDS,
    sorts: &[("date", "/timestamp"), ("severity", "/severityValue")],
    order: Order::Descending,
    id: "_id",
};

/// What alerts can be filtered by.
#[rustfmt::skip]
static FIELDS: [Field; 17] = [
    derived("entity.entity",  Kind::Entity, ONE_OF,  keys),
    derived("entity.user",    Kind::Entity, ONE_OF,  keys),
    derived("entity.ip",      Kind::Text,   ONE_OF,  |item| of_type(item, "ip", "/id")),
    derived("entity.service", Kind::Number, ONE_OF,  |item| of_type(item, "service", "/id")),
    derived("entity.instance", Kind::Number, ONE_OF, |item| of_type(item, "service", "/instanceId")),
    derived("entity.policy",  Kind::Text,   ONE_OF,  |item| of_type(item, "policyRule", "/id")),
    derived("entity.file",    Kind::Text,   ONE_OF,  |item| of_type(item, "file", "/id")),
    derived("alertOpen",      Kind::Flag,   JUST_EQ, |item| vec![json!(item["resolutionStatusValue"] == 0)]),
    field("severity",         Kind::Number, ONE_OF,  "/severityValue"),
    field("resolutionStatus", Kind::Number, ONE_OF,  "/resolutionStatusValue"),
    derived("read",           Kind::Flag,   JUST_EQ, |item| vec![json!(item["statusValue"] != 0)]),
    field("date",             Kind::Time,   TIMES,   "/timestamp"),
    field("resolutionDate",   Kind::Time,   TIMES,   "/resolvedMs"),
    field("risk",             Kind::Number, ONE_OF,  "/stories"),
    field("alertType",        Kind::Number, ONE_OF,  "/idValue"),
    field("id",               Kind::Text,   ONE_OF,  "/_id"),
    // Built-in, since no others are imitated: 0.
    derived("source",         Kind::Number, JUST_EQ, |_| vec![json!(0)]),
];

fn of_type(item: &Value, kind: &str, pointer: &str) -> Vec<Value> {
    let entities = item["entities"].as_array().map(Vec::as_slice).unwrap_or_default();
    entities
        .iter()
        .filter(|entity| entity["type"] == *kind)
        .filter_map(|entity| entity.pointer(pointer).cloned())
        .collect()
}

fn keys(item: &Value) -> Vec<Value> {
    let entities = item["entities"].as_array().map(Vec::as_slice).unwrap_or_default();
    entities.iter().filter(|entity| entity["type"] == "account").cloned().collect()
}

/// What the alert of a finding is called: the time in eight digits, and sixteen of its own.
pub(super) fn id_of(seed: Seed, instance: &Instance, finding: &Finding) -> String {
    let evidence = finding.evidence.first().map(|record| &*record.event_id).unwrap_or_default();
    let labels = ["defender alert", &instance.name, finding.policy.type_name, evidence];
    let own = drawn_text(seed, &labels, HEX, 16);
    format!("{:08x}{own}", finding.found.s())
}

/// The findings that are alerts in the tenant's mode, with their titles.
pub(super) fn raised_in(
    world: &World,
    instance: &Instance,
    timeline: &Timeline,
    now: SimTime,
) -> Vec<(Finding, &'static str)> {
    let alert = |finding: Finding| match finding.policy.raises(instance.mda_mode) {
        Raises::Alert(title) => Some((finding, title)),
        Raises::Behavior(_) => None,
    };
    findings(world, instance, timeline, now).into_iter().filter_map(alert).collect()
}

/// What others are told of the alerts and behaviors of an instance.
pub(super) fn told(
    world: &World,
    instance: &Instance,
    timeline: &Timeline,
    seed: Seed,
    now: SimTime,
) -> Vec<SecurityAlert> {
    findings(world, instance, timeline, now)
        .into_iter()
        .map(|finding| {
            let (title, is_behavior) = match finding.policy.raises(instance.mda_mode) {
                Raises::Alert(title) => (title, false),
                Raises::Behavior(title) => (title, true),
            };
            let id = id_of(seed, instance, &finding);
            let mut apps: Vec<AffectedApp> = Vec::new();
            for connected in finding.evidence.iter().filter_map(|record| app_of(world, record)) {
                let (id, name) = (connected.connector.app_id, connected.name().into_owned());
                let app = AffectedApp { id, name, instance: connected.number };
                if !apps.contains(&app) {
                    apps.push(app);
                }
            }
            SecurityAlert {
                is_behavior,
                title,
                description: description(&finding, &world.person(finding.person).display_name()),
                severity: finding.policy.severity,
                category: finding.policy.category(),
                policy_id: finding.policy.id(seed, instance),
                url: url_of(world, &id),
                person: finding.person,
                made: finding.found,
                evidence: finding.evidence,
                apps,
                id,
            }
        })
        .collect()
}

fn url_of(world: &World, id: &str) -> String {
    format!("https://{}.portal.cloudappsecurity.com/#/alerts/{id}", world.organisation.to_lowercase())
}

/// The same for the instance that is asked.
fn raised(ctx: &Context<'_>) -> Vec<(Finding, &'static str)> {
    raised_in(&ctx.sim.world, ctx.instance(), &ctx.state.timeline, ctx.now)
}

/// Ids of the alerts, and of their policies, that cite an activity.
pub(super) fn citing(ctx: &Context<'_>) -> impl Fn(&str) -> (Vec<String>, Vec<String>) + use<> {
    let (seed, instance) = (ctx.sim.scenario.seed, ctx.instance().clone());
    let raised: Vec<(String, String, Vec<String>)> = raised(ctx)
        .iter()
        .map(|(finding, _)| {
            let evidence = finding.evidence.iter().map(|record| record.event_id.to_string()).collect();
            (id_of(seed, &instance, finding), finding.policy.id(seed, &instance), evidence)
        })
        .collect();
    move |activity| {
        let of = raised.iter().filter(|(_, _, evidence)| evidence.iter().any(|id| id == activity));
        of.map(|(alert, policy, _)| (alert.clone(), policy.clone())).unzip()
    }
}

/// Every alert there is now, as it stands.
pub(super) fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let raised = raised(ctx);
    raised.iter().map(|(finding, title)| record(ctx, finding, title)).collect()
}

fn record(ctx: &mut Context<'_>, finding: &Finding, title: &str) -> Value {
    let id = id_of(ctx.sim.scenario.seed, ctx.instance(), finding);
    let handling = Tenant::of(ctx).handled.get(&id).cloned().unwrap_or_default();
    let (sim, instance, seed) = (ctx.sim, ctx.instance(), ctx.sim.scenario.seed);
    let person = sim.world.person(finding.person);
    let resolution = handling.closed.as_ref().map_or(0, |closed| closed.resolution);
    let status = match (&handling.closed, handling.read) {
        (Some(_), _) => 2,
        (None, true) => 1,
        (None, false) => 0,
    };
    let policy_id = finding.policy.id(seed, instance);
    let mut entities = vec![
        json!({ "id": policy_id, "label": finding.policy.name, "type": "policyRule", "policyType": "ANOMALY_DETECTION" }),
        json!({ "id": person.directory_id, "label": person.display_name(), "type": "account", "pa": person.email,
                "saas": MICROSOFT_365, "inst": 0, "entityType": 2, "entityRole": "Source" }),
        json!({ "id": person.email, "label": person.email, "type": "user" }),
    ];
    let mut add = |entity: Value| {
        if !entities.contains(&entity) {
            entities.push(entity);
        }
    };
    for evidence in &finding.evidence {
        let activity = &evidence.activity;
        if let Some(address) = activity.address {
            add(json!({ "id": address.to_string(), "label": address.to_string(), "type": "ip" }));
        }
        if let Some(place) = activity.place {
            add(json!({ "id": place.country, "label": place.country_name, "type": "country" }));
        }
        if let Some(connected) = app_of(&sim.world, evidence) {
            add(json!({ "id": connected.connector.app_id, "label": connected.name(), "type": "service",
                        "instanceId": connected.instance_id() }));
        }
    }
    let evidence: Vec<Value> = finding
        .evidence
        .iter()
        .map(|record| json!({ "title": { "template": "ALERTS_ACTIVITY", "parameters": { "activity": record.event_id } } }))
        .collect();
    json!({
        "_id": id,
        "contextId": tenant_id(&sim.world, instance, seed),
        "timestamp": finding.found.ms(),
        "title": title,
        "description": description(finding, &person.display_name()),
        "idValue": finding.policy.type_number,
        "isSystemAlert": false,
        "isPreview": false,
        "statusValue": status,
        "severityValue": finding.policy.severity,
        "resolutionStatusValue": resolution,
        "stories": [0],
        "intent": [finding.policy.intent],
        "evidence": evidence,
        "audits": finding.evidence.iter().map(|record| &*record.event_id).collect::<Vec<_>>(),
        "threatScore": Value::Null,
        "comment": handling.closed.as_ref().and_then(|closed| closed.comment.clone()),
        "handledByUser": handling.closed.as_ref().map(|closed| closed.by.clone()),
        "resolveTime": handling.closed.as_ref().map(|closed| closed.at.rfc3339()),
        "resolvedMs": handling.closed.as_ref().map(|closed| closed.at.ms()),
        "URL": url_of(&sim.world, &id),
        "policy": { "id": policy_id, "label": finding.policy.name, "policyType": "ANOMALY_DETECTION" },
        "entities": entities,
    })
}

/// What the alert tells: who, from where, how often.
pub(super) fn description(finding: &Finding, name: &str) -> String {
    let mut places: Vec<&str> = Vec::new();
    let mut addresses: Vec<String> = Vec::new();
    for record in &finding.evidence {
        if let Some(place) = record.activity.place.filter(|place| !places.contains(&place.country_name)) {
            places.push(place.country_name);
        }
        if let Some(address) = record.activity.address.map(|a| a.to_string()).filter(|a| !addresses.contains(a)) {
            addresses.push(address);
        }
    }
    let times = finding.evidence.iter().map(|record| record.activity.occurred);
    let minutes = times.clone().max().zip(times.min()).map_or(0, |(last, first)| last.since(first).as_secs() / 60);
    format!(
        "The user {name} performed {} activities within {minutes} minutes, from {} (IP addresses: {}).",
        finding.evidence.len(),
        places.join(" and "),
        addresses.join(", "),
    )
}

/// What clients see of it: the time of closing in milliseconds is for the filter alone.
fn shown(mut alert: Value) -> Value {
    alert.as_object_mut().expect("alerts are objects").shift_remove("resolvedMs");
    alert
}

/// `GET` and `POST /api/v1/alerts/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let alerts = all(ctx);
    let mut answer = ALERTS.serve(ctx, request, alerts)?.json_body();
    for alert in answer["data"].as_array_mut().into_iter().flatten() {
        *alert = shown(alert.take());
    }
    Ok(Answer::json(StatusCode::OK, &answer))
}

/// `GET /api/v1/alerts/{id}/`: the bare record.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = all(ctx).into_iter().find(|alert| alert["_id"] == *id);
    let found = found.ok_or_else(|| Failure::not_found("alert", id))?;
    Ok(Answer::json(StatusCode::OK, &shown(found)))
}
