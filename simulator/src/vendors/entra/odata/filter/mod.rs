//! `$filter`: comparisons, `in`, `startswith`, `endswith`, `and`, `or`, `not`, `any`, parentheses; what else OData knows is
//! refused. Which of these a list takes, and which want the lagging index, is the list's affair ([`Filter::advanced`]).
//!
//! # Not imitated
//! `all`, `contains`, `has`, arithmetic, functions of dates: no list that is imitated documents them.
//!
//! # Sources
//! OData 4.01 URL conventions 5.1.1, as far as Graph's documentation lists operators for these properties.

mod parse;
#[cfg(test)]
mod tests;
mod token;
mod window;

use std::cmp::Ordering;

use serde_json::Value;

use crate::protocol::dialect::Failure;
use crate::time::SimTime;

/// Most words of an expression. A filter is a tree as deep as it has comparisons.
const MOST_TOKENS: usize = 2_000;

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// Either.
    Or(Box<Filter>, Box<Filter>),
    /// `property op literal`.
    Compare(String, Operator, Literal),
    /// Not.
    Not(Box<Filter>),
    /// `property in (literal, literal)`.
    In(String, Vec<Literal>),
    /// `startswith(property,'text')` and its like.
    Call(Function, String, String),
    /// `property/any(x: expression)`, with `x/` removed from the names inside.
    Any(String, Box<Filter>),
}

/// A function of a property and a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Function {
    StartsWith,
    EndsWith,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Operator {
    Eq,
    Ne,
    Ge,
    Gt,
    Le,
    Lt,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Literal {
    Text(String),
    Number(f64),
    Truth(bool),
    Null,
    Time(SimTime),
}

impl Filter {
    /// The first operator or function in it that directory lists answer from the lagging index alone.
    pub(in super::super) fn advanced(&self) -> Option<&'static str> {
        match self {
            Self::And(a, b) | Self::Or(a, b) => a.advanced().or_else(|| b.advanced()),
            Self::Not(_) => Some("not"),
            Self::Compare(_, Operator::Ne, _) => Some("ne"),
            Self::Call(Function::EndsWith, ..) => Some("endswith"),
            Self::Any(_, inner) => inner.advanced(),
            Self::Compare(..) | Self::In(..) | Self::Call(Function::StartsWith, ..) => None,
        }
    }

    /// How many values it compares with.
    pub(in super::super) fn comparisons(&self) -> usize {
        match self {
            Self::And(a, b) | Self::Or(a, b) => a.comparisons() + b.comparisons(),
            Self::Not(inner) | Self::Any(_, inner) => inner.comparisons(),
            Self::In(_, literals) => literals.len(),
            Self::Compare(..) | Self::Call(..) => 1,
        }
    }

    /// Whether an entity satisfies it.
    pub(in super::super) fn matches(&self, entity: &Value) -> bool {
        match self {
            Self::And(a, b) => a.matches(entity) && b.matches(entity),
            Self::Or(a, b) => a.matches(entity) || b.matches(entity),
            Self::Compare(property, operator, literal) => {
                let order = compare(at_path(entity, property), literal);
                match operator {
                    Operator::Eq => order == Some(Ordering::Equal),
                    Operator::Ne => order != Some(Ordering::Equal),
                    Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                    Operator::Gt => order == Some(Ordering::Greater),
                    Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    Operator::Lt => order == Some(Ordering::Less),
                }
            }
            Self::Not(inner) => !inner.matches(entity),
            Self::In(property, literals) => {
                let value = at_path(entity, property);
                literals.iter().any(|literal| compare(value, literal) == Some(Ordering::Equal))
            }
            Self::Call(function, property, part) => {
                let meets = |text: &str| match function {
                    Function::StartsWith => text.to_lowercase().starts_with(&part.to_lowercase()),
                    Function::EndsWith => text.to_lowercase().ends_with(&part.to_lowercase()),
                };
                at_path(entity, property).as_str().is_some_and(meets)
            }
            Self::Any(property, inner) => {
                at_path(entity, property).as_array().is_some_and(|items| items.iter().any(|item| inner.matches(item)))
            }
        }
    }
}

/// The value at `a/b`; the entity itself at the empty path, which is the variable of an `any`.
fn at_path<'a>(entity: &'a Value, path: &str) -> &'a Value {
    path.split('/').filter(|name| !name.is_empty()).fold(entity, |value, name| &value[name])
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

fn invalid(why: &str) -> Failure {
    Failure::bad_parameter("$filter", format!("Invalid filter clause: {why}."))
}

fn unsupported(what: &str) -> Failure {
    Failure::Unsupported { what: what.to_owned() }
}
