//! Entries of the directory's audit log, in our words: what was done to users, roles, applications and policies, and by whom.
//!
//! A person is named by `initiatedBy.user`, a program by `initiatedBy.app`; what was done stands in `activityDisplayName`, to
//! whom and to what in `targetResources`, whose changed properties hold their values as JSON inside a text.
//!
//! # Sources
//! <https://learn.microsoft.com/graph/api/resources/directoryaudit>; the words of activities:
//! <https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities>.

use serde_json::{Map, Value, json};

use super::entra::ENTRA;
use super::ocsf::{self, Class};
use super::{Event, EventKind, Malformed, address, optional, required, time};

/// The log's name in reports.
pub(crate) const DIRECTORY_AUDITS: &str = "directory_audits";

/// Roles that open everything. The second is the older name of the first.
const ADMINISTRATORS: [&str; 5] =
    ["global administrator", "company administrator", "privileged role administrator", "admin", "owner"];

/// An entry of the log.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let uid = required(record, "id")?;
    let word = required(record, "activityDisplayName")?;
    let at = time(record, "activityDateTime")?;
    let (user, app) = (&record["initiatedBy"]["user"], &record["initiatedBy"]["app"]);
    let account = optional(&user["id"]);
    let login = optional(&user["userPrincipalName"]).map(str::to_lowercase);
    let ip = address(&user["ipAddress"]);
    let succeeded = record["result"] == "success";
    let actor = match app.is_object() && account.is_none() {
        true => json!({"app_name": optional(&app["displayName"]),
            "app_uid": optional(&app["appId"]).or_else(|| optional(&app["servicePrincipalId"]))}),
        false => json!({"user": ocsf::user(account, optional(&user["displayName"]), login.as_deref())}),
    };
    let fields = json!({
        "metadata": ocsf::origin(uid, DIRECTORY_AUDITS, optional(&record["activityDateTime"]), Some(word)),
        "actor": actor,
        "api": {"operation": word, "service": {"name": "Microsoft Entra ID"}},
        "src_endpoint": ocsf::source(ip, "Entra"),
        "status_id": if succeeded { 1 } else { 2 },
        "status_detail": optional(&record["resultReason"]),
        "resources": resources(record),
        "unmapped": {
            "category": optional(&record["category"]),
            "correlation_id": optional(&record["correlationId"]),
            "target_user_uid": target(record, "User").and_then(|user| optional(&user["id"])),
            "details": details(record),
        },
    });
    Ok(Event {
        uid: uid.to_owned(),
        log: DIRECTORY_AUDITS,
        at,
        account: account.map(str::to_owned),
        email: login,
        ip,
        kind: if succeeded && account.is_some() { EventKind::Activity } else { EventKind::Other },
        ocsf: ocsf::event(Class::ApiActivity, activity(record), 1, at, ENTRA, fields),
    })
}

fn targets(record: &Value) -> impl Iterator<Item = &Value> {
    record["targetResources"].as_array().into_iter().flatten()
}

/// The first target of a kind. The documentation's own sample says `Type` where the log says `type`.
fn target<'a>(record: &'a Value, kind: &str) -> Option<&'a Value> {
    targets(record).find(|target| target["type"] == kind || target["Type"] == kind)
}

fn resources(record: &Value) -> Option<Value> {
    let row = |target: &Value| json!({"uid": optional(&target["id"]), "name": optional(&target["displayName"]), "type": optional(&target["type"])});
    let rows: Vec<Value> = targets(record).map(row).collect();
    (!rows.is_empty()).then_some(Value::Array(rows))
}

/// What else an entry says of what was done: to what an application was let in, which role, which policy and what became of
/// it.
fn details(record: &Value) -> Option<Value> {
    let mut said = Map::new();
    let mut say = |key: &str, value: Option<String>| {
        said.extend(value.map(|value| (key.to_owned(), Value::String(value))));
    };
    say("scopes", changed_to(record, "ConsentAction.Permissions"));
    // Who loses a role is granted nothing.
    let role = changed_to(record, "Role.DisplayName").filter(|_| record["operationType"] != "Unassign");
    say("permission", role.map(|role| our_role(&role)));
    if let Some(policy) = target(record, "Policy") {
        say("setting", optional(&policy["displayName"]).map(str::to_owned));
        say("to", changed_to(record, "PolicyDetail"));
    }
    (!said.is_empty()).then_some(Value::Object(said))
}

fn our_role(role: &str) -> String {
    let role = role.to_lowercase();
    if ADMINISTRATORS.contains(&role.as_str()) { "admin".to_owned() } else { role }
}

