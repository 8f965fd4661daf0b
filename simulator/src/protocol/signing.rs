//! RS256 with one fixed, published test key.
//!
//! The key is public on purpose: whoever can read this file can sign, so nothing outside tests may trust it. It is
//! fixed so that the same seed gives the same tokens on any machine (PKCS #1 v1.5 signatures are deterministic).

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How many signatures are kept: some 2 MB.
const KEPT: usize = 4_096;

/// RSA-2048 PUBLIC TEST KEY, PKCS #8 DER in base64. Made once by `openssl genpkey`, known to everybody, protects nothing.
const PUBLIC_TEST_KEY: &str = "\
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCzl8aagqq5Mc6qVeNi5SioNUTWFbm8aNga1fvRZheNSol9dbs/knxL8yZUIP\
rPpPKIChLKlWO/5pnRRSIqg3XPH98225DCZWxjSM9/NCzXFE3K5d0QMfsI6YevT0d4OE3zlos+no5ZL8Bbrxzjnr0BtiUF8C9oJYjAcmSyT5KK\
0H1TVfDnPx1XxYv6h1CWF8bCRuJxNtFTS9iL3fQczHCHEyq3bEiWPRhlDJ9ggSSGbBXregpaioy/frwT6V61SvFEgoN57npczQK2ZePpxHNO18\
kvHVQeLkJYEdyhB/wJYMr13bLLaTeRUPdgODGm4v9PSeaFbZjH2I3ng8FvkFv5AgMBAAECggEAF8d5Yvz5KPNI13Hu3SnVg8wl1Kjkwmcpcggy\
QwwfAzTC1qtPgz/cmFvWD96cBwFioZOf4FX+cqrQZA6g0vs8DpQ8RHG3DZ5LRywdWUzpwQKtuDdOWXYctJXjQtme73KZE68zubNZysJRWHJrw1\
HB2eepqEsgo8wQetbKsXdqwllWggdpihjqgLl8VxWYYQo/PZee+mVcM1M0PyrWMoWmQmD47xTdWlILnvDYK/yuftxXpuZHrSudQ7+82nvTyfIb\
doi3rJ0wGq/bg/aFMtV5JOjH/SvtuQY3lTBwZXxwhpKnf+zOWpW10bfmgcFxzextCGPd3d10X6SMxLXtM4MqvwKBgQDyR1KIAHIinZi32+1fHi\
fQmEU3lm6uTTle6dhaa+AeujOj+7NQhxFjknDqJo3WGB1igFc1p5cuMGbIf0L4Sh4laO/RK4MYz82vnvP53CGxSu+/3Jl9uJEorg1QLeDjoquB\
MdtkxMaTrZtcr8NVW9rjo10jrKL7atj2d7oBjdAQpwKBgQC9w5qiBC+DAXOG+IgNNfQN1D/ekgVZiYTwbMEaBvRKmd9xfZVZBoeeyRDEUkdfJG\
zswy9/4ijMdNZK7aakjkFkID9VaSqteg74HS6WPlpCJOQwgHdU+ZDeYip/+QztVBojHcIwitR8Z1qOQ7cPcB+E1d1D5Qo2jCEjMVecSjwiXwKB\
gQCTo9TuXd8vqvwCprnbKeQ3YGNlwX1HKHYamcQnLe/QqcWIW3zlSLnXBMlcVww9+EoH2Y/LeYpOMl6gNbUY2wnN4EmsHKjx+MguCl5A192MTc\
8WCxdaHpwOvyoLvzl5XorG2xwIJ0Wffr7bV5xgKu6To9zBPZXAQldeso0eH044pwKBgQCjZP+KravzU5aUCv+q0GAaYD22eWjd1cl/80S6Em7a\
pW9+GzIze6nfESW8xVPrGkQoAVCu/p8+nQO/dK3eVxb7DcE629kBkm29OfNZLsss1PMeyB74LgONWF1b36g/2gC/Z+pDPecET0Hr6WaAhny9Ni\
DVSyvmF/aYhO35BvqMZQKBgFCnP6uhlbQyEngzhBVntkJJQKJHv/h1BBcScfNzzS4GoVKYNz8AHeaIlxFR0EABw7asYqbprNC1Mqwy6LCT3/rB\
Rj3HIk8ckZyElrzaoTE9zrtIeP9I/R56omjtRN3xUCxcLp+NkN68mjEPchS2I2YWz8AUSPwy9D7drZ5vypNY";

