//! What the SIEM agent sends: activities and alerts as lines of CEF behind a syslog head.
//!
//! The agent is a program on the customer's side; here [`crate::server::forward`] is one, and `simulator serve --siem` runs
//! it. Severity is 0 of all activities and 3 of all alerts. An equals sign in a value is escaped; a value that there is
//! none of is empty.
//!
//! # Not imitated
//! Choosing which alerts and activities are sent; states of the agent; a token of its own.
//!
//! # Sources
//! Pages siem and troubleshooting-siem: head, keys, `APPID_`, samples, the last two days on the first connection, and what was
//! sent once more after an outage. The version is a sample's. Titles and categories beyond those of the samples are those of
//! [`super::events`].

use std::sync::Arc;

use serde_json::Value;

use super::alerts::{self, app_of};
use super::events::LOG;
use crate::protocol::security::Line;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{LogId, Record, Timeline};
use crate::world::{Instance, World};

const HEAD: &str = "CEF:0|MCAS|SIEM_Agent|0.111.75";

/// The lines of what becomes known after one moment and up to another, in that order.
pub(super) fn lines(
    world: &World,
    instance: &Instance,
    timeline: &Timeline,
    seed: Seed,
    (after, until): (SimTime, SimTime),
) -> Vec<Line> {
    let host = portal(world);
    let activities = timeline.arrivals(LogId { app: instance.app, feed: LOG }, after, until);
    let activities =
        activities.iter().map(|record| Line { at: record.available, text: activity(world, &host, record) });
    let alerts = alerts::raised_in(world, instance, timeline, until);
    let alerts = alerts.iter().filter(|(finding, _)| finding.found > after);
    let alerts = alerts
        .map(|(finding, title)| Line { at: finding.found, text: alert(world, instance, seed, &host, finding, title) });
    let mut lines: Vec<Line> = activities.chain(alerts).collect();
    lines.sort_by_key(|line| line.at);
    lines
}

fn portal(world: &World) -> String {
    format!("{}.portal.cloudappsecurity.com", world.organisation.to_lowercase())
}

/// Head and extension in one line. The keys keep their order.
fn cef(at: SimTime, host: &str, (signature, name, severity): (&str, &str, u8), pairs: &[(&str, String)]) -> String {
    let name = name.replace('\\', "\\\\").replace('|', "\\|");
    let value = |text: &str| text.replace('\\', "\\\\").replace('=', "\\=").replace(['\r', '\n'], " ");
    let pairs: Vec<String> = pairs.iter().map(|(key, text)| format!("{key}={}", value(text))).collect();
    let time = format!("{}.{:03}Z", at.civil().strftime("%Y-%m-%dT%H:%M:%S"), at.ms().rem_euclid(1_000));
    format!("{time} {host} {HEAD}|{signature}|{name}|{severity}|{}", pairs.join(" "))
}

/// An address under the key for its version.
fn address(records: &[Arc<Record>]) -> (String, String) {
    let address = records.iter().find_map(|record| record.activity.address);
    match address {
        Some(std::net::IpAddr::V4(v4)) => (v4.to_string(), String::new()),
        Some(std::net::IpAddr::V6(v6)) => (String::new(), v6.to_string()),
        None => (String::new(), String::new()),
    }
}

fn activity(world: &World, host: &str, record: &Arc<Record>) -> String {
    let body: Value = serde_json::from_slice(&record.body).expect("records are rendered as JSON");
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ms = record.activity.occurred.ms().to_string();
    let uuid = record.event_id.rsplit('_').next().unwrap_or_default();
    let user = [text("/user/userName"), text("/failedUserData/userName")].concat();
    let app = app_of(world, record).map(|connected| connected.connector.cef_word).unwrap_or_default();
    let (v4, v6) = address(std::slice::from_ref(record));
    let objects = body.pointer("/mainInfo/eventObjects").and_then(Value::as_array).into_iter().flatten();
    let objects: Vec<&str> = objects.filter_map(|object| object["name"].as_str()).collect();
    let pairs = [
        ("externalId", format!("{ms}_{uuid}")),
        ("rt", ms.clone()),
        ("start", ms.clone()),
        ("end", ms),
        ("msg", text("/description")),
        ("suser", user),
        ("destinationServiceName", text("/appName")),
        ("dvc", v4),
        ("requestClientApplication", text("/device/userAgent")),
        ("cs1Label", "portalURL".to_owned()),
        ("cs1", format!("https://{host}/#/audits?activity.id=eq({},)", record.event_id)),
        ("cs2Label", "uniqueServiceAppIds".to_owned()),
        ("cs2", format!("APPID_{app}")),
        ("cs3Label", "targetObjects".to_owned()),
        ("cs3", objects.join(",")),
        ("cs4Label", "policyIDs".to_owned()),
        ("cs4", String::new()),
        ("c6a1Label", "\"Device IPv6 Address\"".to_owned()),
        ("c6a1", v6),
    ];
    cef(record.available, host, (&text("/eventTypeName"), &text("/mainInfo/prettyOperationName"), 0), &pairs)
}

fn alert(world: &World, instance: &Instance, seed: Seed, host: &str, finding: &alerts::Finding, title: &str) -> String {
    let id = alerts::id_of(seed, instance, finding);
    let person = world.person(finding.person);
    let times = finding.evidence.iter().map(|record| record.activity.occurred);
    let ms = |time: Option<SimTime>| time.map(|t| t.ms().to_string()).unwrap_or_default();
    let (v4, v6) = address(&finding.evidence);
    let mut apps: Vec<String> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for connected in finding.evidence.iter().filter_map(|record| app_of(world, record)) {
        let word = format!("APPID_{}", connected.connector.cef_word);
        if !words.contains(&word) {
            words.push(word);
            apps.push(connected.name().into_owned());
        }
    }
    let related: Vec<&str> = finding.evidence.iter().map(|record| &*record.event_id).collect();
    let pairs = [
        ("externalId", id.clone()),
        ("start", ms(times.clone().min())),
        ("end", ms(times.max())),
        ("msg", alerts::description(finding, &person.display_name())),
        ("suser", person.email.clone()),
        ("destinationServiceName", apps.join(",")),
        ("cn1Label", "riskScore".to_owned()),
        ("cn1", String::new()),
        ("cs1Label", "portalURL".to_owned()),
        ("cs1", format!("https://{host}/#/alerts/{id}")),
        ("cs2Label", "uniqueServiceAppIds".to_owned()),
        ("cs2", words.join(",")),
        ("cs3Label", "relatedAudits".to_owned()),
        ("cs3", related.join(",")),
        ("cs4Label", "policyIDs".to_owned()),
        ("cs4", finding.policy.id(seed, instance)),
        ("src", v4),
        ("c6a1Label", "\"Device IPv6 Address\"".to_owned()),
        ("c6a1", v6),
    ];
    cef(finding.found, host, (finding.policy.type_name, title, 3), &pairs)
}
