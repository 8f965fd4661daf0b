//! Miro: data classification labels, of the organisation, as a team's default, and on boards.
//!
//! # Not imitated
//! Making and changing labels.
//!
//! # Sources
//! `spec`: `enterprise-dataclassification-*`. The labels themselves are made up.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::roster::enterprise;
use super::{boards, teams, trace};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};

/// Kind of the shelf's entries for labels of boards: the label's id, by board.
const LABELS_OF_BOARDS: &str = "board_label";
/// Kind of the shelf's entries for teams: `{defaultLabelId, enabled}`.
const TEAMS: &str = "team_classification";

struct Label {
    id: &'static str,
    name: &'static str,
    color: &'static str,
    description: &'static str,
    /// One of the four that `spec` lists.
    sharing: &'static str,
}

/// From the least to the most confidential; the second is the default.
#[rustfmt::skip]
static LABELS: [Label; 4] = [
    Label { id: "3000000000000000001", name: "Public",       color: "#8fd14f", description: "May be published.",         sharing: "NO_SHARING_RESTRICTIONS" },
    Label { id: "3000000000000000002", name: "Internal",     color: "#12cdd4", description: "For everybody here.",       sharing: "ONLY_WITHIN_ORGANIZATION" },
    Label { id: "3000000000000000003", name: "Confidential", color: "#fac710", description: "For the team.",             sharing: "ONLY_WITHIN_TEAM" },
    Label { id: "3000000000000000004", name: "Secret",       color: "#f24726", description: "For those who are named.",  sharing: "ONLY_WITH_AUTHORIZED_TEAM_MEMBERS" },
];
const DEFAULT: usize = 1;

fn label(id: &str) -> Result<&'static Label, Failure> {
    LABELS.iter().find(|l| l.id == id).ok_or_else(|| Failure::bad_parameter("labelId", "names no label"))
}

/// An id as a number or a text: `spec` has both.
fn id_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn render(label: &Label, kind: &str) -> Value {
    json!({
        "id": label.id,
        "name": label.name,
        "color": label.color,
        "description": label.description,
        "sharingRecommendation": label.sharing,
        "guidelineUrl": "https://intranet.example/classification",
        "type": kind,
    })
}

/// `GET /v2/orgs/{org_id}/data-classification-settings`.
pub(super) fn organization(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let labels: Vec<Value> = LABELS
        .iter()
        .enumerate()
        .map(|(n, label)| {
            let mut row = render(label, "data-classification-label");
            row["default"] = json!(n == DEFAULT);
            row["orderNumber"] = json!(n + 1);
            row
        })
        .collect();
    let kind = "data-classification-organization-settings";
    Ok(Answer::json(StatusCode::OK, &json!({ "enabled": true, "labels": labels, "type": kind })))
}

fn team_settings(ctx: &Context<'_>, team: &str) -> Value {
    let own = ctx.state.instances[ctx.app.0].shelf.get(TEAMS, team);
    own.cloned().unwrap_or_else(|| json!({ "defaultLabelId": LABELS[DEFAULT].id, "enabled": true }))
}

fn answer_team(mut settings: Value) -> Answer {
    settings["type"] = json!("team-data-classification-settings");
    Answer::json(StatusCode::OK, &settings)
}

/// `GET /v2/orgs/{org_id}/teams/{team_id}/data-classification-settings`.
pub(super) fn team(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = teams::find(ctx, request.param("team_id"))?;
    Ok(answer_team(team_settings(ctx, &team.id)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TeamChanges {
    default_label_id: Option<Value>,
    enabled: Option<bool>,
}

/// `PATCH /v2/orgs/{org_id}/teams/{team_id}/data-classification-settings`.
pub(super) fn change_team(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = teams::find(ctx, request.param("team_id"))?;
    let changes: TeamChanges = trace::body(request)?;
    let mut settings = team_settings(ctx, &team.id);
    if let Some(id) = &changes.default_label_id {
        settings["defaultLabelId"] = json!(label(&id_of(id))?.id);
    }
    if let Some(enabled) = changes.enabled {
        settings["enabled"] = json!(enabled);
    }
    trace::keep(ctx, TEAMS, &team.id, settings.clone())?;
    Ok(answer_team(settings))
}

fn of_board(ctx: &Context<'_>, board: &str) -> Option<&'static Label> {
    let own = ctx.state.instances[ctx.app.0].shelf.get(LABELS_OF_BOARDS, board)?;
    label(own.as_str()?).ok()
}

/// `GET /v2/orgs/{org_id}/teams/{team_id}/boards/{board_id}/data-classification`; 404 while it has no label.
pub(super) fn board(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    teams::find(ctx, request.param("team_id"))?;
    let board = boards::find(ctx, request.param("board_id"))?;
    let label = of_board(ctx, &board.id).ok_or_else(|| Failure::not_found("data classification label", board.id))?;
    Ok(Answer::json(StatusCode::OK, &render(label, "board-data-classification-label")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LabelBody {
    label_id: Value,
    not_classified_only: Option<bool>,
}

/// `POST /v2/orgs/{org_id}/teams/{team_id}/boards/{board_id}/data-classification`.
pub(super) fn classify(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    teams::find(ctx, request.param("team_id"))?;
    let board = boards::find(ctx, request.param("board_id"))?;
    let label = label(&id_of(&trace::body::<LabelBody>(request)?.label_id))?;
    trace::keep(ctx, LABELS_OF_BOARDS, &board.id, json!(label.id))?;
    Ok(Answer::json(StatusCode::OK, &render(label, "board-data-classification-label")))
}

/// `PATCH /v2/orgs/{org_id}/teams/{team_id}/data-classification`: all boards of a team, or those without a label.
pub(super) fn classify_all(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = teams::find(ctx, request.param("team_id"))?;
    let body: LabelBody = trace::body(request)?;
    let label = label(&id_of(&body.label_id))?;
    let unlabelled = body.not_classified_only == Some(true);
    let mut boards = if team.id == ctx.instance().team_id { boards::all(ctx) } else { Vec::new() };
    boards.retain(|b| !unlabelled || of_board(ctx, &b.id).is_none());
    if ctx.is_real() {
        for board in &boards {
            trace::keep(ctx, LABELS_OF_BOARDS, &board.id, json!(label.id))?;
        }
    }
    let kind = "boards-data-classification-label-changed";
    Ok(Answer::json(StatusCode::OK, &json!({ "numberUpdatedBoards": boards.len(), "type": kind })))
}
