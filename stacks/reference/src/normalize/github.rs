//! GitHub's audit log and member lists, in our words.
//!
//! Times are milliseconds since 1970. A field that does not apply is absent: a git event has no `created_at`, an actor may
//! be nobody, a bot or a login that is gone, an address is shown only where the organisation discloses it. `org` and `repo`
//! may be lists. Where the organisation has single sign-on, `external_identity_nameid` is the address that the directory
//! knows the actor by: the member list has none.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ocsf::{self, Class, Product};
use super::{Event, EventKind, Grant, Listed, Malformed, address, optional, required};
use crate::bug::{Bug, spoilt};
use crate::state::accounts::Account;

/// The log's name in reports.
pub(crate) const AUDIT_LOG: &str = "audit_log";
/// The user list's name in reports.
pub(crate) const MEMBERS: &str = "members";
/// Whose records these are.
pub(crate) const GITHUB: Product = Product { name: "GitHub", vendor: "GitHub" };

/// An entry of the audit log.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let uid = required(record, "_document_id")?;
    let action = required(record, "action")?;
    let at = moment(record)?;
    let login = optional(&record["actor"]);
    let is_bot = record["actor_is_bot"] == true || login.is_some_and(|login| login.ends_with("[bot]"));
    let account = number(&record["actor_id"]).filter(|_| !is_bot);
    let email = optional(&record["external_identity_nameid"]).map(str::to_lowercase);
    let ip = address(&record["actor_ip"]);
    let (kind, class, activity, status) = match action {
        "user.login" | "org.sso_response" => (EventKind::SignIn, Class::Authentication, 1, 1),
        "user.failed_login" => (EventKind::FailedSignIn, Class::Authentication, 1, 2),
        "user.logout" => (EventKind::Other, Class::Authentication, 2, 1),
        _ => {
            let kind = if account.is_some() { EventKind::Activity } else { EventKind::Other };
            (kind, Class::ApiActivity, api_activity(record, action), 1)
        }
    };
    let user = ocsf::user(account.as_deref(), login, email.as_deref());
    let actor = match number(&record["actor_session"]) {
        _ if is_bot => json!({"app_name": login, "app_uid": number(&record["actor_id"])}),
        Some(session) => json!({"user": user, "session": {"uid": session}}),
        None => json!({"user": user}),
    };
    let who = match class {
        Class::Authentication => json!({"user": user, "service": {"name": "GitHub"},
            "src_endpoint": ip.map(|_| ocsf::source(ip, "GitHub"))}),
        _ => json!({"actor": actor, "api": {"operation": action, "service": {"name": "GitHub"}},
            "src_endpoint": ocsf::source(ip, "GitHub"), "resources": resources(record)}),
    };
    let mut fields = json!({
        "metadata": ocsf::origin(uid, AUDIT_LOG, None, Some(action)),
        "status_id": status,
        "http_request": optional(&record["user_agent"]).map(|agent| json!({"user_agent": agent})),
        "unmapped": {
            "organization": names(&record["org"]),
            "country": optional(&record["actor_location"]["country_code"]),
            "access": optional(&record["programmatic_access_type"]),
            "token_scopes": optional(&record["token_scopes"]),
            "hashed_token": optional(&record["hashed_token"]),
            "target_user_uid": number(&record["user_id"]).filter(|id| id != "0"),
            "details": details(record),
        },
    });
    if let (Some(fields), Value::Object(who)) = (fields.as_object_mut(), who) {
        fields.extend(who);
    }
    Ok(Event {
        uid: uid.to_owned(),
        log: AUDIT_LOG,
        at,
        account,
        email,
        ip,
        kind,
        ocsf: ocsf::event(class, activity, 1, at, GITHUB, fields),
    })
}

