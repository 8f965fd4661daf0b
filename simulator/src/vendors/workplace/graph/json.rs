//! JSON as Meta writes it: everything beyond ASCII, and every slash, escaped. Signatures are over these very bytes.

use serde_json::Value;

/// The text of a value: `/` as `\/`, other than ASCII as lower-case `\uXXXX`.
pub(in super::super) fn escaped(value: &Value) -> String {
    escape(&value.to_string())
}

/// Escapes a JSON text that somebody else wrote.
pub(in super::super) fn escape(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 16);
    let mut units = [0; 2];
    for c in json.chars() {
        match c {
            '/' => text.push_str("\\/"),
            c if c.is_ascii() => text.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_ascii_is_escaped_and_reads_as_before() {
        let value = json!({ "name": "Žofia 𝄞", "link": "https://a.example/b" });
        let text = escaped(&value);
        assert_eq!(text, r#"{"name":"\u017dofia \ud834\udd1e","link":"https:\/\/a.example\/b"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
