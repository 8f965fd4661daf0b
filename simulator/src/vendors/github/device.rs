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

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{StatusCode, header};

use super::oauth;
use super::{errors, tokens};
use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::{FOREVER, Order, drawn_text};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters};
use crate::time::SimTime;
use crate::world::PersonIndex;

/// The grant's name.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

const LIFE: Duration = Duration::from_secs(900);
const INTERVAL_S: u64 = 5;
/// Most devices that wait at once; the oldest give way.
const MOST: usize = 100;

/// The devices that wait, by their long code.
#[derive(Debug, Default)]
struct Devices {
    waiting: BTreeMap<String, Device>,
    asked: u32,
}

#[derive(Debug)]
struct Device {
    user_code: String,
    scopes: Vec<String>,
    expires: SimTime,
    interval_s: u64,
    polled: Option<SimTime>,
    decision: Decision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Pending,
    Allowed(PersonIndex),
    Denied,
}

/// `POST /login/device/code`.
pub(super) fn code(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, tokens::RULES.carriers);
    let client_id = parameters.get("client_id").ok_or(OauthFailure::UnknownClient(String::new()))?;
    oauth::token_kind(ctx, client_id)?;
    let (seed, name, now) = (ctx.sim.scenario.seed, ctx.instance().name.clone(), ctx.now);
    let devices = ctx.instance_state().shelf.of::<Devices>();
    devices.asked += 1;
    let label = devices.asked.to_string();
    let device_code = drawn_text(seed, &["device code", &name, &label], "0123456789abcdef", 40);
    let drawn = drawn_text(seed, &["user code", &name, &label], "BCDFGHJKLMNPQRSTVWXZ0123456789", 8);
    let user_code = format!("{}-{}", &drawn[..4], &drawn[4..]);
    devices.waiting.retain(|_, device| now < device.expires);
    if devices.waiting.len() >= MOST {
        devices.waiting.pop_first();
    }
    let scopes = parameters.get("scope").unwrap_or_default().split([' ', ',']).filter(|s| !s.is_empty());
    let device = Device {
        user_code: user_code.clone(),
        scopes: scopes.map(str::to_owned).collect(),
        expires: now + LIFE,
        interval_s: INTERVAL_S,
        polled: None,
        decision: Decision::Pending,
    };
    devices.waiting.insert(device_code.clone(), device);
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
    let now = ctx.now;
    let device = find(ctx, &user_code, now)?;
    let scopes = device.scopes.clone();
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
    let now = ctx.now;
    let user_code = parameters.get("user_code").unwrap_or_default();
    find(ctx, user_code, now)?.decision = if allowed { Decision::Allowed(user) } else { Decision::Denied };
    let text = if allowed { "Congratulations, you're all set!\n" } else { "The device was not let in.\n" };
    Ok(Answer::bytes(StatusCode::OK, "text/plain; charset=utf-8", text))
}

fn find<'a>(ctx: &'a mut Context<'_>, user_code: &str, now: SimTime) -> Result<&'a mut Device, Failure> {
    let devices = ctx.instance_state().shelf.of::<Devices>();
    let device = devices.waiting.values_mut().find(|d| d.user_code.eq_ignore_ascii_case(user_code));
    device
        .filter(|d| now < d.expires && d.decision == Decision::Pending)
        .ok_or(Failure::ConsentPage(OauthFailure::BadCode { why: "no device waits for this code" }))
}

/// The device asks whether it may come in yet.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request, device_code: &str) -> Result<Answer, Failure> {
    let now = ctx.now;
    let state = ctx.instance_state();
    let devices = state.shelf.of::<Devices>();
    let device = devices.waiting.get_mut(device_code).ok_or(OauthFailure::Device("incorrect_device_code"))?;
    if now >= device.expires {
        return Err(OauthFailure::Device("expired_token").into());
    }
    let too_soon = device.polled.is_some_and(|at| now.since(at) < Duration::from_secs(device.interval_s));
    device.polled = Some(now);
    if too_soon {
        device.interval_s += INTERVAL_S;
        let interval = device.interval_s.to_string();
        let pairs = [
            ("error", "slow_down"),
            ("error_description", "Too many requests have been made in the same timeframe."),
            ("error_uri", "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow"),
            ("interval", &interval),
        ];
        return Ok(errors::answer(&pairs, accept(request)));
    }
    let user = match device.decision {
        Decision::Pending => return Err(OauthFailure::Device("authorization_pending").into()),
        Decision::Denied => return Err(OauthFailure::Device("access_denied").into()),
        Decision::Allowed(user) => user,
    };
    let scopes = device.scopes.clone();
    devices.waiting.remove(device_code);
    let token_kind = crate::protocol::credentials::OAUTH;
    let order = Order { token_kind, user: Some(user), scopes, life: FOREVER, refresh_life: None };
    let issued = ctx.instance_state().tokens.hand_out(order, now);
    Ok(oauth::given(ctx, request, &issued))
}

fn accept(request: &Request) -> &str {
    request.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default()
}