/// A row of a member list. GitHub shows nobody's address; logins change, numbers do not.
pub(crate) fn member(record: &Value, at: Timestamp) -> Result<Listed, Malformed> {
    let uid = number(&record["id"]).ok_or(Malformed { field: "id" })?;
    let login = required(record, "login")?;
    let email = optional(&record["email"]).map(str::to_lowercase);
    let fields = json!({
        "metadata": ocsf::origin(&uid, MEMBERS, None, None),
        "user": ocsf::user(Some(&uid), Some(login), email.as_deref()),
        "unmapped": {"active": true, "role": record["role"], "login": login},
    });
    Ok(Listed {
        account: Account { uid, email, login: Some(login.to_lowercase()), active: true },
        ocsf: ocsf::event(Class::UserInventory, 2, 1, at, GITHUB, fields),
    })
}

/// An app that is installed in the organisation.
pub(crate) fn installation(row: &Value) -> Result<Grant, Malformed> {
    let facts = json!({
        "kind": "installation",
        "permissions": row["permissions"],
        "repositories": row["repository_selection"],
        "suspended": !row["suspended_at"].is_null(),
    });
    grant("installation", &row["id"], Some(required(row, "app_slug")?), facts)
}

/// A token or key that somebody has authorised for single sign-on.
pub(crate) fn credential(row: &Value) -> Result<Grant, Malformed> {
    let kind = required(row, "credential_type")?;
    let name =
        ["authorized_credential_note", "authorized_credential_title"].iter().find_map(|key| optional(&row[*key]));
    let facts = json!({
        "kind": "credential",
        "type": kind,
        "owner": optional(&row["login"]),
        "scopes": row["scopes"],
        "expires_at": row["authorized_credential_expires_at"],
    });
    grant("credential", &row["credential_id"], name.or(Some(kind)), facts)
}

/// A fine-grained personal token that was approved.
pub(crate) fn fine_grained_token(row: &Value) -> Result<Grant, Malformed> {
    let facts = json!({
        "kind": "fine_grained_token",
        "owner": optional(&row["owner"]["login"]),
        "permissions": row["permissions"],
        "repositories": row["repository_selection"],
        "expires_at": row["token_expires_at"],
    });
    grant("fine_grained_token", &row["id"], optional(&row["token_name"]), facts)
}

fn grant(kind: &str, id: &Value, name: Option<&str>, facts: Value) -> Result<Grant, Malformed> {
    let id = number(id).ok_or(Malformed { field: "id" })?;
    Ok(Grant { uid: format!("{kind}:{id}"), name: name.unwrap_or(kind).to_owned(), facts })
}

fn moment(record: &Value) -> Result<Timestamp, Malformed> {
    let field = "@timestamp";
    let ms = record[field].as_i64().ok_or(Malformed { field })?;
    Timestamp::from_millisecond(ms).map_err(|_| Malformed { field })
}

/// A number that stands for somebody or something, as text.
fn number(value: &Value) -> Option<String> {
    value.as_u64().map(|number| spoilt(number, Bug::DataBigInteger, rounded(number)).to_string())
}

/// What a floating point number keeps of a whole one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "that it loses digits is the mistake that is planted"
)]
const fn rounded(number: u64) -> u64 {
    number as f64 as u64
}

/// One name or several, as a list.
fn names(value: &Value) -> Option<Vec<&str>> {
    let names: Vec<&str> = match value {
        Value::Array(names) => names.iter().filter_map(optional).collect(),
        one => optional(one).into_iter().collect(),
    };
    (!names.is_empty()).then_some(names)
}

fn resources(record: &Value) -> Value {
    let repositories = names(&record["repo"]).or_else(|| names(&record["repository"]));
    repositories.map_or(Value::Null, |all| all.iter().map(|name| json!({"name": name})).collect())
}

/// What else an entry says of what was done.
fn details(record: &Value) -> Option<Value> {
    let said = ["visibility", "permission", "scopes", "audit_log_stream_sink"].into_iter().filter_map(|field| {
        let text = optional(&record[field])?;
        Some((field.to_owned(), json!(text)))
    });
    let said: serde_json::Map<String, Value> = said.collect();
    (!said.is_empty()).then_some(Value::Object(said))
}

