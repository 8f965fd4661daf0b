//! A line of the report brought to what is judged, or the reason why it cannot be.
//!
//! The strict profile holds a line against the contract's types and rules. The lenient one looks for ids, user, policy
//! and times only, so that a stack can be judged on its first day.

use std::net::IpAddr;

use serde_json::Value;
use simulator::time::SimTime;

use super::declares::Profile;
use super::envelope::{Envelope, Record, VERSION};
use super::event::AUTHENTICATION;
use super::status::{Health, Phase};

/// Kind of a line that the harness writes in place of a record it could not translate: `body.why` says why not.
pub const UNREADABLE: &str = "unreadable";

/// Why a line cannot be used. A lower-case fragment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// A line that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub seq: u64,
    /// When the stack says it wrote it.
    pub emitted_at: Option<SimTime>,
    /// What it says.
    pub said: Said,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// An event was taken in.
    Event(Event),
    /// A policy found something.
    Alert(Alert),
    /// Something was done.
    Action(Action),
    /// How the stack is.
    Status(Status),
}

/// How a person is called: any of the names may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// Ids: the vendor's or the directory's.
    pub uids: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
}

/// An event as the stack has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The vendor's event id.
    pub uid: String,
    /// Instance it is said to come from.
    pub tenant: String,
    /// Log it is said to come from.
    pub log: Option<String>,
    /// OCSF class.
    pub class: Option<u64>,
    /// Time of the event.
    pub time: SimTime,
    /// Who acted.
    pub actor: Principal,
    /// Address.
    pub address: Option<IpAddr>,
    /// OCSF `status_id`.
    pub status_id: Option<u64>,
    /// The body without what may differ between two copies of one event.
    pub content: Value,
}

/// An alert or an update of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Stable id.
    pub uid: String,
    /// What it calls its policy.
    pub policy: String,
    /// Ids of the events it rests on.
    pub evidence: Vec<String>,
    /// Whom it is about.
    pub principal: Principal,
    /// OCSF severity.
    pub severity: u64,
    /// Instance it names.
    pub tenant: Option<String>,
    /// Seen and suppressed: shown, but no alarm.
    pub suppressed: bool,
    /// ATT&CK's ids of what it is a sign of.
    pub techniques: Vec<String>,
}

/// A command that the stack says it carried out, or failed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// Idempotency key.
    pub command: String,
    /// The word for it.
    pub action: String,
    /// Whom it was done to.
    pub target: Principal,
    /// Alert it answers.
    pub alert: Option<String>,
    /// OCSF `status_id`: 1 done, 2 failed.
    pub status_id: u64,
}

/// A status record.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Which state.
    pub phase: Phase,
    /// Instance it speaks of.
    pub app: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What becomes of the health alert about it.
    pub health: Option<Health>,
}

/// Where an event's id stands: in the strict form, and in the lenient one.
const EVENT_ID: [&str; 2] = ["/metadata/uid", "/uid"];

/// A line as far as the harness acts on it while the run goes on, whether or not it can be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance(Value);

/// What a `status` asks of the harness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `ready`, `consent_needed`, `connected`, …; a stack may have phases of its own.
    pub phase: String,
    /// Key of the app, where it is about one.
    pub app: Option<String>,
    /// For `consent_needed`.
    pub authorize_url: Option<String>,
}

impl Glance {
    /// Looks at a line; none if it is no JSON.
    pub fn at(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok().map(Self)
    }

    /// What it says, however often it says it: kind and body.
    pub fn word(&self) -> String {
        format!("{}{}", self.0["kind"], self.0["body"])
    }

    /// The id of the event that it is about, if it is one.
    pub fn event_id(&self) -> Option<String> {
        (self.0["kind"] == "event").then(|| text(&self.0["body"], &EVENT_ID)).flatten()
    }

