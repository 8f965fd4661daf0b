//! GitHub: removing members, changing roles, blocking, and ending what people's credentials open.
//!
//! # Sources
//! Operations `orgs/remove-member`, `orgs/remove-membership-for-user`, `orgs/set-membership-for-user`, `orgs/block-user`,
//! `orgs/list-saml-sso-authorizations`, `orgs/remove-saml-sso-authorization` and the asynchronous revocations beside it;
//! `enterprise-admin/suspend-user` of Enterprise Server. Everybody has one classic personal token and one key authorised
//! (ours). What is answered as queued is done at once. That the last owner stays is documented; that blocking wants
//! somebody known is a guess.
//!
//! # Not imitated
//! Invitations that are accepted (one stays pending for ever) and their limit of fifty a day; memberships that an enterprise
//! team provides; destroying credentials of managed users; conversion of a member to an outside collaborator.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::{self, everybody, is_member, is_owner, named};
use super::tokens::has_scopes;
use super::{body, body_or_default, events, links, lists, names, shelve};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Effects, Request};
use crate::scenario::{VendorProfile, Verb};
use crate::timeline::{Aspect, Deed};
use crate::world::PersonIndex;

/// Logins that the organisation has blocked.
const BLOCKED: &str = "blocked user";
/// Numbers of authorised credentials that are no more.
const REVOKED: &str = "revoked credential";
/// Numbers of fine-grained tokens and requests for one that were decided about.
const DECIDED: &str = "decided fine-grained token";

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
    if ctx.effects == Effects::Real {
        ctx.state.timeline.govern(ctx.now, deed);
    }
}

fn upon(ctx: &mut Context<'_>, request: &Request, verb: Verb, target: PersonIndex) {
    let deed = deed(ctx, request, verb);
    directory::perform(ctx, Deed { target: Some(target), ..deed });
}

