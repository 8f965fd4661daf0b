//! From sign-ins to detections.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::events::{SIGN_INS, seven_digits};
use super::super::objects::sign_in_name;
use crate::protocol::exchange::Context;
use crate::scenario::{NetworkTag, Outcome, Using};
use crate::time::SimTime;
use crate::timeline::{Activity, LogId, Record};
use crate::world::{PersonIndex, Place, World};

/// Detections made while somebody signs in are shown this much later \[guess: minutes\].
const REALTIME: Duration = Duration::from_secs(300);
/// Those that are worked out afterwards, this much later \[guess: hours\].
const OFFLINE: Duration = Duration::from_secs(2 * 3_600);
/// How long after it was made a detection of level low is dismissed by the directory itself.
const AUTO_DISMISSED: Duration = Duration::from_secs(120);
/// Faster than this, in kilometres an hour, nobody travels \[guess\].
const FASTEST_KMH: f64 = 900.0;
/// Nearer than this two places are one \[guess\], kilometres.
const NEAR_KM: f64 = 500.0;

/// What is found risky about a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Found {
    /// `riskEventType`.
    pub(in super::super) event: &'static str,
    /// `riskLevel`.
    pub(in super::super) level: &'static str,
}

/// What is found while somebody signs in: by the address, else by the device.
pub(in super::super) fn at_sign_in(activity: &Activity, world: &World) -> Option<Found> {
    if activity.outcome != Outcome::Success {
        return None;
    }
    let network = activity.address.and_then(|address| world.locate(address));
    let tagged = |tag| network.is_some_and(|n| n.is_tagged(tag, activity.occurred));
    if tagged(NetworkTag::Tor) || tagged(NetworkTag::PublicProxy) {
        return Some(Found { event: "anonymizedIPAddress", level: "medium" });
    }
    if tagged(NetworkTag::Risky) {
        return Some(Found { event: "maliciousIPAddress", level: "high" });
    }
    let at_home = activity.place.is_some_and(|place| place.country == world.person(activity.actor).home.country);
    let strange = matches!(activity.using, Using::UnknownDevice);
    let level = if at_home { "low" } else { "medium" };
    strange.then_some(Found { event: "unfamiliarFeatures", level })
}

/// Every detection known by now, oldest first, before anybody has said anything about it.
pub(super) fn detections(ctx: &Context<'_>) -> Vec<Value> {
    let log = LogId { app: ctx.app, feed: SIGN_INS };
    let world = &ctx.sim.world;
    let mut last: BTreeMap<PersonIndex, (SimTime, &'static Place)> = BTreeMap::new();
    let mut detections = Vec::new();
    for record in ctx.state.timeline.written(log) {
        let activity = &record.activity;
        if let Some(found) = at_sign_in(activity, world) {
            detections.extend(detection(ctx, record, found, "realtime", REALTIME));
        }
        let (Outcome::Success, Some(place)) = (activity.outcome, activity.place) else { continue };
        if let Some((before, from)) = last.insert(activity.actor, (activity.occurred, place))
            && too_far(from, place, activity.occurred.since(before))
        {
            let found = Found { event: "unlikelyTravel", level: "medium" };
            detections.extend(detection(ctx, record, found, "offline", OFFLINE));
        }
    }
    detections
}

fn too_far(from: &Place, to: &Place, passed: Duration) -> bool {
    let distance = from.distance_km(to);
    distance > NEAR_KM && distance > FASTEST_KMH * passed.as_secs_f64() / 3_600.0
}

fn detection(ctx: &Context<'_>, record: &Record, found: Found, timing: &str, delay: Duration) -> Option<Value> {
    let activity = &record.activity;
    let detected = activity.occurred + delay;
    if detected > ctx.now {
        return None;
    }
    let (world, seed) = (&ctx.sim.world, ctx.sim.scenario.seed);
    let person = world.person(activity.actor);
    let account = person.accounts.get(&ctx.app)?;
    let entry: Value = serde_json::from_slice(&record.body).expect("records are rendered as JSON");
    let dismissed = found.level == "low" && ctx.now >= detected + AUTO_DISMISSED;
    let (state, detail, updated) = if dismissed {
        ("dismissed", "aiConfirmedSigninSafe", detected + AUTO_DISMISSED)
    } else {
        ("atRisk", "none", detected)
    };
    let agent = json!([{ "Key": "userAgent", "Value": &*activity.user_agent }]).to_string();
    Some(json!({
        "id": seed.uuid(&["risk detection", &record.event_id, found.event]),
        "requestId": &*record.event_id,
        "correlationId": entry["correlationId"],
        "riskEventType": found.event,
        "riskState": state,
        "riskLevel": found.level,
        "riskDetail": detail,
        "source": "IdentityProtection",
        "detectionTimingType": timing,
        "activity": "signin",
        "tokenIssuerType": "AzureAD",
        "ipAddress": activity.address.map(|a| a.to_string()),
        "activityDateTime": seven_digits(activity.occurred),
        "detectedDateTime": seven_digits(detected),
        "lastUpdatedDateTime": seven_digits(updated),
        "userId": account.user_id,
        "userDisplayName": person.display_name(),
        "userPrincipalName": sign_in_name(person, &account.login, &world.domain),
        "additionalInfo": agent,
        "location": entry["location"],
    }))
}
