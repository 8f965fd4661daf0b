//! What analysts do with alerts: read, unread, close as benign, false or true positive, reopen; and the older calls.
//!
//! # Sources
//! The API's pages on closing, reading and dismissing; microsoft/MCAS for reopening and for a hundred ids a call; the calls of
//! Power Automate flows and of Google SecOps for `resolve`, `dismiss_bulk` and `dismiss`. The answers to reading, unreading
//! and reopening, that closing archives, and the status 200 beside `alertsNotFound` are guesses. That what is closed already
//! is told as not found: what the calls' page says of unknown ids, and how XSOAR meets it for closed ones.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{ALERTS, BUILT_IN};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::vendors::defender::asked;
use crate::vendors::defender::errors::FILTERS;
use crate::vendors::defender::state::{Closed, Handling, Tenant};

/// Most ids of a call.
const MOST: usize = 100;
const COMMENT: &str = "comment";
/// The stack's word for it.
const CLOSE: &str = "close_alert";

/// A way to close alerts.
struct Way {
    /// The number of the resolution.
    resolution: u8,
    /// What counts them in the answer.
    counts: &'static str,
    /// Numbers of reasons that may be given.
    reasons: &'static [u64],
}

const BENIGN: Way = Way { resolution: 4, counts: "closed_benign", reasons: &[2, 4, 5, 6] };
const FALSE_POSITIVE: Way = Way { resolution: 3, counts: "closed_false_positive", reasons: &[0, 1, 3, 4] };
const TRUE_POSITIVE: Way = Way { resolution: 5, counts: "closed_true_positive", reasons: &[] };
/// Under the names of old: what was dismissed is a false positive now, what was resolved a true one.
const DISMISSED: Way = Way { resolution: 3, counts: "dismissed", reasons: &[] };
const RESOLVED: Way = Way { resolution: 5, counts: "resolved", reasons: &[] };

/// `POST /api/v1/alerts/close_benign/`.
pub(in super::super) fn benign(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    close(ctx, request, &BENIGN)
}

/// `POST /api/v1/alerts/close_false_positive/`.
pub(in super::super) fn false_positive(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    close(ctx, request, &FALSE_POSITIVE)
}

/// `POST /api/v1/alerts/close_true_positive/`.
pub(in super::super) fn true_positive(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    close(ctx, request, &TRUE_POSITIVE)
}

/// `POST /api/v1/alerts/dismiss_bulk/`.
pub(in super::super) fn dismiss(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    close(ctx, request, &DISMISSED)
}

/// `POST /api/v1/alerts/resolve/`.
pub(in super::super) fn resolve(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    close(ctx, request, &RESOLVED)
}

/// `POST /api/v1/alerts/{id}/dismiss/`.
pub(in super::super) fn dismiss_one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let alert = existing(ctx, request)?;
    put_away(ctx, request, &DISMISSED, &alert);
    Ok(Answer::json(StatusCode::OK, &json!({})))
}

fn close(ctx: &mut Context<'_>, request: &Request, way: &Way) -> Result<Answer, Failure> {
    if let Some(reason) = asked::text(request, "reasonId").filter(|_| !way.reasons.is_empty()) {
        let known = reason.parse().is_ok_and(|number| way.reasons.contains(&number));
        known.then_some(()).ok_or_else(|| Failure::bad_parameter("reasonId", format!("{reason} is not valid")))?;
    }
    let (wanted, mut missing) = named(ctx, request)?;
    note(ctx, &wanted);
    let mut closed = 0;
    for alert in wanted {
        if alert["resolutionStatusValue"] == 0 {
            put_away(ctx, request, way, &alert);
            closed += 1;
        } else if asks_by_id(request)? {
            missing.push(alert["_id"].as_str().unwrap_or_default().to_owned());
        }
    }
    let mut answer = Map::new();
    answer.insert(way.counts.to_owned(), json!(closed));
    if !missing.is_empty() {
        answer.insert("alertsNotFound".to_owned(), json!(missing));
    }
    Ok(Answer::json(StatusCode::OK, &answer))
}

