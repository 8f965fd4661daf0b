//! Activities of the connected apps as Defender's records. Pure functions.
//!
//! A record is made from the entry that the app itself keeps, once that is shown there: what an app does not log, or its
//! connector does not read, is not here. One sign-in through the directory leaves two: the app's and Microsoft 365's.
//! `timestamp` is when it happened, `created` when it was saved here; the app's entry stands in `rawDataJson`, untouched,
//! but for sign-ins of the directory, which have a form of their own.
//!
//! # Not imitated
//! Records of other products (discovery, session control, Defender for Endpoint); user groups (`userTags`) but for guests;
//! ranges that clients make ([`super::subnets`]) do not change what was saved before or after.
//!
//! # Sources
//! Real records in demisto/content (`Packs/MicrosoftCloudAppSecurity`, fixtures and README) for names and types of the
//! fields; the documentation for the numbers of `source`, `category` and tags; microsoft/MCAS for keys that differ only in
//! case. Meaning of roles and object types, event types of GitHub, Miro and Workplace, `classifications` beyond `access`:
//! guesses.

mod agent;
mod place;
mod types;

pub(super) use place::{CORPORATE, is_anonymous};

use std::sync::Arc;

use serde_json::{Value, json};

use super::apps::{Connected, Kind, person_key, tenant_id};
use crate::protocol::directory;
use crate::scenario::{Outcome, PersonKind, Using, Vendor, Verb};
use crate::seed::Seed;
use crate::timeline::{Activity, LogId, Record};
use crate::vendors;
use crate::world::{Instance, World};

/// Name of the log.
pub(super) const LOG: &str = "activities";

/// Group that guests are in.
const EXTERNAL_USERS: &str = "000000200000000000000000";

/// Nobody works in Defender itself. What happens to its catalogue of apps is written there, and leaves no record.
pub(super) const fn logs(verb: Verb) -> bool {
    matches!(verb, Verb::Event)
}

/// The records of an activity: one for each entry that a connected app keeps of it.
pub(super) fn records(activity: &Arc<Activity>, world: &World, instance: &Instance, seed: Seed) -> Vec<Record> {
    let connected = Connected::all(world).filter(|connected| connected.reads(activity.verb));
    let entries = connected.flat_map(|connected| {
        let entries = (vendors::spec(connected.instance.vendor).records)(activity, world, connected.instance, seed);
        entries.into_iter().map(move |entry| (connected, entry))
    });
    entries.map(|(connected, entry)| record(&Scene { activity, world, instance, seed, connected }, &entry)).collect()
}

/// What a record is made from.
struct Scene<'a> {
    activity: &'a Arc<Activity>,
    world: &'a World,
    /// The Defender.
    instance: &'a Instance,
    seed: Seed,
    connected: Connected<'a>,
}

