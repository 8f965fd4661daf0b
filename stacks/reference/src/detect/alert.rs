//! An alert as it is reported: OCSF Detection Finding.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Policy;
use crate::bug::{Bug, planted};
use crate::normalize::ocsf::{self, Class, OURSELVES};
use crate::state::alerts::Alert;
use crate::state::events::Kept;

/// Which version of ATT&CK the ids of techniques are of.
pub(super) const ATTACK_VERSION: &str = "19";

/// What happened to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is new.
    Created = 1,
    /// It has more evidence.
    Updated = 2,
}

/// The finding.
pub(crate) fn finding(
    alert: &Alert,
    policy: Policy<'_>,
    change: Change,
    evidence: &[Kept],
    email: Option<&str>,
    now: Timestamp,
) -> Value {
    let principal = alert.principal.id();
    let mut unmapped = json!({"tenant_uid": evidence.last().map(|event| &event.app)});
    if let (Some(unmapped), Value::Object(facts)) = (unmapped.as_object_mut(), &alert.facts) {
        unmapped.extend(facts.clone());
    }
    let related: Vec<_> = evidence.iter().map(|event| json!({"uid": event.uid, "type_uid": event.type_uid})).collect();
    let mut observables = vec![json!({"name": "evidences[].user.uid", "type_id": 31, "value": principal})];
    if let Some(email) = email {
        observables.push(json!({"name": "evidences[].user.email_addr", "type_id": 5, "value": email}));
    }
    let fields = json!({
        "metadata": {
            "uid": alert.uid,
            "tenant_uid": evidence.last().map(|event| &event.app),
        },
        "message": format!("{}: {}", policy.title, email.unwrap_or(principal)),
        "is_alert": true,
        "status_id": 1,
        "confidence_id": 3,
        "finding_info": {
            "uid": alert.uid,
            "title": policy.title,
            "analytic": {"type_id": 1, "uid": policy.name, "name": policy.title, "version": "1"},
            "attacks": attacks(policy),
            "created_time": alert.created_at.as_millisecond(),
            "modified_time": now.as_millisecond(),
            "first_seen_time": evidence.first().map(|event| event.at.as_millisecond()),
            "last_seen_time": evidence.last().map(|event| event.at.as_millisecond()),
            "related_events": related,
            "related_events_count": related.len(),
        },
        "evidences": evidence.iter().map(proof).collect::<Vec<_>>(),
        "observables": observables,
    });
    let severity = policy.response.severity as i64;
    let mut finding = ocsf::event(Class::DetectionFinding, change as i64, severity, alert.last_at, OURSELVES, fields);
    // Put in last: a speed that is null says "infinite" and must stay.
    finding["unmapped"] = unmapped;
    finding
}

/// What an alert of the policy is a sign of. OCSF tells a sub-technique from the technique it is of.
fn attacks(policy: Policy<'_>) -> Option<Vec<Value>> {
    let ids = if planted(Bug::DetWrongTechnique) { &["T1499"] } else { policy.techniques };
    let attack = |id: &&str| {
        let (technique, sub_technique) =
            id.split_once('.').map_or((*id, None), |(technique, _)| (technique, Some(*id)));
        let sub_technique = sub_technique.map(|uid| json!({"uid": uid}));
        json!({"version": ATTACK_VERSION, "technique": {"uid": technique}, "sub_technique": sub_technique})
    };
    (!ids.is_empty()).then(|| ids.iter().map(attack).collect())
}

/// One event of the evidence: who and from where.
fn proof(event: &Kept) -> Value {
    let place = event.place.as_ref();
    let location = place.filter(|place| place.country.is_some() || place.city.is_some()).map(|place| {
        json!({
            "country": place.country,
            "city": place.city,
            "lat": place.position.map(|position| position.lat),
            "long": place.position.map(|position| position.long),
        })
    });
    json!({
        "user": ocsf::user(event.account.as_deref(), None, event.email.as_deref()),
        "src_endpoint": event.ip.map(|ip| json!({
            "ip": ip.to_string(),
            "location": location,
            "autonomous_system": place.and_then(|place| place.holder.as_ref()).map(|holder| {
                json!({"number": holder.number, "name": holder.organisation})
            }),
        })),
        "data": {
            "event_uid": event.uid,
            "tenant_uid": event.app,
            "log_name": event.log,
            "time": event.at.as_millisecond(),
            "accuracy_km": place.and_then(|place| place.position).map(|position| position.accuracy_km),
            "tags": place.map(|place| &place.tags),
        },
    })
}
