//! Risky users: what was detected about somebody, and what an administrator says of it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::changes::{self, Change};
use super::super::events::seven_digits;
use super::super::objects::{self, Kind, find_of, id_of};
use super::super::odata;
use super::super::odata::list::{self, EntitySet, Index, paging};
use super::super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::time::SimTime;

/// Most users in one call \[guess\].
pub(super) const MOST: usize = 60;

static RISKY_USERS: EntitySet = EntitySet {
    name: "identityProtection/riskyUsers",
    type_name: "microsoft.graph.riskyUser",
    default: &[
        "id",
        "isDeleted",
        "isProcessing",
        "riskLevel",
        "riskState",
        "riskDetail",
        "riskLastUpdatedDateTime",
        "userDisplayName",
        "userPrincipalName",
    ],
    further: &[],
    filterable: &[
        "id",
        "isDeleted",
        "isProcessing",
        "riskDetail",
        "riskLastUpdatedDateTime",
        "riskLevel",
        "riskState",
        "userDisplayName",
        "userPrincipalName",
    ],
    searchable: &[],
    sortable: &["riskLastUpdatedDateTime", "userDisplayName", "userPrincipalName"],
    expandable: &[],
    paging: paging("risky_users"),
    index: Index::Plain,
};

static HISTORY: EntitySet = EntitySet {
    name: "identityProtection/riskyUsers/history",
    type_name: "microsoft.graph.riskyUserHistoryItem",
    default: &[],
    further: &[],
    filterable: &[],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    paging: paging("risky_user_history"),
    index: Index::Plain,
};

/// What an administrator says of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Decision {
    pub(super) verdict: Verdict,
    pub(super) at: SimTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Compromised,
    Safe,
    Dismissed,
}

impl Verdict {
    /// `riskState`, `riskLevel`, `riskDetail` of the user.
    pub(super) const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Compromised => ("confirmedCompromised", "high", "adminConfirmedUserCompromised"),
            Self::Safe => ("confirmedSafe", "none", "adminConfirmedAccountSafe"),
            Self::Dismissed => ("dismissed", "none", "adminDismissedAllRiskForUser"),
        }
    }

    /// The effect's name in the journal, and how the directory audit log words it \[recalled\].
    const fn deed(self) -> (&'static str, Change) {
        let (category, operation) = ("Other", "Update");
        match self {
            Self::Compromised => {
                ("confirm_compromised", Change { name: "ConfirmAccountCompromised", category, operation })
            }
            Self::Safe => ("confirm_safe", Change { name: "ConfirmAccountSafe", category, operation }),
            Self::Dismissed => ("dismiss_risk", Change { name: "DismissUser", category, operation }),
        }
    }
}

/// Lets decisions count: an earlier detection is closed by a later one; a user said to be compromised is a detection too.
pub(super) fn decide(ctx: &mut Context<'_>, detections: &mut Vec<Value>) {
    let decisions = Tenant::of(ctx).decisions.clone();
    for (user, decisions) in &decisions {
        for decision in decisions {
            let (state, _, detail) = decision.verdict.words();
            for detection in detections.iter_mut().filter(|d| d["userId"] == **user && is_open_at(d, decision.at)) {
                detection["riskState"] = json!(state);
                detection["riskDetail"] = json!(detail);
                detection["lastUpdatedDateTime"] = json!(seven_digits(decision.at));
            }
            if decision.verdict == Verdict::Compromised {
                detections.extend(said(ctx, user, decision.at));
            }
        }
    }
}

/// Whether a detection was there at a time and nobody had said anything about it.
pub(super) fn is_open_at(detection: &Value, at: SimTime) -> bool {
    detection["riskState"] == "atRisk" && time(detection, "detectedDateTime") <= Some(at)
}

/// The detection that is made of an administrator's word.
fn said(ctx: &mut Context<'_>, user: &str, at: SimTime) -> Option<Value> {
    let user = find_of(ctx, Kind::User, user)?;
    let stamp = seven_digits(at);
    Some(json!({
        "id": ctx.sim.scenario.seed.uuid(&["risk by administrator", id_of(&user), &at.us().to_string()]),
        "requestId": null,
        "correlationId": null,
        "riskEventType": "adminConfirmedUserCompromised",
        "riskState": "confirmedCompromised",
        "riskLevel": "high",
        "riskDetail": "adminConfirmedUserCompromised",
        "source": "IdentityProtection",
        "detectionTimingType": "offline",
        "activity": "user",
        "tokenIssuerType": "AzureAD",
        "ipAddress": null,
        "activityDateTime": stamp,
        "detectedDateTime": stamp,
        "lastUpdatedDateTime": stamp,
        "userId": id_of(&user),
        "userDisplayName": user["displayName"],
        "userPrincipalName": user["userPrincipalName"],
        "additionalInfo": null,
        "location": null,
    }))
}

fn time(value: &Value, name: &str) -> Option<SimTime> {
    value[name].as_str().and_then(SimTime::parse_rfc3339)
}

