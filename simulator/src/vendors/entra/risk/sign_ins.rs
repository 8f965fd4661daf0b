//! What administrators say of single sign-ins: `auditLogs/signIns/confirmCompromised`, `confirmSafe`, `dismiss`.
//!
//! It decides the open detections of that sign-in. Of a sign-in that was never found risky it is accepted and changes
//! nothing (guess).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::events::seven_digits;
use super::super::odata;
use super::super::sign_in_log;
use super::super::state::Tenant;
use super::users::{Decision, MOST, Verdict, is_open_at};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed;

/// `POST /v1.0/auditLogs/signIns/confirmCompromised`.
pub(in super::super) fn confirm_compromised(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    say(ctx, request, Verdict::Compromised)
}

/// `POST /v1.0/auditLogs/signIns/confirmSafe`.
pub(in super::super) fn confirm_safe(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    say(ctx, request, Verdict::Safe)
}

/// `POST /v1.0/auditLogs/signIns/dismiss`.
pub(in super::super) fn dismiss(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    say(ctx, request, Verdict::Dismissed)
}

fn say(ctx: &mut Context<'_>, request: &Request, verdict: Verdict) -> Result<Answer, Failure> {
    let ids = odata::ids(request, "requestIds", MOST)?;
    for id in &ids {
        feed::find(ctx, &sign_in_log::FEED, id).ok_or_else(|| Failure::not_found("sign-in", id))?;
    }
    if ctx.is_real() {
        let at = ctx.now;
        Tenant::of(ctx).sign_ins_decided.extend(ids.into_iter().map(|id| (id, Decision { verdict, at })));
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `riskDetail` of a detection that was decided by its sign-in.
const fn detail(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compromised => "adminConfirmedSigninCompromised",
        Verdict::Safe => "adminConfirmedSigninSafe",
        Verdict::Dismissed => "adminDismissedRiskForSignIn",
    }
}

/// Lets what was said of sign-ins count.
pub(super) fn decide(ctx: &mut Context<'_>, detections: &mut [Value]) {
    let decided = &Tenant::of(ctx).sign_ins_decided;
    for detection in detections {
        let decision = detection["requestId"].as_str().and_then(|id| decided.get(id));
        let Some(Decision { verdict, at }) = decision.filter(|d| is_open_at(detection, d.at)) else { continue };
        detection["riskState"] = json!(verdict.words().0);
        detection["riskDetail"] = json!(detail(*verdict));
        detection["lastUpdatedDateTime"] = json!(seven_digits(*at));
    }
}
