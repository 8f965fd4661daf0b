//! Mistakes about the report: what is said, and what is kept back.

use serde_json::{Value, json};

use super::{Bug, current};
use crate::state::Kind;

/// The bodies that are written in place of `body`.
pub(crate) fn misreport(kind: Kind, body: &Value) -> Vec<Value> {
    let mut body = body.clone();
    let Some(bug) = current() else { return vec![body] };
    let is_trouble = kind == Kind::Status && body["phase"] == "degraded";
    match (bug, kind) {
        (Bug::SyncGoneServiceGreen, _) if is_trouble => return Vec::new(),
        (Bug::StateGapUntold, _) if is_trouble && body["reason"] == "gap" => return Vec::new(),
        (Bug::CountEventTwice, Kind::Event) if body["class_uid"] != 5003 => return vec![body.clone(), body],
        (Bug::GovNoAudit, Kind::Action) => return Vec::new(),
        (Bug::StateCryWolf, Kind::Status) if body["phase"] == "connected" => {
            let again = json!({"phase": "degraded", "app": body["app"], "reason": "gap",
                "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"});
            return vec![body, again];
        }
        (Bug::DetEvidenceMissing, Kind::Alert) => {
            if let Some(related) = body["finding_info"]["related_events"].as_array_mut() {
                related.truncate(1);
            }
        }
        (Bug::DetUserMerge, Kind::Alert) => {
            for proof in body["evidences"].as_array_mut().into_iter().flatten() {
                proof["user"] = json!({"uid": "0", "name": "somebody else"});
            }
            body["observables"] = json!([{"name": "evidences[].user.uid", "type_id": 31, "value": "0"}]);
        }
        (Bug::DetAlertUpdateAsNew, Kind::Alert) if body["activity_id"] == 2 => {
            let anew = format!("{}-{}", body["finding_info"]["uid"].as_str().unwrap_or_default(), body["time"]);
            (body["activity_id"], body["type_uid"]) = (json!(1), json!(200_401));
            body["metadata"]["uid"] = json!(anew);
            body["finding_info"]["uid"] = json!(anew);
        }
        (Bug::ReportNoTime, Kind::Event) => {
            body.as_object_mut().map(|body| body.remove("time"));
        }
        _ => {}
    }
    vec![body]
}
