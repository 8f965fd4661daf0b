//! GitHub: the device flow.
//!
//! A device is given two codes; a person types the short one into a page; meanwhile the device asks with the long one,
//! every five seconds, and five more each time it asks too soon.
//!
//! # Sources
//! docs-oauth, "Device flow". What the page looks like, and that a used code is `incorrect_device_code`, are ours.
//!
//! # Not imitated
//! The limit of fifty codes an hour; apps that have the flow disabled.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde::{Deserialize, Serialize};

use super::oauth;
use super::{errors, shelve, tokens};
use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::{FOREVER, HEX, Order, drawn_text};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters};
use crate::time::SimTime;
use crate::world::PersonIndex;

/// The grant's name.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

const LIFE: Duration = Duration::from_secs(900);
const INTERVAL_S: u64 = 5;
/// Devices that wait, by their long code.
const WAITING: &str = "device";

#[derive(Debug, Deserialize, Serialize)]
struct Device {
    user_code: String,
    scopes: Vec<String>,
    expires: SimTime,
    interval_s: u64,
    polled: Option<SimTime>,
    decision: Decision,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum Decision {
    Pending,
    /// By the person with this index.
    Allowed(usize),
    Denied,
}

impl Device {
    fn keep(&self, ctx: &mut Context<'_>, device_code: &str) -> Result<(), Failure> {
        let kept = serde_json::to_value(self).expect("a device is a plain value");
        shelve(ctx, WAITING, device_code, kept)
    }
}

/// Every device that waits, by its long code.
fn waiting(ctx: &Context<'_>) -> Vec<(String, Device)> {
    let kept = ctx.state.instances[ctx.app.0].shelf.all(WAITING);
    let read = |(code, device): (&str, &serde_json::Value)| {
        Some((code.to_owned(), serde_json::from_value(device.clone()).ok()?))
    };
    kept.filter_map(read).collect()
}

/// `POST /login/device/code`.
pub(super) fn code(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, tokens::RULES.carriers);
    let client_id = parameters.get("client_id").ok_or(OauthFailure::UnknownClient(String::new()))?;
    oauth::token_kind(ctx, client_id)?;
    let (seed, name, now) = (ctx.sim.scenario.seed, ctx.instance().name.clone(), ctx.now);
    for (code, device) in waiting(ctx) {
        if now >= device.expires {
            ctx.instance_state().shelf.take(WAITING, &code);
        }
    }
    let label = ctx.instance_state().shelf.number().to_string();
    let device_code = drawn_text(seed, &["device code", &name, &label], HEX, 40);
    let drawn = drawn_text(seed, &["user code", &name, &label], "BCDFGHJKLMNPQRSTVWXZ0123456789", 8);
    let user_code = format!("{}-{}", &drawn[..4], &drawn[4..]);
    let scopes = parameters.get("scope").unwrap_or_default().split([' ', ',']).filter(|s| !s.is_empty());
    let device = Device {
        user_code: user_code.clone(),
        scopes: scopes.map(str::to_owned).collect(),
        expires: now + LIFE,
        interval_s: INTERVAL_S,
        polled: None,
        decision: Decision::Pending,
    };
    device.keep(ctx, &device_code)?;
    let (page, life, interval) =
        (format!("{}/login/device", request.origin), LIFE.as_secs().to_string(), INTERVAL_S.to_string());
    let pairs = [
        ("device_code", device_code.as_str()),
        ("user_code", &user_code),
        ("verification_uri", &page),
        ("expires_in", &life),
        ("interval", &interval),
    ];
    Ok(errors::answer(&pairs, accept(request)))
}

/// `GET /login/device`: the page for the short code, which may stand in its address.
pub(super) fn ask(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user_code = request.query("user_code").unwrap_or_default().to_owned();
    let scopes = find(ctx, &user_code)?.1.scopes;
    let name = ctx.instance_state().tokens.client().name.clone();
    let (organisation, users) = (super::names::current_login(ctx), oauth::administrators(ctx));
    Ok(consent::page(&Consent {
        vendor: "GitHub",
        client: &name,
        organisation: &ctx.sim.world.organisation,
        scopes: &scopes,
        action: "/login/device",
        hidden: &[("user_code", &user_code)],
        users: &users,
        teams: &[(organisation.clone(), organisation.clone())],
        chosen_team: &organisation,
    }))
}

/// `POST /login/device`: somebody has pressed a button.
pub(super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let allowed = parameters.get("decision") == Some("allow");
    let user = oauth::chosen(ctx, &parameters)?;
    let (device_code, device) = find(ctx, parameters.get("user_code").unwrap_or_default())?;
    let decision = if allowed { Decision::Allowed(user.0) } else { Decision::Denied };
    Device { decision, ..device }.keep(ctx, &device_code)?;
    let text = if allowed { "Congratulations, you're all set!\n" } else { "The device was not let in.\n" };
    Ok(Answer::bytes(StatusCode::OK, "text/plain; charset=utf-8", text))
}

fn find(ctx: &Context<'_>, user_code: &str) -> Result<(String, Device), Failure> {
    let asked = |(_, device): &(String, Device)| {
        device.user_code.eq_ignore_ascii_case(user_code)
            && ctx.now < device.expires
            && device.decision == Decision::Pending
    };
    let found = waiting(ctx).into_iter().find(asked);
    found.ok_or(Failure::ConsentPage(OauthFailure::BadCode { why: "no device waits for this code" }))
}

/// The device asks whether it may come in yet.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request, device_code: &str) -> Result<Answer, Failure> {
    let now = ctx.now;
    let found = waiting(ctx).into_iter().find(|(code, _)| code == device_code);
    let (_, mut device) = found.ok_or(OauthFailure::Device("incorrect_device_code"))?;
    if now >= device.expires {
        return Err(OauthFailure::Device("expired_token").into());
    }
    let too_soon = device.polled.is_some_and(|at| now.since(at) < Duration::from_secs(device.interval_s));
    device.polled = Some(now);
    if too_soon {
        device.interval_s += INTERVAL_S;
        device.keep(ctx, device_code)?;
        let interval = device.interval_s.to_string();
        let pairs = [
            ("error", "slow_down"),
            ("error_description", "Too many requests have been made in the same timeframe."),
            (
                "error_uri",
                "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow",
            ),
            ("interval", &interval),
        ];
        return Ok(errors::answer(&pairs, accept(request)));
    }
    device.keep(ctx, device_code)?;
    let user = match device.decision {
        Decision::Pending => return Err(OauthFailure::Device("authorization_pending").into()),
        Decision::Denied => return Err(OauthFailure::Device("access_denied").into()),
        Decision::Allowed(user) => PersonIndex(user),
    };
    let scopes = device.scopes.clone();
    ctx.instance_state().shelf.take(WAITING, device_code);
    let token_kind = crate::protocol::credentials::OAUTH;
    let order = Order { token_kind, user: Some(user), scopes, life: FOREVER, refresh_life: None };
    let issued = ctx.instance_state().tokens.hand_out(order, now);
    Ok(oauth::given(ctx, request, &issued))
}

fn accept(request: &Request) -> &str {
    request.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default()
}