/// Notes whose alert is closed, the first that is still open, and under which policies all of them were raised. Where none
/// is open, the call has no effect.
fn note(ctx: &mut Context<'_>, wanted: &[Value]) {
    let open: Vec<&Value> = wanted.iter().filter(|alert| alert["resolutionStatusValue"] == 0).collect();
    let Some(alert) = open.first().copied().or(wanted.first()) else { return };
    let policies: BTreeSet<&str> = open.iter().chain([&alert]).filter_map(|alert| policy_of(alert)).collect();
    let policies: Vec<String> = policies.into_iter().map(str::to_owned).collect();
    let id = alert["_id"].as_str().unwrap_or_default();
    let account = alert["entities"].as_array().into_iter().flatten().find(|entity| entity["type"] == "account");
    let person = account.and_then(|account| account["id"].as_str());
    let person = ctx.sim.world.people.iter().find(|p| Some(p.directory_id.as_str()) == person);
    let whose = person.map_or(id, |person| &person.key).to_owned();
    directory::note_thing(ctx, CLOSE, &whose, &policies.join(" and "));
    if let Some(effect) = &mut ctx.notes.effect {
        effect.policies = policies;
        effect.done &= !open.is_empty();
    }
}

/// The word of scenarios for the policy that raised an alert.
fn policy_of(alert: &Value) -> Option<&'static str> {
    let rule = alert["entities"].as_array()?.iter().find(|entity| entity["type"] == "policyRule")?;
    BUILT_IN.iter().find(|policy| rule["label"] == policy.name).map(|policy| policy.what.word())
}

/// The ids that the filters name.
fn ids(request: &Request) -> Result<Vec<String>, Failure> {
    let filters = asked::filters(request)?;
    let named = filters.iter().find(|(name, _)| name.eq_ignore_ascii_case("id")).map(|(_, asked)| asked["eq"].clone());
    let named = match named.unwrap_or_default() {
        Value::Array(ids) => ids,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    Ok(named.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn asks_by_id(request: &Request) -> Result<bool, Failure> {
    Ok(!ids(request)?.is_empty())
}

/// The alerts that the filters want, and the ids among them that are nobody's.
fn named(ctx: &mut Context<'_>, request: &Request) -> Result<(Vec<Value>, Vec<String>), Failure> {
    if asked::filters(request)?.is_empty() {
        return Err(Failure::bad_parameter(FILTERS, "null"));
    }
    let ids = ids(request)?;
    if ids.len() > MOST {
        return Err(Failure::bad_parameter(FILTERS, format!("more than {MOST} ids")));
    }
    let alerts = super::all(ctx);
    let wanted = ALERTS.select(request, ctx.now, alerts)?;
    let missing = ids.into_iter().filter(|id| !wanted.iter().any(|alert| alert["_id"] == **id)).collect();
    Ok((wanted, missing))
}

fn put_away(ctx: &mut Context<'_>, request: &Request, way: &Way, alert: &Value) {
    if !ctx.is_real() {
        return;
    }
    let caller = request.caller();
    let by = caller.user.map_or_else(|| caller.client.clone(), |user| ctx.sim.world.person(user).email.clone());
    let comment = asked::text(request, COMMENT).map(str::to_owned);
    let closed = Closed { resolution: way.resolution, comment, by, at: ctx.now };
    handling(ctx, alert).closed = Some(closed);
}

fn handling<'a>(ctx: &'a mut Context<'_>, alert: &Value) -> &'a mut Handling {
    let id = alert["_id"].as_str().unwrap_or_default().to_owned();
    Tenant::of(ctx).handled.entry(id).or_default()
}

fn existing(ctx: &mut Context<'_>, request: &Request) -> Result<Value, Failure> {
    let id = request.param("id");
    super::all(ctx).into_iter().find(|alert| alert["_id"] == *id).ok_or_else(|| Failure::not_found("alert", id))
}

/// `POST /api/v1/alerts/reopen/`.
pub(in super::super) fn reopen(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (wanted, missing) = named(ctx, request)?;
    let closed: Vec<Value> = wanted.into_iter().filter(|alert| alert["resolutionStatusValue"] != 0).collect();
    for alert in closed.iter().filter(|_| ctx.is_real()).cloned().collect::<Vec<_>>() {
        handling(ctx, &alert).closed = None;
    }
    let mut answer = json!({ "reopened": closed.len() });
    if !missing.is_empty() {
        answer["alertsNotFound"] = json!(missing);
    }
    Ok(Answer::json(StatusCode::OK, &answer))
}

/// `POST /api/v1/alerts/{id}/read/`.
pub(in super::super) fn read(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    mark(ctx, request, |handling| handling.read = true)
}

/// `POST /api/v1/alerts/{id}/unread/`.
pub(in super::super) fn unread(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    mark(ctx, request, |handling| handling.read = false)
}

fn mark(ctx: &mut Context<'_>, request: &Request, set: fn(&mut Handling)) -> Result<Answer, Failure> {
    let alert = existing(ctx, request)?;
    if ctx.is_real() {
        set(handling(ctx, &alert));
    }
    Ok(Answer::json(StatusCode::OK, &json!({})))
}
