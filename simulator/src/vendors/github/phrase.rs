//! The search phrase of the audit log: terms `key:value` joined by spaces, which all must hold; `-` turns one round; `AND`
//! says what a space says, `OR` joins the terms left and right of it.
//!
//! Times are compared in whole seconds, except epoch milliseconds, which one client sends and GitHub takes.
//!
//! # Sources
//! docs-org and docs-search for the keys; "Understanding the search syntax" for `>`, `>=`, `<`, `<=`, `a..b`, `*`. Milliseconds
//! are not honoured: grove's remark. Epoch milliseconds: SEKOIA's connector. That free text and unknown keys are refused, and
//! how `AND` and `OR` bind, are guesses.

use std::ops::Bound;
use std::time::Duration;

use serde_json::Value;

use crate::protocol::dialect::Failure;
use crate::protocol::feed::Span;
use crate::time::{DAY, SimTime};

/// Keys and the field of an entry that each looks at.
#[rustfmt::skip]
const KEYS: [(&str, &str); 18] = [
    ("action", "action"), ("actor", "actor"), ("actor_id", "actor_id"), ("user", "user"), ("user_id", "user_id"),
    ("org", "org"), ("org_id", "org_id"), ("business", "business"), ("business_id", "business_id"), ("repo", "repo"),
    ("repo_id", "repo_id"), ("actor_ip", "actor_ip"), ("oauth_app_id", "oauth_application_id"), ("country", "actor_location"),
    ("operation", "operation_type"), ("hashed_token", "hashed_token"), ("from", "from"), ("note", "note"),
];

/// A phrase that was read: the window its `created` terms leave, and the groups of terms of which one each must hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phrase {
    /// When.
    pub(super) span: Span,
    /// Whether any term named a time.
    pub(super) dated: bool,
    groups: Vec<Vec<Term>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    key: &'static str,
    field: &'static str,
    value: String,
    negated: bool,
}

impl Phrase {
    /// Reads a phrase; none or an empty one lets everything through.
    pub(super) fn read(text: Option<&str>) -> Result<Self, Failure> {
        let mut phrase = Self { span: Span::ALL, dated: false, groups: Vec::new() };
        let words = words(text.unwrap_or_default());
        let mut joins_last = false;
        for word in words {
            match word.as_str() {
                "AND" => continue,
                "OR" => {
                    joins_last = true;
                    continue;
                }
                _ => {}
            }
            let (negated, term) = match word.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, word.as_str()),
            };
            let bad = |why: String| Failure::bad_parameter("phrase", why);
            let (key, value) = term.split_once(':').ok_or_else(|| bad(format!("has no free text: `{term}`")))?;
            if key == "created" {
                if negated || joins_last {
                    return Err(bad("takes `created` neither negated nor in OR".to_owned()));
                }
                let span = created(value).ok_or_else(|| bad(format!("has a time that is none: `{value}`")))?;
                (phrase.span, phrase.dated) = (meet(phrase.span, span), true);
                continue;
            }
            let known = KEYS.iter().find(|(name, _)| *name == key);
            let &(key, field) = known.ok_or_else(|| bad(format!("has no qualifier `{key}`")))?;
            let term = Term { key, field, value: value.trim_matches('"').to_lowercase(), negated };
            match phrase.groups.last_mut() {
                Some(group) if joins_last => group.push(term),
                _ => phrase.groups.push(vec![term]),
            }
            joins_last = false;
        }
        Ok(phrase)
    }

    /// Whether there is anything to hold against an entry's fields.
    pub(super) fn looks_at_fields(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether an entry's fields are what is asked for.
    pub(super) fn matches(&self, entry: &Value) -> bool {
        self.groups.iter().all(|group| group.iter().any(|term| term.holds(entry) != term.negated))
    }
}

impl Term {
    fn holds(&self, entry: &Value) -> bool {
        let is = |value: &Value| match value {
            Value::String(text) => self.is(text),
            Value::Number(number) => number.to_string() == self.value,
            _ => false,
        };
        match &entry[self.field] {
            Value::Array(items) => items.iter().any(is),
            Value::Object(location) => location.get("country_code").is_some_and(is),
            value => is(value),
        }
    }

    fn is(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self.key {
            // `action:repo` is the whole category.
            "action" => text == self.value || text.strip_prefix(&self.value).is_some_and(|rest| rest.starts_with('.')),
            "country" => text == country_code(&self.value),
            _ => text == self.value,
        }
    }
}

/// A country is asked for by code or by name.
fn country_code(value: &str) -> String {
    let named = crate::world::PLACES.iter().find(|p| p.country_name.to_lowercase() == value);
    named.map_or_else(|| value.to_owned(), |p| p.country.to_lowercase())
}

/// The words of a phrase; quoted spaces hold together. A client that sends the `+` of a zone bare sends a space: what comes
/// of it is put together again.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted): (Vec<String>, String, bool) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.push(c);
            }
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    let zone = |w: &str| w.len() == 5 && w.as_bytes()[2] == b':' && w.bytes().filter(u8::is_ascii_digit).count() == 4;
    let mut whole: Vec<String> = Vec::new();
    for word in words.into_iter().filter(|w| !w.is_empty()) {
        match whole.last_mut() {
            Some(last) if zone(&word) && last.starts_with("created:") => *last = format!("{last}+{word}"),
            _ => whole.push(word),
        }
    }
    whole
}

