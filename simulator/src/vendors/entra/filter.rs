//! `$filter`: comparisons, `startswith`, `and`, `or`, `any`, parentheses; what else OData knows is refused.
//!
//! # Not imitated
//! `not`, `ne`, `in`, `endswith`, arithmetic, functions of dates: they want the lagging index or are not supported by
//! the lists that are imitated.
//!
//! # Sources
//! OData 4.01 URL conventions 5.1.1, as far as Graph's documentation lists operators for these properties.

use std::cmp::Ordering;
use std::ops::Bound;

use serde_json::Value;

use crate::protocol::dialect::Failure;
use crate::protocol::feed::Span;
use crate::time::SimTime;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 20;

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// Either.
    Or(Box<Filter>, Box<Filter>),
    /// `property op literal`.
    Compare(String, Operator, Literal),
    /// `startswith(property,'text')`.
    StartsWith(String, String),
    /// `property/any(x: expression)`, with `x/` removed from the names inside.
    Any(String, Box<Filter>),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Number(f64),
    Truth(bool),
    Null,
    Time(SimTime),
}

impl Filter {
    /// Reads an expression that names only `properties`.
    pub(super) fn parse(text: &str, properties: &[&str]) -> Result<Self, Failure> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, properties, variable: None, depth: 0 };
        let filter = parser.either()?;
        match parser.tokens.get(parser.at) {
            None => Ok(filter),
            Some(more) => Err(invalid(&format!("unexpected '{}'", more.text()))),
        }
    }

    /// Splits off the window: what is said of the time property `time` by comparisons that all must hold.
    pub(super) fn window(self, time: &str) -> (Span, Option<Self>) {
        match self {
            Self::And(a, b) => {
                let ((a_span, a), (b_span, b)) = (a.window(time), b.window(time));
                let span = Span {
                    from: tighter_from(a_span.from, b_span.from),
                    until: tighter_until(a_span.until, b_span.until),
                };
                let rest = match (a, b) {
                    (Some(a), Some(b)) => Some(Self::And(Box::new(a), Box::new(b))),
                    (a, b) => a.or(b),
                };
                (span, rest)
            }
            Self::Compare(property, operator, Literal::Time(at)) if property == time => {
                let (from, until) = match operator {
                    Operator::Eq => (Bound::Included(at), Bound::Included(at)),
                    Operator::Ge => (Bound::Included(at), Bound::Unbounded),
                    Operator::Gt => (Bound::Excluded(at), Bound::Unbounded),
                    Operator::Le => (Bound::Unbounded, Bound::Included(at)),
                    Operator::Lt => (Bound::Unbounded, Bound::Excluded(at)),
                };
                (Span { from, until }, None)
            }
            other => (Span::ALL, Some(other)),
        }
    }

    /// Whether an entity satisfies it.
    pub(super) fn matches(&self, entity: &Value) -> bool {
        match self {
            Self::And(a, b) => a.matches(entity) && b.matches(entity),
            Self::Or(a, b) => a.matches(entity) || b.matches(entity),
            Self::Compare(property, operator, literal) => {
                let order = compare(at_path(entity, property), literal);
                match operator {
                    Operator::Eq => order == Some(Ordering::Equal),
                    Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                    Operator::Gt => order == Some(Ordering::Greater),
                    Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    Operator::Lt => order == Some(Ordering::Less),
                }
            }
            Self::StartsWith(property, start) => at_path(entity, property)
                .as_str()
                .is_some_and(|text| text.to_lowercase().starts_with(&start.to_lowercase())),
            Self::Any(property, inner) => {
                at_path(entity, property).as_array().is_some_and(|items| items.iter().any(|item| inner.matches(item)))
            }
        }
    }
}

fn at_path<'a>(entity: &'a Value, path: &str) -> &'a Value {
    path.split('/').fold(entity, |value, name| &value[name])
}

/// Texts are compared without case, as Graph does.
fn compare(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::String(a), Literal::Text(b)) => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        (Value::String(a), Literal::Time(b)) => SimTime::parse_rfc3339(a).map(|a| a.cmp(b)),
        (Value::Number(a), Literal::Number(b)) => a.as_f64().and_then(|a| a.partial_cmp(b)),
        (Value::Bool(a), Literal::Truth(b)) => Some(a.cmp(b)),
        (Value::Null, Literal::Null) => Some(Ordering::Equal),
        _ => None,
    }
}

fn tighter_from(a: Bound<SimTime>, b: Bound<SimTime>) -> Bound<SimTime> {
    match (a, b) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other,
        (Bound::Included(x), Bound::Excluded(y)) | (Bound::Excluded(y), Bound::Included(x)) => {
            if y >= x {
                Bound::Excluded(y)
            } else {
                Bound::Included(x)
            }
        }
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(x.max(y)),
        (Bound::Excluded(x), Bound::Excluded(y)) => Bound::Excluded(x.max(y)),
    }
}