fn record(scene: &Scene<'_>, entry: &Record) -> Record {
    let Scene { activity, instance, seed, connected, .. } = *scene;
    let uuid = seed.uuid(&["defender activity", &instance.name, &connected.instance.name, &entry.event_id]);
    let id = format!("{}_{}_{uuid}", instance.organisation_id, connected.connector.app_id);
    let available = activity.late.map_or(entry.available + connected.connector.delay, |late| activity.occurred + late);
    let mut body = serde_json::to_vec(&head(scene, &id, available.ms())).expect("records are plain values");
    // The app's own bytes, as they are.
    body.pop();
    body.extend_from_slice(br#","rawDataJson":"#);
    if entry.log.feed == "sign_ins" {
        body.extend(serde_json::to_vec(&sign_in(scene, entry)).expect("records are plain values"));
    } else {
        body.extend_from_slice(&entry.body);
    }
    body.push(b'}');
    Record {
        log: LogId { app: instance.app, feed: LOG },
        event_id: id.into(),
        persisted: activity.occurred,
        available,
        body: body.into(),
        activity: Arc::clone(activity),
    }
}

/// Everything but the app's own entry.
fn head(scene: &Scene<'_>, id: &str, created: i64) -> Value {
    let Scene { activity, world, instance, seed, connected } = *scene;
    let event = types::of(activity, connected.connector.event_word);
    let person = world.person(activity.actor);
    let account = person.accounts.get(&connected.instance.app);
    let login = activity.readdressed_in(connected.instance.app).or(account.map(|a| a.login.as_str()));
    let login = login.unwrap_or(&person.email);
    let name = activity.renamed_in(connected.instance.app).map_or_else(|| person.display_name(), str::to_owned);
    let failed = activity.outcome != Outcome::Success;
    let (app_id, at) = (connected.connector.app_id, activity.occurred.ms());
    let account_key = connected.account_key(person);
    let account_id = account.map_or(person.directory_id.as_str(), |a| a.user_id.as_str());
    let place = place::location(activity, world);
    let country = activity.place.map(|place| place.country);
    let groups: &[&str] = if person.kind == PersonKind::Guest { &[EXTERNAL_USERS] } else { &[] };
    let classifications: &[&str] = match Kind::of(activity.verb) {
        _ if activity.verb == Verb::Impersonate => &["admin", "impersonated"],
        Kind::LogOn => &["access"],
        Kind::Admin => &["admin"],
        Kind::User => &[],
    };
    let directory_connected = Connected::all(world).find(|c| c.instance.vendor == Vendor::Entra);
    let objects = objects(scene, &name, account_id);
    let mut head = json!({
        "_id": id,
        "uid": id,
        "tenantId": instance.organisation_id.parse::<u64>().unwrap_or_default(),
        "aadTenantId": tenant_id(world, instance, seed),
        "appId": app_id,
        "saasId": app_id,
        "srcAppId": app_id,
        "appName": connected.name(),
        "instanceId": connected.instance_id(),
        "timestamp": at,
        "timestampRaw": at,
        "instantiation": created,
        "instantiationRaw": created,
        "created": created,
        "createdRaw": created,
        "eventType": event.number,
        "eventTypeValue": event.value,
        "eventTypeName": event.category,
        "genericEventType": event.generic,
        "description": format!("{}: {name}", event.title),
        "description_id": event.description_id,
        "description_metadata": {
            "operation_name": event.operation,
            "target_object": activity.object.as_deref().unwrap_or_default(),
            "colon": ": ",
            "dash": "",
            "event_category": event.title,
            "activity_result_message": if failed { "Failure" } else { "" },
        },
    });
    let further = json!({
        "confidenceLevel": 30,
        "source": 2,
        "severity": "INFO",
        "classifications": classifications,
        "eventRouting": { "auditing": true, "lograbber": true, "scubaUnpacker": false, "dispersed": false },
        "lograbberService": {},
        "collected": {},
        "device": {
            "clientIP": activity.address.map(|a| a.to_string()),
            "countryCode": country,
            "userAgent": &*activity.user_agent,
        },
        "location": place,
        "userAgent": agent::told(activity),
        "internals": { "otherIPs": activity.address.map(|a| a.to_string()).into_iter().collect::<Vec<_>>() },
        "mainInfo": {
            "type": if event.fails { "failedLogin" } else { "basic" },
            "rawOperationName": event.operation,
            "prettyOperationName": event.title,
            "activityResult": { "isSuccess": !failed, "message": activity.outcome.name() },
            "eventObjects": objects,
        },
        "resolvedActor": {
            "id": person.directory_id, "name": name, "saasId": "11161", "instanceId": "0", "objType": "2", "role": "4",
            "resolved": true, "tags": groups,
        },
        "resolvedActorAccount": {
            "id": account_id, "name": name, "saasId": app_id.to_string(), "instanceId": connected.number.to_string(),
            "objType": "23", "role": "4", "resolved": true, "tags": groups,
        },
        "entityData": {
            "0": { "displayName": name, "id": account_key, "resolved": account_key.is_some() },
            "1": directory_connected.map(|_| json!({ "displayName": name, "id": person_key(person), "resolved": true })),
            "2": null,
        },
    });
    if let (Some(head), Value::Object(further)) = (head.as_object_mut(), further) {
        head.extend(further);
    }
    if event.fails {
        head["failedUserData"] = json!({ "userName": login });
        head["user"] = json!({ "userTags": groups });
    } else {
        head["user"] = json!({ "userName": login, "userTags": groups });
    }
    head
}

/// Who did it, to what, in which app.
fn objects(scene: &Scene<'_>, name: &str, account_id: &str) -> Vec<Value> {
    let Scene { activity, world, seed, connected, .. } = *scene;
    let app_id = connected.connector.app_id;
    let object = |kind: u32, role: u32, name: &str, id: &str| {
        json!({
            "objType": kind, "role": role, "name": name, "id": id, "instanceId": connected.number, "saasId": app_id,
            "resolved": true, "link": id, "tags": [], "governable": kind == 23, "serviceObjectType": Value::Null,
        })
    };
    let mut objects = vec![
        object(6, 1, &connected.name(), &app_id.to_string()),
        object(23, 4, name, account_id),
        object(21, 4, name, account_id),
    ];
    if let Some(target) = activity.target {
        let target = world.person(target);
        let id = target.accounts.get(&connected.instance.app).map_or(target.directory_id.as_str(), |a| &a.user_id);
        objects.push(object(23, 5, &target.display_name(), id));
    }
    if let Some(thing) = activity.object.as_deref() {
        objects.push(object(1, 5, thing, &seed.uuid(&["defender object", &connected.instance.name, thing])));
    }
    let told = activity.details.iter().filter(|(key, _)| !key.contains(' '));
    objects.extend(told.map(|(key, value)| {
        let mut parameter = object(7, 3, key, key);
        parameter["value"] = json!(value);
        parameter
    }));
    objects
}

/// How Defender writes a sign-in of the directory down.
fn sign_in(scene: &Scene<'_>, entry: &Record) -> Value {
    let Scene { activity, world, .. } = *scene;
    let told: Value = serde_json::from_slice(&entry.body).expect("records are rendered as JSON");
    let code = told["status"]["errorCode"].as_u64().unwrap_or_default();
    let through = activity.app.map(|app| &world.instances[app.0]);
    let sso = through.is_some_and(|app| {
        directory::single_sign_on(world, app, world.person(activity.actor)).is_some() && app.vendor != Vendor::Entra
    });
    json!({
        "EventType": "MCASLoginEvent",
        "Id": told["id"],
        "id": told["id"],
        "LoginStatus": if code == 0 { "Success" } else { "Failure" },
        "LoginErrorCode": code,
        "Upn": told["userPrincipalName"],
        "UserId": told["userId"],
        "IpAddress": told["ipAddress"],
        "Call": if sso { "SAS:ProcessAuth" } else { "OAUTH2:Authorize" },
        "ApplicationId": told["appId"],
        "ApplicationName": told["appDisplayName"],
        "UserAgent": told["userAgent"],
        "RequestId": entry.event_id,
        "CorrelationId": told["correlationId"],
        "IsInteractive": true,
        "IsInteractiveComputed": true,
        "MfaRequired": code == 500_121,
        "TimeStamp": told["createdDateTime"],
    })
}

/// Whether somebody sits before it: what a token or an app does is not interactive.
pub(super) const fn is_interactive(activity: &Activity) -> bool {
    !matches!(activity.using, Using::Token | Using::GrantedApp(_))
}
