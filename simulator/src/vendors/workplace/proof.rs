//! `appsecret_proof`: that whoever shows a token also knows the app's secret.
//!
//! A proof that is sent must be right; one that is not sent is not asked for. With `appsecret_time` it is over the token,
//! a bar and that time, and the time must be near: a connector whose clock is off by more is refused.
//!
//! # Not imitated
//! The integration's own setting "require app secret proof", and its list of allowed addresses: nothing in a scenario
//! turns them on.
//!
//! # Sources
//! Meta's Business SDK for the form without time, n8n's Facebook node for the one with. The window of 300 seconds is a
//! \[guess\]; the words of the refusal are common knowledge.

use crate::protocol::credentials::TokenStore;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::Request;
use crate::protocol::webhooks::Algorithm;
use crate::time::SimTime;

use super::graph;

/// The parameter.
pub(super) const PARAMETER: &str = "appsecret_proof";
/// How far the two clocks may be apart, in seconds.
const WINDOW_S: i64 = 300;

/// The proof for a token, with or without a time.
pub(super) fn proof(secret: &str, token: &str, time_s: Option<&str>) -> String {
    let message = time_s.map_or_else(|| token.to_owned(), |time| format!("{token}|{time}"));
    Algorithm::Sha256.hmac(secret, message.as_bytes())
}

/// Checks the proof of a request, if it has one.
pub(super) fn check(request: &Request, tokens: &TokenStore, now: SimTime) -> Result<(), Failure> {
    let Some(shown) = graph::parameter(request, PARAMETER) else { return Ok(()) };
    let wrong = || Failure::bad_parameter(PARAMETER, "Invalid appsecret_proof provided in the API argument");
    let token = graph::shown_token(request).ok_or_else(wrong)?;
    let time = graph::parameter(request, "appsecret_time");
    if let Some(time) = &time {
        let at = time.parse::<i64>().map_err(|_| wrong())?;
        if (now.s() - at).abs() > WINDOW_S {
            let why = "Invalid appsecret_proof provided in the API argument: appsecret_time is too far from now";
            return Err(Failure::bad_parameter(PARAMETER, why));
        }
    }
    if shown == proof(&tokens.client().client_secret, &token, time.as_deref()) { Ok(()) } else { Err(wrong()) }
}
