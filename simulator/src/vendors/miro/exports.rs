//! Miro: eDiscovery's board exports.
//!
//! A job is made for 1 to 1000 boards under a request id of the client's: the same id again answers with the same job. It
//! is CREATED, a minute later IN_PROGRESS, and FINISHED after five; until then links are not ready (425). One task a board.
//!
//! # Not imitated
//! The files themselves: links lead into an object store that is not here. Tasks that fail.
//!
//! # Sources
//! `spec`: `enterprise-create-board-export` and its neighbours. How long a job takes is a guess, as are the forms of
//! links and task ids.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::roster::enterprise;
use super::{boards, trace};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, CursorForm, PageSize, Paging};
use crate::time::SimTime;

/// Kind of the shelf's entries: jobs, by id.
const JOBS: &str = "export_job";
/// Boards in a job.
const MOST_BOARDS: usize = 1_000;
/// Until a job is IN_PROGRESS, and until it is FINISHED.
const STAGES: [(Duration, &str); 2] =
    [(Duration::from_secs(300), "FINISHED"), (Duration::from_secs(60), "IN_PROGRESS")];
/// How long a link works.
const LINK_LIFE: Duration = Duration::from_secs(900);

const fn paging(list: &'static str) -> Paging {
    Paging {
        list,
        cursor_parameter: "cursor",
        cursor: CursorForm::Sealed,
        size: PageSize {
            parameter: "limit",
            default: 50,
            max: 500,
            above: AboveMax::Refuse("must be between 1 and 500, but was '{}'"),
        },
    }
}

static JOB_PAGES: Paging = paging("export_jobs");
static TASK_PAGES: Paging = paging("export_tasks");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(default)]
    board_ids: Vec<String>,
    board_format: Option<String>,
}

/// `POST /v2/orgs/{org_id}/boards/export/jobs?request_id=…`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let id = request.query("request_id").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Failure::bad_parameter("request_id", "is required"))?;
    let order: Order = trace::body(request)?;
    if !(1..=MOST_BOARDS).contains(&order.board_ids.len()) {
        return Err(Failure::bad_parameter("boardIds", "must name 1 to 1000 boards"));
    }
    let format = order.board_format.as_deref().unwrap_or("SVG");
    if !["SVG", "HTML", "PDF"].contains(&format) {
        return Err(Failure::bad_parameter("boardFormat", "must be SVG, HTML or PDF"));
    }
    let known = boards::all(ctx);
    if let Some(unknown) = order.board_ids.iter().find(|id| !known.iter().any(|b| b.id == **id)) {
        return Err(Failure::not_found("board", unknown.as_str()));
    }
    let job_id = ctx.sim.scenario.seed.uuid(&["export job", &ctx.instance().name, id]);
    if ctx.state.instances[ctx.app.0].shelf.get(JOBS, &job_id).is_none() {
        let creator = trace::caller_id(ctx, request);
        let job =
            json!({ "boards": order.board_ids, "format": format, "created_us": ctx.now.us(), "creator": creator });
        trace::keep(ctx, JOBS, &job_id, job)?;
        for board in known.iter().filter(|b| order.board_ids.contains(&b.id)) {
            trace::about(ctx, request, "board_exported", &board.name);
        }
    }
    Ok(Answer::json(StatusCode::OK, &json!({ "jobId": job_id })))
}

fn asked(ctx: &Context<'_>, request: &Request) -> Result<(String, Value), Failure> {
    enterprise(ctx, request)?;
    let id = request.param("job_id");
    let job = ctx.state.instances[ctx.app.0].shelf.get(JOBS, id).cloned();
    job.map(|job| (id.to_owned(), job)).ok_or_else(|| Failure::not_found("export job", id))
}

fn created(job: &Value) -> SimTime {
    SimTime::from_us(job["created_us"].as_i64().unwrap_or_default())
}

