//! Miro: teams and who is in them.
//!
//! One team holds everybody who is not a guest, its Company Admins as team admins; further teams are made through the API
//! (or SCIM, where they are groups). Pages of 1 to 100 by cursor. The last admin of a team can neither be removed nor be
//! made a member, the first team cannot be deleted.
//!
//! # Not imitated
//! `picture`; the deprecated role `team_guest`; logos and invitations that wait for an answer.
//!
//! # Sources
//! `spec`: `enterprise-get-teams` and its neighbours. What the refusals say is a guess.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::paging::{by_cursor, by_number};
use super::roster::{self, Member, enterprise};
use super::trace;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Paging;
use crate::scenario::Verb;

/// Kind of the shelf's entries for teams: `{name, gone}`, by id.
const TEAMS: &str = "team";
/// Kind of the shelf's entries for seats: `{role, createdAt, createdBy}`, by team and member; without a role: taken away.
const SEATS: &str = "seat";

static TEAM_PAGES: Paging = by_number("teams");
static MEMBER_PAGES: Paging = by_number("team_members");

/// Longest name of a team.
const LONGEST_NAME: usize = 60;

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Team {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Somebody's place in a team.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) member: Member,
    /// `admin` or `member`.
    pub(super) role: String,
    made: Value,
}

impl Seat {
    fn render(&self, ctx: &Context<'_>, team: &Team) -> Value {
        let first = ctx.sim.scenario.calendar().day_1() - std::time::Duration::from_secs(300 * 86_400);
        let text = |name: &str, default: String| self.made[name].as_str().map_or(default, str::to_owned);
        let admin = ctx.sim.world.people[0].accounts.get(&ctx.app).map(|a| a.user_id.clone()).unwrap_or_default();
        let (at, by) = (text("createdAt", trace::iso(first)), text("createdBy", admin));
        json!({
            "id": self.member.id,
            "teamId": team.id,
            "role": self.role,
            "createdAt": at,
            "createdBy": by,
            "modifiedAt": text("modifiedAt", at.clone()),
            "modifiedBy": text("modifiedBy", by.clone()),
            "type": "team-member",
        })
    }
}

/// Every team, in the order of their ids.
pub(super) fn all(ctx: &Context<'_>) -> Vec<Team> {
    let (shelf, instance) = (&ctx.state.instances[ctx.app.0].shelf, ctx.instance());
    let first = (instance.team_id.as_str(), shelf.get(TEAMS, &instance.team_id));
    let others = shelf.all(TEAMS).filter(|(id, _)| *id != instance.team_id).map(|(id, team)| (id, Some(team)));
    let mut teams: Vec<Team> = std::iter::once(first)
        .chain(others)
        .filter(|(_, team)| team.is_none_or(|t| t["gone"] != true))
        .map(|(id, team)| {
            let name = team.and_then(|t| t["name"].as_str()).unwrap_or(&instance.team_name);
            Team { id: id.to_owned(), name: name.to_owned(), kind: "team" }
        })
        .collect();
    teams.sort_by(|a, b| a.id.cmp(&b.id));
    teams
}

/// The team with this id.
pub(super) fn find(ctx: &Context<'_>, id: &str) -> Result<Team, Failure> {
    all(ctx).into_iter().find(|t| t.id == id).ok_or_else(|| Failure::not_found("team", id))
}

/// Who is in a team, in the order of their ids.
pub(super) fn seats(ctx: &Context<'_>, team: &Team) -> Vec<Seat> {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let everybodys = team.id == ctx.instance().team_id;
    roster::all(ctx)
        .into_iter()
        .filter(|m| !m.guest)
        .filter_map(|member| {
            let own = shelf.get(SEATS, &seat_id(team, &member));
            let born = if member.admin { "admin" } else { "member" };
            let role = match own {
                Some(seat) => seat["role"].as_str().map(str::to_owned),
                None => everybodys.then(|| born.to_owned()),
            }?;
            Some(Seat { member, role, made: own.cloned().unwrap_or_default() })
        })
        .collect()
}

fn seat_id(team: &Team, member: &Member) -> String {
    format!("{}/{}", team.id, member.id)
}