/// The window of one `created` term.
fn created(value: &str) -> Option<Span> {
    let value = value.trim_matches('"');
    if let Some((from, until)) = value.split_once("..") {
        let from = if from == "*" { Bound::Unbounded } else { Bound::Included(instant(from)?.0) };
        let until = if until == "*" { Bound::Unbounded } else { Bound::Excluded(instant(until)?.1) };
        return Some(Span { from, until });
    }
    let after = |from| Span { from: Bound::Included(from), until: Bound::Unbounded };
    let before = |until| Span { from: Bound::Unbounded, until: Bound::Excluded(until) };
    let operators = [">=", "<=", ">", "<", ""];
    let operator = operators.iter().find(|o| value.starts_with(**o)).expect("the empty one begins everything");
    let (first, behind) = instant(&value[operator.len()..])?;
    Some(match *operator {
        ">=" => after(first),
        "<=" => before(behind),
        ">" => after(behind),
        "<" => before(first),
        _ => Span { from: Bound::Included(first), until: Bound::Excluded(behind) },
    })
}

/// The first instant of what is named (a day, a second, a millisecond) and the first behind it.
fn instant(text: &str) -> Option<(SimTime, SimTime)> {
    if text.len() >= 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        let at = SimTime::told_in_ms(text.parse().ok()?)?;
        return Some((at, at + Duration::from_millis(1)));
    }
    if text.len() == 10 {
        let at = SimTime::parse_rfc3339(&format!("{text}T00:00:00Z"))?;
        return Some((at, at + DAY));
    }
    let zoned = SimTime::parse_rfc3339(text).or_else(|| SimTime::parse_rfc3339(&format!("{text}Z")));
    let at = SimTime::from_ms(zoned?.s() * 1_000);
    Some((at, at + Duration::from_secs(1)))
}

/// What lies in both.
fn meet(a: Span, b: Span) -> Span {
    let time = |bound: Bound<SimTime>| match bound {
        Bound::Included(t) | Bound::Excluded(t) => Some(t),
        Bound::Unbounded => None,
    };
    // Here every `from` includes its instant and every `until` does not.
    let from = match time(a.from).max(time(b.from)) {
        Some(t) => Bound::Included(t),
        None => Bound::Unbounded,
    };
    let until = match (time(a.until), time(b.until)) {
        (Some(x), Some(y)) => Bound::Excluded(x.min(y)),
        (x, y) => x.or(y).map_or(Bound::Unbounded, Bound::Excluded),
    };
    Span { from, until }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn second(text: &str) -> SimTime {
        SimTime::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn created_is_read_in_every_spelling_that_connectors_send() {
        let (from, until) = (Bound::Included, Bound::Excluded);
        let ten = second("2026-03-02T10:00:00Z");
        let eleven = second("2026-03-02T10:00:01Z");
        let day = (second("2026-03-02T00:00:00Z"), second("2026-03-03T00:00:00Z"));
        #[rustfmt::skip]
        let cases = [
            ("created:>=2026-03-02T10:00:00Z",            from(ten),                        Bound::Unbounded),
            ("created:>=2026-03-02T10:00:00.900Z",        from(ten),                        Bound::Unbounded),
            ("created:>=2026-03-02T11:00:00 01:00",       from(ten),                        Bound::Unbounded),
            ("created:>=2026-03-02T10:00:00",             from(ten),                        Bound::Unbounded),
            ("created:>2026-03-02T10:00:00Z",             from(eleven),                     Bound::Unbounded),
            ("created:<=2026-03-02T10:00:00Z",            Bound::Unbounded,                 until(eleven)),
            ("created:<2026-03-02T10:00:00Z",             Bound::Unbounded,                 until(ten)),
            ("created:2026-03-02",                        from(day.0),                      until(day.1)),
            ("created:2026-03-02..*",                     from(day.0),                      Bound::Unbounded),
            ("created:*..2026-03-02",                     Bound::Unbounded,                 until(day.1)),
            ("created:>=2026-03-02 created:<=2026-03-02", from(day.0),                      until(day.1)),
            ("created:>1772445600000",                    from(SimTime::from_ms(1_772_445_600_001)), Bound::Unbounded),
        ];
        for (text, from, until) in cases {
            assert_eq!(Phrase::read(Some(text)).unwrap().span, Span { from, until }, "{text}");
        }
    }

    #[test]
    fn terms_hold_together_and_can_be_turned_round() {
        let entry = json!({ "action": "repo.access", "actor": "Ada", "actor_location": { "country_code": "DE" },
            "repo": ["acme/web"], "user_id": 7 });
        #[rustfmt::skip]
        let cases = [
            ("action:repo.access",                 true),
            ("action:repo",                        true),
            ("action:rep",                         false),
            ("action:repo -actor:ada",             false),
            ("action:repo AND actor:ada",          true),
            ("action:team OR actor:ada",           true),
            ("action:team OR actor:bob action:repo", false),
            ("country:Germany repo:acme/web",      true),
            ("country:de user_id:7",               true),
            ("actor:\"ada\"",                      true),
            ("",                                   true),
        ];
        for (text, expected) in cases {
            assert_eq!(Phrase::read(Some(text)).unwrap().matches(&entry), expected, "{text}");
        }
    }

    #[test]
    fn free_text_unknown_qualifiers_and_bad_times_are_refused() {
        for text in ["repo", "colour:red", "created:yesterday", "created:>", "-created:2026-03-02"] {
            assert!(matches!(Phrase::read(Some(text)), Err(Failure::BadParameter { .. })), "{text}");
        }
    }
}
