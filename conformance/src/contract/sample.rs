//! Bodies as a good stack writes them: for tests of the contract and of every check.

use serde_json::{Value, json};
use simulator::time::SimTime;

/// An envelope around a body.
pub(crate) fn line(kind: &str, seq: u64, at: SimTime, body: &Value) -> String {
    json!({"v": 1, "kind": kind, "seq": seq, "emitted_at": at, "body": body}).to_string()
}

/// What a sign-in or another entry needs.
pub(crate) struct EventSample<'a> {
    pub(crate) uid: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) log: &'a str,
    pub(crate) time: SimTime,
    pub(crate) user: Option<(&'a str, &'a str)>,
    pub(crate) address: Option<String>,
    pub(crate) success: bool,
    pub(crate) sign_in: bool,
}

pub(crate) fn event(sample: &EventSample<'_>) -> Value {
    let class = if sample.sign_in { 3002 } else { 6003 };
    let mut body = json!({
        "class_uid": class, "category_uid": class / 1000, "activity_id": 1, "type_uid": class * 100 + 1, "severity_id": 1,
        "time": sample.time.ms(), "status_id": if sample.success { 1 } else { 2 },
        "metadata": {"version": "1.8.0", "product": {"name": sample.tenant, "vendor_name": "example"},
            "uid": sample.uid, "tenant_uid": sample.tenant, "log_name": sample.log, "original_time": sample.time},
        "src_endpoint": match &sample.address { Some(ip) => json!({"ip": ip}), None => json!({"svc_name": sample.tenant}) },
    });
    let user = match sample.user {
        Some((uid, email)) => json!({"uid": uid, "email_addr": email}),
        None => json!({"name": "unknown"}),
    };
    if sample.sign_in {
        body["user"] = user;
        body["service"] = json!({"name": sample.tenant});
    } else {
        body["actor"] = json!({"user": user});
        body["api"] = json!({"operation": "open"});
    }
    body
}

pub(crate) fn alert(
    uid: &str,
    policy: &str,
    time: SimTime,
    evidence: &[&str],
    user: (&str, &str),
    severity: u64,
) -> Value {
    let related: Vec<Value> = evidence.iter().map(|id| json!({"uid": id, "type_uid": 300_201})).collect();
    json!({
        "class_uid": 2004, "category_uid": 2, "activity_id": 1, "type_uid": 200_401, "severity_id": severity,
        "time": time.ms(), "is_alert": true, "status_id": 1,
        "metadata": {"version": "1.8.0", "product": {"name": "sample", "vendor_name": "example"}},
        "finding_info": {"uid": uid, "title": policy, "analytic": {"type_id": 1, "uid": policy, "name": policy},
            "related_events": related, "related_events_count": evidence.len()},
        "observables": [{"name": "evidences[].user.uid", "type_id": 31, "value": user.0},
            {"name": "evidences[].user.email_addr", "type_id": 5, "value": user.1}],
        "evidences": [{"user": {"uid": user.0, "email_addr": user.1}}],
        "unmapped": {"tenant_uid": "miro"},
    })
}

pub(crate) fn action(command: &str, action: &str, alert: &str, target: &str, time: SimTime, status_id: u64) -> Value {
    json!({
        "class_uid": 7001, "category_uid": 7, "activity_id": 2, "type_uid": 700_102, "severity_id": 1, "time": time.ms(),
        "metadata": {"version": "1.8.0", "product": {"name": "sample"}}, "command_uid": command, "status_id": status_id,
        "unmapped": {"action": action, "alert_uid": alert, "target_user_uid": target, "idp_object_id": target, "attempt": 1},
    })
}

pub(crate) fn user_row(uid: &str, email: &str, tenant: &str, time: SimTime) -> Value {
    json!({
        "class_uid": 5003, "category_uid": 5, "activity_id": 2, "type_uid": 500_302, "severity_id": 1, "time": time.ms(),
        "metadata": {"version": "1.8.0", "product": {"name": tenant}, "uid": uid, "tenant_uid": tenant, "log_name": "members"},
        "user": {"uid": uid, "email_addr": email}, "unmapped": {"active": true},
    })
}

pub(crate) fn permission(uid: &str, tenant: &str, time: SimTime, activity: u64) -> Value {
    json!({
        "class_uid": 6002, "category_uid": 6, "activity_id": activity, "type_uid": 600_200 + activity, "severity_id": 1,
        "time": time.ms(),
        "metadata": {"version": "1.8.0", "product": {"name": tenant}, "uid": uid, "tenant_uid": tenant,
            "log_name": "app_permissions"},
        "app": {"uid": uid, "name": "handy-bot"},
    })
}

pub(crate) fn posture(uid: &str, tenant: &str, time: SimTime, control: &str, status: u64) -> Value {
    json!({
        "class_uid": 2003, "category_uid": 2, "activity_id": 1, "type_uid": 200_301, "severity_id": 1, "time": time.ms(),
        "metadata": {"version": "1.8.0", "product": {"name": tenant}, "uid": uid, "tenant_uid": tenant, "log_name": "posture"},
        "finding_info": {"uid": uid, "title": control}, "compliance": {"control": control, "status_id": status},
    })
}