/// Everybody of whom anything was detected or said, in the order of the ids.
fn risky(ctx: &mut Context<'_>) -> Vec<Value> {
    let mut by_user: BTreeMap<String, Value> = BTreeMap::new();
    let (detections, decisions) = (super::all(ctx), Tenant::of(ctx).decisions.clone());
    for detection in &detections {
        let user = detection["userId"].as_str().unwrap_or_default().to_owned();
        let state = |state: &str, level: &Value| {
            json!({
                "id": user,
                "isDeleted": false,
                "isProcessing": false,
                "riskLevel": if state == "atRisk" { level.clone() } else { json!("none") },
                "riskState": state,
                "riskDetail": detection["riskDetail"],
                "riskLastUpdatedDateTime": detection["lastUpdatedDateTime"],
                "userDisplayName": detection["userDisplayName"],
                "userPrincipalName": detection["userPrincipalName"],
            })
        };
        let this = state(detection["riskState"].as_str().unwrap_or_default(), &detection["riskLevel"]);
        let worse = |old: &Value| rank(&this) >= rank(old);
        if by_user.get(&user).is_none_or(worse) {
            by_user.insert(user.clone(), this);
        }
    }
    for (id, said) in &decisions {
        let (Some(last), Some(user)) = (said.last(), find_of(ctx, Kind::User, id)) else { continue };
        let newer = |d: &&Value| {
            d["userId"] == **id && d["riskState"] == "atRisk" && time(d, "detectedDateTime") > Some(last.at)
        };
        if detections.iter().any(|d| newer(&d)) {
            continue;
        }
        let (state, level, detail) = last.verdict.words();
        let entry = json!({
            "id": id,
            "isDeleted": false,
            "isProcessing": false,
            "riskLevel": level,
            "riskState": state,
            "riskDetail": detail,
            "riskLastUpdatedDateTime": seven_digits(last.at),
            "userDisplayName": user["displayName"],
            "userPrincipalName": user["userPrincipalName"],
        });
        by_user.insert(id.clone(), entry);
    }
    let there: Vec<String> = objects::live(ctx, Kind::User).iter().map(|user| id_of(user).to_owned()).collect();
    by_user.values_mut().filter(|user| !there.iter().any(|id| id == id_of(user))).for_each(|user| {
        user["isDeleted"] = json!(true);
    });
    by_user.into_values().collect()
}

/// How bad: what stands open counts more than what is closed, and a high level more than a low one.
fn rank(user: &Value) -> (bool, usize) {
    let level = ["none", "low", "medium", "high"].iter().position(|level| user["riskLevel"] == **level);
    (user["riskState"] == "atRisk", level.unwrap_or(0))
}

/// `GET /v1.0/identityProtection/riskyUsers`.
pub(in super::super) fn users(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let users = super::known(request, risky(ctx));
    list::serve(ctx, request, &RISKY_USERS, RISKY_USERS.name, users)
}

/// `GET /v1.0/identityProtection/riskyUsers/$count`.
pub(in super::super) fn users_count(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let users = risky(ctx);
    list::serve_count(request, &RISKY_USERS, users)
}

/// `GET /v1.0/identityProtection/riskyUsers/{id}`.
pub(in super::super) fn user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if request.param("id") == "$count" {
        return users_count(ctx, request);
    }
    let found = find(ctx, request.param("id"))?;
    let found = super::known(request, vec![found]).remove(0);
    list::serve_one(ctx, request, &RISKY_USERS, RISKY_USERS.name, found)
}

fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    let found = risky(ctx).into_iter().find(|user| id_of(user).eq_ignore_ascii_case(id));
    found.ok_or_else(|| Failure::not_found("risky user", id))
}

/// `GET /v1.0/identityProtection/riskyUsers/{id}/history`: detections and decisions, each with what it was about.
pub(in super::super) fn history(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = find(ctx, request.param("id"))?;
    let mut items: Vec<Value> = Vec::new();
    for detection in super::all(ctx).iter().filter(|d| d["userId"] == user["id"]) {
        let mut item = user.clone();
        let at = detection["detectedDateTime"].as_str().unwrap_or_default();
        item["id"] = json!(format!("{}{at}", id_of(&user)));
        item["userId"] = user["id"].clone();
        item["initiatedBy"] = Value::Null;
        item["riskLevel"] = detection["riskLevel"].clone();
        item["riskState"] = detection["riskState"].clone();
        item["riskDetail"] = detection["riskDetail"].clone();
        item["riskLastUpdatedDateTime"] = detection["lastUpdatedDateTime"].clone();
        // The enumeration of event types knows fewer words than the text of a detection.
        item["activity"] = json!({ "detail": detection["riskDetail"], "riskEventTypes": [detection["riskEventType"]] });
        items.push(item);
    }
    let items = super::known(request, items);
    list::serve(ctx, request, &HISTORY, HISTORY.name, items)
}

/// `POST /v1.0/identityProtection/riskyUsers/confirmCompromised`.
pub(in super::super) fn confirm_compromised(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    say(ctx, request, Verdict::Compromised)
}

/// `POST /v1.0/identityProtection/riskyUsers/confirmSafe`.
pub(in super::super) fn confirm_safe(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    say(ctx, request, Verdict::Safe)
}

/// `POST /v1.0/identityProtection/riskyUsers/dismiss`.
pub(in super::super) fn dismiss(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    say(ctx, request, Verdict::Dismissed)
}

fn say(ctx: &mut Context<'_>, request: &Request, verdict: Verdict) -> Result<Answer, Failure> {
    let ids = odata::ids(request, "userIds", MOST)?;
    let (action, change) = verdict.deed();
    let mut users = Vec::new();
    for id in &ids {
        let user = find_of(ctx, Kind::User, id);
        users.push(user.ok_or_else(|| {
            directory::missed(ctx, action, id);
            Failure::not_found("user", id)
        })?);
    }
    for user in &users {
        let id = id_of(user).to_owned();
        if ctx.is_real() {
            let at = ctx.now;
            Tenant::of(ctx).decisions.entry(id.clone()).or_default().push(Decision { verdict, at });
            let person = ctx.sim.world.person_by_account(ctx.app, &id);
            changes::written(ctx, request, change, (Kind::User, user), person);
        }
        let key = changes::key_of(ctx, &id);
        directory::note(ctx, action, &key);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
