//! GitHub: the organisation, its members and guests, their roles, its one team.
//!
//! A member of the world is a member, a guest of the world an outside collaborator. Nobody's e-mail address is shown.
//!
//! # Sources
//! Operations `orgs/*`, `teams/*`, `users/*`. Who has no second factor, and whose is insecure, is drawn (ours) unless the
//! script enrols or removes one.
//!
//! # Not imitated
//! Changes of teams, nested teams, billing managers as a state, public membership, what a caller without a right sees.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::lists;
use super::names::{self, Customer};
use crate::journal::Refusal;
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::{PersonKind, VendorProfile};
use crate::timeline::Aspect;

/// Everybody who may come in, in the order of their numbers.
pub(super) fn everybody<'a>(ctx: &Context<'a>) -> Vec<User<'a>> {
    directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app)
}

/// Whether somebody belongs to the organisation itself.
pub(super) fn is_member(user: &User<'_>) -> bool {
    user.person.kind != PersonKind::Guest
}

/// Whether somebody owns the organisation, as matters stand.
pub(super) fn is_owner(ctx: &Context<'_>, user: &User<'_>) -> bool {
    match ctx.state.timeline.changed(ctx.app, &Aspect::Role(user.index)) {
        Some(role) => matches!(role, "admin" | "owner"),
        None => user.account.admin,
    }
}

/// How good somebody's second factor is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SecondFactor {
    None,
    Insecure,
    Secure,
}

fn second_factor(ctx: &Context<'_>, user: &User<'_>) -> SecondFactor {
    match ctx.state.timeline.changed(ctx.app, &Aspect::SecondFactor(user.index)) {
        Some("removed") => SecondFactor::None,
        Some(_) => SecondFactor::Secure,
        None => match ctx.sim.scenario.seed.number(&["github second factor", &user.person.key]) % 20 {
            0 if user.person.cast.is_none() && user.index.0 != 0 => SecondFactor::None,
            1 | 2 => SecondFactor::Insecure,
            _ => SecondFactor::Secure,
        },
    }
}

/// The user whom the path names, or a 404.
pub(super) fn named<'a>(ctx: &Context<'a>, request: &Request) -> Result<User<'a>, Failure> {
    let login = request.param("username");
    let user = everybody(ctx).into_iter().find(|u| u.account.login.eq_ignore_ascii_case(login));
    user.ok_or_else(|| Failure::not_found("user", login))
}

/// One of a few words; the first if none was sent.
fn word<'a>(request: &'a Request, name: &str, known: &[&'a str]) -> Result<&'a str, Failure> {
    match request.query(name).filter(|v| !v.is_empty()) {
        None => Ok(known[0]),
        Some(word) if known.contains(&word) => Ok(word),
        Some(_) => Err(Failure::bad_parameter(name, format!("must be one of {}", known.join(", ")))),
    }
}

fn list(
    ctx: &mut Context<'_>,
    request: &Request,
    name: &'static str,
    keep: impl Fn(&Context<'_>, &User<'_>) -> bool,
) -> Result<Answer, Failure> {
    let filter = word(request, "filter", &["all", "2fa_disabled", "2fa_insecure"])?;
    let wanted = |user: &User<'_>| match (filter, second_factor(ctx, user)) {
        ("2fa_disabled", factor) => factor == SecondFactor::None,
        ("2fa_insecure", factor) => factor == SecondFactor::Insecure,
        _ => true,
    };
    let users = everybody(ctx).into_iter().filter(|u| wanted(u) && keep(ctx, u));
    let items: Vec<Value> = users.map(|u| names::simple_user(request, u.account)).collect();
    let page = lists::page(ctx, request, name, items, |u| u["login"].to_string())?;
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// `GET /orgs/{org}/members`.
pub(super) fn members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let role = word(request, "role", &["all", "admin", "member"])?;
    list(ctx, request, "members", |ctx, user| {
        is_member(user) && (role == "all" || (role == "admin") == is_owner(ctx, user))
    })
}