/// What a property of a target became: a text, or the words of a list of them.
fn changed_to(record: &Value, property: &str) -> Option<String> {
    let all = targets(record).flat_map(|target| target["modifiedProperties"].as_array().into_iter().flatten());
    let changed = all.into_iter().find(|changed| changed["displayName"] == property)?;
    let written = optional(&changed["newValue"])?;
    let text = match serde_json::from_str(written) {
        Ok(Value::String(text)) => text,
        Ok(Value::Array(parts)) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => written.to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

/// OCSF's four verbs, as far as the entry tells.
fn activity(record: &Value) -> i64 {
    match optional(&record["operationType"]) {
        Some("Add" | "Assign") => 1,
        Some("Delete" | "Unassign") => 4,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Ana did to `target`.
    fn record(word: &str, operation: &str, target: &Value) -> Value {
        json!({"id": "Directory_1", "activityDateTime": "2026-03-02T09:00:00.1234567Z", "result": "success",
            "activityDisplayName": word, "operationType": operation, "targetResources": [target],
            "initiatedBy": {"user": {"id": "oid-1", "userPrincipalName": "Ana@example.com", "ipAddress": "203.0.113.7"}}})
    }

    fn changed(property: &str, to: &str) -> Value {
        json!([{"displayName": property, "oldValue": null, "newValue": to}])
    }

    #[test]
    fn a_consent_names_the_application_by_its_id_and_all_that_it_was_given() {
        let client = json!({"id": "sp-1", "displayName": "Planner", "type": "ServicePrincipal",
            "modifiedProperties": changed("ConsentAction.Permissions", "[\"User.Read Files.Read.All\"]")});
        let event = event(&record("Consent to application", "Assign", &client)).unwrap();
        assert_eq!((event.account.as_deref(), event.kind), (Some("oid-1"), EventKind::Activity));
        assert_eq!(event.email.as_deref(), Some("ana@example.com"));
        assert_eq!(event.ocsf["resources"][0]["uid"], "sp-1");
        assert_eq!(event.ocsf["unmapped"]["details"]["scopes"], "User.Read Files.Read.All");
    }

    #[test]
    fn a_role_is_granted_to_a_person_and_the_highest_have_one_name() {
        #[rustfmt::skip]
        let cases = [
            ("[\"admin\"]",                "Assign",   json!({"permission": "admin"})),
            ("\"Global Administrator\"",   "Assign",   json!({"permission": "admin"})),
            ("\"Reports Reader\"",         "Assign",   json!({"permission": "reports reader"})),
            ("\"Global Administrator\"",   "Unassign", Value::Null),
        ];
        for (role, operation, expected) in cases {
            let bob = json!({"id": "oid-2", "type": "User", "modifiedProperties": changed("Role.DisplayName", role)});
            let event = event(&record("Add member to role", operation, &bob)).unwrap();
            assert_eq!(event.ocsf["unmapped"]["target_user_uid"], "oid-2");
            assert_eq!(event.ocsf["unmapped"]["details"], expected, "{role} {operation}");
        }
    }

    #[test]
    fn a_policy_is_named_with_what_became_of_it() {
        let policy = json!({"id": "p-1", "displayName": "sso", "type": "Policy",
            "modifiedProperties": changed("PolicyDetail", "[\"disabled\"]")});
        let event = event(&record("Update policy", "Update", &policy)).unwrap();
        assert_eq!(event.ocsf["unmapped"]["details"], json!({"setting": "sso", "to": "disabled"}));
    }

    #[test]
    fn what_a_program_did_is_nobodys_and_what_failed_is_nothing_that_was_done() {
        let mut record = record("Disable account", "Update", &json!({"id": "oid-2", "type": "User"}));
        record["result"] = json!("failure");
        assert_eq!(event(&record).unwrap().kind, EventKind::Other);
        record["result"] = json!("success");
        record["initiatedBy"] = json!({"user": null, "app": {"appId": "app-1", "displayName": "Watcher"}});
        let event = event(&record).unwrap();
        assert_eq!((event.account, event.kind), (None, EventKind::Other));
        assert_eq!(event.ocsf["actor"], json!({"app_name": "Watcher", "app_uid": "app-1"}));
    }

    #[test]
    fn what_is_missing_is_named() {
        for field in ["id", "activityDisplayName", "activityDateTime"] {
            let mut record = record("Add user", "Add", &json!({}));
            record[field] = Value::Null;
            assert_eq!(event(&record), Err(Malformed { field }));
        }
    }
}
