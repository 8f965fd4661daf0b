//! The device code flow: a device shows a code, somebody enters it elsewhere, the device polls meanwhile.
//!
//! `GET /devicelogin` asks for the code; with `?user_code=…` it is the consent page at once, whose form a harness can send.
//!
//! # Not imitated
//! `slow_down`: whoever polls more often than every five seconds is not told so.
//!
//! # Sources
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>. The number beside
//! `authorization_declined` is a guess; the page's real address is fixed (microsoft.com/devicelogin).

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::authorize::{consenting, page};
use super::client::Proof;
use super::{own_tenant, scope};
use crate::protocol::consent;
use crate::protocol::credentials::{Issued, Order, drawn_text};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters};
use crate::time::SimTime;
use crate::vendors::entra::state::{Tenant, keep};
use crate::world::PersonIndex;

const LIFE: Duration = Duration::from_secs(900);
const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Letters that cannot be mistaken for one another.
const USER_CODE: &str = "BCDFGHJKLMNPQRSTVWXYZ23456789";

/// A code that a device shows.
#[derive(Clone, Debug)]
pub(in super::super) struct DeviceCode {
    device_code: String,
    user_code: String,
    scopes: Vec<String>,
    expires: SimTime,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Allowed(PersonIndex),
    Declined,
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
pub(in super::super) fn start(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let client_id = parameters.get("client_id").ok_or(OauthFailure::MissingParameter("client_id"))?;
    if *client_id != ctx.instance_state().tokens.client().client_id {
        return Err(OauthFailure::UnknownClient(client_id.to_owned()).into());
    }
    own_tenant(ctx, request, client_id)?;
    let asked = parameters.get("scope").ok_or(OauthFailure::MissingParameter("scope"))?;
    let scopes = scope::of_person(asked, &request.origin)?;
    let (seed, name) = (ctx.sim.scenario.seed, ctx.instance().name.clone());
    let number = Tenant::of(ctx).draw().to_string();
    let device_code = drawn_text(seed, &["device code", &name, &number], URL_SAFE, 120);
    let user_code = drawn_text(seed, &["user code", &name, &number], USER_CODE, 9);
    let page = format!("{}/devicelogin", request.origin);
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
    );
    let code = DeviceCode {
        device_code: device_code.clone(),
        user_code: user_code.clone(),
        scopes,
        expires: ctx.now + LIFE,
        state: State::Waiting,
    };
    keep(&mut Tenant::of(ctx).devices, code);
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": LIFE.as_secs(),
            "interval": 5,
            "message": message,
        }),
    ))
}

/// `GET /devicelogin`: asks for the code, then for consent; after that, says that it is done.
pub(in super::super) fn enter(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if request.query("done").is_some() {
        let page = "<!doctype html><html lang=\"en\"><title>Done</title><p>You can close this window now.</p></html>";
        return Ok(Answer::bytes(StatusCode::OK, "text/html; charset=utf-8", page));
    }
    let Some(user_code) = request.query("user_code").filter(|code| !code.is_empty()) else {
        return Ok(Answer::bytes(StatusCode::OK, "text/html; charset=utf-8", include_str!("device.html")));
    };
    match waiting(ctx, user_code) {
        Some(code) => {
            let (scopes, user_code) = (code.scopes.clone(), code.user_code.clone());
            Ok(page(ctx, &scopes, "/devicelogin", &[("user_code", &user_code)]))
        }
        None => Ok(wrong_code()),
    }
}

/// `POST /devicelogin`: somebody has pressed a button.
pub(in super::super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let user_code = parameters.get("user_code").unwrap_or_default().to_owned();
    let Some(scopes) = waiting(ctx, &user_code).map(|code| code.scopes.clone()) else { return Ok(wrong_code()) };
    let state = if parameters.get("decision") == Some("allow") {
        let user = consenting(ctx, parameters.get("user"), &scopes);
        State::Allowed(user.map_err(|(code, about)| Failure::ConsentPage(OauthFailure::Numbered { code, about }))?)
    } else {
        State::Declined
    };
    if let Some(code) = waiting(ctx, &user_code) {
        code.state = state;
    }
    Ok(Answer::redirect(&format!("{}/devicelogin?done=1", request.origin)))
}

fn wrong_code() -> Answer {
    consent::refusal(
        StatusCode::BAD_REQUEST,
        "Microsoft Entra ID",
        "That code did not work. Check the code and try again.",
    )
}

/// The code that somebody entered, if it waits for them still. People may leave out dashes and write it small.
fn waiting<'a>(ctx: &'a mut Context<'_>, entered: &str) -> Option<&'a mut DeviceCode> {
    let now = ctx.now;
    let entered: String = entered.chars().filter(char::is_ascii_alphanumeric).collect();
    Tenant::of(ctx).devices.iter_mut().find(|code| {
        code.user_code.eq_ignore_ascii_case(&entered) && code.state == State::Waiting && now < code.expires
    })
}

/// What a poll gets.
pub(super) fn redeem(ctx: &mut Context<'_>, device_code: &str, proof: Proof) -> Result<Issued, OauthFailure> {
    let numbered = |code| OauthFailure::Numbered { code, about: String::new() };
    let now = ctx.now;
    let devices = &mut Tenant::of(ctx).devices;
    let at = devices.iter().position(|code| code.device_code == device_code).ok_or(numbered(70_018))?;
    let code = devices[at].clone();
    let user = match code.state {
        _ if now >= code.expires => return Err(numbered(70_019)),
        State::Waiting => return Err(numbered(70_016)),
        State::Declined => return Err(numbered(65_006)),
        State::Allowed(user) => user,
    };
    devices.remove(at);
    let tokens = &mut ctx.instance_state().tokens;
    let refreshes = code.scopes.iter().any(|scope| scope == "offline_access");
    let order = Order {
        token_kind: proof.token_kind(),
        user: Some(user),
        life: tokens.access_life(),
        refresh_life: super::RULES.refresh_life.filter(|_| refreshes),
        scopes: code.scopes,
    };
    Ok(tokens.hand_out(order, now))
}