/// `GET /orgs/{org}/outside_collaborators`.
pub(super) fn outside_collaborators(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    list(ctx, request, "outside_collaborators", |_, user| !is_member(user))
}

/// `GET /orgs/{org}/members/{username}`: 204 or 404.
pub(super) fn is_a_member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = named(ctx, request)?;
    match is_member(&user) {
        true => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        false => Err(Failure::not_found("member", request.param("username"))),
    }
}

/// A person's place in the organisation.
pub(super) fn membership(ctx: &Context<'_>, request: &Request, user: &User<'_>, state: &str) -> Value {
    let organisation = names::organisation(ctx, request);
    json!({
        "url": format!("{}/memberships/{}", organisation["url"].as_str().unwrap_or_default(), user.account.login),
        "state": state,
        "role": if is_owner(ctx, user) { "admin" } else { "member" },
        "organization_url": organisation["url"],
        "direct_membership": true,
        "enterprise_teams_providing_indirect_membership": [],
        "organization": organisation,
        "user": names::simple_user(request, user.account),
    })
}

/// `GET /orgs/{org}/memberships/{username}`.
pub(super) fn one_membership(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = named(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &membership(ctx, request, &user, "active")))
}

/// The caller's account; an installation has none.
fn caller<'a>(ctx: &Context<'a>, request: &Request) -> Result<User<'a>, Failure> {
    let index = request.caller().user.ok_or_else(|| Failure::Own {
        status: StatusCode::FORBIDDEN,
        message: "Resource not accessible by integration".to_owned(),
        headers: Vec::new(),
        why: "token: an installation is nobody".to_owned(),
        refusal: Refusal::Permission,
    })?;
    directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, index).ok_or(Failure::TokenUnknown)
}

/// `GET /user/memberships/orgs`.
pub(super) fn own_memberships(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = caller(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &[membership(ctx, request, &user, "active")]))
}

/// `GET /user/orgs`.
pub(super) fn own_organisations(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    Ok(Answer::json(StatusCode::OK, &[names::organisation(ctx, request)]))
}

/// `GET /user`.
pub(super) fn own_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = caller(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &profile(ctx, request, &user)))
}

/// `GET /users/{username}`.
pub(super) fn one_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = named(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &profile(ctx, request, &user)))
}

/// An account with what its owner tells of themselves: no address.
pub(super) fn profile(ctx: &Context<'_>, request: &Request, user: &User<'_>) -> Value {
    let created = names::iso(ctx.sim.scenario.history_start());
    let more = json!({
        "name": user.name(),
        "company": null,
        "blog": "",
        "location": user.person.home.name,
        "email": null,
        "hireable": null,
        "bio": null,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": created,
        "updated_at": created,
    });
    let mut profile = merged(names::simple_user(request, user.account), more);
    // On a customer's own machines it shows who is suspended.
    if ctx.sim.scenario.apps[ctx.app.0].profile == VendorProfile::Server {
        profile["suspended_at"] = if user.status.enabled { Value::Null } else { json!(names::iso(ctx.now)) };
    }
    profile
}

