//! Tags of what was answered, and who has the same already.
//!
//! # Sources
//! RFC 9110, sections 8.8.3 (`ETag`) and 13.1.2 (`If-None-Match`, which compares weakly).

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The strong tag of a body, in its quotes: the same bytes have the same.
pub fn tag(body: &[u8]) -> String {
    format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..24]))
}

/// Whether whoever asks has what bears this tag, weak or strong; none if no tag was sent.
pub fn is_known(asked: &HeaderMap, tag: &str) -> Option<bool> {
    let known = asked.get(header::IF_NONE_MATCH)?.to_str().unwrap_or_default();
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    Some(known.split(',').map(strong).any(|known| known == "*" || known == strong(tag)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_is_known_weak_or_strong_and_among_others() {
        let ours = tag(b"body");
        let cases = [
            (ours.clone(), true),
            (format!("W/{ours}"), true),
            (format!("\"other\", W/{ours}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (String::new(), false),
        ];
        for (sent, expected) in cases {
            let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::try_from(&sent).unwrap())]);
            assert_eq!(is_known(&asked, &ours), Some(expected), "{sent}");
            assert_eq!(is_known(&asked, &format!("W/{ours}")), Some(expected), "{sent}, weak");
        }
        assert_eq!(is_known(&HeaderMap::new(), &ours), None);
    }
}
