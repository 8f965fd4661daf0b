//! The word of a GitHub App: a JSON Web Token, signed with the app's RSA key.
//!
//! It begins a minute ago, because clocks differ, and ends after nine, because ten is the most.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;

use crate::bug::{Bug, spoilt};
use crate::connections::GithubApp;
use crate::secret::Secret;

const BEFORE: SignedDuration = SignedDuration::from_secs(60);
const LIFE: SignedDuration = SignedDuration::from_mins(9);

/// The token of `app` at `now`; none if its key is no RSA key in PEM.
pub(super) fn signed(app: &GithubApp, now: Timestamp) -> Option<Secret> {
    let key = key(app.private_key.reveal())?;
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let claims = json!({
        "iat": (now - spoilt(BEFORE, Bug::AuthClockSkewAssertion, SignedDuration::ZERO)).as_second(),
        "exp": (now + LIFE).as_second(),
        "iss": app.app_id.to_string(),
    });
    let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(&claims));
    let mut signature = vec![0; key.public().modulus_len()];
    // Chance blinds the computation and does not reach the signature.
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).ok()?;
    Some(Secret::new(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))))
}

/// The key in a PEM text: GitHub hands out PKCS #1, most tools make PKCS #8.
fn key(pem: &str) -> Option<RsaKeyPair> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = BASE64_STANDARD.decode(base64).ok()?;
    RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_none_signs_nothing() {
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not base64!"] {
            let app = GithubApp { app_id: 1, installation_id: 2, private_key: Secret::new(pem) };
            assert_eq!(signed(&app, now), None, "{pem}");
        }
    }
}