/// One object with the members of both.
pub(super) fn merged(first: Value, more: Value) -> Value {
    let members = |value: Value| match value {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    Value::Object(members(first).into_iter().chain(members(more)).collect())
}

/// `GET /orgs/{org}`.
pub(super) fn organisation(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let created = names::iso(ctx.sim.scenario.history_start());
    let setting = |name: &str| ctx.state.timeline.changed(ctx.app, &Aspect::Setting(name.to_owned()));
    let permission = setting("default_repository_permission").unwrap_or("read");
    let more = json!({
        "name": ctx.sim.world.organisation,
        "blog": format!("https://{}", ctx.sim.world.domain),
        "location": ctx.sim.scenario.home.name,
        "is_verified": true,
        "has_organization_projects": true,
        "has_repository_projects": true,
        "public_repos": super::repositories::count(ctx, "public"),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": format!("{}/{}", request.origin, names::current_login(ctx)),
        "type": "Organization",
        "total_private_repos": super::repositories::count(ctx, "private"),
        "default_repository_permission": permission,
        "members_can_create_repositories": true,
        "two_factor_requirement_enabled": setting("two_factor_requirement") != Some("disabled"),
        "created_at": created,
        "updated_at": created,
        "archived_at": null,
    });
    Ok(Answer::json(StatusCode::OK, &merged(names::organisation(ctx, request), more)))
}

/// `GET /orgs/{org}/teams`: one, of all members.
pub(super) fn teams(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let all = vec![merged(team(ctx, request), json!({ "parent": null }))];
    let page = lists::page(ctx, request, "teams", all, |t| t["slug"].to_string())?;
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

fn team(ctx: &Context<'_>, request: &Request) -> Value {
    let (id, login) = (names::number(&ctx.instance().team_id), names::current_login(ctx));
    let own = format!("{}/organizations/{}/team/{id}", names::api(request), Customer::here(ctx).id);
    json!({
        "id": id,
        "node_id": names::node_id("T", id),
        "name": ctx.instance().team_name,
        "slug": slug(ctx),
        "description": "Everybody",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "url": own,
        "html_url": format!("{}/orgs/{login}/teams/{}", request.origin, slug(ctx)),
        "members_url": format!("{own}/members{{/member}}"),
        "repositories_url": format!("{own}/repos"),
        "type": "organization",
    })
}

fn slug(ctx: &Context<'_>) -> String {
    ctx.instance().team_name.to_lowercase()
}

/// There is one team.
fn own_team(ctx: &Context<'_>, request: &Request) -> Result<(), Failure> {
    let asked = request.param("team_slug");
    if asked == slug(ctx) { Ok(()) } else { Err(Failure::not_found("team", asked)) }
}

/// `GET /orgs/{org}/teams/{team_slug}`.
pub(super) fn one_team(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_team(ctx, request)?;
    let created = names::iso(ctx.sim.scenario.history_start());
    let more = json!({
        "created_at": created,
        "updated_at": created,
        "members_count": everybody(ctx).iter().filter(|u| is_member(u)).count(),
        "repos_count": 0,
        "organization": organisation(ctx, request)?.json_body(),
    });
    Ok(Answer::json(StatusCode::OK, &merged(team(ctx, request), more)))
}

/// `GET /orgs/{org}/teams/{team_slug}/members`.
pub(super) fn team_members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_team(ctx, request)?;
    let role = word(request, "role", &["all", "member", "maintainer"])?;
    list(ctx, request, "team_members", |ctx, user| {
        is_member(user) && (role == "all" || (role == "maintainer") == is_owner(ctx, user))
    })
}

/// `GET /orgs/{org}/teams/{team_slug}/memberships/{username}`.
pub(super) fn team_membership(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_team(ctx, request)?;
    let user = named(ctx, request)?;
    let own = team(ctx, request);
    let url = format!("{}/memberships/{}", own["url"].as_str().unwrap_or_default(), user.account.login);
    let role = if is_owner(ctx, &user) { "maintainer" } else { "member" };
    Ok(Answer::json(StatusCode::OK, &json!({ "url": url, "role": role, "state": "active" })))
}

/// `GET /orgs/{org}/installations`: the stack's own app and those that people have let in.
pub(super) fn installations(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut all: Vec<Value> = super::apps::installation(ctx, request).into_iter().collect();
    let let_in: Vec<String> = ctx.state.timeline.changes(ctx.app).filter_map(let_in).collect();
    all.extend(let_in.iter().map(|name| super::apps::foreign_installation(ctx, request, name)));
    let total = all.len();
    let page = lists::page(ctx, request, "installations", all, |i| i["id"].to_string())?;
    let body = json!({ "total_count": total, "installations": page.items });
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &body), request, &page))
}

fn let_in((aspect, value): (&Aspect, &str)) -> Option<String> {
    match aspect {
        Aspect::App(name) if value == "granted" => Some(name.clone()),
        _ => None,
    }
}
