//! Miro: the organisation and its members.
//!
//! Pages of 1 to 100 members by cursor (the id of the last one); with `emails=` a bare array and no other filter.
//!
//! # Not imitated
//! `lastActivityAt`, `licenseAssignedAt`, `adminRoles`.
//!
//! # Sources
//! `spec`: `enterprise-get-organization`, `…-organization-members`, `…-organization-member`.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, Asked, CursorForm, PageSize, Paging, Position};
use crate::scenario::PersonKind;
use crate::time::SimTime;

/// Most addresses in `emails=`.
const MAX_EMAILS: usize = 10;

static PAGING: Paging = Paging {
    list: "members",
    cursor_parameter: "cursor",
    cursor: CursorForm::Key {
        place: |id| id.parse::<u64>().is_ok().then_some(SimTime::from_us(0)),
        key: |position, _| position.id.to_string(),
        beside: |id, _| id.parse::<u64>().map_or_else(|_| String::new(), |n| n.saturating_sub(1).to_string()),
    },
    size: PageSize {
        parameter: "limit",
        default: 100,
        max: 100,
        above: AboveMax::Refuse("must be between 1 and 100, but was '{}'"),
    },
};

#[derive(Clone, Serialize)]
struct Member {
    id: String,
    email: String,
    active: bool,
    role: &'static str,
    license: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Member {
    fn of(user: &User<'_>) -> Self {
        let guest = user.person.kind == PersonKind::Guest;
        Self {
            id: user.account.user_id.clone(),
            email: user.login(),
            active: user.status.enabled,
            role: match (user.account.admin, guest) {
                (true, _) => "organization_internal_admin",
                (false, true) => "organization_external_user",
                (false, false) => "organization_internal_user",
            },
            license: if guest { "free" } else { "full" },
            kind: "organization-member",
        }
    }
}

#[derive(Serialize)]
struct List {
    limit: u32,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    data: Vec<Member>,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `GET /v2/orgs/{org_id}`.
pub(super) fn organization(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_organization(ctx, request)?;
    let members = all(ctx).iter().filter(|m| m.license == "full").count();
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "id": ctx.instance().organisation_id,
            "name": ctx.sim.world.organisation,
            "plan": "company",
            "fullLicensesPurchased": members,
            "type": "organization",
        }),
    ))
}

/// `GET /v2/orgs/{org_id}/members`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_organization(ctx, request)?;
    if let Some(emails) = request.query("emails").filter(|e| !e.is_empty()) {
        let emails: Vec<&str> = emails.split(',').map(str::trim).collect();
        if emails.len() > MAX_EMAILS {
            return Err(Failure::bad_parameter("emails", "must not name more than 10 addresses"));
        }
        let named: Vec<Member> =
            all(ctx).into_iter().filter(|m| emails.iter().any(|e| e.eq_ignore_ascii_case(&m.email))).collect();
        return Ok(Answer::json(StatusCode::OK, &named));
    }
    let limit = PAGING.size.read(request.query("limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let active = match request.query("active") {
        None | Some("") => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Failure::bad_parameter("active", "must be true or false")),
    };
    let wanted = |parameter: &str, value: &str| request.query(parameter).is_none_or(|w| w.is_empty() || w == value);
    let after = PAGING.cursor(ctx, request)?.after;
    let members = all(ctx)
        .into_iter()
        .filter(|m| wanted("role", m.role) && wanted("license", m.license))
        .filter(|m| active.is_none_or(|a| a == m.active))
        .filter(|m| after.as_ref().is_none_or(|p| *m.id > *p.id))
        .collect();
    let position = |m: &Member| Position { at: SimTime::from_us(0), id: m.id.as_str().into() };
    let page = pages::cut(ctx, request, &PAGING, &Asked::default(), members, limit, position)?;
    let list = List { limit, size: page.items.len(), cursor: page.next, data: page.items, kind: "cursor-list" };
    Ok(Answer::json(StatusCode::OK, &list))
}

/// `GET /v2/orgs/{org_id}/members/{member_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_organization(ctx, request)?;
    let id = request.param("member_id");
    let user = directory::user_by(&ctx.sim.world, &ctx.state.timeline, ctx.app, |_, account| account.user_id == id);
    let user = user.ok_or_else(|| Failure::not_found("organization member", id))?;
    Ok(Answer::json(StatusCode::OK, &Member::of(&user)))
}

/// In the order of their ids.
fn all(ctx: &Context<'_>) -> Vec<Member> {
    directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app).iter().map(Member::of).collect()
}

/// A token opens its own organisation only.
fn own_organization(ctx: &Context<'_>, request: &Request) -> Result<(), Failure> {
    let asked = request.param("org_id");
    if asked == ctx.instance().organisation_id { Ok(()) } else { Err(Failure::not_found("organization", asked)) }
}
