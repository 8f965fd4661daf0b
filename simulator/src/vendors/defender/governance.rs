//! The governance log: what was done to files and with uploaded logs. There is no call that does anything to a person: that
//! goes through the directory.
//!
//! # Not imitated
//! Retry and revert; tasks of policies; pending and failed tasks: each is done at once.
//!
//! # Sources
//! microsoft/MCAS for paths, filters and names of tasks; of a record it reads `taskName` and `status.isSuccess` alone, all
//! other fields are invented. The page on governance: no call for people is documented.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::filters::{Field, JUST_EQ, Kind, ONE_OF, derived, field};
use super::list::{self, List};
use super::state::Tenant;
use crate::protocol::credentials::{HEX, drawn_text};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;

/// The list.
static GOVERNANCE: List = List {
    paging: list::paging("governance"),
    fields: &FIELDS,
    sorts: &[("timestamp", "/timestamp")],
    order: Order::Descending,
    id: "_id",
};

/// What tasks can be filtered by.
static FIELDS: [Field; 3] = [
    field("appId", Kind::Number, ONE_OF, "/appId"),
    field("type", Kind::Text, ONE_OF, "/taskName"),
    derived("status", Kind::Flag, JUST_EQ, |item| vec![item["status"]["isSuccess"].clone()]),
];

/// Most tasks remembered; the oldest go first.
const CAPACITY: usize = 1_000;

/// Writes down that a task was done.
pub(super) fn note(ctx: &mut Context<'_>, request: &Request, task: &str, app_id: u32, target: &str) {
    let (now, by) = (ctx.now, request.caller().client.clone());
    let (seed, name) = (ctx.sim.scenario.seed, ctx.instance().name.clone());
    let tenant = Tenant::of(ctx);
    tenant.tasks_made += 1;
    let number = tenant.tasks_made.to_string();
    let entry = json!({
        "_id": drawn_text(seed, &["defender task", &name, &number], HEX, 24),
        "taskName": task,
        "appId": app_id,
        "timestamp": now.ms(),
        "created": now.ms(),
        "targetObject": { "id": target },
        "status": { "isSuccess": true, "message": Value::Null },
        "user": by,
    });
    if tenant.tasks.len() == CAPACITY {
        tenant.tasks.pop_front();
    }
    tenant.tasks.push_back(entry);
}

fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    Tenant::of(ctx).tasks.iter().cloned().collect()
}

/// `POST /api/v1/governance/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let tasks = all(ctx);
    GOVERNANCE.serve(ctx, request, tasks)
}

/// `GET /api/v1/governance/{id}/`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = all(ctx).into_iter().find(|task| task["_id"] == *id);
    Ok(Answer::json(StatusCode::OK, &found.ok_or_else(|| Failure::not_found("task", id))?))
}