    /// What it asks for, if it is a `status`.
    pub fn status(&self) -> Option<Asked> {
        let of = |key: &str| self.0["body"][key].as_str().map(str::to_owned);
        let asked = || Some(Asked { phase: of("phase")?, app: of("app"), authorize_url: of("authorize_url") });
        (self.0["kind"] == "status").then(asked).flatten()
    }
}

/// Reads one line.
pub fn read_line(line: &str, profile: Profile) -> Result<Line, Malformed> {
    let value: Value = serde_json::from_str(line).map_err(|e| Malformed(format!("not JSON: {e}")))?;
    if profile == Profile::Strict && value["kind"] != UNREADABLE {
        strict(&value)?;
    }
    let kind = value["kind"].as_str().ok_or_else(|| missing("kind"))?;
    if kind == UNREADABLE {
        return Err(Malformed(text(&value["body"], &["/why"]).ok_or_else(|| missing("body.why"))?));
    }
    let body = &value["body"];
    let said = match kind {
        "event" => Said::Event(event(body)?),
        "alert" => Said::Alert(alert(body)?),
        "action" => Said::Action(action(body)?),
        "status" => Said::Status(status(body)?),
        other => return Err(Malformed(format!("kind `{other}` is none of event, alert, action, status"))),
    };
    let emitted_at = value["emitted_at"].as_str().and_then(SimTime::parse_rfc3339);
    Ok(Line { seq: value["seq"].as_u64().unwrap_or_default(), emitted_at, said })
}

fn strict(value: &Value) -> Result<(), Malformed> {
    let version = value["v"].as_u64();
    if version != Some(VERSION) {
        return Err(Malformed(format!("v is {}, this is version {VERSION} of the contract", value["v"])));
    }
    // Read kind by kind: serde's message for a tagged enum hides the path of what is wrong.
    let envelope: Envelope = serde_json::from_value(value.clone()).map_err(|e| Malformed(e.to_string()))?;
    match &envelope.record {
        Record::Event(body) => body.check(),
        Record::Alert(body) => body.check(),
        Record::Action(body) => body.check(),
        Record::Status(body) => body.check(),
    }
    .map_err(|reason| Malformed(format!("{}: {reason}", value["kind"].as_str().unwrap_or("?"))))
}

fn missing(path: &str) -> Malformed {
    Malformed(format!("{path} is missing"))
}

fn no_time(time: &Value) -> Malformed {
    match time {
        Value::Null => missing("time"),
        other => Malformed(format!("time is {other}, neither RFC 3339 nor milliseconds since 1970")),
    }
}

