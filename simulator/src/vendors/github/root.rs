//! GitHub: the API's own pages: where things are, what it is, how much is left.
//!
//! # Sources
//! Operations `meta/root`, `meta/get`, `rate-limit/get`. `gh` and tools like it ask for them first.

use axum::http::StatusCode;
use serde_json::json;

use super::{limits, names};
use crate::journal::Refusal;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::VendorProfile;

/// `GET /`.
pub(super) fn root(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let api = names::api(request);
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "current_user_url": format!("{api}/user"),
            "organization_url": format!("{api}/orgs/{{org}}"),
            "rate_limit_url": format!("{api}/rate_limit"),
            "repository_url": format!("{api}/repos/{{owner}}/{{repo}}"),
            "user_url": format!("{api}/users/{{user}}"),
        }),
    ))
}

/// `GET /meta`.
pub(super) fn meta(ctx: &mut Context<'_>, _: &Request) -> Result<Answer, Failure> {
    let mut meta = json!({ "verifiable_password_authentication": false });
    if ctx.sim.scenario.apps[ctx.app.0].profile == VendorProfile::Server {
        meta["installed_version"] = json!("3.19.0");
    }
    Ok(Answer::json(StatusCode::OK, &meta))
}

/// `GET /rate_limit`: free. On a customer's own machines limits are off, and it is a 404 that says so.
pub(super) fn rate_limit(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if ctx.sim.scenario.apps[ctx.app.0].profile == VendorProfile::Server {
        return Err(Failure::Own {
            status: StatusCode::NOT_FOUND,
            message: "Rate limiting is not enabled.".to_owned(),
            headers: Vec::new(),
            why: "limits: off on Enterprise Server".to_owned(),
            refusal: Refusal::NotFound,
        });
    }
    let now = ctx.now;
    let standings = ctx.instance_state().limiter.standings(request.caller(), now);
    Ok(Answer::json(StatusCode::OK, &limits::overview(&standings)))
}
