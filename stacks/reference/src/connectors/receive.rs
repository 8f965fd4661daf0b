//! Events that vendors send: one address an instance, `…/{instance}`.
//!
//! - A question (`GET` with `hub.challenge`) is answered with the challenge, for who knows our verify token.
//! - A delivery counts when `X-Hub-Signature-256` fits the raw bytes and the app's secret, and `X-Hub-Signature` too where it
//!   is sent. SHA-1 alone is not enough.
//! - A hint that there is something to read in a log is signed likewise; it is answered, the log is read, and that is all.
//! - A delivery is one transaction, answered when it is committed: what was not kept is sent again. What was kept before
//!   changes nothing, so a repetition does no harm; one from before the vendor's last retry is no repetition but a
//!   recording, and is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use jiff::SignedDuration;
use ring::hmac;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::connection::Rules;
use super::intake::Intake;
use super::{Log, Push, hint};
use crate::bug::{Bug, planted, spoilt};
use crate::clock::Clock;
use crate::connections::App;
use crate::secret::Secret;
use crate::state::{State, StateError};

/// More than a thousand changes are.
const MOST_BYTES: usize = 8 << 20;

/// Everybody who is sent something.
pub(crate) struct Receivers {
    by_instance: BTreeMap<String, Receiver>,
    /// Who is sent hints, with their keys.
    hints: BTreeMap<String, (Secret, Arc<Rules>)>,
    state: Arc<State>,
    clock: Clock,
}

struct Receiver {
    app: App,
    log: &'static Log,
    push: &'static Push,
    intake: Intake,
}

type Reply = (StatusCode, String);

impl Receivers {
    /// Nobody is sent anything yet.
    pub(crate) fn new(state: Arc<State>, clock: Clock) -> Self {
        Self { by_instance: BTreeMap::new(), hints: BTreeMap::new(), state, clock }
    }

    /// Receives what the app of `intake` is sent, if it is sent anything.
    pub(crate) fn expect(&mut self, app: &App, intake: Intake) {
        if let Some((log, push)) = intake.connector.pushed() {
            self.by_instance.insert(intake.instance.clone(), Receiver { app: app.clone(), log, push, intake });
        } else if let Some(key) = hint::key(&intake.instance, app) {
            self.hints.insert(intake.instance, (key, intake.rules));
        }
    }

    /// Has the log read that a hint is about.
    fn heed(&self, instance: &str, headers: &HeaderMap, body: &[u8]) -> Option<Reply> {
        let (key, rules) = self.hints.get(instance)?;
        if !is_signed(headers, body, key) {
            return Some(refused(StatusCode::FORBIDDEN, "the signature does not fit"));
        }
        if let Some(awaited) = rules.awaited.get(instance) {
            awaited.notify_one();
        }
        Some((StatusCode::OK, String::new()))
    }

    /// Whether a delivery whose signature does not fit is taken for good all the same.
    fn is_believed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let fits_anybody = || {
            let keys = self.by_instance.values().filter_map(|receiver| (receiver.push.key)(&receiver.app));
            keys.into_iter().any(|key| is_signed(headers, body, key))
        };
        planted(Bug::HookSignatureNotChecked)
            || planted(Bug::HookSignatureMissingOk) && !headers.contains_key("x-hub-signature-256")
            || planted(Bug::HookSignatureAnyTenant) && fits_anybody()
    }

    /// The listener.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(answer).with_state(Arc::new(self))
    }
}

