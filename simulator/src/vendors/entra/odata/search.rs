//! `$search`: `"property:word"` clauses, joined by `AND` and `OR`.
//!
//! A clause matches where a word of the property begins with the searched one: Graph's index cuts texts into words at
//! blanks, digits, letter case and punctuation; here at everything that is no letter or digit.
//!
//! # Sources
//! `graph-docs:concepts/search-query-parameter`: the syntax. How words are cut is simplified.

use serde_json::Value;

use crate::protocol::dialect::Failure;

/// A search: any of these, each of them all of those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search(Vec<Vec<Clause>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Clause {
    property: String,
    words: Vec<String>,
}

impl Search {
    /// Reads one that names only `properties`.
    pub(super) fn parse(text: &str, properties: &[&str]) -> Result<Self, Failure> {
        let invalid = |why: &str| Failure::bad_parameter("$search", format!("Syntax error: {why} in '{text}'."));
        let (mut any, mut all, mut rest) = (Vec::new(), Vec::new(), text.trim());
        loop {
            let quoted = rest.strip_prefix('"').ok_or_else(|| invalid("a clause must be in double quotes"))?;
            let (clause, after) = quoted.split_once('"').ok_or_else(|| invalid("a quote is not closed"))?;
            let (property, value) = clause.split_once(':').ok_or_else(|| invalid("a property is missing"))?;
            let known = properties.iter().find(|p| p.eq_ignore_ascii_case(property.trim()));
            let known = known.ok_or_else(|| Failure::Unsupported { what: format!("a search in '{property}'") })?;
            all.push(Clause { property: (*known).to_owned(), words: words(value) });
            rest = after.trim_start();
            if rest.is_empty() {
                break;
            }
            if let Some(more) = rest.strip_prefix("AND") {
                rest = more.trim_start();
            } else if let Some(more) = rest.strip_prefix("OR") {
                any.push(std::mem::take(&mut all));
                rest = more.trim_start();
            } else {
                return Err(invalid("AND or OR is missing"));
            }
        }
        any.push(all);
        Ok(Self(any))
    }

    /// Whether an entity satisfies it.
    pub(super) fn matches(&self, entity: &Value) -> bool {
        self.0.iter().any(|all| all.iter().all(|clause| clause.matches(entity)))
    }
}

impl Clause {
    fn matches(&self, entity: &Value) -> bool {
        let there = words(entity[&self.property].as_str().unwrap_or_default());
        !self.words.is_empty() && self.words.iter().all(|word| there.iter().any(|w| w.starts_with(word.as_str())))
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_found_by_their_beginnings() {
        let user = json!({ "displayName": "Ada Lovelace-King", "mail": "ada.king@contoso.example" });
        #[rustfmt::skip]
        let cases = [
            (r#""displayName:ada""#,                                true),
            (r#""displayName:lov""#,                                true),
            (r#""displayName:king ada""#,                           true),
            (r#""displayName:lace""#,                               false),
            (r#""displayName:eve" OR "mail:contoso""#,              true),
            (r#""displayName:ada" AND "mail:fabrikam""#,            false),
        ];
        for (text, expected) in cases {
            let search = Search::parse(text, &["displayName", "mail"]).expect(text);
            assert_eq!(search.matches(&user), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["ada", "\"ada\"", "\"displayName:ada", "\"displayName:a\" \"displayName:b\"", "\"city:x\""] {
            assert!(Search::parse(text, &["displayName"]).is_err(), "{text}");
        }
    }
}
