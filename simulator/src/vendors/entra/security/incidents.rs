//! `GET /v1.0/security/incidents`: the alerts of one person on one day are one incident.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::objects::id_of;
use super::super::odata::list::{self, EntitySet, Index, paging};
use super::{CLASSIFICATIONS, DETERMINATIONS, SEVERITIES, alerts, overlay, triage};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};

static INCIDENTS: EntitySet = EntitySet {
    name: "security/incidents",
    type_name: "microsoft.graph.security.incident",
    expandable: &[],
    default: &[],
    further: &[
        "id",
        "assignedTo",
        "classification",
        "createdDateTime",
        "determination",
        "displayName",
        "incidentWebUrl",
        "lastUpdateDateTime",
        "severity",
        "status",
        "tenantId",
    ],
    filterable: &[
        "assignedTo",
        "classification",
        "createdDateTime",
        "determination",
        "lastUpdateDateTime",
        "severity",
        "status",
    ],
    searchable: &[],
    sortable: &["createdDateTime", "lastUpdateDateTime"],
    paging: paging("incidents"),
    index: Index::Plain,
};

/// Every incident, as it stands.
fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let tenant = ctx.instance().organisation_id.clone();
    let mut by_id: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for alert in alerts::all(ctx) {
        by_id.entry(alert["incidentId"].as_str().unwrap_or_default().to_owned()).or_default().push(alert);
    }
    let mut incidents = Vec::new();
    for (id, alerts) in by_id {
        let worst = SEVERITIES.iter().rev().find(|word| alerts.iter().any(|alert| alert["severity"] == ***word));
        let (first, last) = (&alerts[0], &alerts[alerts.len() - 1]);
        let who = first["evidence"][0]["userAccount"]["displayName"].as_str().unwrap_or_default();
        let mut incident = json!({
            "id": id,
            "tenantId": tenant,
            "status": "active",
            "incidentWebUrl": first["incidentWebUrl"],
            "redirectIncidentId": Value::Null,
            "displayName": format!("{} involving one user ({who})", first["title"].as_str().unwrap_or_default()),
            "createdDateTime": first["createdDateTime"],
            "lastUpdateDateTime": last["createdDateTime"],
            "assignedTo": Value::Null,
            "classification": "unknown",
            "determination": "unknown",
            "severity": worst,
            "customTags": [],
            "systemTags": [],
            "description": first["description"],
            "comments": [],
            "lastModifiedBy": Value::Null,
            "resolvingComment": Value::Null,
            "summary": Value::Null,
        });
        overlay(ctx, &id, &mut incident);
        incidents.push(incident);
    }
    incidents
}

fn find(ctx: &mut Context<'_>, request: &Request) -> Result<Value, Failure> {
    let id = request.param("id");
    let found = all(ctx).into_iter().find(|incident| id_of(incident) == id);
    found.ok_or_else(|| Failure::not_found("incident", id))
}

/// `GET /v1.0/security/incidents`.
pub(in super::super) fn incidents(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let incidents = all(ctx);
    list::serve(ctx, request, &INCIDENTS, INCIDENTS.name, incidents)
}

/// `GET /v1.0/security/incidents/{id}`.
pub(in super::super) fn incident(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let incident = find(ctx, request)?;
    list::serve_one(ctx, request, &INCIDENTS, INCIDENTS.name, incident)
}

/// `PATCH /v1.0/security/incidents/{id}`.
pub(in super::super) fn update_incident(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    find(ctx, request)?;
    let changeable = [
        ("status", &["active", "inProgress", "resolved"][..]),
        ("classification", CLASSIFICATIONS),
        ("determination", DETERMINATIONS),
        ("assignedTo", &[]),
        ("resolvingComment", &[]),
    ];
    triage(ctx, request, request.param("id"), &changeable)?;
    let incident = find(ctx, request)?;
    list::serve_one(ctx, request, &INCIDENTS, INCIDENTS.name, incident)
}
