//! Okta's system log and users, in our words.
//!
//! A sign-in is `user.session.start`, and its `outcome` tells how it ended. What a deed is done to stands in `target`, a
//! list that may be null.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ocsf::{self, Class, Product};
use super::{Event, EventKind, Listed, Malformed, address, optional, required, time};
use crate::state::accounts::Account;

/// The log's name in reports.
pub(crate) const SYSTEM_LOG: &str = "system_log";
/// The user list's name in reports.
const USERS: &str = "users";
const OKTA: Product = Product { name: "Okta", vendor: "Okta" };
/// Why a sign-in failed that was a guess: a name, a password or a code that is wrong.
const GUESSES: [&str; 2] = ["INVALID_CREDENTIALS", "VERIFICATION_ERROR"];
/// Why one failed whose second factor was not given. There is no list of these; the words are those of the log.
const PROMPTS: [&str; 2] = ["User rejected Okta push verify", "MFA challenge timed out"];

/// An event of the system log.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let uid = required(record, "uuid")?;
    let word = required(record, "eventType")?;
    let at = time(record, "published")?;
    let (actor, client, outcome) = (&record["actor"], &record["client"], &record["outcome"]);
    let is_person = actor["type"] == "User";
    let account = optional(&actor["id"]).filter(|_| is_person);
    let email = optional(&actor["alternateId"]).filter(|_| is_person).map(str::to_lowercase);
    let ip = address(&client["ipAddress"]);
    let (succeeded, reason) = (outcome["result"] == "SUCCESS", optional(&outcome["reason"]));
    let kind = match (word, succeeded) {
        ("user.session.start", true) => EventKind::SignIn,
        ("user.session.start", false) if reason.is_some_and(|r| GUESSES.contains(&r)) => EventKind::FailedSignIn,
        ("user.session.start", false) if reason.is_some_and(|r| PROMPTS.contains(&r)) => EventKind::RefusedPrompt,
        ("user.session.end", _) | (_, false) => EventKind::Other,
        _ if account.is_some() => EventKind::Activity,
        _ => EventKind::Other,
    };
    let user = ocsf::user(account, optional(&actor["displayName"]), email.as_deref());
    let session = optional(&record["authenticationContext"]["externalSessionId"]).filter(|id| *id != "unknown");
    let who = match is_person {
        true => json!({"user": user, "session": session.map(|uid| json!({"uid": uid}))}),
        false => json!({"app_name": optional(&actor["displayName"]), "app_uid": optional(&actor["id"])}),
    };
    let (class, activity) = match word {
        "user.session.start" => (Class::Authentication, 1),
        "user.session.end" => (Class::Authentication, 2),
        _ => (Class::ApiActivity, api_activity(word)),
    };
    let mut fields = json!({
        "metadata": ocsf::origin(uid, SYSTEM_LOG, optional(&record["published"]), Some(word)),
        "status_id": if succeeded { 1 } else { 2 },
        "status_detail": reason,
        "http_request": optional(&client["userAgent"]["rawUserAgent"]).map(|agent| json!({"user_agent": agent})),
        "unmapped": {"target_user_uid": target(record, "User"), "details": details(record)},
    });
    match class {
        Class::Authentication => {
            fields["user"] = user;
            fields["service"] = json!({"name": "Okta"});
            fields["src_endpoint"] = json!(ip.map(|_| ocsf::source(ip, "Okta")));
            fields["actor"] = json!({"session": session.map(|uid| json!({"uid": uid}))});
        }
        _ => {
            fields["actor"] = who;
            fields["api"] = json!({"operation": word, "service": {"name": "Okta"}});
            fields["src_endpoint"] = ocsf::source(ip, "Okta");
            fields["resources"] =
                target(record, "AppInstance").map_or(Value::Null, |id| json!([{"uid": id, "name": id}]));
        }
    }
    let ocsf = ocsf::event(class, activity, 1, at, OKTA, fields);
    Ok(Event { uid: uid.to_owned(), log: SYSTEM_LOG, at, account: account.map(str::to_owned), email, ip, kind, ocsf })
}

