//! GitHub: removing members, changing roles, blocking; suspension on Enterprise Server.
//!
//! # Sources
//! Operations `orgs/remove-member`, `orgs/remove-membership-for-user`, `orgs/set-membership-for-user`, `orgs/block-user`;
//! `enterprise-admin/suspend-user` of Enterprise Server. That the last owner stays is documented; that blocking wants
//! somebody known, and no member, is a guess.
//!
//! # Not imitated
//! Invitations that are accepted (one stays pending for ever) and their limit of fifty a day; memberships that an enterprise
//! team provides; conversion of a member to an outside collaborator.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::people::{self, everybody, is_member, is_owner, named};
use super::tokens::has_scopes;
use super::{body_or_default, events, lists, names, shelve, unshelve};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::{VendorProfile, Verb};
use crate::timeline::Deed;
use crate::world::PersonIndex;

/// Logins that the organisation has blocked.
const BLOCKED: &str = "blocked user";

/// A deed of the caller, with what the audit log tells of the token that did it.
pub(super) fn deed(ctx: &mut Context<'_>, request: &Request, verb: Verb) -> Deed {
    let caller = request.caller().clone();
    let value = ctx.instance_state().tokens.value_presented(&request.headers, &request.query);
    let mut details = std::collections::BTreeMap::from([("token_kind".to_owned(), caller.token_kind.to_owned())]);
    details.extend(value.map(|token| ("hashed_token".to_owned(), events::hashed(&token))));
    if has_scopes(caller.token_kind) {
        details.insert("token_scopes".to_owned(), caller.scopes.join(","));
    }
    Deed { verb, app: ctx.app, target: None, object: None, details, by: caller.client }
}

/// Writes down what is no governance action: an event by its name.
pub(super) fn write_down(ctx: &mut Context<'_>, request: &Request, name: &str, about: (Option<PersonIndex>, String)) {
    let mut deed = deed(ctx, request, Verb::Event);
    deed.details.insert("name".to_owned(), name.to_owned());
    (deed.target, deed.object) = (about.0, Some(about.1).filter(|o| !o.is_empty()).map(Into::into));
    if ctx.is_real() {
        ctx.state.timeline.govern(ctx.now, deed);
    }
}

/// Does something to a person, with what the audit log tells of the caller.
pub(super) fn upon(ctx: &mut Context<'_>, request: &Request, verb: Verb, target: PersonIndex) {
    let deed = deed(ctx, request, verb);
    directory::perform(ctx, Deed { target: Some(target), ..deed });
}

/// The status of what is done and has nothing to say.
pub(super) const DONE: StatusCode = StatusCode::NO_CONTENT;

fn remove(ctx: &mut Context<'_>, request: &Request, wanted: fn(&User<'_>) -> bool) -> Result<Answer, Failure> {
    let login = request.param("username");
    let Some(user) = named(ctx, request).ok().filter(wanted) else {
        directory::missed(ctx, "remove_member", login);
        return Err(Failure::not_found("member", login));
    };
    let owners = everybody(ctx).iter().filter(|u| is_owner(ctx, u)).count();
    if is_owner(ctx, &user) && owners == 1 {
        let key = user.person.key.clone();
        directory::missed(ctx, "remove_member", &key);
        return Err(Failure::Forbidden { why: "the last owner cannot be removed".to_owned() });
    }
    let index = user.index;
    upon(ctx, request, Verb::Terminate, index);
    Ok(Answer::empty(DONE))
}

/// `DELETE /orgs/{org}/members/{username}` and `…/memberships/{username}`.
pub(super) fn remove_member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    remove(ctx, request, is_member)
}

