//! Miro: boards, who may see them, and what stands on them: what a data scan reads.
//!
//! Boards are the documents that people have made before the story ([`content`]). A Company Admin sees them all. Lists of
//! boards and board members go by offset, items by cursor with 10 to 50 a page: `limit=1` is refused. Sharing, roles,
//! name and description can be changed, and leave events in the audit log.
//!
//! # Not imitated
//! Boards made, copied or deleted through the API; projects (no board is in one); item edits; items other than texts,
//! sticky notes, shapes and cards; `lastOpenedAt`. Boards that the script names are not in the list, nor the other way
//! round. Boards of somebody who leaves pass to the administrator.
//!
//! # Sources
//! `spec`: `get-boards`, `get-specific-board`, `update-board`, `get-board-members` and its neighbours, `get-items`,
//! `get-specific-item`. That a Company Admin sees every board is recalled, not documented in `spec`.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::board_id;
use super::paging::by_offset;
use super::roster::{self, Member};
use super::trace;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Sharing;
use crate::world::content::{self, Document};

/// Kind of the shelf's entries for boards: what was changed of them, by id.
const BOARDS: &str = "board";
/// Kind of the shelf's entries for board members: `{role}`, by board and member; null for those taken away.
const SEATS: &str = "board_seat";

/// Longest `query`.
const LONGEST_QUERY: usize = 500;
/// Most addresses in one invitation.
const MOST_INVITED: usize = 20;

/// From the least to the most.
const ROLES: [&str; 5] = ["viewer", "commenter", "editor", "coowner", "owner"];

/// Events of sharing policies: the field, the event when it opens, the event when it closes.
const SHARING_EVENTS: [(&str, &str, &str); 3] = [
    ("access", "board_public_link_enabled", "board_public_link_disabled"),
    ("organizationAccess", "board_organization_sharing_enabled", "board_organization_sharing_disabled"),
    ("teamAccess", "board_team_sharing_enabled", "board_team_sharing_disabled"),
];

/// A board.
#[derive(Clone, Debug)]
pub(super) struct Board {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) document: Document,
    pub(super) owner: Member,
    description: String,
    sharing: Value,
}

/// Every board, newest first.
pub(super) fn all(ctx: &Context<'_>) -> Vec<Board> {
    let scenario = &ctx.sim.scenario;
    let documents = content::documents(&ctx.sim.world, scenario.seed, ctx.instance(), scenario.calendar().day_1());
    let (members, shelf) = (roster::all(ctx), &ctx.state.instances[ctx.app.0].shelf);
    let heir = members.iter().find(|m| m.admin && m.active);
    let mut boards: Vec<Board> = documents
        .into_iter()
        .filter_map(|document| {
            let id = board_id(scenario.seed, ctx.instance(), &document.key);
            let owner = members.iter().find(|m| m.person == Some(document.owner)).or(heir)?.clone();
            let changed = shelf.get(BOARDS, &id);
            let text = |field: &str| changed.and_then(|c| c[field].as_str()).map(str::to_owned);
            let mut sharing = sharing_policy(document.sharing);
            if let Some(Value::Object(fields)) = changed.map(|c| &c["sharingPolicy"]) {
                fields.iter().for_each(|(field, value)| sharing[field] = value.clone());
            }
            let name = text("name").unwrap_or_else(|| document.title.clone());
            Some(Board { id, name, description: text("description").unwrap_or_default(), owner, sharing, document })
        })
        .collect();
    boards.sort_by(|a, b| (b.document.modified, &a.id).cmp(&(a.document.modified, &b.id)));
    boards
}

fn sharing_policy(sharing: Sharing) -> Value {
    let open = |least: Sharing, access: &str| if sharing >= least { access.to_owned() } else { "private".to_owned() };
    json!({
        "access": open(Sharing::Public, "view"),
        "accessPasswordRequired": false,
        "inviteToAccountAndBoardLinkAccess": "no_access",
        "organizationAccess": open(Sharing::Organisation, "view"),
        "teamAccess": open(Sharing::Team, "edit"),
    })
}

/// The board with this id.
pub(super) fn find(ctx: &Context<'_>, id: &str) -> Result<Board, Failure> {
    all(ctx).into_iter().find(|b| b.id == id).ok_or_else(|| Failure::not_found("board", id))
}

/// The board of a path, if the caller may see it.
pub(super) fn asked(ctx: &Context<'_>, request: &Request) -> Result<Board, Failure> {
    let board = find(ctx, request.param("board_id"))?;
    if sees(ctx, request, &board) { Ok(board) } else { Err(Failure::not_found("board", board.id)) }
}

