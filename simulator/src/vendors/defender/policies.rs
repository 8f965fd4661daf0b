//! Policies: the eight built-in ones that are imitated.
//!
//! # Not imitated
//! Every other policy; making, changing and switching them.
//!
//! # Sources
//! microsoft/MCAS for paths and types; the fields of a record beyond name, type and id are invented.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::alerts::{BUILT_IN, Raises};
use super::filters::{Field, JUST_EQ, Kind, ONE_OF, field};
use super::list::{self, List};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;

const ANOMALY_DETECTION: &str = "ANOMALY_DETECTION";

/// The list.
static POLICIES: List = List {
    paging: list::paging("policies"),
    fields: &FIELDS,
    sorts: &[("name", "/name"), ("severity", "/alertSeverity")],
    order: Order::Ascending,
    id: "_id",
};

/// What policies can be filtered by.
static FIELDS: [Field; 4] = [
    field("type", Kind::Text, ONE_OF, "/policyType"),
    field("name", Kind::Text, ONE_OF, "/name"),
    field("severity", Kind::Number, ONE_OF, "/alertSeverity"),
    field("enabled", Kind::Flag, JUST_EQ, "/enabled"),
];

fn all(ctx: &Context<'_>) -> Vec<Value> {
    let mode = ctx.instance().mda_mode;
    let policies = BUILT_IN.iter().map(|policy| {
        let enabled = matches!(policy.raises(mode), Raises::Alert(_));
        json!({
            "_id": policy.id(ctx.sim.scenario.seed, ctx.instance()),
            "name": policy.name,
            "policyType": ANOMALY_DETECTION,
            "alertTypes": [policy.type_number],
            "alertSeverity": policy.severity,
            "enabled": enabled,
            "consoleFilters": Value::Null,
            "msFlowId": Value::Null,
        })
    });
    policies.collect()
}

/// `POST /api/v1/policies/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let policies = all(ctx);
    POLICIES.serve(ctx, request, policies)
}

/// `GET /api/v1/policies/{type}/{id}/`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let same = |policy: &Value| policy["_id"] == *id && policy["policyType"] == *request.param("type");
    let found = all(ctx).into_iter().find(same);
    Ok(Answer::json(StatusCode::OK, &found.ok_or_else(|| Failure::not_found("policy", id))?))
}
