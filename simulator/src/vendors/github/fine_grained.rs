//! GitHub: fine-grained personal tokens that may see the organisation, and requests for one. For GitHub Apps alone.
//!
//! # Sources
//! "REST API endpoints for personal access tokens"; "Managing requests for personal access tokens in your organization". Who has
//! one and who asks for one is drawn (ours), beside those who make one in the script and the stack itself, if that is what
//! it is given. The stack's is approved until the script says something else about the object `stack`: an `event`
//! `personal_access_token.request_created` makes it pending, `access_granted`, `request_denied` and `access_revoked` decide.
//!
//! # Not imitated
//! Filters other than `owner`; `GET …/{pat_id}/repositories`.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::governance::{DONE, upon, write_down};
use super::people::everybody;
use super::{apps, body, lists, names, shelve};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::{Credentials, Verb};
use crate::timeline::Aspect;
use crate::world::PersonIndex;

/// On the shelf: numbers of tokens and of requests for one that were decided about, and how.
const DECIDED: &str = "decided fine-grained token";
/// Name of the stack's own, and what the script calls it.
const STACK: &str = "stack";
/// What becomes of a request.
const APPROVE: &str = "approve";

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

    /// Number of what somebody has of this kind, by their key; the stack's own by its name.
    fn id_of(self, ctx: &Context<'_>, key: &str) -> u64 {
        names::thing_id(ctx.sim.scenario.seed, ctx.instance(), self.word(), key)
    }
}

/// A fine-grained token that may see the organisation, or asks to.
struct Held<'a> {
    id: u64,
    owner: User<'a>,
    /// Whether it is the one that the stack was given.
    own: bool,
}

/// How matters stand with the stack's own token; none if it is given no such token.
fn standing<'a>(ctx: &'a Context<'_>) -> Option<&'a str> {
    let given = ctx.sim.scenario.apps[ctx.app.0].credentials == Credentials::FineGrained;
    let latest = ctx.state.timeline.changed(ctx.app, &Aspect::latest("personal_access_token", STACK));
    given.then(|| latest.unwrap_or("access_granted"))
}

/// Whether the organisation lets the stack's own token in.
pub(super) fn is_approved(ctx: &Context<'_>) -> bool {
    standing(ctx) == Some("access_granted")
}

/// How GitHub shows one.
fn shown(ctx: &Context<'_>, request: &Request, held: &Held<'_>, kind: Kind) -> Value {
    let at = names::iso(ctx.sim.scenario.history_start());
    let tokens = &ctx.state.instances[ctx.app.0].tokens;
    let permissions = if held.own {
        by_subject(&tokens.permissions())
    } else {
        by_subject(&["members:read", "contents:write", "metadata:read"])
    };
    let mut shown = json!({
        "id": held.id,
        "owner": names::simple_user(request, held.owner.account),
        "repository_selection": "all",
        "repositories_url": format!("{}/orgs/{}/personal-access-tokens/{}/repositories", names::api(request), names::current_login(ctx), held.id),
        "permissions": permissions,
        "token_id": held.id % 10_000_000,
        "token_name": if held.own { STACK } else { "automation" },
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

/// Permissions as a token's are grouped: those over the organisation, those over its repositories.
fn by_subject<S: AsRef<str>>(permissions: &[S]) -> Value {
    let of_organisation = |name: &str| name == "members" || name.starts_with("organization_");
    let (organization, repository): (serde_json::Map<_, _>, serde_json::Map<_, _>) = apps::levels(permissions)
        .into_iter()
        .map(|(name, level)| (name, json!(level)))
        .partition(|(name, _)| of_organisation(name));
    json!({ "organization": organization, "repository": repository })
}

/// Who has a fine-grained token here: who made one in the script, whose request was approved, a few others, and the stack.
/// Who has none yet may have asked for one.
fn holders<'a>(ctx: &Context<'a>, kind: Kind) -> Vec<Held<'a>> {
    let seed = ctx.sim.scenario.seed;
    let decided = |kind: Kind, key: &str| {
        ctx.state.instances[ctx.app.0].shelf.get(DECIDED, &kind.id_of(ctx, key).to_string()).and_then(Value::as_str)
    };
    let wanted = |user: &User<'_>| {
        let key = &user.person.key;
        let drawn = seed.number(&["github fine-grained", key]) % 8 == u64::from(kind == Kind::Request);
        let made = ctx.state.timeline.changed(ctx.app, &Aspect::Token(user.index));
        let approved = kind == Kind::Grant && decided(Kind::Request, key) == Some(APPROVE);
        decided(kind, key).is_none()
            && (approved || made.map_or(drawn, |state| kind == Kind::Grant && state == "created"))
    };
    let users = everybody(ctx).into_iter().filter(wanted);
    let held = users.map(|owner| Held { id: kind.id_of(ctx, &owner.person.key), owner, own: false });
    let own = match (standing(ctx), kind) {
        (Some("access_granted"), Kind::Grant) | (Some("request_created"), Kind::Request) => {
            directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, PersonIndex(0))
        }
        _ => None,
    };
    held.chain(own.map(|owner| Held { id: kind.id_of(ctx, STACK), owner, own: true })).collect()
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
    let all = holders(ctx, kind);
    let wanted = |held: &&Held<'_>| owner.as_ref().is_none_or(|o| held.owner.account.login.eq_ignore_ascii_case(o));
    let items: Vec<Value> = all.iter().filter(wanted).map(|held| shown(ctx, request, held, kind)).collect();
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
    decide(ctx, request, &pat_ids, Kind::Grant, &action)?;
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// `POST /orgs/{org}/personal-access-tokens/{pat_id}`: revokes one.
pub(super) fn revoke_one_fine_grained(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("pat_id");
    match decide(ctx, request, &[names::number(id)], Kind::Grant, "revoke")? {
        0 => Err(Failure::not_found("personal access token", id)),
        _ => Ok(Answer::empty(DONE)),
    }
}

/// `POST /orgs/{org}/personal-access-token-requests`: approves or denies some.
pub(super) fn decide_requests(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Decision { action, pat_request_ids, .. } = body(request)?;
    if !matches!(action.as_str(), APPROVE | "deny") || pat_request_ids.is_empty() || pat_request_ids.len() > 100 {
        return Err(Failure::bad_parameter("action", "must be approve or deny, for 1 to 100 requests"));
    }
    decide(ctx, request, &pat_request_ids, Kind::Request, &action)?;
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// Decides about those that are in the list; says how many.
fn decide(ctx: &mut Context<'_>, request: &Request, ids: &[u64], kind: Kind, decision: &str) -> Result<usize, Failure> {
    let named = holders(ctx, kind).into_iter().filter(|held| ids.contains(&held.id));
    let named: Vec<(u64, PersonIndex, bool)> = named.map(|held| (held.id, held.owner.index, held.own)).collect();
    for (id, owner, own) in &named {
        let event = match (kind, decision) {
            (Kind::Request, APPROVE) => "personal_access_token.access_granted",
            (Kind::Request, _) => "personal_access_token.request_denied",
            (Kind::Grant, _) => "personal_access_token.access_revoked",
        };
        match (own, kind) {
            (true, _) => write_down(ctx, request, event, (Some(*owner), STACK.to_owned())),
            (false, Kind::Grant) => upon(ctx, request, Verb::RevokeToken, *owner),
            (false, Kind::Request) => write_down(ctx, request, event, (Some(*owner), String::new())),
        }
        if !own {
            shelve(ctx, DECIDED, &id.to_string(), json!(decision))?;
        }
    }
    Ok(named.len())
}