const DONE: StatusCode = StatusCode::NO_CONTENT;

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
    if ctx.instance_state().shelf.take(BLOCKED, &login).is_some() {
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
    Ok(links::numbered(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// A credential that was authorised for the organisation, which has single sign-on.
struct Credential {
    id: u64,
    owner: PersonIndex,
    /// The word for its type in revocations.
    kind: &'static str,
    shown: Value,
}

/// Every authorised credential, in the order of its owner's number.
fn credentials(ctx: &Context<'_>) -> Vec<Credential> {
    let (world, instance, seed) = (&ctx.sim.world, ctx.instance(), ctx.sim.scenario.seed);
    let authorised = names::iso(ctx.sim.scenario.history_start());
    let mut all = Vec::new();
    for user in everybody(ctx).iter().filter(|u| directory::single_sign_on(world, instance, u.person).is_some()) {
        let token = events::personal_token(seed, world, instance, user.index);
        for (kind, word) in [("classic_pat", "personal access token"), ("ssh_key", "SSH key")] {
            let id = names::thing_id(seed, instance, kind, &user.person.key);
            let mut shown = json!({
                "login": user.account.login,
                "credential_id": id,
                "credential_type": word,
                "credential_authorized_at": authorised,
                "credential_accessed_at": null,
                "authorized_credential_id": id % 10_000_000,
            });
            if kind == "ssh_key" {
                shown["fingerprint"] = json!(events::hashed(&format!("{word} {id}")));
                shown["authorized_credential_title"] = json!("laptop");
            } else {
                shown["token_last_eight"] = json!(token[token.len() - 8..]);
                shown["scopes"] = json!(["repo"]);
                shown["authorized_credential_note"] = json!("automation");
                shown["authorized_credential_expires_at"] = Value::Null;
            }
            all.push(Credential { id, owner: user.index, kind, shown });
        }
    }
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    all.retain(|c| shelf.get(REVOKED, &c.id.to_string()).is_none());
    all
}

/// Whether somebody's classic token is no longer authorised for the organisation.
pub(super) fn is_unauthorised(ctx: &Context<'_>, person: PersonIndex) -> bool {
    let key = ctx.sim.world.people[person.0].key.clone();
    let id = names::thing_id(ctx.sim.scenario.seed, ctx.instance(), "classic_pat", &key);
    ctx.state.instances[ctx.app.0].shelf.get(REVOKED, &id.to_string()).is_some()
}

/// `GET /orgs/{org}/credential-authorizations`.
pub(super) fn list_credentials(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut all = credentials(ctx);
    if let Some(login) = request.query("login").filter(|l| !l.is_empty()) {
        all.retain(|c| c.shown["login"].as_str().is_some_and(|l| l.eq_ignore_ascii_case(login)));
    }
    let page = lists::page(ctx, request, "credential_authorizations", all, |c| c.id.to_string())?;
    let body: Vec<&Value> = page.items.iter().map(|c| &c.shown).collect();
    Ok(links::numbered(Answer::json(StatusCode::OK, &body), request, &page))
}

/// Revokes those that are wanted; a person is noted once.
fn revoke(
    ctx: &mut Context<'_>,
    request: &Request,
    wanted: impl Fn(&Credential) -> bool,
) -> Result<usize, Failure> {
    let wanted: Vec<Credential> = credentials(ctx).into_iter().filter(wanted).collect();
    for credential in &wanted {
        shelve(ctx, REVOKED, &credential.id.to_string(), Value::Null)?;
    }
    let owners: BTreeSet<PersonIndex> = wanted.iter().filter(|c| c.kind != "ssh_key").map(|c| c.owner).collect();
    for owner in owners {
        upon(ctx, request, Verb::RevokeToken, owner);
    }
    Ok(wanted.len())
}

/// `DELETE /orgs/{org}/credential-authorizations/{credential_id}`.
pub(super) fn revoke_one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("credential_id");
    match revoke(ctx, request, |c| c.id.to_string() == id)? {
        0 => Err(Failure::not_found("credential", id)),
        _ => Ok(Answer::empty(DONE)),
    }
}

/// The answer of a revocation that is queued. Who revokes everybody's may revoke their own token.
fn queued(request: &Request, of_caller: bool) -> Answer {
    let mut body = json!({ "message": "Credential revocation has been queued." });
    if of_caller && has_scopes(request.caller().token_kind) {
        body["warning"] = json!("The token used for this request may be revoked.");
    }
    Answer::json(StatusCode::ACCEPTED, &body)
}

/// `POST …/credential-authorizations/{username}/revoke`.
pub(super) fn revoke_of_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Ok(user) = named(ctx, request) else {
        directory::missed(ctx, "revoke_token", request.param("username"));
        return Err(Failure::not_found("user", request.param("username")));
    };
    let index = user.index;
    revoke(ctx, request, |c| c.owner == index)?;
    Ok(queued(request, request.caller().user == Some(index)))
}

#[derive(Deserialize)]
struct OfType {
    credential_type: String,
}

/// The type that a body names.
fn asked_type(request: &Request) -> Result<String, Failure> {
    let OfType { credential_type } = body(request)?;
    match credential_type.as_str() {
        "classic_pat" | "fine_grained_pat" | "ssh_key" | "oauth_app_token" => Ok(credential_type),
        _ => Err(Failure::bad_parameter("credential_type", "is no type of credential")),
    }
}

/// `POST …/credential-authorizations/{username}/revoke-credential-type`.
pub(super) fn revoke_type_of_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let kind = asked_type(request)?;
    let index = named(ctx, request)?.index;
    revoke(ctx, request, |c| c.owner == index && c.kind == kind)?;
    Ok(queued(request, request.caller().user == Some(index)))
}

/// `POST …/credential-authorizations/revoke-credential-type`.
pub(super) fn revoke_type(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let kind = asked_type(request)?;
    revoke(ctx, request, |c| c.kind == kind)?;
    Ok(queued(request, true))
}

/// `POST …/credential-authorizations/revoke-all`.
pub(super) fn revoke_all(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    revoke(ctx, request, |_| true)?;
    Ok(queued(request, true))
}

/// A fine-grained token that may see the organisation, or asks to.
fn programmatic_access(ctx: &Context<'_>, request: &Request, user: &User<'_>, asked: bool) -> Value {
    let seed = ctx.sim.scenario.seed;
    let kind = if asked { "token request" } else { "token grant" };
    let id = names::thing_id(seed, ctx.instance(), kind, &user.person.key);
    let at = names::iso(ctx.sim.scenario.history_start());
    let mut shown = json!({
        "id": id,
        "owner": names::simple_user(request, user.account),
        "repository_selection": "all",
        "repositories_url": format!("{}/orgs/{}/personal-access-tokens/{id}/repositories", names::api(request), names::current_login(ctx)),
        "permissions": { "organization": { "members": "read" }, "repository": { "contents": "write", "metadata": "read" } },
        "token_id": id % 10_000_000,
        "token_name": "automation",
        "token_expired": false,
        "token_expires_at": null,
        "token_last_used_at": null,
    });
    shown[if asked { "created_at" } else { "access_granted_at" }] = json!(at);
    if asked {
        shown["reason"] = json!("for the build");
    }
    shown
}

