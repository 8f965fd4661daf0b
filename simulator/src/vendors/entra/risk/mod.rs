//! Graph: Identity Protection. What the directory itself finds risky about sign-ins, and what administrators say of it.
//!
//! Detections are read off the same timeline as the sign-in log: an address that the feeds know (Tor, public proxies,
//! risky ones), a device nobody has seen, two cities too far apart for the time between. Nothing is known here of the
//! labels of the script: a traveller with a new laptop is as risky as a thief.
//!
//! | file | says |
//! |---|---|
//! | `detect` | from sign-ins to detections |
//! | `sign_ins` | decisions about a sign-in |
//! | `users` | detections and decisions, by user |
//!
//! # Not imitated
//! Leaked credentials and the other detections from outside the directory; risky service principals; risk by machine
//! learning; the licence (P2) that all this wants; `Retry-After` is left out on throttling, as documented.
//!
//! # Sources
//! `graph-docs:api-reference` riskdetection-list, riskyuser-list, -confirmcompromised, -dismiss. Which sign-in is found
//! risky is a guess; that a detection of level low is dismissed two minutes later by the directory itself, and the form of
//! `additionalInfo`, are from a real record (SEKOIA-IO/intake-formats). Sixty users a call is a guess.

mod detect;
pub(super) mod sign_ins;
mod users;

pub(super) use detect::at_sign_in;
pub(super) use users::{Decision, confirm_compromised, confirm_safe, dismiss, history, user, users, users_count};

use serde_json::Value;

use super::odata::list::{self, EntitySet, Index, paging};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};

static DETECTIONS: EntitySet = EntitySet {
    name: "identityProtection/riskDetections",
    type_name: "microsoft.graph.riskDetection",
    default: &[
        "id",
        "requestId",
        "correlationId",
        "riskEventType",
        "riskState",
        "riskLevel",
        "riskDetail",
        "source",
        "detectionTimingType",
        "activity",
        "tokenIssuerType",
        "ipAddress",
        "activityDateTime",
        "detectedDateTime",
        "lastUpdatedDateTime",
        "userId",
        "userDisplayName",
        "userPrincipalName",
        "additionalInfo",
        "location",
    ],
    further: &[],
    filterable: &[
        "activityDateTime",
        "detectedDateTime",
        "lastUpdatedDateTime",
        "detectionTimingType",
        "id",
        "ipAddress",
        "riskDetail",
        "riskEventType",
        "riskLevel",
        "riskState",
        "userId",
        "userPrincipalName",
    ],
    searchable: &[],
    sortable: &["activityDateTime", "detectedDateTime", "lastUpdatedDateTime"],
    expandable: &[],
    paging: paging("risk_detections"),
    index: Index::Plain,
};

/// `GET /v1.0/identityProtection/riskDetections`.
pub(super) fn detections(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let detections = known(request, all(ctx));
    list::serve(ctx, request, &DETECTIONS, DETECTIONS.name, detections)
}

/// `GET /v1.0/identityProtection/riskDetections/{id}`.
pub(super) fn detection(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = known(request, all(ctx)).into_iter().find(|detection| detection["id"] == *id);
    let found = found.ok_or_else(|| Failure::not_found("risk detection", id))?;
    list::serve_one(ctx, request, &DETECTIONS, DETECTIONS.name, found)
}

/// Values of `riskDetail` that came after its enumeration was closed.
const LATER_DETAILS: [&str; 3] =
    ["adminDismissedRiskForSignIn", "adminConfirmedAccountSafe", "microsoftRevokedSessions"];

/// Shows values that came later only to who says that it can bear them: `Prefer: include-unknown-enum-members`.
fn known(request: &Request, mut entities: Vec<Value>) -> Vec<Value> {
    let prefer = request.headers.get("prefer").and_then(|p| p.to_str().ok()).unwrap_or_default();
    if !prefer.contains("include-unknown-enum-members") {
        let later = |e: &&mut Value| e["riskDetail"].as_str().is_some_and(|detail| LATER_DETAILS.contains(&detail));
        entities.iter_mut().filter(later).for_each(|e| e["riskDetail"] = Value::from("unknownFutureValue"));
    }
    entities
}

/// Every detection that is known by now, as it stands, in the order of the ids.
fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let mut detections = detect::detections(ctx);
    sign_ins::decide(ctx, &mut detections);
    users::decide(ctx, &mut detections);
    detections.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
    detections
}
