//! `GET /v1.0/security/alerts_v2` and what analysts say of an alert.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::objects::id_of;
use super::super::odata;
use super::super::odata::list::{self, EntitySet, Index, paging};
use super::super::state::Tenant;
use super::{CLASSIFICATIONS, DETERMINATIONS, SEVERITIES, overlay, told, triage};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::security::SecurityAlert;

static ALERTS: EntitySet = EntitySet {
    name: "security/alerts_v2",
    type_name: "microsoft.graph.security.alert",
    expandable: &[],
    default: &[],
    further: &[
        "id",
        "assignedTo",
        "category",
        "classification",
        "comments",
        "createdDateTime",
        "description",
        "determination",
        "detectionSource",
        "evidence",
        "incidentId",
        "lastUpdateDateTime",
        "providerAlertId",
        "serviceSource",
        "severity",
        "status",
        "title",
    ],
    filterable: &[
        "assignedTo",
        "classification",
        "createdDateTime",
        "determination",
        "lastUpdateDateTime",
        "serviceSource",
        "severity",
        "status",
    ],
    searchable: &[],
    sortable: &["createdDateTime", "lastUpdateDateTime"],
    paging: paging("security_alerts"),
    index: Index::Plain,
};

/// How an alert of Defender for Cloud Apps is told from others.
const PREFIX: &str = "ca";

/// The number of the incident that an alert belongs to: one for each person and day.
pub(super) fn incident_id(ctx: &Context<'_>, alert: &SecurityAlert) -> String {
    let person = &ctx.sim.world.person(alert.person).key;
    let day = alert.made.civil().date().to_string();
    (1_000 + ctx.sim.scenario.seed.number(&["incident", person, &day]) % 9_000_000).to_string()
}

/// Every alert, as it stands.
pub(super) fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let alerts = told(ctx);
    alerts.iter().map(|alert| entity(ctx, alert)).collect()
}

fn entity(ctx: &mut Context<'_>, alert: &SecurityAlert) -> Value {
    let id = format!("{PREFIX}{}", alert.id);
    let tenant = ctx.instance().organisation_id.clone();
    let incident = incident_id(ctx, alert);
    let times = alert.evidence.iter().map(|record| record.activity.occurred);
    let edge = |time: Option<crate::time::SimTime>| time.map(|t| t.rfc3339());
    let (first, last) = (edge(times.clone().min()), edge(times.max()));
    let made = alert.made.rfc3339();
    let evidence = evidence(ctx, alert, &made);
    let mut entity = json!({
        "id": id,
        "providerAlertId": alert.id,
        "incidentId": incident,
        "status": "new",
        "severity": SEVERITIES[usize::from(alert.severity.min(2))],
        "classification": Value::Null,
        "determination": Value::Null,
        "serviceSource": "microsoftDefenderForCloudApps",
        "detectionSource": "cloudAppSecurity",
        "productName": "Microsoft Defender for Cloud Apps",
        "detectorId": alert.policy_id,
        "tenantId": tenant,
        "title": alert.title,
        "description": alert.description,
        "recommendedActions": "",
        "category": alert.category,
        "assignedTo": Value::Null,
        "alertWebUrl": format!("https://security.microsoft.com/alerts/{id}?tid={tenant}"),
        "incidentWebUrl": format!("https://security.microsoft.com/incident2/{incident}/overview?tid={tenant}"),
        "actorDisplayName": Value::Null,
        "threatDisplayName": Value::Null,
        "threatFamilyName": Value::Null,
        "mitreTechniques": [],
        "createdDateTime": made,
        "lastUpdateDateTime": made,
        "resolvedDateTime": Value::Null,
        "firstActivityDateTime": first,
        "lastActivityDateTime": last,
        "comments": [],
        "evidence": evidence,
        "systemTags": [],
    });
    overlay(ctx, &id, &mut entity);
    entity
}

/// Who, from where, in which apps.
fn evidence(ctx: &Context<'_>, alert: &SecurityAlert, made: &str) -> Vec<Value> {
    let person = ctx.sim.world.person(alert.person);
    let whole = |kind: &str, more: Value| {
        let mut evidence = json!({
            "@odata.type": format!("#microsoft.graph.security.{kind}"),
            "createdDateTime": made,
            "verdict": "suspicious",
            "remediationStatus": "none",
            "remediationStatusDetails": Value::Null,
            "roles": [],
            "detailedRoles": [],
            "tags": [],
        });
        if let (Some(fields), Value::Object(more)) = (evidence.as_object_mut(), more) {
            fields.extend(more);
        }
        evidence
    };
    let (account, domain) = person.email.split_once('@').unwrap_or((&person.email, ""));
    let mut all = vec![whole(
        "userEvidence",
        json!({ "userAccount": {
            "accountName": account, "domainName": domain, "userSid": Value::Null, "azureAdUserId": person.directory_id,
            "userPrincipalName": person.email, "displayName": person.display_name(),
        } }),
    )];
    for record in &alert.evidence {
        let Some(address) = record.activity.address else { continue };
        let country = record.activity.place.map(|place| place.country);
        let told = whole("ipEvidence", json!({ "ipAddress": address.to_string(), "countryLetterCode": country }));
        if !all.contains(&told) {
            all.push(told);
        }
    }
    all.extend(alert.apps.iter().map(|app| {
        whole(
            "cloudApplicationEvidence",
            json!({ "appId": app.id, "displayName": app.name, "instanceId": app.instance, "instanceName": app.name,
                    "saasAppId": app.id }),
        )
    }));
    all
}

fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    let found = all(ctx).into_iter().find(|alert| id_of(alert) == id);
    found.ok_or_else(|| Failure::not_found("alert", id))
}

/// `GET /v1.0/security/alerts_v2`.
pub(in super::super) fn alerts(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let alerts = all(ctx);
    list::serve(ctx, request, &ALERTS, ALERTS.name, alerts)
}

/// `GET /v1.0/security/alerts_v2/{id}`.
pub(in super::super) fn alert(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let alert = find(ctx, request.param("id"))?;
    list::serve_one(ctx, request, &ALERTS, ALERTS.name, alert)
}

/// `PATCH /v1.0/security/alerts_v2/{id}`.
pub(in super::super) fn update_alert(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id").to_owned();
    find(ctx, &id)?;
    let changeable = [
        ("status", &["new", "inProgress", "resolved"][..]),
        ("classification", CLASSIFICATIONS),
        ("determination", DETERMINATIONS),
        ("assignedTo", &[]),
    ];
    triage(ctx, request, &id, &changeable)?;
    let alert = find(ctx, &id)?;
    list::serve_one(ctx, request, &ALERTS, ALERTS.name, alert)
}

/// `POST /v1.0/security/alerts_v2/{id}/comments`.
pub(in super::super) fn comment(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id").to_owned();
    let mut comments = find(ctx, &id)?["comments"].as_array().cloned().unwrap_or_default();
    let sent = odata::body(request)?;
    let text = sent.get("comment").and_then(Value::as_str);
    let text = text.ok_or_else(|| Failure::bad_parameter("comment", "The property 'comment' is required."))?;
    comments.push(json!({
        "comment": text, "createdByDisplayName": request.caller().client, "createdDateTime": ctx.now.rfc3339(),
    }));
    if ctx.is_real() {
        let kept = Tenant::of(ctx).triage.entry(id).or_default();
        kept.insert("comments".to_owned(), json!(comments));
    }
    let fragment = "Collection(microsoft.graph.security.alertComment)";
    Ok(odata::entity(request, StatusCode::OK, fragment, json!({ "value": comments })))
}
