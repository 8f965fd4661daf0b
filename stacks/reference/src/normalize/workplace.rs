//! Workplace's security events and people, in our words.
//!
//! A change of the webhook topic has no id. It is known by all that tells it apart: community, event, actor, target, time
//! and address. Everything in `value` is text and may be missing; of the names of events hardly any is documented, so an
//! unknown one is an event of an unknown kind and not dropped. Addresses are used again, ids are not.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ocsf::{self, Class, Product};
use super::{Event, EventKind, Listed, Malformed, address, optional, required};
use crate::state::accounts::Account;

/// The log's name in reports.
pub(crate) const SECURITY: &str = "security";
/// The user list's name in reports.
pub(crate) const MEMBERS: &str = "members";
pub(super) const WORKPLACE: Product = Product { name: "Workplace", vendor: "Meta" };

/// A change of the topic: `{"community", "time", "field", "value"}`, the first two from the entry that held it.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let value = &record["value"];
    let word = required(value, "event")?;
    let at = moment(record)?;
    let text = |field: &str| optional(&value[field]);
    let (account, ip) = (text("actor_id"), address(&value["ip"]));
    let email = text("actor_email").map(str::to_lowercase);
    let told_apart =
        [optional(&record["community"]), Some(word), account, text("target_id"), text("timestamp"), text("ip")];
    let uid = told_apart.map(Option::unwrap_or_default).join("|");
    let (kind, class, activity, status) = match word {
        "USER_LOGIN" => (EventKind::SignIn, Class::Authentication, 1, 1),
        "USER_LOGIN_FAILED" | "TWO_FACTOR_CODE_FAILED" => (EventKind::FailedSignIn, Class::Authentication, 1, 2),
        "USER_LOGOUT" => (EventKind::Other, Class::Authentication, 2, 1),
        _ if account.is_some() => (EventKind::Activity, Class::ApiActivity, api_activity(word), 1),
        _ => (EventKind::Other, Class::ApiActivity, api_activity(word), 1),
    };
    let user = ocsf::user(account, None, email.as_deref());
    let mut fields = json!({
        "metadata": ocsf::origin(&uid, SECURITY, text("timestamp"), Some(word)),
        "status_id": status,
        "http_request": text("useragent").map(|agent| json!({"user_agent": agent})),
        "unmapped": {"field": record["field"], "country": text("ip_country"), "target_user_uid": text("target_id")},
    });
    let who = who(class, &user, word, ip);
    if let (Some(fields), Value::Object(who)) = (fields.as_object_mut(), who) {
        fields.extend(who);
    }
    Ok(Event {
        log: SECURITY,
        at,
        account: account.map(str::to_owned),
        email,
        ip,
        kind,
        ocsf: ocsf::event(class, activity, 1, at, WORKPLACE, fields),
        uid,
    })
}

/// Who acted, as each class wants it.
pub(super) fn who(class: Class, user: &Value, word: &str, ip: Option<std::net::IpAddr>) -> Value {
    match class {
        Class::Authentication => json!({"user": user, "service": {"name": WORKPLACE.name},
            "src_endpoint": ip.map(|_| ocsf::source(ip, WORKPLACE.name))}),
        _ => json!({"actor": {"user": user}, "api": {"operation": word, "service": {"name": WORKPLACE.name}},
            "src_endpoint": ocsf::source(ip, WORKPLACE.name)}),
    }
}

/// A person of the community. `active` is what the list that was asked for holds.
pub(crate) fn member(record: &Value, at: Timestamp) -> Result<Listed, Malformed> {
    let uid = required(record, "id")?;
    let email = optional(&record["email"]).map(str::to_lowercase);
    let active = record["active"].as_bool().unwrap_or(true);
    let fields = json!({
        "metadata": ocsf::origin(uid, MEMBERS, None, None),
        "user": ocsf::user(Some(uid), optional(&record["name"]), email.as_deref()),
        "unmapped": {"active": active, "administrator": record["administrator"]},
    });
    Ok(Listed {
        account: Account { uid: uid.to_owned(), email, login: None, active },
        ocsf: ocsf::event(Class::UserInventory, 2, 1, at, WORKPLACE, fields),
    })
}

/// The change's own `timestamp`, unix seconds in text; else its entry's `time`, a number.
fn moment(record: &Value) -> Result<Timestamp, Malformed> {
    let own = optional(&record["value"]["timestamp"]).and_then(|text| text.parse().ok());
    let seconds = own.or_else(|| record["time"].as_i64()).ok_or(Malformed { field: "timestamp" })?;
    Timestamp::from_second(seconds).map_err(|_| Malformed { field: "timestamp" })
}

fn api_activity(word: &str) -> i64 {
    let has = |words: &[&str]| words.iter().any(|part| word.contains(part));
    if has(&["CREATE", "ADDED", "ENABLED"]) {
        1
    } else if has(&["DELETE", "REMOVED", "DISABLED"]) {
        4
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(event: &str) -> Value {
        json!({"community": "900", "time": 1_772_442_005, "field": "sessions", "value": {
            "event": event, "timestamp": "1772442000", "actor_id": "100", "actor_email": "Ana@contoso.example",
            "ip": "203.0.113.7", "ip_country": "ES"}})
    }

    #[test]
    fn a_change_is_known_by_what_tells_it_apart() {
        let event = event(&change("USER_LOGIN")).unwrap();
        assert_eq!(event.uid, "900|USER_LOGIN|100||1772442000|203.0.113.7");
        assert_eq!((event.kind, event.at), (EventKind::SignIn, "2026-03-02T09:00:00Z".parse().unwrap()));
        assert_eq!((event.account.as_deref(), event.email.as_deref()), (Some("100"), Some("ana@contoso.example")));
    }

    #[test]
    fn an_unknown_word_is_an_event_all_the_same() {
        let event = event(&change("SOMETHING_NEW")).unwrap();
        assert_eq!((event.kind, &event.ocsf["type_uid"]), (EventKind::Activity, &json!(600_303)));
    }

    #[test]
    fn a_change_without_a_time_of_its_own_has_its_entrys() {
        let mut record = change("USER_LOGIN");
        record["value"]["timestamp"] = Value::Null;
        assert_eq!(event(&record).unwrap().at, "2026-03-02T09:00:05Z".parse().unwrap());
        record["time"] = json!("later");
        assert_eq!(event(&record), Err(Malformed { field: "timestamp" }));
    }
}