/// A Company Admin sees every board; a developer team has none.
fn sees(ctx: &Context<'_>, request: &Request, board: &Board) -> bool {
    let Some(caller) = roster::caller(ctx, request) else { return false };
    let shared = board.sharing["teamAccess"] != "private" || board.sharing["organizationAccess"] != "private";
    !roster::is_developer_team(ctx, request) && (caller.admin || caller.id == board.owner.id || shared)
}

impl Board {
    fn render(&self, ctx: &Context<'_>, request: &Request) -> Value {
        let person = |m: &Member| json!({ "id": m.id, "name": m.name, "type": "user" });
        let (instance, owner) = (ctx.instance(), person(&self.owner));
        let related = format!("{}/v2/boards/{}/members?limit=20&offset=0", request.origin, self.id);
        json!({
            "id": self.id,
            "type": "board",
            "name": self.name,
            "description": self.description,
            "team": { "id": instance.team_id, "name": instance.team_name, "type": "team" },
            "policy": {
                "permissionsPolicy": {
                    "collaborationToolsStartAccess": "all_editors",
                    "copyAccess": "anyone",
                    "sharingAccess": "team_members_with_editing_rights",
                },
                "sharingPolicy": self.sharing,
            },
            "viewLink": format!("{}/app/board/{}", request.origin, self.id),
            "owner": owner,
            "createdAt": trace::iso(self.document.created),
            "createdBy": owner,
            "modifiedAt": trace::iso(self.document.modified),
            "modifiedBy": owner,
            "links": { "self": format!("{}/v2/boards/{}", request.origin, self.id), "related": related },
        })
    }
}

/// `GET /v2/boards`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let given = |name: &str| request.query(name).filter(|v| !v.is_empty());
    let query = given("query").unwrap_or_default().to_lowercase();
    if query.chars().count() > LONGEST_QUERY {
        return Err(Failure::bad_parameter("query", "must have at most 500 characters"));
    }
    let mut boards: Vec<Board> = all(ctx).into_iter().filter(|b| sees(ctx, request, b)).collect();
    boards.retain(|b| {
        given("team_id").is_none_or(|team| team == ctx.instance().team_id)
            && given("project_id").is_none()
            && given("owner").is_none_or(|owner| owner == b.owner.id)
            && (b.name.to_lowercase().contains(&query) || b.description.to_lowercase().contains(&query))
    });
    match given("sort").unwrap_or("default") {
        "default" | "last_modified" | "last_opened" => {}
        "last_created" => boards.sort_by_key(|b| std::cmp::Reverse(b.document.created)),
        "alphabetically" => boards.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id))),
        _ => return Err(Failure::bad_parameter("sort", "is unknown")),
    }
    let boards = boards.iter().map(|b| b.render(ctx, request)).collect();
    by_offset(ctx, request, boards, "board_list")
}

/// `GET /v2/boards/{board_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    Ok(Answer::json(StatusCode::OK, &asked(ctx, request)?.render(ctx, request)))
}

#[derive(Deserialize)]
struct Changes {
    name: Option<String>,
    description: Option<String>,
    policy: Option<PolicyChanges>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyChanges {
    sharing_policy: Option<serde_json::Map<String, Value>>,
}

/// `PATCH /v2/boards/{board_id}`: name, description and sharing.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = asked(ctx, request)?;
    let changes: Changes = trace::body(request)?;
    let mut kept = ctx.instance_state().shelf.get(BOARDS, &board.id).cloned().unwrap_or_else(|| json!({}));
    let mut events = Vec::new();
    if let Some(name) = changes.name.filter(|n| *n != board.name) {
        if !(1..=60).contains(&name.chars().count()) {
            return Err(Failure::bad_parameter("name", "must have 1 to 60 characters"));
        }
        kept["name"] = json!(name);
        events.push("board_renamed");
    }
    if let Some(description) = changes.description.filter(|d| *d != board.description) {
        kept["description"] = json!(description);
        events.push("board_description_changed");
    }
    for (field, value) in changes.policy.and_then(|p| p.sharing_policy).into_iter().flatten() {
        let Some((_, opens, closes)) = SHARING_EVENTS.iter().find(|(name, ..)| *name == field) else { continue };
        let access = value.as_str().filter(|v| ["private", "view", "comment", "edit"].contains(v));
        let access = access.ok_or_else(|| Failure::bad_parameter(&field, "must be private, view, comment or edit"))?;
        if board.sharing[&field] != access {
            events.push(if access == "private" { closes } else { opens });
            kept["sharingPolicy"][&field] = json!(access);
        }
    }
    trace::keep(ctx, BOARDS, &board.id, kept)?;
    for event in events {
        trace::about(ctx, request, event, &board.name);
    }
    let board = find(ctx, &board.id)?;
    Ok(Answer::json(StatusCode::OK, &board.render(ctx, request)))
}

