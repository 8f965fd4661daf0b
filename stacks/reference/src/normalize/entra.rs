//! Entra's sign-in log and Graph's users, in our words.

use serde_json::{Value, json};

use super::ocsf::{self, Class, Product};
use super::{Event, EventKind, Grant, Listed, Malformed, address, optional, required, time};
use crate::state::accounts::Account;

/// The log's name in reports.
pub(crate) const SIGN_INS: &str = "sign_ins";
/// The user list's name in reports.
pub(crate) const USERS: &str = "users";
pub(crate) const ENTRA: Product = Product { name: "Microsoft Entra ID", vendor: "Microsoft" };

/// What Entra writes in place of a user it does not know.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const WRONG_PASSWORD: i64 = 50126;
const UNKNOWN_USER: i64 = 50034;
const SECOND_FACTOR_FAILED: i64 = 500_121;

/// An entry of the sign-in log.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let uid = required(record, "id")?;
    let at = time(record, "createdDateTime")?;
    let account = optional(&record["userId"]).filter(|id| *id != NOBODY);
    let login = optional(&record["userPrincipalName"]).map(str::to_lowercase);
    let status = &record["status"];
    let code = status["errorCode"].as_i64().ok_or(Malformed { field: "status" })?;
    let kind = kind(code, status, record["isInteractive"].as_bool());
    let ip = address(&record["ipAddress"]);
    let (device, location) = (&record["deviceDetail"], &record["location"]);
    let fields = json!({
        "metadata": ocsf::origin(uid, SIGN_INS, optional(&record["createdDateTime"]), None),
        "user": ocsf::user(account, optional(&record["userDisplayName"]), login.as_deref()),
        "service": {"name": optional(&record["appDisplayName"]).unwrap_or("Microsoft Entra ID"),
            "uid": optional(&record["appId"])},
        "src_endpoint": ip.map(|_| ocsf::source(ip, "Entra")),
        "status_id": if code == 0 { 1 } else { 2 },
        "status_code": code.to_string(),
        "status_detail": optional(&status["failureReason"]),
        "http_request": optional(&record["userAgent"]).map(|agent| json!({"user_agent": agent})),
        "unmapped": {
            "interactive": record["isInteractive"],
            "additional_details": optional(&status["additionalDetails"]),
            "correlation_id": optional(&record["correlationId"]),
            "device_id": optional(&device["deviceId"]),
            "country": optional(&location["countryOrRegion"]),
        },
    });
    Ok(Event {
        uid: uid.to_owned(),
        log: SIGN_INS,
        at,
        account: account.map(str::to_owned),
        email: login,
        ip,
        kind,
        ocsf: ocsf::event(Class::Authentication, 1, 1, at, ENTRA, fields),
    })
}

/// What an application may do in its own name.
pub(crate) fn app_role(row: &Value) -> Result<Grant, Malformed> {
    let facts = json!({
        "kind": "app_role",
        "owner": required(row, "principalId")?,
        "owner_type": row["principalType"],
        "permissions": [required(row, "appRoleId")?],
        "resource": row["resourceId"],
    });
    grant("app_role", row, optional(&row["principalDisplayName"]), facts)
}

