//! How a secret may be spelled where it has no business to be, and finding it there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::form_urlencoded::byte_serialize;

/// Shorter values occur by chance.
pub const SHORTEST: usize = 8;

/// Of longer spellings the end is searched for: what was cut short before it is worth nothing to anybody.
const TELLING: usize = 16;

/// Every spelling of a secret: as it is, escaped as in JSON, URL-encoded with capital and small digits, and in base64,
/// alone or within something longer such as `id:secret` of HTTP Basic.
pub fn forms(value: &str) -> BTreeSet<String> {
    let json = serde_json::Value::from(value).to_string();
    let url: String = byte_serialize(value.as_bytes()).collect();
    let mut forms =
        BTreeSet::from([value.to_owned(), json.trim_matches('"').to_owned(), small_digits(&url), url.clone()]);
    forms.extend([STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(value)));
    // RFC 6749 2.3.1: id and secret are URL-encoded before they become HTTP Basic.
    forms.extend([value, &url].into_iter().flat_map(within_base64));
    forms
}

/// The end of a long text, all of whose spellings end as the whole text's do: it begins at a multiple of three bytes, as
/// groups of base64 do.
fn tail(text: &str) -> &str {
    let from = text.len().saturating_sub(4 * TELLING);
    (from..from + TELLING).find(|at| at % 3 == 0).and_then(|at| text.get(at..)).unwrap_or(text)
}

/// `%2B` as `%2b`.
fn small_digits(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(part.len().min(2));
        text + "%" + &digits.to_lowercase() + rest
    })
}

/// The letters of base64 that a text decides alone, wherever it begins in what is encoded.
fn within_base64(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let padded = [&vec![0; before], text.as_bytes()].concat();
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        forms.extend([STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(&padded)[from..to].to_owned()));
    }
    forms
}

/// A search for many secrets at once.
pub struct Search<'s> {
    automaton: AhoCorasick,
    /// Name of the secret that each form is of.
    names: Vec<&'s str>,
}

impl<'s> Search<'s> {
    /// For secrets by name. Those that are too short to tell are left out.
    pub fn new(secrets: &'s BTreeMap<String, String>) -> Self {
        let (mut names, mut patterns) = (Vec::new(), Vec::new());
        for (name, value) in secrets.iter().filter(|(_, value)| value.len() >= SHORTEST) {
            for form in forms(tail(value)) {
                names.push(name.as_str());
                let end = form.len().saturating_sub(TELLING);
                patterns.push(form.get(end..).map_or_else(|| form.clone(), str::to_owned));
            }
        }
        // There are more secrets than text to look through: what is quickly made counts.
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(patterns)
            .expect("the secrets of a run are far fewer than an automaton can hold");
        Self { automaton, names }
    }

    /// The names of those that a text holds.
    pub fn in_text(&self, text: &str) -> BTreeSet<&'s str> {
        self.automaton.find_overlapping_iter(text).map(|found| self.names[found.pattern().as_usize()]).collect()
    }

    /// The names of those that are met while something is read to its end, however long it is.
    pub fn in_stream(&self, stream: impl Read) -> io::Result<BTreeSet<&'s str>> {
        let found = self.automaton.stream_find_iter(stream);
        found.map(|found| found.map(|found| self.names[found.pattern().as_usize()])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "<secret:entra/stack>";
    const VALUE: &str = "canary+secret/0123456789==";

    fn secrets() -> BTreeMap<String, String> {
        BTreeMap::from([(NAME.to_owned(), VALUE.to_owned()), ("<code:short>".to_owned(), "abc".to_owned())])
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let url: String = byte_serialize(VALUE.as_bytes()).collect();
        #[rustfmt::skip]
        let cases = [
            ("as it is",               VALUE.to_owned()),
            ("URL-encoded",            url.clone()),
            ("URL-encoded, small",     url.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d")),
            ("base64",                 STANDARD.encode(VALUE)),
            ("base64 for URLs",        URL_SAFE_NO_PAD.encode(VALUE)),
            ("HTTP Basic",             STANDARD.encode(format!("id:{VALUE}"))),
            ("HTTP Basic, longer id",  STANDARD.encode(format!("an-id:{VALUE}"))),
            ("HTTP Basic, RFC 6749",   STANDARD.encode(format!("0-id:{url}"))),
            ("JSON in JSON",           serde_json::Value::from(VALUE).to_string()),
        ];
        let secrets = secrets();
        let search = Search::new(&secrets);
        for (name, text) in cases {
            assert_eq!(search.in_text(&format!("sent {text} away")), BTreeSet::from([NAME]), "{name}: {text}");
        }
        assert_eq!(search.in_text("canary abc"), BTreeSet::new());
    }

    #[test]
    fn the_end_of_a_text_is_spelled_as_the_whole_texts_end_is() {
        for length in SHORTEST..200 {
            let text: String = (0u8..90).map(|n| char::from(b'!' + n)).cycle().take(length).collect();
            let ends = |text: &str| -> BTreeSet<String> {
                forms(text).iter().map(|form| form[form.len().saturating_sub(TELLING)..].to_owned()).collect()
            };
            assert_eq!(ends(tail(&text)), ends(&text), "{length} bytes");
        }
    }

    #[test]
    fn a_stream_is_read_to_its_end() {
        let secrets = secrets();
        let long = format!("{}{VALUE}", "nothing to see here\n".repeat(300_000));
        let found = Search::new(&secrets).in_stream(long.as_bytes()).unwrap();
        assert_eq!(found, BTreeSet::from([NAME]));
    }
}
