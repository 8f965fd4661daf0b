//! Parameters of a request: from the query, from a form in the body, or from both.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::exchange::Request;

/// How deep brackets of what a client writes may nest: who reads them calls itself.
pub const DEEPEST: usize = 20;

/// Where a parameter may come from. The first carrier that has it wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The query string.
    Query,
    /// An `application/x-www-form-urlencoded` body.
    Form,
    /// HTTP Basic: client id and secret only.
    Basic,
    /// The members of a JSON object in the body that are texts.
    Json,
}

/// The parameters of a request, from the carriers that its vendor accepts.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Collects them, in the order of `carriers`.
    pub fn read(request: &Request, carriers: &[Carrier]) -> Self {
        let mut pairs = Vec::new();
        for carrier in carriers {
            match carrier {
                Carrier::Query => pairs.extend(request.query.iter().cloned()),
                Carrier::Form => pairs.extend(form(request)),
                Carrier::Basic => pairs.extend(basic(request)),
                Carrier::Json => pairs.extend(json(request)),
            }
        }
        Self { pairs }
    }

    /// The parameter `name`, if it came and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }
}

/// The pairs of a form body; none for another content type. A body without a content type is read as a form.
fn form(request: &Request) -> Vec<(String, String)> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if content_type.is_empty() || content_type.starts_with("application/x-www-form-urlencoded") {
        decode_pairs(&request.body)
    } else {
        Vec::new()
    }
}

/// The texts of a JSON body; none for another content type.
fn json(request: &Request) -> Vec<(String, String)> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let body = content_type.contains("json").then(|| serde_json::from_slice(&request.body).ok()).flatten();
    let Some(serde_json::Value::Object(members)) = body else { return Vec::new() };
    members.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
}

/// Decodes `a=b&c=d`.
pub fn decode_pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// Client id and secret of an `Authorization: Basic` header. RFC 6749 2.3.1: both are form-encoded before base64.
fn basic(request: &Request) -> Vec<(String, String)> {
    let header = request.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let Some((scheme, encoded)) = header.split_once(' ') else { return Vec::new() };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Vec::new();
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((id, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) else { return Vec::new() };
    vec![("client_id".into(), form_decoded(id)), ("client_secret".into(), form_decoded(secret))]
}

fn form_decoded(text: &str) -> String {
    decode_pairs(text.as_bytes()).into_iter().next().map_or_else(String::new, |(k, _)| k)
}

/// RFC 3986's unreserved characters are the only ones that stand for themselves in any part of a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes everything but unreserved characters: safe in any part of a URL.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `a=b&c=d`, percent-encoded with [`encode`].
pub fn encode_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut encoded = String::new();
    for (key, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.extend(utf8_percent_encode(key, RESERVED));
        encoded.push('=');
        encoded.extend(utf8_percent_encode(value, RESERVED));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_with_hash_and_colons_survives_a_url() {
        let cursor = "2026-03-02T09:00:00.000001Z#3458764500000000777-DDB";
        let query = encode_pairs([("cursor", cursor)]);
        assert!(!query.contains('#'), "{query}");
        assert_eq!(decode_pairs(query.as_bytes()), [("cursor".to_owned(), cursor.to_owned())]);
    }
}