/// Who may do what on a board: the owner first.
fn seats(ctx: &Context<'_>, board: &Board) -> Vec<(Member, String)> {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let invited = roster::all(ctx).into_iter().filter(|m| m.id != board.owner.id).filter_map(|m| {
        let role = shelf.get(SEATS, &format!("{}/{}", board.id, m.id))?["role"].as_str()?.to_owned();
        Some((m, role))
    });
    std::iter::once((board.owner.clone(), "owner".to_owned())).chain(invited).collect()
}

fn seat(request: &Request, board: &Board, (member, role): &(Member, String)) -> Value {
    let link = format!("{}/v2/boards/{}/members/{}", request.origin, board.id, member.id);
    json!({ "id": member.id, "name": member.name, "role": role, "type": "board_member", "links": { "self": link } })
}

/// `GET /v2/boards/{board_id}/members`.
pub(super) fn members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = asked(ctx, request)?;
    let seats = seats(ctx, &board).iter().map(|s| seat(request, &board, s)).collect();
    by_offset(ctx, request, seats, "board_members_list")
}

fn occupied(ctx: &Context<'_>, board: &Board, id: &str) -> Result<(Member, String), Failure> {
    seats(ctx, board).into_iter().find(|(m, _)| m.id == id).ok_or_else(|| Failure::not_found("board member", id))
}

/// `GET /v2/boards/{board_id}/members/{board_member_id}`.
pub(super) fn member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = asked(ctx, request)?;
    let found = occupied(ctx, &board, request.param("board_member_id"))?;
    Ok(Answer::json(StatusCode::OK, &seat(request, &board, &found)))
}

#[derive(Deserialize)]
struct Invitation {
    #[serde(default)]
    emails: Vec<String>,
    role: Option<String>,
}

fn role_of(role: Option<&str>) -> Result<&'static str, Failure> {
    let role = role.unwrap_or("commenter");
    let known = ROLES.into_iter().find(|r| *r == role);
    known.ok_or_else(|| Failure::bad_parameter("role", "must be viewer, commenter, editor, coowner or owner"))
}

/// `POST /v2/boards/{board_id}/members`: who is not in the organisation fails, the others are on the board.
pub(super) fn share(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = asked(ctx, request)?;
    let invitation: Invitation = trace::body(request)?;
    if !(1..=MOST_INVITED).contains(&invitation.emails.len()) {
        return Err(Failure::bad_parameter("emails", "must name 1 to 20 addresses"));
    }
    let role = role_of(invitation.role.as_deref())?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for email in &invitation.emails {
        let Some(member) = roster::by_email(ctx, email) else {
            failed.push(json!({ "email": email, "reason": "The user is not a member of the organization." }));
            continue;
        };
        trace::keep(ctx, SEATS, &format!("{}/{}", board.id, member.id), json!({ "role": role }))?;
        successful.push(member.id.parse::<u64>().unwrap_or_default());
    }
    if !successful.is_empty() {
        trace::about(ctx, request, "board_shared", &board.name);
    }
    Ok(Answer::json(StatusCode::CREATED, &json!({ "successful": successful, "failed": failed })))
}

#[derive(Deserialize)]
struct RoleBody {
    role: Option<String>,
}

/// `PATCH /v2/boards/{board_id}/members/{board_member_id}`.
pub(super) fn change_member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = asked(ctx, request)?;
    let (member, _) = occupied(ctx, &board, request.param("board_member_id"))?;
    let role = role_of(trace::body::<RoleBody>(request)?.role.as_deref())?;
    not_the_owner(&board, &member)?;
    trace::keep(ctx, SEATS, &format!("{}/{}", board.id, member.id), json!({ "role": role }))?;
    trace::about(ctx, request, "board_shared", &board.name);
    Ok(Answer::json(StatusCode::OK, &seat(request, &board, &(member, role.to_owned()))))
}

/// `DELETE /v2/boards/{board_id}/members/{board_member_id}`.
pub(super) fn remove_member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = asked(ctx, request)?;
    let (member, _) = occupied(ctx, &board, request.param("board_member_id"))?;
    not_the_owner(&board, &member)?;
    trace::keep(ctx, SEATS, &format!("{}/{}", board.id, member.id), json!({ "role": null }))?;
    trace::about(ctx, request, "board_user_removed", &board.name);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn not_the_owner(board: &Board, member: &Member) -> Result<(), Failure> {
    if board.owner.id == member.id {
        return Err(Failure::bad_parameter("board_member_id", "is the owner, whose role cannot be changed"));
    }
    Ok(())
}