/// Puts somebody into a team, or changes their role there.
pub(super) fn seat(
    ctx: &mut Context<'_>,
    request: &Request,
    team: &Team,
    member: &Member,
    role: &str,
) -> Result<(), Failure> {
    let before = seats(ctx, team).into_iter().find(|s| s.member.id == member.id);
    if before.as_ref().is_some_and(|s| s.role == role) {
        return Ok(());
    }
    if before.is_some() && role == "member" {
        spare_the_last_admin(ctx, team, member)?;
    }
    let event = match (&before, role) {
        (None, _) => "user_joined_team",
        (Some(_), "admin") => "team_admin_granted",
        (Some(_), _) => "team_admin_revoked",
    };
    let (now, by) = (trace::iso(ctx.now), trace::caller_id(ctx, request));
    let mut made = before.map_or(Value::Null, |s| s.made);
    if made.is_null() {
        made = json!({ "createdAt": now, "createdBy": by });
    }
    made["role"] = json!(role);
    made["modifiedAt"] = json!(now);
    made["modifiedBy"] = json!(by);
    trace::keep(ctx, SEATS, &seat_id(team, member), made)?;
    trace::upon(ctx, request, event, member);
    Ok(())
}

/// Takes somebody out of a team.
pub(super) fn unseat(ctx: &mut Context<'_>, request: &Request, team: &Team, member: &Member) -> Result<(), Failure> {
    spare_the_last_admin(ctx, team, member)?;
    trace::keep(ctx, SEATS, &seat_id(team, member), json!({ "role": null }))?;
    trace::upon(ctx, request, "user_removed_from_team", member);
    Ok(())
}

fn spare_the_last_admin(ctx: &Context<'_>, team: &Team, member: &Member) -> Result<(), Failure> {
    let seats = seats(ctx, team);
    let mut admins = seats.iter().filter(|s| s.role == "admin");
    let last = admins.next().is_some_and(|s| s.member.id == member.id) && admins.next().is_none();
    if last { Err(Failure::Conflict { why: "it is the last admin of the team".to_owned() }) } else { Ok(()) }
}

/// Renames a team.
pub(super) fn rename(ctx: &mut Context<'_>, request: &Request, team: &Team, name: &str) -> Result<(), Failure> {
    check_name(name)?;
    if team.name != name {
        trace::keep(ctx, TEAMS, &team.id, json!({ "name": name }))?;
        trace::about(ctx, request, "team_renamed", name);
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Failure> {
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if fits { Ok(()) } else { Err(Failure::bad_parameter("name", "must have 1 to 60 characters")) }
}

#[derive(Deserialize)]
struct NameBody {
    name: Option<String>,
}

#[derive(Deserialize)]
struct SeatBody {
    email: Option<String>,
    role: Option<String>,
}

impl SeatBody {
    fn role(&self) -> Result<&str, Failure> {
        match self.role.as_deref() {
            None => Ok("member"),
            Some(role @ ("member" | "admin")) => Ok(role),
            Some(_) => Err(Failure::bad_parameter("role", "must be member or admin")),
        }
    }
}

/// `GET /v2/orgs/{org_id}/teams`; `name` is part of a name, whatever its case.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let name = request.query("name").unwrap_or_default().to_lowercase();
    let teams = all(ctx).into_iter().filter(|t| t.name.to_lowercase().contains(&name)).collect();
    by_cursor(ctx, request, &TEAM_PAGES, teams, |t: &Team| t.id.clone())
}

/// `GET /v2/orgs/{org_id}/teams/{team_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &find(ctx, request.param("team_id"))?))
}

/// `POST /v2/orgs/{org_id}/teams`: the caller is its first admin.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let name = trace::body::<NameBody>(request)?.name.unwrap_or_default();
    check_name(&name)?;
    let first: u64 = ctx.instance().team_id.parse().unwrap_or_default();
    // The number after the first team's is the developer team's.
    let id = (first + 1 + ctx.instance_state().shelf.number()).to_string();
    trace::keep(ctx, TEAMS, &id, json!({ "name": name }))?;
    trace::about(ctx, request, "team_created", &name);
    let team = Team { id, name, kind: "team" };
    if let Some(caller) = roster::caller(ctx, request) {
        seat(ctx, request, &team, &caller, "admin")?;
    }
    Ok(Answer::json(StatusCode::CREATED, &team))
}