/// OCSF's four verbs: GitHub's `operation_type`, else the last word of the action.
fn api_activity(record: &Value, action: &str) -> i64 {
    match optional(&record["operation_type"]) {
        Some("create") => 1,
        Some("access" | "authentication") => 2,
        Some("remove") => 4,
        None if action.ends_with("clone") || action.ends_with("fetch") => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({"@timestamp": 1_772_442_000_123_i64, "_document_id": "aB3dE5fG7hI9jK1lM3nO5p", "action": "repo.create",
            "actor": "ana-c", "actor_id": 1001, "actor_ip": "203.0.113.7", "actor_location": {"country_code": "ES"},
            "created_at": 1_772_442_000_123_i64, "operation_type": "create", "org": "contoso", "org_id": 9001,
            "external_identity_nameid": "Ana@contoso.example", "repo": "contoso/core"})
    }

    #[test]
    fn an_entry_keeps_the_document_id_and_its_milliseconds() {
        let event = event(&record()).unwrap();
        assert_eq!(event.uid, "aB3dE5fG7hI9jK1lM3nO5p");
        assert_eq!(event.at, "2026-03-02T09:00:00.123Z".parse().unwrap());
        assert_eq!((event.account.as_deref(), event.email.as_deref()), (Some("1001"), Some("ana@contoso.example")));
        assert_eq!((event.kind, &event.ocsf["type_uid"]), (EventKind::Activity, &json!(600_301)));
    }

    #[test]
    fn a_git_event_without_address_or_creation_time_is_still_an_event() {
        let record = json!({"@timestamp": 1_772_442_000_123_i64, "_document_id": "x", "action": "git.clone",
            "repository": "contoso/open", "user": "", "user_id": 0, "org": ["contoso", "fabrikam"]});
        let event = event(&record).unwrap();
        assert_eq!((event.account, event.ip, event.kind), (None, None, EventKind::Other));
        assert_eq!(event.ocsf["actor"]["user"]["name"], "unknown");
        assert_eq!(event.ocsf["src_endpoint"], json!({"svc_name": "GitHub"}));
        assert_eq!(event.ocsf["unmapped"]["organization"], json!(["contoso", "fabrikam"]));
    }

    #[test]
    fn a_bot_is_nobodys_account() {
        let mut record = record();
        (record["actor"], record["actor_is_bot"]) = (json!("stack[bot]"), json!(true));
        let event = event(&record).unwrap();
        assert_eq!((event.account, event.kind), (None, EventKind::Other));
        assert_eq!(event.ocsf["actor"]["app_name"], "stack[bot]");
    }

    #[test]
    fn apps_tokens_and_keys_are_told_with_what_they_may_do() {
        let app = json!({"id": 7, "app_slug": "handy-bot", "permissions": {"contents": "write"},
            "repository_selection": "all", "suspended_at": null});
        let key = json!({"login": "ana-c", "credential_id": 8, "credential_type": "SSH key",
            "authorized_credential_title": "laptop"});
        let token = json!({"id": 9, "owner": {"login": "bob"}, "token_name": "automation", "token_expires_at": null,
            "permissions": {"repository": {"contents": "write"}}, "repository_selection": "all"});
        let told = [installation(&app), credential(&key), fine_grained_token(&token)].map(Result::unwrap);
        let names = told.each_ref().map(|grant| (grant.uid.as_str(), grant.name.as_str()));
        assert_eq!(
            names,
            [("installation:7", "handy-bot"), ("credential:8", "laptop"), ("fine_grained_token:9", "automation")]
        );
        assert_eq!(told[0].facts["permissions"]["contents"], "write");
        assert_eq!((&told[1].facts["owner"], &told[1].facts["type"]), (&json!("ana-c"), &json!("SSH key")));
        assert_eq!(installation(&json!({"app_slug": "x"})), Err(Malformed { field: "id" }));
    }

    #[test]
    fn what_is_missing_or_of_another_type_is_named() {
        for (field, value) in [("_document_id", json!(7)), ("@timestamp", json!("soon")), ("action", Value::Null)] {
            let mut record = record();
            record[field] = value;
            assert_eq!(event(&record), Err(Malformed { field }));
        }
    }
}