/// `DELETE /orgs/{org}/outside_collaborators/{username}`: 422 for a member.
pub(super) fn remove_outside_collaborator(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if named(ctx, request).is_ok_and(|user| is_member(&user)) {
        directory::missed(ctx, "remove_member", request.param("username"));
        return Err(Failure::bad_parameter("username", "is a member of the organization"));
    }
    remove(ctx, request, |user| !is_member(user))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Membership {
    role: Option<String>,
}

/// `PUT /orgs/{org}/memberships/{username}`: another role for a member, an invitation for anybody else.
pub(super) fn set_membership(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let role = body_or_default::<Membership>(request)?.role.unwrap_or_else(|| "member".to_owned());
    if role != "admin" && role != "member" {
        return Err(Failure::bad_parameter("role", "must be admin or member"));
    }
    if let Ok(user) = named(ctx, request) {
        let before = if is_owner(ctx, &user) { "admin" } else { "member" };
        if role != before {
            let mut deed = deed(ctx, request, Verb::ChangeRole);
            deed.details.insert("role".to_owned(), role);
            directory::perform(ctx, Deed { target: Some(user.index), ..deed });
        }
        return Ok(Answer::json(StatusCode::OK, &people::membership(ctx, request, &user, "active")));
    }
    let login = request.param("username");
    let known = names::account_called(&ctx.sim.world, ctx.instance(), login);
    let (index, person, account) = known.ok_or_else(|| Failure::not_found("user", login))?;
    let status = ctx.state.timeline.account(index, ctx.app);
    let user = User { index, person, account, status };
    write_down(ctx, request, "org.invite_member", (Some(index), String::new()));
    Ok(Answer::json(StatusCode::OK, &people::membership(ctx, request, &user, "pending")))
}

/// Whom `PUT …/blocks/{username}` and its siblings name: known, member or not.
fn blockable(ctx: &Context<'_>, request: &Request) -> Result<String, Failure> {
    let login = request.param("username");
    let known = names::account_called(&ctx.sim.world, ctx.instance(), login);
    known.map(|(_, _, account)| account.login.clone()).ok_or_else(|| Failure::not_found("user", login))
}

/// `PUT /orgs/{org}/blocks/{username}`: not for members, who are removed first.
pub(super) fn block(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let login = blockable(ctx, request)?;
    if named(ctx, request).is_ok_and(|user| is_member(&user)) {
        return Err(Failure::bad_parameter("username", "is a member of the organization"));
    }
    write_down(ctx, request, "org.block_user", (None, login.clone()));
    shelve(ctx, BLOCKED, &login, Value::Null)?;
    Ok(Answer::empty(DONE))
}

/// `DELETE /orgs/{org}/blocks/{username}`.
pub(super) fn unblock(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let login = blockable(ctx, request)?;
    if unshelve(ctx, BLOCKED, &login) {
        write_down(ctx, request, "org.unblock_user", (None, login));
    }
    Ok(Answer::empty(DONE))
}

/// `GET /orgs/{org}/blocks/{username}`: 204 or 404.
pub(super) fn is_blocked(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let login = blockable(ctx, request)?;
    let blocked = ctx.instance_state().shelf.get(BLOCKED, &login).is_some();
    if blocked { Ok(Answer::empty(DONE)) } else { Err(Failure::not_found("blocked user", login)) }
}

/// `GET /orgs/{org}/blocks`.
pub(super) fn blocks(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let blocked: Vec<String> = ctx.instance_state().shelf.all(BLOCKED).map(|(login, _)| login.to_owned()).collect();
    let (world, instance) = (&ctx.sim.world, ctx.instance());
    let accounts = blocked.iter().filter_map(|login| names::account_called(world, instance, login));
    let items: Vec<Value> = accounts.map(|(_, _, account)| names::simple_user(request, account)).collect();
    let page = lists::page(ctx, request, "blocks", items, |u| u["login"].to_string())?;
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// `PUT` and `DELETE /users/{username}/suspended`, on a customer's own machines.
fn set_suspended(ctx: &mut Context<'_>, request: &Request, verb: Verb) -> Result<Answer, Failure> {
    if ctx.sim.scenario.apps[ctx.app.0].profile != VendorProfile::Server {
        let (path, nearest) = (request.path.clone(), None);
        return Err(Failure::UnknownRoute { path, nearest });
    }
    let Ok(user) = named(ctx, request) else {
        directory::missed(ctx, if verb == Verb::Suspend { "suspend" } else { "unsuspend" }, request.param("username"));
        return Err(Failure::not_found("user", request.param("username")));
    };
    let index = user.index;
    upon(ctx, request, verb, index);
    Ok(Answer::empty(DONE))
}

/// `PUT /users/{username}/suspended`.
pub(super) fn suspend(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    set_suspended(ctx, request, Verb::Suspend)
}

/// `DELETE /users/{username}/suspended`.
pub(super) fn unsuspend(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    set_suspended(ctx, request, Verb::Restore)
}