fn tighter_until(a: Bound<SimTime>, b: Bound<SimTime>) -> Bound<SimTime> {
    match (a, b) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other,
        (Bound::Included(x), Bound::Excluded(y)) | (Bound::Excluded(y), Bound::Included(x)) => {
            if y <= x {
                Bound::Excluded(y)
            } else {
                Bound::Included(x)
            }
        }
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(x.min(y)),
        (Bound::Excluded(x), Bound::Excluded(y)) => Bound::Excluded(x.min(y)),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Colon,
    Word(String),
    Text(String),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Open => "(",
            Self::Close => ")",
            Self::Comma => ",",
            Self::Colon => ":",
            Self::Word(text) | Self::Text(text) => text,
        }
    }
}

/// A colon stands alone after a variable (`t:t/id`) and inside a time (`09:00`).
fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' => {
                tokens.push(Token::Open);
                1
            }
            ')' => {
                tokens.push(Token::Close);
                1
            }
            ',' => {
                tokens.push(Token::Comma);
                1
            }
            ':' => {
                tokens.push(Token::Colon);
                1
            }
            '\'' => {
                let (content, length) = quoted(rest)?;
                tokens.push(Token::Text(content));
                length
            }
            _ => {
                let length = word_length(rest);
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in single quotes, a doubled quote standing for one; and how long it is as written.
fn quoted(text: &str) -> Result<(String, usize), Failure> {
    let (mut content, mut characters) = (String::new(), text.char_indices().skip(1).peekable());
    while let Some((at, c)) = characters.next() {
        if c != '\'' {
            content.push(c);
        } else if characters.next_if(|(_, c)| *c == '\'').is_some() {
            content.push('\'');
        } else {
            return Ok((content, at + 1));
        }
    }
    Err(invalid("there is an unterminated string literal"))
}

fn word_length(text: &str) -> usize {
    let in_time = text.starts_with(|c: char| c.is_ascii_digit());
    let ends = |c: char| c.is_whitespace() || "(),'".contains(c) || (c == ':' && !in_time);
    text.find(ends).unwrap_or(text.len()).max(1)
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    properties: &'a [&'a str],
    /// The variable of the `any` around, and the collection it walks.
    variable: Option<String>,
    depth: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Filter, Failure> {
        let mut left = self.both()?;
        while self.takes("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, Failure> {
        let mut left = self.one()?;
        while self.takes("and") {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Filter, Failure> {
        match self.next()? {
            Token::Open => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(invalid("it is nested too deeply"));
                }
                let inner = self.either()?;
                self.depth -= 1;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("startswith") => {
                self.expect(&Token::Open)?;
                let property = self.property()?;
                self.expect(&Token::Comma)?;
                let Token::Text(start) = self.next()? else { return Err(invalid("startswith wants a text")) };
                self.expect(&Token::Close)?;
                Ok(Filter::StartsWith(property, start))
            }
            Token::Word(word) if self.tokens.get(self.at) == Some(&Token::Open) => self.any(&word),
            Token::Word(word) => {
                let property = self.known(&word)?;
                let operator = self.operator()?;
                Ok(Filter::Compare(property, operator, self.literal()?))
            }
            other => Err(invalid(&format!("unexpected '{}'", other.text()))),
        }
    }

    /// `collection/any(x: expression)`.
    fn any(&mut self, word: &str) -> Result<Filter, Failure> {
        let collection = word.strip_suffix("/any").filter(|_| self.variable.is_none());
        let collection = collection.ok_or_else(|| unsupported(&format!("the function '{word}'")))?;
        let collection = self.known(collection)?;
        self.expect(&Token::Open)?;
        let Token::Word(variable) = self.next()? else { return Err(invalid("any wants a variable")) };
        self.expect(&Token::Colon)?;
        self.variable = Some(variable);
        let inner = self.either()?;
        self.variable = None;
        self.expect(&Token::Close)?;
        Ok(Filter::Any(collection, Box::new(inner)))
    }

    fn property(&mut self) -> Result<String, Failure> {
        match self.next()? {
            Token::Word(word) => self.known(&word),
            other => Err(invalid(&format!("'{}' is no property", other.text()))),
        }
    }

    fn known(&self, word: &str) -> Result<String, Failure> {
        if let Some(variable) = &self.variable {
            let inner = word.strip_prefix(variable.as_str()).and_then(|w| w.strip_prefix('/'));
            return inner.map(str::to_owned).ok_or_else(|| invalid(&format!("'{word}' is no property")));
        }
        let known = self.properties.iter().find(|p| p.eq_ignore_ascii_case(word));
        known.map(|p| (*p).to_owned()).ok_or_else(|| unsupported(&format!("a filter on '{word}'")))
    }

    fn operator(&mut self) -> Result<Operator, Failure> {
        match self.next()?.text().to_lowercase().as_str() {
            "eq" => Ok(Operator::Eq),
            "ge" => Ok(Operator::Ge),
            "gt" => Ok(Operator::Gt),
            "le" => Ok(Operator::Le),
            "lt" => Ok(Operator::Lt),
            other => Err(unsupported(&format!("the operator '{other}'"))),
        }
    }

    fn literal(&mut self) -> Result<Literal, Failure> {
        let word = match self.next()? {
            Token::Text(text) => return Ok(Literal::Text(text)),
            Token::Word(word) => word,
            other => return Err(invalid(&format!("unexpected '{}'", other.text()))),
        };
        Ok(match word.as_str() {
            "true" => Literal::Truth(true),
            "false" => Literal::Truth(false),
            "null" => Literal::Null,
            number if number.parse::<f64>().is_ok() => Literal::Number(number.parse().unwrap_or_default()),
            time => {
                Literal::Time(SimTime::parse_rfc3339(time).ok_or_else(|| invalid(&format!("'{time}' is no literal")))?)
            }
        })
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(takes);
        takes
    }

    fn next(&mut self) -> Result<Token, Failure> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| invalid("it ends too early"))?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, token: &Token) -> Result<(), Failure> {
        let found = self.next()?;
        if found == *token {
            Ok(())
        } else {
            Err(invalid(&format!("'{}' where '{}' should be", found.text(), token.text())))
        }
    }
}