/// A row of the list of users. Whoever is deactivated is not in it.
pub(crate) fn user(record: &Value, at: Timestamp) -> Result<Listed, Malformed> {
    let uid = required(record, "id")?;
    let profile = &record["profile"];
    let (email, login) = (optional(&profile["email"]), optional(&profile["login"]));
    let email = email.map(str::to_lowercase);
    let name: Vec<&str> = ["firstName", "lastName"].iter().filter_map(|key| optional(&profile[*key])).collect();
    let active = record["status"] == "ACTIVE";
    let name = Some(name.join(" ")).filter(|name| !name.is_empty());
    let fields = json!({
        "metadata": ocsf::origin(uid, USERS, None, None),
        "user": ocsf::user(Some(uid), name.as_deref(), email.as_deref()),
        "unmapped": {"active": active, "login": login},
    });
    Ok(Listed {
        account: Account { uid: uid.to_owned(), email, login: login.map(str::to_lowercase), active },
        ocsf: ocsf::event(Class::UserInventory, 2, 1, at, OKTA, fields),
    })
}

/// The id of the first thing of a type that a deed is done to.
fn target<'a>(record: &'a Value, kind: &str) -> Option<&'a str> {
    record["target"].as_array()?.iter().find(|one| one["type"] == kind).and_then(|one| optional(&one["id"]))
}

/// What else an event says of what was done.
fn details(record: &Value) -> Option<Value> {
    let data = &record["debugContext"]["debugData"];
    let told =
        [("requestedScopes", "scopes"), ("privilegeGranted", "permission"), ("setting", "setting"), ("newValue", "to")];
    let said = told.into_iter().filter_map(|(key, ours)| Some((ours.to_owned(), json!(optional(&data[key])?))));
    let said: serde_json::Map<String, Value> = said.collect();
    (!said.is_empty()).then_some(Value::Object(said))
}

/// OCSF's four verbs, as far as Okta's word tells.
fn api_activity(word: &str) -> i64 {
    match word.rsplit('.').next().unwrap_or_default() {
        "create" | "grant" | "initiate" => 1,
        "sso" => 2,
        "delete" | "revoke" => 4,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in(result: &str, reason: &Value) -> Value {
        json!({"uuid": "u1", "eventType": "user.session.start", "published": "2026-03-02T09:00:00.123Z",
            "actor": {"id": "00u1", "type": "User", "alternateId": "Ana@contoso.example", "displayName": "Ana"},
            "client": {"ipAddress": "203.0.113.7", "userAgent": {"rawUserAgent": "Mozilla/5.0"}},
            "authenticationContext": {"externalSessionId": "s1"}, "outcome": {"result": result, "reason": reason},
            "target": null})
    }

    #[test]
    fn a_sign_in_ends_in_one_of_four_ways() {
        #[rustfmt::skip]
        let cases = [
            ("SUCCESS", Value::Null,                             EventKind::SignIn),
            ("FAILURE", json!("INVALID_CREDENTIALS"),            EventKind::FailedSignIn),
            ("FAILURE", json!("User rejected Okta push verify"), EventKind::RefusedPrompt),
            ("FAILURE", json!("LOCKED_OUT"),                     EventKind::Other),
        ];
        for (result, reason, kind) in cases {
            let event = event(&sign_in(result, &reason)).unwrap();
            assert_eq!(event.kind, kind, "{result} {reason}");
            assert_eq!((event.account.as_deref(), event.email.as_deref()), (Some("00u1"), Some("ana@contoso.example")));
        }
    }

    #[test]
    fn a_deed_names_whom_it_was_done_to() {
        let mut record = sign_in("SUCCESS", &Value::Null);
        record["eventType"] = json!("user.account.privilege.grant");
        record["target"] = json!([{"type": "User", "id": "00u2"}]);
        record["debugContext"] = json!({"debugData": {"privilegeGranted": "admin"}});
        let event = event(&record).unwrap();
        assert_eq!(event.kind, EventKind::Activity);
        assert_eq!(event.ocsf["unmapped"], json!({"target_user_uid": "00u2", "details": {"permission": "admin"}}));
        assert_eq!(event.ocsf["actor"]["session"]["uid"], "s1");
    }
}
