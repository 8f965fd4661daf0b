//! The OCSF 1.8.0 frame around everything that is reported.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::state::commands::Command;

/// Of which class an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum Class {
    ComplianceFinding = 2003,
    DetectionFinding = 2004,
    Authentication = 3002,
    UserInventory = 5003,
    ApplicationLifecycle = 6002,
    ApiActivity = 6003,
    RemediationActivity = 7001,
}

/// Who speaks: product and vendor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product {
    pub(crate) name: &'static str,
    pub(crate) vendor: &'static str,
}

/// This stack, as the product behind alerts and actions.
pub(crate) const OURSELVES: Product = Product { name: "Reference stack", vendor: "Reference" };

/// The frame of every event, with `fields` in it; fields that are null are left out.
pub(crate) fn event(
    class: Class,
    activity: i64,
    severity: i64,
    at: Timestamp,
    product: Product,
    fields: Value,
) -> Value {
    let class = class as i64;
    let mut event = json!({
        "class_uid": class,
        "category_uid": class / 1000,
        "activity_id": activity,
        "type_uid": class * 100 + activity,
        "severity_id": severity,
        "time": at.as_millisecond(),
        "metadata": {"version": "1.8.0", "product": {"name": product.name, "vendor_name": product.vendor}},
    });
    merge(&mut event, fields);
    without_nulls(&mut event);
    event
}

/// Where a record comes from.
pub(crate) fn origin(uid: &str, log: &str, original_time: Option<&str>, code: Option<&str>) -> Value {
    json!({"uid": uid, "log_name": log, "original_time": original_time, "event_code": code})
}

/// A user, of whom at least the id or a name must be known; nobody is `unknown`.
pub(crate) fn user(uid: Option<&str>, name: Option<&str>, email: Option<&str>) -> Value {
    let nobody = uid.is_none() && name.is_none() && email.is_none();
    // OCSF wants an id, a name or an account: an address alone is not enough.
    let name = if nobody { Some("unknown") } else { name.or(if uid.is_none() { email } else { None }) };
    json!({"uid": uid, "name": name, "email_addr": email})
}

/// Where a request came from. OCSF insists on knowing something: without an address that is the service itself.
pub(crate) fn source(ip: Option<std::net::IpAddr>, service: &str) -> Value {
    match ip {
        Some(ip) => json!({"ip": ip.to_string()}),
        None => json!({"svc_name": service}),
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// What came of a command, numbered as OCSF numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome<'a> {
    /// We did it.
    Done,
    /// It is not done, and why.
    Failed(&'a str),
    /// There was nothing to do it to any more: somebody else has done it.
    Needless,
}

impl<'a> Outcome<'a> {
    fn status(self) -> (u8, Option<&'a str>) {
        match self {
            Self::Done => (1, None),
            Self::Failed(reason) => (2, Some(reason)),
            Self::Needless => (3, Some("there was nothing left to do it to")),
        }
    }
}

/// The outcome of a command.
pub(crate) fn remediation(command: &Command, outcome: Outcome<'_>, now: Timestamp) -> Value {
    let (status, detail) = outcome.status();
    let technique = match command.action.as_str() {
        "suspend" => Some(("D3-AL", "Account Locking")),
        "require_sign_in" => Some(("D3-ANCI", "Authentication Cache Invalidation")),
        "revoke_token" | "revoke_app" => Some(("D3-CR", "Credential Revocation")),
        "quarantine" => Some(("D3-CQ", "Content Quarantine")),
        "trash" => Some(("D3-FEV", "File Eviction")),
        _ => None,
    };
    let activity_name = match command.action.as_str() {
        "notify" => Some("Notify"),
        "remove_member" => Some("Remove Member"),
        "close_alert" => Some("Close Alert"),
        _ => None,
    };
    let at_the_directory = command.instance.is_some()
        && matches!(command.action.as_str(), "suspend" | "require_sign_in" | "notify" | "revoke_app");
    let fields = json!({
        "command_uid": command.uid,
        "status_id": status,
        "status_detail": detail,
        "activity_name": activity_name,
        "metadata": {"tenant_uid": command.instance},
        "countermeasures": technique.map(|(uid, name)| json!([{"d3f_technique": {"uid": uid, "name": name}}])),
        "observables": [{"name": "unmapped.target_user_uid", "type_id": 31, "value": command.target}],
        "unmapped": {
            "action": command.action,
            "alert_uid": command.alert,
            "target_user_uid": command.target,
            "idp_object_id": at_the_directory.then_some(&command.target),
            "object": command.object,
            "attempt": command.attempt,
        },
    });
    let activity = if technique.is_some() { 2 } else { 99 };
    event(Class::RemediationActivity, activity, 1, now, OURSELVES, fields)
}
