//! GitHub: fine-grained personal tokens that may see the organisation, and requests for one. For GitHub Apps alone.
//!
//! # Sources
//! "REST API endpoints for personal access tokens". Who has one and who asks for one is drawn (ours), beside those who make
//! one in the script.
//!
//! # Not imitated
//! Filters other than `owner`; what a request that is approved becomes.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::governance::{DONE, upon, write_down};
use super::people::everybody;
use super::{body, lists, names, shelve};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::User;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;
use crate::timeline::Aspect;
use crate::world::PersonIndex;

/// On the shelf: numbers of tokens and of requests for one that were decided about.
const DECIDED: &str = "decided fine-grained token";

/// Something that is a token, or asks to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Grant,
    Request,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Grant => "token grant",
            Self::Request => "token request",
        }
    }

    /// Name of its list.
    const fn list(self) -> &'static str {
        match self {
            Self::Grant => "personal_access_tokens",
            Self::Request => "personal_access_token_requests",
        }
    }

    /// Number of somebody's.
    fn id_of(self, ctx: &Context<'_>, user: &User<'_>) -> u64 {
        names::thing_id(ctx.sim.scenario.seed, ctx.instance(), self.word(), &user.person.key)
    }
}

/// A fine-grained token that may see the organisation, or asks to.
fn programmatic_access(ctx: &Context<'_>, request: &Request, user: &User<'_>, kind: Kind) -> Value {
    let id = kind.id_of(ctx, user);
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
    match kind {
        Kind::Grant => shown["access_granted_at"] = json!(at),
        Kind::Request => {
            shown["created_at"] = json!(at);
            shown["reason"] = json!("for the build");
        }
    }
    shown
}

/// Who has a fine-grained token here: who made one in the script and a few others. Who has none yet may have asked for one.
fn holders<'a>(ctx: &Context<'a>, kind: Kind) -> Vec<User<'a>> {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let seed = ctx.sim.scenario.seed;
    let wanted = |user: &User<'_>| {
        let id = kind.id_of(ctx, user);
        let drawn = seed.number(&["github fine-grained", &user.person.key]) % 8 == u64::from(kind == Kind::Request);
        let made = ctx.state.timeline.changed(ctx.app, &Aspect::Token(user.index));
        shelf.get(DECIDED, &id.to_string()).is_none()
            && made.map_or(drawn, |state| kind == Kind::Grant && state == "created")
    };
    everybody(ctx).into_iter().filter(wanted).collect()
}

/// `GET /orgs/{org}/personal-access-tokens`.
pub(super) fn fine_grained(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    list_programmatic(ctx, request, Kind::Grant)
}

/// `GET /orgs/{org}/personal-access-token-requests`.
pub(super) fn fine_grained_requests(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    list_programmatic(ctx, request, Kind::Request)
}

fn list_programmatic(ctx: &mut Context<'_>, request: &Request, kind: Kind) -> Result<Answer, Failure> {
    let owner = request.query("owner").or_else(|| request.query("owner[]")).map(str::to_owned);
    let users = holders(ctx, kind);
    let users = users.iter().filter(|u| owner.as_ref().is_none_or(|o| u.account.login.eq_ignore_ascii_case(o)));
    let items: Vec<Value> = users.map(|u| programmatic_access(ctx, request, u, kind)).collect();
    let page = lists::page(ctx, request, kind.list(), items, |i| i["id"].to_string())?;
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &page.items), request, &page))
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
    decide(ctx, request, &pat_ids, Kind::Grant)?;
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// `POST /orgs/{org}/personal-access-tokens/{pat_id}`: revokes one.
pub(super) fn revoke_one_fine_grained(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("pat_id");
    match decide(ctx, request, &[names::number(id)], Kind::Grant)? {
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
    decide(ctx, request, &pat_request_ids, Kind::Request)?;
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// Takes those out of the list that are in it; says how many.
fn decide(ctx: &mut Context<'_>, request: &Request, ids: &[u64], kind: Kind) -> Result<usize, Failure> {
    let users = holders(ctx, kind);
    let named: Vec<(u64, PersonIndex)> =
        users.iter().map(|u| (kind.id_of(ctx, u), u.index)).filter(|(id, _)| ids.contains(id)).collect();
    for (id, owner) in &named {
        shelve(ctx, DECIDED, &id.to_string(), Value::Null)?;
        match kind {
            Kind::Request => {
                write_down(ctx, request, "personal_access_token.request_denied", (Some(*owner), String::new()));
            }
            Kind::Grant => upon(ctx, request, Verb::RevokeToken, *owner),
        }
    }
    Ok(named.len())
}