/// What an application may do in the name of somebody, or of everybody, who let it in.
pub(crate) fn delegated_grant(row: &Value) -> Result<Grant, Malformed> {
    let client = required(row, "clientId")?;
    let scopes = row["scope"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
    let facts = json!({
        "kind": "delegated_grant",
        "owner": optional(&row["principalId"]),
        "consent": row["consentType"],
        "scopes": scopes,
        "resource": row["resourceId"],
    });
    grant("delegated_grant", row, Some(client), facts)
}

fn grant(kind: &str, row: &Value, name: Option<&str>, facts: Value) -> Result<Grant, Malformed> {
    let uid = format!("{kind}:{}", required(row, "id")?);
    Ok(Grant { uid, name: name.unwrap_or(kind).to_owned(), facts })
}

/// A row of the user list.
pub(crate) fn user(record: &Value, at: jiff::Timestamp) -> Result<Listed, Malformed> {
    let uid = required(record, "id")?;
    let login = optional(&record["userPrincipalName"]).map(str::to_lowercase);
    let email = optional(&record["mail"]).map(str::to_lowercase);
    let active = record["accountEnabled"].as_bool().unwrap_or(true);
    let fields = json!({
        "metadata": ocsf::origin(uid, USERS, None, None),
        "user": ocsf::user(Some(uid), optional(&record["displayName"]), email.as_deref().or(login.as_deref())),
        "unmapped": {"active": active, "user_principal_name": login},
    });
    Ok(Listed {
        account: Account { uid: uid.to_owned(), email, login, active },
        ocsf: ocsf::event(Class::UserInventory, 2, 1, at, ENTRA, fields),
    })
}

/// A row of the list of deleted users: the object id, and when it was deleted.
pub(crate) fn departure(record: &Value) -> Result<(&str, jiff::Timestamp), Malformed> {
    Ok((required(record, "id")?, time(record, "deletedDateTime")?))
}

fn kind(code: i64, status: &Value, interactive: Option<bool>) -> EventKind {
    match code {
        0 if interactive != Some(false) => EventKind::SignIn,
        WRONG_PASSWORD | UNKNOWN_USER => EventKind::FailedSignIn,
        SECOND_FACTOR_FAILED if says_wrong_code(status) => EventKind::FailedSignIn,
        SECOND_FACTOR_FAILED => EventKind::RefusedPrompt,
        _ => EventKind::Other,
    }
}

/// One number stands for a wrong code, a denied prompt and an unanswered one; only the text tells them apart.
fn says_wrong_code(status: &Value) -> bool {
    let text = optional(&status["additionalDetails"]).unwrap_or_default().to_lowercase();
    text.contains("code") || text.contains("otp") || text.contains("passcode")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(code: i64, details: &str) -> Value {
        json!({"id": "a-1", "createdDateTime": "2026-03-02T09:00:00.1234567Z", "userId": "oid-1",
            "userPrincipalName": "Ana@example.com", "ipAddress": "203.0.113.7", "isInteractive": true,
            "status": {"errorCode": code, "failureReason": null, "additionalDetails": details}})
    }

    #[test]
    fn only_wrong_credentials_count_as_failed() {
        #[rustfmt::skip]
        let cases = [
            (0,       "",                                                      EventKind::SignIn),
            (50_126,  "",                                                      EventKind::FailedSignIn),
            (50_034,  "",                                                      EventKind::FailedSignIn),
            (500_121, "MFA denied; user entered incorrect verification code",  EventKind::FailedSignIn),
            (500_121, "MFA denied; user declined the authentication",          EventKind::RefusedPrompt),
            (500_121, "MFA denied; user did not respond to the notification",  EventKind::RefusedPrompt),
            (53_003,  "",                                                      EventKind::Other),
            (50_053,  "",                                                      EventKind::Other),
        ];
        for (code, details, expected) in cases {
            assert_eq!(event(&record(code, details)).unwrap().kind, expected, "{code} {details}");
        }
    }

    #[test]
    fn a_sign_in_without_a_person_in_front_is_not_one() {
        let mut record = record(0, "");
        record["isInteractive"] = json!(false);
        assert_eq!(event(&record).unwrap().kind, EventKind::Other);
    }

    #[test]
    fn an_unknown_user_is_known_by_the_name_that_was_typed() {
        let mut record = record(50_034, "");
        record["userId"] = json!(NOBODY);
        let event = event(&record).unwrap();
        assert_eq!((event.account, event.email.as_deref()), (None, Some("ana@example.com")));
    }

    #[test]
    fn what_applications_may_do_is_told_by_its_own_id() {
        let role = json!({"id": "a1", "appRoleId": "r1", "principalId": "sp1", "principalType": "ServicePrincipal",
            "principalDisplayName": "Planner", "resourceId": "graph"});
        let delegated = json!({"id": "g1", "clientId": "c1", "consentType": "Principal", "principalId": "oid-ana",
            "resourceId": "graph", "scope": " User.Read Files.Read.All"});
        let (role, delegated) = (app_role(&role).unwrap(), delegated_grant(&delegated).unwrap());
        assert_eq!((role.uid.as_str(), role.name.as_str()), ("app_role:a1", "Planner"));
        assert_eq!((delegated.uid.as_str(), delegated.name.as_str()), ("delegated_grant:g1", "c1"));
        assert_eq!(delegated.facts["scopes"], json!(["User.Read", "Files.Read.All"]));
        assert_eq!(app_role(&json!({"id": "a1"})), Err(Malformed { field: "principalId" }));
    }
}
