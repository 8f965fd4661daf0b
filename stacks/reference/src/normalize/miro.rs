//! Miro's audit log and member list, in our words.
//!
//! `createdBy`, `object` and `context` may be null, an address may be missing, times end in `+0000`. A failed sign-in
//! may name nobody but the address that was typed.

use serde_json::{Value, json};

use super::ocsf::{self, Class, Product};
use super::{Event, EventKind, Listed, Malformed, address, optional, required, time};
use crate::state::accounts::Account;

/// The log's name in reports.
pub(crate) const AUDIT_LOG: &str = "audit_log";
/// The user list's name in reports.
pub(crate) const MEMBERS: &str = "members";
const MIRO: Product = Product { name: "Miro", vendor: "Miro" };

/// An entry of the audit log.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let uid = required(record, "id")?;
    let word = required(record, "event")?;
    let at = time(record, "createdAt")?;
    let (by, context, details) = (&record["createdBy"], &record["context"], &record["details"]);
    // Applications and provisioners act too; only people are accounts of ours.
    let is_person = optional(&by["type"]).is_none_or(|kind| kind == "user");
    let account = optional(&by["id"]);
    // In a failed sign-in `details` holds the address that was typed; elsewhere it is somebody else's.
    let typed = || optional(&details["email"]).filter(|_| word == "sign_in_failed");
    let email = optional(&by["email"]).or_else(typed).map(str::to_lowercase);
    let ip = address(&context["ip"]);
    let (kind, status) = match word {
        "sign_in_succeeded" => (EventKind::SignIn, 1),
        "sign_in_failed" => (EventKind::FailedSignIn, 2),
        _ if is_person && account.is_some() => (EventKind::Activity, 1),
        _ => (EventKind::Other, 1),
    };
    let user = ocsf::user(account, optional(&by["name"]), email.as_deref());
    let fields = match word {
        "sign_in_succeeded" | "sign_in_failed" | "sign_out_succeeded" => json!({
            "user": user,
            "service": {"name": "Miro"},
            "src_endpoint": ip.map(|_| ocsf::source(ip, "Miro")),
            "status_id": status,
            "status_detail": optional(&details["reason"]),
        }),
        _ => json!({
            "actor": actor(by, is_person, &user),
            "api": {"operation": word, "service": {"name": "Miro"}},
            "src_endpoint": ocsf::source(ip, "Miro"),
            "status_id": status,
            "resources": resources(&record["object"]),
        }),
    };
    let (class, activity) = match word {
        "sign_in_succeeded" | "sign_in_failed" => (Class::Authentication, 1),
        "sign_out_succeeded" => (Class::Authentication, 2),
        _ => (Class::ApiActivity, api_activity(word)),
    };
    let mut ocsf = ocsf::event(class, activity, 1, at, MIRO, fields);
    extend(&mut ocsf, uid, AUDIT_LOG, optional(&record["createdAt"]), Some(word), record);
    Ok(Event {
        uid: uid.to_owned(),
        log: AUDIT_LOG,
        at,
        account: account.filter(|_| is_person).map(str::to_owned),
        email,
        ip,
        kind,
        ocsf,
    })
}

/// A row of the member list.
pub(crate) fn member(record: &Value, at: jiff::Timestamp) -> Result<Listed, Malformed> {
    let uid = required(record, "id")?;
    let email = optional(&record["email"]).map(str::to_lowercase);
    let active = record["active"].as_bool().unwrap_or(true);
    let fields = json!({
        "metadata": ocsf::origin(uid, MEMBERS, None, None),
        "user": ocsf::user(Some(uid), optional(&record["name"]), email.as_deref()),
        "unmapped": {"active": active, "role": record["role"]},
    });
    Ok(Listed {
        account: Account { uid: uid.to_owned(), email, login: None, active },
        ocsf: ocsf::event(Class::UserInventory, 2, 1, at, MIRO, fields),
    })
}

fn actor(by: &Value, is_person: bool, user: &Value) -> Value {
    if is_person {
        return json!({"user": user});
    }
    json!({"app_name": optional(&by["name"]).or_else(|| optional(&by["type"])), "app_uid": optional(&by["id"])})
}

fn resources(object: &Value) -> Value {
    match (optional(&object["id"]), optional(&object["name"])) {
        (None, None) => Value::Null,
        (uid, name) => json!([{"uid": uid, "name": name}]),
    }
}

/// OCSF's four verbs, as far as Miro's word tells.
fn api_activity(word: &str) -> i64 {
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if ends(&["_created", "_invited", "_added", "_installed", "_uploaded", "_generated"]) {
        1
    } else if ends(&["_opened", "_exported", "_downloaded"]) {
        2
    } else if ends(&["_deleted", "_removed", "_revoked", "_uninstalled"]) {
        4
    } else {
        3
    }
}

fn extend(ocsf: &mut Value, uid: &str, log: &str, at: Option<&str>, code: Option<&str>, record: &Value) {
    if let (Some(ours), Value::Object(origin)) = (ocsf["metadata"].as_object_mut(), ocsf::origin(uid, log, at, code)) {
        ours.extend(origin.into_iter().filter(|(_, value)| !value.is_null()));
    }
    if let Some(details) = record["details"].as_object().filter(|details| !details.is_empty()) {
        ocsf["unmapped"] = json!({"details": details});
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in() -> Value {
        json!({"id": "2026-11-22T01:20:10.840687Z#3458764500000000777-DDB", "event": "sign_in_succeeded",
            "createdAt": "2026-11-22T01:20:10.840+0000",
            "createdBy": {"type": "user", "id": "3458764500000000001", "name": "Ana Pérez", "email": "Ana@example.com"},
            "context": {"ip": "203.0.113.7"}, "details": {"authType": "SSO"}})
    }

    #[test]
    fn a_sign_in_keeps_the_vendors_id_and_time() {
        let event = event(&sign_in()).unwrap();
        assert_eq!(event.at, "2026-11-22T01:20:10.840Z".parse().unwrap());
        assert_eq!(event.kind, EventKind::SignIn);
        assert_eq!(event.email.as_deref(), Some("ana@example.com"));
        assert_eq!(event.ocsf["metadata"]["uid"], "2026-11-22T01:20:10.840687Z#3458764500000000777-DDB");
        assert_eq!(event.ocsf["metadata"]["original_time"], "2026-11-22T01:20:10.840+0000");
        assert_eq!(event.ocsf["type_uid"], 300_201);
    }

    #[test]
    fn an_entry_by_nobody_from_nowhere_is_still_an_event() {
        let record = json!({"id": "1", "event": "board_deleted", "createdAt": "2026-11-22T01:20:10Z",
            "createdBy": null, "object": null, "context": null, "details": {}});
        let event = event(&record).unwrap();
        assert_eq!(event.kind, EventKind::Other);
        assert_eq!(event.ocsf["actor"]["user"]["name"], "unknown");
        assert_eq!(event.ocsf["src_endpoint"], json!({"svc_name": "Miro"}));
    }

    #[test]
    fn a_record_without_time_names_the_field() {
        let mut record = sign_in();
        record["createdAt"] = json!("yesterday");
        assert_eq!(event(&record), Err(Malformed { field: "createdAt" }));
    }
}