fn invalid(why: &str) -> Failure {
    Failure::bad_parameter("$filter", format!("Invalid filter clause: {why}."))
}

fn unsupported(what: &str) -> Failure {
    Failure::Unsupported { what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PROPERTIES: &[&str] =
        &["createdDateTime", "userPrincipalName", "accountEnabled", "status/errorCode", "targetResources"];

    #[track_caller]
    fn check(filter: &str, expected: bool) {
        let entity = json!({
            "createdDateTime": "2026-03-02T09:00:00.1234560Z",
            "userPrincipalName": "Ann@contoso.example",
            "accountEnabled": true,
            "status": { "errorCode": 50126 },
            "targetResources": [{ "id": "a" }, { "id": "b", "displayName": "Bo's" }],
        });
        let parsed = Filter::parse(filter, PROPERTIES).expect(filter);
        assert_eq!(parsed.matches(&entity), expected, "{filter}");
    }

    #[test]
    fn entities_are_judged_by_comparison_and_function() {
        check("userPrincipalName eq 'ann@CONTOSO.example'", true);
        check("startswith(userPrincipalName,'ann@')", true);
        check("startsWith(userPrincipalName, 'bob')", false);
        check("accountEnabled eq true", true);
        check("status/errorCode eq 0", false);
        check("status/errorCode ge 50126 and accountEnabled eq true or accountEnabled eq false", true);
        check(
            "(accountEnabled eq false or status/errorCode eq 50126) and createdDateTime lt 2026-03-02T09:00:01Z",
            true,
        );
        check("targetResources/any(t:t/id eq 'b')", true);
        check("targetResources/any(t: startswith(t/displayName,'Bo''s'))", true);
        check("targetResources/any(t: t/id eq 'c')", false);
    }

    #[test]
    fn the_window_is_taken_out_of_a_conjunction() {
        let text = "createdDateTime ge 2026-03-02T09:00:00Z and (createdDateTime lt 2026-03-02T10:00:00Z \
                    and accountEnabled eq true)";
        let (span, rest) = Filter::parse(text, PROPERTIES).unwrap().window("createdDateTime");
        let at = |text| SimTime::parse_rfc3339(text).unwrap();
        assert_eq!(span.from, Bound::Included(at("2026-03-02T09:00:00Z")));
        assert_eq!(span.until, Bound::Excluded(at("2026-03-02T10:00:00Z")));
        let enabled = Filter::Compare("accountEnabled".into(), Operator::Eq, Literal::Truth(true));
        assert_eq!(rest, Some(enabled));
    }

    #[test]
    fn of_two_bounds_the_tighter_holds() {
        let text = "createdDateTime ge 2026-03-02T09:00:00Z and createdDateTime gt 2026-03-02T09:00:00Z";
        let (span, _) = Filter::parse(text, PROPERTIES).unwrap().window("createdDateTime");
        assert_eq!(span.from, Bound::Excluded(SimTime::parse_rfc3339("2026-03-02T09:00:00Z").unwrap()));
    }

    #[test]
    fn what_is_not_imitated_is_refused_by_name() {
        for (text, what) in [
            ("userPrincipalName ne 'a'", "the operator 'ne'"),
            ("endswith(userPrincipalName,'a')", "the function 'endswith'"),
            ("city eq 'x'", "a filter on 'city'"),
        ] {
            let unsupported = Failure::Unsupported { what: what.to_owned() };
            assert_eq!(Filter::parse(text, PROPERTIES), Err(unsupported), "{text}");
        }
        for text in
            ["accountEnabled eq", "accountEnabled eq 'open", "(accountEnabled eq true", "accountEnabled eq true)"]
        {
            let refused = Filter::parse(text, PROPERTIES);
            assert!(matches!(refused, Err(Failure::BadParameter { .. })), "{text}: {refused:?}");
        }
        let deep = "(".repeat(100_000);
        assert!(Filter::parse(&deep, PROPERTIES).is_err());
    }
}