/// What the vendor shows when it tries our address: nobody without the app's secret can guess it, and a restart expects the
/// same.
pub(super) fn verify_token(instance: &str, push: &Push, app: &App) -> Option<Secret> {
    let key = (push.key)(app)?;
    let mut digest = Sha256::new();
    for part in ["webhook verify token", instance, key.reveal()] {
        digest.update(part);
        digest.update([0]);
    }
    Some(Secret::new(digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

async fn answer(Shared(receivers): Shared<Arc<Receivers>>, request: Request) -> Reply {
    let _counted = receivers.clock.count_webhook();
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return refused(StatusCode::BAD_REQUEST, "no whole body");
    };
    // Read to its end first: who answers before may close the connection on a sender who has not listened yet.
    if body.len() > spoilt(MOST_BYTES, Bug::HookHugeBody, 1 << 20) {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "too large");
    }
    let instance = head.uri.path().rsplit('/').next().unwrap_or_default();
    if head.method == Method::POST
        && let Some(reply) = receivers.heed(instance, &head.headers, &body)
    {
        return reply;
    }
    let Some(receiver) = receivers.by_instance.get(instance) else {
        return refused(StatusCode::NOT_FOUND, "nobody here");
    };
    match head.method {
        Method::GET => receiver.shake_hands(&head.uri),
        Method::POST => receiver.take(&receivers, &head.headers, &body),
        _ => refused(StatusCode::METHOD_NOT_ALLOWED, "no such method"),
    }
}

fn refused(status: StatusCode, why: &str) -> Reply {
    (status, format!("{why}\n"))
}

impl Receiver {
    fn shake_hands(&self, uri: &Uri) -> Reply {
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let shown = query.get("hub.verify_token");
        let expected = verify_token(&self.intake.instance, self.push, &self.app);
        match (query.get("hub.challenge"), shown, expected) {
            (Some(challenge), Some(shown), Some(expected)) if *shown == expected.reveal() => {
                (StatusCode::OK, spoilt(challenge.clone(), Bug::HookChallengeEcho, format!("challenge={challenge}")))
            }
            _ => refused(StatusCode::FORBIDDEN, "the verify token is not ours"),
        }
    }

    fn take(&self, receivers: &Receivers, headers: &HeaderMap, body: &Bytes) -> Reply {
        let key = (self.push.key)(&self.app);
        let is_right = key.is_some_and(|key| is_signed(headers, body, key)) || receivers.is_believed(headers, body);
        if !is_right || planted(Bug::HookSignatureOnReserialised) && !is_as_written(body) {
            tracing::warn!(app = self.intake.instance, "a delivery is not signed with the app's secret");
            return refused(StatusCode::FORBIDDEN, "the signature does not fit");
        }
        let body: Value = match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(_) => return refused(StatusCode::BAD_REQUEST, "no JSON"),
        };
        let delivery = match (self.push.open)(&self.app, &body) {
            Ok(delivery) => delivery,
            Err(malformed) => return refused(StatusCode::BAD_REQUEST, &malformed.to_string()),
        };
        if receivers.clock.now().duration_since(delivery.made_at) > self.push.longest_way {
            tracing::warn!(app = self.intake.instance, "a delivery is older than any that is still under way");
            return refused(StatusCode::GONE, "too old");
        }
        if planted(Bug::HookAckBeforeStore) {
            self.keep_in_a_minute(receivers, delivery.records);
            return (StatusCode::OK, String::new());
        }
        match self.keep(&receivers.state, &delivery.records) {
            Ok(()) => (StatusCode::OK, String::new()),
            Err(error) => {
                tracing::error!(%error, "cannot keep a delivery");
                refused(StatusCode::INTERNAL_SERVER_ERROR, "not kept")
            }
        }
    }

    fn keep_in_a_minute(&self, receivers: &Receivers, records: Vec<Value>) {
        let (log, intake) = (self.log, self.intake.clone());
        let (state, clock) = (Arc::clone(&receivers.state), receivers.clock.clone());
        tokio::spawn(async move {
            clock.pause("hook", SignedDuration::from_mins(1)).await;
            state.write(|tx| intake.take_entries(tx, log, &records))
        });
    }

    fn keep(&self, state: &State, records: &[Value]) -> Result<(), StateError> {
        let (instance, rules) = (&self.intake.instance, &self.intake.rules);
        let tells_of_users = state.write(|tx| {
            let tells_of_users = self.intake.tells_of_users(tx, self.log, records)?;
            self.intake.take_entries(tx, self.log, records)?;
            Ok(tells_of_users)
        })?;
        rules.ordered.send_replace(());
        // Whoever sends does not wait for that.
        if let Some(awaited) = rules.awaited.get(instance).filter(|_| tells_of_users) {
            awaited.notify_one();
        }
        Ok(())
    }
}

/// Whether a body is what it would be if it were written anew.
fn is_as_written(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|value| value.to_string().as_bytes() == body)
}

/// Whether both headers fit, of which the newer must be there.
fn is_signed(headers: &HeaderMap, body: &[u8], key: &Secret) -> bool {
    let fits = |name: &str, prefix: &str, algorithm: hmac::Algorithm| -> Option<bool> {
        let value = headers.get(name)?.to_str().unwrap_or_default();
        let tag = value.strip_prefix(prefix).and_then(bytes);
        let key = hmac::Key::new(algorithm, key.reveal().as_bytes());
        Some(tag.is_some_and(|tag| hmac::verify(&key, body, &tag).is_ok()))
    };
    let sha256 = fits("x-hub-signature-256", "sha256=", hmac::HMAC_SHA256).unwrap_or(false);
    let sha1 = fits("x-hub-signature", "sha1=", hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY);
    if planted(Bug::HookSignatureLegacyOnly) {
        return sha1.unwrap_or(false);
    }
    sha256 && sha1.unwrap_or(true)
}

/// The bytes of a hexadecimal text.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        hex.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn signature(algorithm: hmac::Algorithm, key: &str, body: &str) -> String {
        let tag = hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), body.as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_delivery_counts_with_the_newer_signature_and_no_wrong_one() {
        let sha256 = |key, body| ("x-hub-signature-256", format!("sha256={}", signature(hmac::HMAC_SHA256, key, body)));
        let sha1 = |key, body| {
            let tag = signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, body);
            ("x-hub-signature", format!("sha1={tag}"))
        };
        #[rustfmt::skip]
        let cases = [
            ("both",                 vec![sha256("shh", "{}"), sha1("shh", "{}")],     true),
            ("the newer alone",      vec![sha256("shh", "{}")],                        true),
            ("the older alone",      vec![sha1("shh", "{}")],                          false),
            ("none",                 vec![],                                           false),
            ("another key",          vec![sha256("other", "{}")],                      false),
            ("another body",         vec![sha256("shh", "{ }")],                       false),
            ("the older is wrong",   vec![sha256("shh", "{}"), sha1("other", "{}")],   false),
            ("no digits",            vec![("x-hub-signature-256", "sha256=zz".to_owned())], false),
            ("another prefix",       vec![("x-hub-signature-256", signature(hmac::HMAC_SHA256, "shh", "{}"))], false),
        ];
        for (name, pairs, expected) in cases {
            assert_eq!(is_signed(&headers(&pairs), b"{}", &Secret::new("shh")), expected, "{name}");
        }
    }
}