fn key() -> &'static RsaKeyPair {
    static KEY: OnceLock<RsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| {
        let der = BASE64_STANDARD.decode(PUBLIC_TEST_KEY).expect("the constant is base64");
        RsaKeyPair::from_pkcs8(&der).expect("the constant is an RSA key in PKCS #8")
    })
}

/// The key's id, in the header of every token and in the key set: the SHA-256 of its public half.
pub fn key_id() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(key().public_key().as_ref())[..20])
}

/// The public half as a JSON Web Key (RFC 7517), with the fields Entra prints.
pub fn json_web_key() -> Value {
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(key().public());
    json!({
        "kty": "RSA",
        "use": "sig",
        "kid": key_id(),
        "x5t": key_id(),
        "n": BASE64_URL_SAFE_NO_PAD.encode(public.n),
        "e": BASE64_URL_SAFE_NO_PAD.encode(public.e),
    })
}

/// A signed JSON Web Token (RFC 7519) with these claims.
pub fn sign(claims: &impl Serialize) -> String {
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": key_id(), "kid": key_id() });
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = signature(&signed);
    format!("{signed}.{signature}")
}

/// The signature of a text, in base64 for URLs.
///
/// A text has one. It costs a millisecond, by far the most of what a token costs, and a control run is given the very
/// tokens of its run: so those that were made are kept, up to [`KEPT`].
fn signature(signed: &str) -> String {
    static MADE: LazyLock<Mutex<HashMap<[u8; 32], String>>> = LazyLock::new(Mutex::default);
    // Held while one is made: who plays the same story beside us waits for the same signature.
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let text = Sha256::digest(signed).into();
    if made.len() >= KEPT && !made.contains_key(&text) {
        made.clear();
    }
    made.entry(text).or_insert_with(|| made_anew(signed)).clone()
}

fn made_anew(signed: &str) -> String {
    // The random numbers only blind the computation against timing; they do not reach the signature.
    let mut signature = vec![0; key().public().modulus_len()];
    key()
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .expect("the buffer has the length of the modulus");
    BASE64_URL_SAFE_NO_PAD.encode(signature)
}

/// The claims of a JSON Web Token that was signed with the published key, by RS256 or PS256; none for any other text.
///
/// Whoever was given the published test key as its own (an application's certificate) proves itself so.
pub fn claims(token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let read = |part: &str| -> Option<Value> {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?).ok()
    };
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(key().public());
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).ok()?;
    let algorithm = match read(header)?["alg"].as_str()? {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        _ => return None,
    };
    public.verify(algorithm, signed.as_bytes(), &signature).ok()?;
    read(claims)
}

/// The published key, private half and all, as PEM: for clients that sign.
pub fn private_key_pem() -> String {
    let lines: Vec<&str> =
        PUBLIC_TEST_KEY.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn part(value: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).expect("headers and claims are plain values"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(text: &Value) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
    }

    #[test]
    fn whoever_has_the_published_key_can_check_a_token() {
        let token = sign(&json!({ "aud": "https://graph.microsoft.com" }));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let jwk = json_web_key();
        let key = RsaPublicKeyComponents { n: bytes_of(&jwk["n"]), e: bytes_of(&jwk["e"]) };
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).is_ok());
        assert!(key.verify(&RSA_PKCS1_2048_8192_SHA256, b"something else", &signature).is_err());
    }

    #[test]
    fn a_token_that_was_touched_is_nobodys() {
        let token = sign(&json!({ "sub": "a" }));
        assert_eq!(claims(&token), Some(json!({ "sub": "a" })));
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = rest.split_once('.').unwrap();
        let forged = format!("{header}.{}.{signature}", part(&json!({ "sub": "b" })));
        assert_eq!(claims(&forged), None);
        assert_eq!(claims("a.b.c"), None);
        assert!(private_key_pem().starts_with("-----BEGIN PRIVATE KEY-----\nMIIE"));
    }

    #[test]
    fn the_same_claims_give_the_same_token() {
        let claims = json!({ "a": 1 });
        assert_eq!(sign(&claims), sign(&claims));
    }
}