fn status(ctx: &Context<'_>, job: &Value) -> &'static str {
    if job["cancelled"] == true {
        return "CANCELLED";
    }
    let age = ctx.now.since(created(job));
    STAGES.iter().find(|(after, _)| age >= *after).map_or("CREATED", |(_, status)| status)
}

fn boards_of(job: &Value) -> Vec<&str> {
    job["boards"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A page of a list that says its `total`, as the two lists of this room do.
fn page(ctx: &mut Context<'_>, request: &Request, paging: &Paging, entries: Vec<Value>) -> Result<Answer, Failure> {
    let id = |entry: &Value| entry["id"].as_str().unwrap_or_default().to_owned();
    let total = entries.len();
    let page = pages::of_all(ctx, request, paging, entries, id)?;
    let mut body = json!({ "total": total, "data": page.items });
    if let Some(cursor) = page.next {
        body["cursor"] = json!(cursor);
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

/// `GET /v2/orgs/{org_id}/boards/export/jobs`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let given = |name: &str| request.query(name).filter(|v| !v.is_empty());
    let jobs = ctx.state.instances[ctx.app.0].shelf.all(JOBS);
    let jobs: Vec<Value> = jobs
        .filter(|(_, job)| given("status").is_none_or(|wanted| wanted == status(ctx, job)))
        .filter(|(_, job)| given("creatorId").is_none_or(|wanted| job["creator"] == wanted))
        .map(|(id, job)| {
            let (total, status) = (boards_of(job).len(), status(ctx, job));
            json!({
                "id": id,
                "name": format!("Export {id}"),
                "boardFormat": job["format"],
                "status": status,
                "createdAt": trace::iso(created(job)),
                "modifiedAt": trace::iso(created(job)),
                "tasksCount": { "total": total, "success": if status == "FINISHED" { total } else { 0 }, "error": 0 },
                "creator": { "id": job["creator"] },
            })
        })
        .collect();
    page(ctx, request, &JOB_PAGES, jobs)
}

/// `GET /v2/orgs/{org_id}/boards/export/jobs/{job_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (_, job) = asked(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &json!({ "jobStatus": status(ctx, &job) })))
}

/// `GET /v2/orgs/{org_id}/boards/export/jobs/{job_id}/results`: empty until the job is finished.
pub(super) fn results(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, job) = asked(ctx, request)?;
    let finished = status(ctx, &job) == "FINISHED";
    let boards = if finished { boards_of(&job) } else { Vec::new() };
    let results: Vec<Value> = boards
        .iter()
        .map(|board| json!({ "boardId": board, "status": "SUCCESS", "exportLink": link(request, &id, board) }))
        .collect();
    Ok(Answer::json(StatusCode::OK, &json!({ "jobId": id, "results": results })))
}

fn link(request: &Request, job: &str, board: &str) -> String {
    format!("{}/storage/exports/{job}/{board}.zip", request.origin)
}

#[derive(Deserialize)]
struct StatusBody {
    status: String,
}

/// `PUT /v2/orgs/{org_id}/boards/export/jobs/{job_id}/status`: a job can be cancelled, nothing else.
pub(super) fn cancel(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, mut job) = asked(ctx, request)?;
    if trace::body::<StatusBody>(request)?.status != "CANCELLED" {
        return Err(Failure::bad_parameter("status", "must be CANCELLED"));
    }
    if status(ctx, &job) == "FINISHED" {
        return Err(Failure::bad_parameter("status", "cannot be changed: the job is finished"));
    }
    job["cancelled"] = json!(true);
    trace::keep(ctx, JOBS, &id, job)?;
    Ok(Answer::json(StatusCode::OK, &json!({ "status": "CANCELLED" })))
}

/// `GET /v2/orgs/{org_id}/boards/export/jobs/{job_id}/tasks`.
pub(super) fn tasks(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, job) = asked(ctx, request)?;
    let status = match status(ctx, &job) {
        "FINISHED" => "SUCCESS",
        other => other,
    };
    let wanted = request.query("status").filter(|s| !s.is_empty());
    let tasks = boards_of(&job)
        .iter()
        .enumerate()
        .filter(|_| wanted.is_none_or(|wanted| wanted == status))
        .map(|(n, board)| json!({ "id": task_id(&id, n), "status": status, "board": { "key": board } }))
        .collect();
    page(ctx, request, &TASK_PAGES, tasks)
}

fn task_id(job: &str, n: usize) -> String {
    format!("{job}-{n:04}")
}

/// `POST /v2/orgs/{org_id}/boards/export/jobs/{job_id}/tasks/{task_id}/export-link`.
pub(super) fn export_link(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, job) = asked(ctx, request)?;
    let boards = boards_of(&job);
    let asked = request.param("task_id");
    let board = boards.iter().enumerate().find(|(n, _)| task_id(&id, *n) == asked).map(|(_, board)| board);
    let board = board.ok_or_else(|| Failure::not_found("export task", asked))?;
    if status(ctx, &job) != "FINISHED" {
        return Err(Failure::NotReady { what: "export" });
    }
    let until = trace::iso(ctx.now + LINK_LIFE);
    let body = json!({ "status": "SUCCESS", "exportLink": link(request, &id, board), "linkExpiredAt": until });
    Ok(Answer::json(StatusCode::OK, &body))
}
