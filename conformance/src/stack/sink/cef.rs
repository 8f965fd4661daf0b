//! ArcSight's Common Event Format: `CEF:0|vendor|product|version|class|name|severity|key=value key=value`.
//!
//! # Sources
//! "ArcSight Common Event Format (CEF) Implementation Standard", version 26: in the head `\|` and `\\` are escaped, in the
//! extension `\=`, `\\`, `\n` and `\r`; a value reaches to the next key, blanks included.

use serde_json::{Map, Value, json};

/// Names of the parts of the head, in order.
const HEAD: [&str; 7] =
    ["version", "device_vendor", "device_product", "device_version", "device_event_class_id", "name", "severity"];

/// The event in a syslog message, if it holds one.
pub(super) fn event(text: &str) -> Option<Value> {
    let (_, text) = text.split_once("CEF:")?;
    let mut event = Map::new();
    let mut rest = text;
    for name in HEAD {
        let end = unescaped(rest, '|')?;
        event.insert(name.to_owned(), Value::String(plain(&rest[..end])));
        rest = &rest[end + 1..];
    }
    event.insert("extension".to_owned(), extension(rest));
    Some(Value::Object(event))
}

/// Where `wanted` first stands without a backslash before it.
fn unescaped(text: &str, wanted: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let found = c == wanted && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

fn extension(text: &str) -> Value {
    let mut pairs = Map::new();
    let mut rest = text.trim_start();
    while let Some(equals) = unescaped(rest, '=') {
        let (key, value) = (rest[..equals].trim(), &rest[equals + 1..]);
        // The next key is the word before the next `=`.
        let end = match unescaped(value, '=') {
            Some(next) => value[..next].rfind(' ').unwrap_or(next),
            None => value.len(),
        };
        pairs.insert(key.to_owned(), json!(plain(value[..end].trim_end())));
        rest = value[end..].trim_start();
    }
    Value::Object(pairs)
}

/// A text without its escapes.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        plain.push(match characters.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some(other) => other,
            None => '\\',
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_extension_are_told_by_name() {
        let text = "<13>Nov 26 10:00:00 host CEF:0|Acme|Watch\\|tower|1.0|mfa_off|Sign-in \\\\ weakened|8|suser=anna@contoso.example msg=made it\\=public, twice cs1=a b  externalId=e-1";
        let event = event(text).unwrap();
        assert_eq!(event["device_product"], "Watch|tower");
        assert_eq!((&event["name"], &event["severity"]), (&json!("Sign-in \\ weakened"), &json!("8")));
        let expected = json!({ "suser": "anna@contoso.example", "msg": "made it=public, twice", "cs1": "a b", "externalId": "e-1" });
        assert_eq!(event["extension"], expected);
    }

    #[test]
    fn what_is_no_event_is_none() {
        for text in ["", "<14>up", "CEF:0|Acme|too|short"] {
            assert_eq!(event(text), None, "{text}");
        }
        assert_eq!(event("CEF:0|a|b|c|d|e|5|").unwrap()["extension"], json!({}));
        assert_eq!(event("CEF:0|a|b|c|d|e|5|x=").unwrap()["extension"], json!({ "x": "" }));
        assert_eq!(event("CEF:0|a|b|c|d|e|5|a=b=c").unwrap()["extension"]["a"], "b");
    }
}
