//! Entries of Meta Admin Center's security log, in our words. They name people by address alone.

use serde_json::{Value, json};

use super::ocsf::{self, Class};
use super::workplace::{SECURITY, WORKPLACE, who};
use super::{Event, EventKind, Malformed, address, optional, required, time};

/// An entry of the log. Of its two ids `event_id` is the one that the reference names.
pub(crate) fn event(record: &Value) -> Result<Event, Malformed> {
    let uid = optional(&record["event_id"]).map_or_else(|| required(record, "id"), Ok)?;
    let word = required(record, "event")?;
    let at = time(record, "timestamp")?;
    let email = optional(&record["actor_username"]).map(str::to_lowercase);
    let ip = address(&record["ip_address"]);
    let (kind, class, activity, status) = match word {
        "Logged in" => (EventKind::SignIn, Class::Authentication, 1, 1),
        "Login Failed" | "Two-Factor Code Entry Failed" => (EventKind::FailedSignIn, Class::Authentication, 1, 2),
        "Logged out" => (EventKind::Other, Class::Authentication, 2, 1),
        _ if email.is_some() => (EventKind::Activity, Class::ApiActivity, 3, 1),
        _ => (EventKind::Other, Class::ApiActivity, 3, 1),
    };
    let mut fields = json!({
        "metadata": ocsf::origin(uid, SECURITY, optional(&record["timestamp"]), Some(word)),
        "status_id": status,
        "http_request": optional(&record["useragent"]).map(|agent| json!({"user_agent": agent})),
        "unmapped": {"target": optional(&record["target_username"]), "summary": optional(&record["extra_data"]["summary"])},
    });
    let who = who(class, &ocsf::user(None, None, email.as_deref()), word, ip);
    if let (Some(fields), Value::Object(who)) = (fields.as_object_mut(), who) {
        fields.extend(who);
    }
    let ocsf = ocsf::event(class, activity, 1, at, WORKPLACE, fields);
    Ok(Event { uid: uid.to_owned(), log: SECURITY, at, account: None, email, ip, kind, ocsf })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_whatever_it_is_called() {
        #[rustfmt::skip]
        let cases = [
            ("Logged in",     EventKind::SignIn),
            ("Login Failed",  EventKind::FailedSignIn),
            ("Email Changed", EventKind::Activity),
        ];
        for (word, kind) in cases {
            let record = json!({"id": "7", "event_id": "8", "timestamp": "2026-03-02T09:00:00+0000", "event": word,
                "ip_address": "203.0.113.7", "actor_username": "Ana@contoso.example"});
            let event = event(&record).unwrap();
            assert_eq!((event.uid.as_str(), event.kind), ("8", kind));
            assert_eq!(event.email.as_deref(), Some("ana@contoso.example"));
        }
    }
}