fn text(body: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|p| match body.pointer(p)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn event(body: &Value) -> Result<Event, Malformed> {
    let class = body["class_uid"].as_u64();
    let time = match &body["time"] {
        Value::Number(ms) => ms.as_i64().and_then(SimTime::told_in_ms),
        Value::String(text) => SimTime::parse_rfc3339(text),
        _ => None,
    };
    Ok(Event {
        uid: text(body, &EVENT_ID).ok_or_else(|| missing("metadata.uid"))?,
        tenant: text(body, &["/metadata/tenant_uid", "/tenant_uid"]).ok_or_else(|| missing("metadata.tenant_uid"))?,
        log: text(body, &["/metadata/log_name"]),
        class,
        time: time.ok_or_else(|| no_time(&body["time"]))?,
        actor: actor(body, class),
        address: text(body, &["/src_endpoint/ip"]).and_then(|ip| ip.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical()),
        status_id: body["status_id"].as_u64(),
        content: content(body),
    })
}

/// Who acted: `user` in a sign-in, `actor.user` elsewhere (there `user` is whom it was done to); without a class, either.
fn actor(body: &Value, class: Option<u64>) -> Principal {
    let user = match class {
        Some(AUTHENTICATION) | Some(super::event::USER_INVENTORY) => &body["user"],
        Some(3001 | 3005 | 3006) => &body["actor"]["user"],
        _ if body["actor"]["user"].is_object() => &body["actor"]["user"],
        _ => &body["user"],
    };
    Principal {
        uids: text(user, &["/uid"]).into_iter().collect(),
        emails: text(user, &["/email_addr"]).into_iter().collect(),
    }
}

/// What two copies of one event share: everything but when and how they were processed.
fn content(body: &Value) -> Value {
    let mut content = body.clone();
    if let Some(metadata) = content.get_mut("metadata").and_then(Value::as_object_mut) {
        for key in ["logged_time", "processed_time", "modified_time", "sequence", "transmit_time"] {
            metadata.remove(key);
        }
    }
    content
}

fn alert(body: &Value) -> Result<Alert, Malformed> {
    let finding = body.get("finding_info").or_else(|| body.pointer("/finding_info_list/0")).unwrap_or(body);
    let evidence = finding["related_events"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Alert {
        uid: text(finding, &["/uid"]).ok_or_else(|| missing("finding_info.uid"))?,
        policy: text(finding, &["/analytic/uid", "/analytic/name"])
            .ok_or_else(|| missing("finding_info.analytic.uid"))?,
        evidence: evidence.iter().filter_map(|e| text(e, &["/uid"])).collect(),
        principal: principal(body),
        severity: body["severity_id"].as_u64().unwrap_or_default(),
        tenant: text(body, &["/unmapped/tenant_uid", "/metadata/tenant_uid"]),
        suppressed: body["status_id"] == 3
            || !matches!(body["unmapped"]["suppressed"], Value::Null | Value::Bool(false)),
        techniques: techniques(finding).chain(techniques(body)).collect(),
    })
}

/// Ids under `attacks`: of each the sub-technique where it names one, else the technique.
fn techniques(of: &Value) -> impl Iterator<Item = String> {
    let attacks = of["attacks"].as_array().map(Vec::as_slice).unwrap_or_default();
    attacks.iter().filter_map(|attack| text(attack, &["/sub_technique/uid", "/technique/uid"]))
}

/// Observables of type 31 and 5; where there are none, the users of the evidence.
fn principal(body: &Value) -> Principal {
    let observables = body["observables"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_type = |id: u64| -> Vec<String> {
        observables.iter().filter(|o| o["type_id"] == id).filter_map(|o| text(o, &["/value"])).collect()
    };
    let (mut uids, mut emails) = (of_type(31), of_type(5));
    if uids.is_empty() && emails.is_empty() {
        let evidences = body["evidences"].as_array().map(Vec::as_slice).unwrap_or_default();
        let users = evidences.iter().map(|e| &e["user"]).chain([&body["user"], &body["actor"]["user"]]);
        for user in users {
            uids.extend(text(user, &["/uid"]));
            emails.extend(text(user, &["/email_addr"]));
        }
    }
    Principal { uids, emails }
}

fn action(body: &Value) -> Result<Action, Malformed> {
    let details = &body["unmapped"];
    let uids = ["/idp_object_id", "/target_user_uid"].iter().filter_map(|p| text(details, &[p])).collect();
    Ok(Action {
        command: text(body, &["/command_uid"]).ok_or_else(|| missing("command_uid"))?,
        action: text(details, &["/action"]).ok_or_else(|| missing("unmapped.action"))?,
        target: Principal { uids, emails: Vec::new() },
        alert: text(details, &["/alert_uid"]),
        status_id: body["status_id"].as_u64().unwrap_or(1),
    })
}

fn status(body: &Value) -> Result<Status, Malformed> {
    let phase = serde_json::from_value(body["phase"].clone()).map_err(|e| Malformed(format!("phase: {e}")))?;
    let health: Option<Health> =
        serde_json::from_value(body["health"].clone()).map_err(|e| Malformed(format!("health: {e}")))?;
    Ok(Status { phase, app: text(body, &["/app"]), reason: text(body, &["/reason"]), health })
}