/// Who has a fine-grained token here: who made one in the script and a few others. Who has none yet may have asked for one.
fn holders<'a>(ctx: &Context<'a>, asked: bool) -> Vec<User<'a>> {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let (seed, share) = (ctx.sim.scenario.seed, if asked { 1 } else { 0 });
    let wanted = |user: &User<'_>| {
        let id = names::thing_id(seed, ctx.instance(), if asked { "token request" } else { "token grant" }, &user.person.key);
        let drawn = seed.number(&["github fine-grained", &user.person.key]) % 8 == share;
        let made = ctx.state.timeline.changed(ctx.app, &Aspect::Token(user.index));
        shelf.get(DECIDED, &id.to_string()).is_none() && made.map_or(drawn, |state| !asked && state == "created")
    };
    everybody(ctx).into_iter().filter(wanted).collect()
}

/// `GET /orgs/{org}/personal-access-tokens`.
pub(super) fn fine_grained(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    list_programmatic(ctx, request, false)
}

/// `GET /orgs/{org}/personal-access-token-requests`.
pub(super) fn fine_grained_requests(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    list_programmatic(ctx, request, true)
}

fn list_programmatic(ctx: &mut Context<'_>, request: &Request, asked: bool) -> Result<Answer, Failure> {
    let owner = request.query("owner").or_else(|| request.query("owner[]")).map(str::to_owned);
    let users = holders(ctx, asked);
    let users = users.iter().filter(|u| owner.as_ref().is_none_or(|o| u.account.login.eq_ignore_ascii_case(o)));
    let items: Vec<Value> = users.map(|u| programmatic_access(ctx, request, u, asked)).collect();
    let list = if asked { "personal_access_token_requests" } else { "personal_access_tokens" };
    let page = lists::page(ctx, request, list, items, |i| i["id"].to_string())?;
    Ok(links::numbered(Answer::json(StatusCode::OK, &page.items), request, &page))
}

#[derive(Deserialize)]
struct Decision {
    action: String,
    #[serde(default)]
    pat_ids: Vec<u64>,
    #[serde(default)]
    pat_request_ids: Vec<u64>,
}

/// `POST /orgs/{org}/personal-access-tokens`: revokes some.
pub(super) fn revoke_fine_grained(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Decision { action, pat_ids, .. } = body(request)?;
    if action != "revoke" || pat_ids.is_empty() || pat_ids.len() > 100 {
        return Err(Failure::bad_parameter("pat_ids", "must be 1 to 100 tokens to revoke"));
    }
    decide(ctx, request, &pat_ids, false)?;
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// `POST /orgs/{org}/personal-access-tokens/{pat_id}`: revokes one.
pub(super) fn revoke_one_fine_grained(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("pat_id");
    match decide(ctx, request, &[names::number(id)], false)? {
        0 => Err(Failure::not_found("personal access token", id)),
        _ => Ok(Answer::empty(DONE)),
    }
}

/// `POST /orgs/{org}/personal-access-token-requests`: approves or denies some.
pub(super) fn decide_requests(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Decision { action, pat_request_ids, .. } = body(request)?;
    if !matches!(action.as_str(), "approve" | "deny") || pat_request_ids.is_empty() || pat_request_ids.len() > 100 {
        return Err(Failure::bad_parameter("action", "must be approve or deny, for 1 to 100 requests"));
    }
    decide(ctx, request, &pat_request_ids, true)?;
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// Takes those out of the list that are in it; says how many.
fn decide(ctx: &mut Context<'_>, request: &Request, ids: &[u64], asked: bool) -> Result<usize, Failure> {
    let users = holders(ctx, asked);
    let named: Vec<(u64, PersonIndex)> = users
        .iter()
        .map(|u| (programmatic_access(ctx, request, u, asked)["id"].as_u64().unwrap_or_default(), u.index))
        .filter(|(id, _)| ids.contains(id))
        .collect();
    for (id, owner) in &named {
        shelve(ctx, DECIDED, &id.to_string(), Value::Null)?;
        match asked {
            true => write_down(ctx, request, "personal_access_token.request_denied", (Some(*owner), String::new())),
            false => upon(ctx, request, Verb::RevokeToken, *owner),
        }
    }
    Ok(named.len())
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