/// `PATCH /v2/orgs/{org_id}/teams/{team_id}`.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    let Some(name) = trace::body::<NameBody>(request)?.name else { return Ok(Answer::json(StatusCode::OK, &team)) };
    rename(ctx, request, &team, &name)?;
    Ok(Answer::json(StatusCode::OK, &Team { name, ..team }))
}

/// `DELETE /v2/orgs/{org_id}/teams/{team_id}`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    if team.id == ctx.instance().team_id {
        return Err(Failure::bad_parameter("team_id", "is the default team, which cannot be deleted"));
    }
    trace::keep(ctx, TEAMS, &team.id, json!({ "name": team.name, "gone": true }))?;
    trace::about(ctx, request, "team_deleted", &team.name);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /v2/orgs/{org_id}/teams/{team_id}/members`.
pub(super) fn members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    let role = request.query("role").filter(|r| !r.is_empty());
    let seats: Vec<Value> = seats(ctx, &team)
        .iter()
        .filter(|s| role.is_none_or(|role| role == s.role))
        .map(|s| s.render(ctx, &team))
        .collect();
    by_cursor(ctx, request, &MEMBER_PAGES, seats, |s| s["id"].as_str().unwrap_or_default().to_owned())
}

/// `GET /v2/orgs/{org_id}/teams/{team_id}/members/{member_id}`.
pub(super) fn member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    let seat = occupied(ctx, &team, request.param("member_id"))?;
    Ok(Answer::json(StatusCode::OK, &seat.render(ctx, &team)))
}

fn occupied(ctx: &Context<'_>, team: &Team, id: &str) -> Result<Seat, Failure> {
    seats(ctx, team).into_iter().find(|s| s.member.id == id).ok_or_else(|| Failure::not_found("team member", id))
}

/// `POST /v2/orgs/{org_id}/teams/{team_id}/members`: somebody of the organisation joins. Who was deactivated is active
/// again.
pub(super) fn invite(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    let body: SeatBody = trace::body(request)?;
    let role = body.role()?;
    let email = body.email.as_deref().filter(|e| !e.is_empty());
    let email = email.ok_or_else(|| Failure::bad_parameter("email", "is required"))?;
    let member = roster::by_email(ctx, email).ok_or_else(|| Failure::not_found("organization member", email))?;
    if seats(ctx, &team).iter().any(|s| s.member.id == member.id) {
        return Err(Failure::Conflict { why: "the user is in the team".to_owned() });
    }
    seat(ctx, request, &team, &member, role)?;
    reactivate(ctx, request, &member);
    answer_seat(ctx, &team, &member, StatusCode::CREATED)
}

/// Joining a team reactivates.
pub(super) fn reactivate(ctx: &mut Context<'_>, request: &Request, member: &Member) {
    if let (Some(person), false) = (member.person, member.active) {
        directory::act(ctx, request, Verb::Restore, person);
    }
}

/// `PATCH /v2/orgs/{org_id}/teams/{team_id}/members/{member_id}`.
pub(super) fn change(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    let member = occupied(ctx, &team, request.param("member_id"))?.member;
    let body: SeatBody = trace::body(request)?;
    if body.role.is_some() {
        seat(ctx, request, &team, &member, body.role()?)?;
    }
    answer_seat(ctx, &team, &member, StatusCode::OK)
}

/// `DELETE /v2/orgs/{org_id}/teams/{team_id}/members/{member_id}`.
pub(super) fn remove(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = find(ctx, request.param("team_id"))?;
    let member = occupied(ctx, &team, request.param("member_id"))?.member;
    unseat(ctx, request, &team, &member)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The seat as it is now; as it would be, where a fault only pretends.
fn answer_seat(ctx: &Context<'_>, team: &Team, member: &Member, status: StatusCode) -> Result<Answer, Failure> {
    let seat = match occupied(ctx, team, &member.id) {
        Err(_) if !ctx.is_real() => Seat { member: member.clone(), role: "member".to_owned(), made: Value::Null },
        seat => seat?,
    };
    Ok(Answer::json(status, &seat.render(ctx, team)))
}
