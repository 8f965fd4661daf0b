//! The filters of the lists: an object of fields, each an object of operators.
//!
//! Filters are joined by and, the values of a list by or. A filter that excludes keeps items that lack the field, unless
//! `isset` says otherwise. A single value may stand where a list is documented.
//!
//! # Sources
//! "Filters" of the API's pages: operators, and which field takes which. demisto/content for single values and for the key of
//! an entity that is sent as JSON in a text: a text that is no JSON finds nothing, and is no error. Letters count without
//! their case, and an operator that a field does not take is refused as a value that is not valid: guesses.

mod matching;
mod window;

use serde_json::Value;

use super::asked;
use super::errors::FILTERS;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::Request;
use crate::time::SimTime;

/// A field that can be filtered by.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// What its values are.
    pub(super) kind: Kind,
    /// Which operators it takes.
    pub(super) operators: &'static [Operator],
    /// Where an item has its values.
    pub(super) found: Found,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Texts.
    Text,
    /// Numbers, or texts of digits.
    Number,
    /// True or false.
    Flag,
    /// Milliseconds since 1970, or a number of days before now.
    Time,
    /// Keys of entities: `{"id", "saas", "inst"}`.
    Entity,
}

/// Where an item has the values of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    /// At a JSON pointer; the items of an array are values each.
    At(&'static str),
    /// Worked out.
    By(fn(&Value) -> Vec<Value>),
}

/// What can be asked of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Neq,
    Deq,
    Contains,
    NotContains,
    DescendantOf,
    NotDescendantOf,
    StartsWith,
    StartsWithSingle,
    DoesNotStartWith,
    EndsWith,
    Gt,
    Gte,
    Lt,
    Lte,
    GteDays,
    LteDays,
    Range,
    IsSet,
    IsNotSet,
    Text,
    /// `cabinetmatchedrulesequals`: `eq` under the name that policies of files have for it.
    MatchedRules,
}

impl Operator {
    /// Every operator with its word.
    #[rustfmt::skip]
    const ALL: [(Self, &'static str); 22] = [
        (Self::Eq, "eq"), (Self::Neq, "neq"), (Self::Deq, "deq"), (Self::Contains, "contains"),
        (Self::NotContains, "ncontains"), (Self::DescendantOf, "descendantof"), (Self::NotDescendantOf, "ndescendantof"),
        (Self::StartsWith, "startswith"), (Self::StartsWithSingle, "startswithsingle"),
        (Self::DoesNotStartWith, "doesnotstartwith"), (Self::EndsWith, "endswith"), (Self::Gt, "gt"), (Self::Gte, "gte"),
        (Self::Lt, "lt"), (Self::Lte, "lte"), (Self::GteDays, "gte_ndays"), (Self::LteDays, "lte_ndays"),
        (Self::Range, "range"), (Self::IsSet, "isset"), (Self::IsNotSet, "isnotset"), (Self::Text, "text"),
        (Self::MatchedRules, "cabinetmatchedrulesequals"),
    ];

    /// The operators that keep what they do not name.
    const fn excludes(self) -> bool {
        matches!(
            self,
            Self::Neq | Self::Deq | Self::NotContains | Self::NotDescendantOf | Self::DoesNotStartWith | Self::IsNotSet
        )
    }
}

/// Fields that are one of a few values.
pub(super) const ONE_OF: &[Operator] = &[Operator::Eq, Operator::Neq, Operator::Deq];
/// Likewise, where it may be missing.
pub(super) const SET_OR: &[Operator] =
    &[Operator::Eq, Operator::Neq, Operator::Deq, Operator::IsSet, Operator::IsNotSet];
/// Likewise, by its beginning.
pub(super) const NAMED: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::Deq,
    Operator::IsSet,
    Operator::IsNotSet,
    Operator::StartsWith,
    Operator::DoesNotStartWith,
];
/// Texts that are looked into.
pub(super) const CONTENT: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::Deq,
    Operator::IsSet,
    Operator::IsNotSet,
    Operator::Contains,
    Operator::NotContains,
];
/// Yes or no.
pub(super) const JUST_EQ: &[Operator] = &[Operator::Eq];
/// Times.
pub(super) const TIMES: &[Operator] = &[
    Operator::Lte,
    Operator::Gte,
    Operator::Lt,
    Operator::Gt,
    Operator::Eq,
    Operator::Range,
    Operator::LteDays,
    Operator::GteDays,
];
/// Numbers that are compared.
pub(super) const AMOUNTS: &[Operator] =
    &[Operator::Eq, Operator::Neq, Operator::Lt, Operator::Gt, Operator::Lte, Operator::Gte, Operator::Range];
/// Folders and units.
pub(super) const TREE: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::DescendantOf,
    Operator::NotDescendantOf,
    Operator::IsSet,
    Operator::IsNotSet,
];

/// A row of a table of fields.
pub(super) const fn field(name: &'static str, kind: Kind, operators: &'static [Operator], at: &'static str) -> Field {
    Field { name, kind, operators, found: Found::At(at) }
}

/// A row whose values are worked out.
pub(super) const fn derived(
    name: &'static str,
    kind: Kind,
    operators: &'static [Operator],
    by: fn(&Value) -> Vec<Value>,
) -> Field {
    Field { name, kind, operators, found: Found::By(by) }
}

/// One question to one field.
#[derive(Debug)]
struct Condition {
    field: &'static Field,
    operator: Operator,
    /// Any one of these.
    wanted: Vec<Value>,
}

/// What a list is filtered by.
#[derive(Debug)]
pub(super) struct Filters {
    conditions: Vec<Condition>,
    /// What "N days ago" counts from.
    now: SimTime,
}

impl Filters {
    /// The filters of a request, each checked against the fields that the list has.
    pub(super) fn of(request: &Request, fields: &'static [Field], now: SimTime) -> Result<Self, Failure> {
        let mut conditions = Vec::new();
        for (name, asked) in asked::filters(request)? {
            let refused = |value: &str| Failure::bad_parameter(FILTERS, value);
            let field = fields.iter().find(|f| f.name.eq_ignore_ascii_case(&name)).ok_or_else(|| refused(&name))?;
            let Value::Object(operators) = asked else { return Err(refused(&asked.to_string())) };
            for (word, value) in operators {
                let operator = Operator::ALL.iter().find(|(_, known)| *known == word).map(|(operator, _)| *operator);
                let operator = operator.filter(|o| field.operators.contains(o)).ok_or_else(|| refused(&word))?;
                let wanted = match value {
                    Value::Array(values) => values,
                    one => vec![one],
                };
                if let Some(wrong) = wanted.iter().find(|value| !matching::suits(field.kind, operator, value)) {
                    return Err(refused(wrong.as_str().unwrap_or(&wrong.to_string())));
                }
                conditions.push(Condition { field, operator, wanted });
            }
        }
        Ok(Self { conditions, now })
    }

    /// Whether nothing is asked.
    pub(super) const fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether anything is asked of one of these fields.
    pub(super) fn ask(&self, fields: &[&str]) -> bool {
        self.conditions.iter().any(|condition| fields.contains(&condition.field.name))
    }

    /// Whether nothing is asked of any but these fields.
    pub(super) fn ask_only(&self, fields: &[&str]) -> bool {
        self.conditions.iter().all(|condition| fields.contains(&condition.field.name))
    }

    /// Whether an item is wanted.
    pub(super) fn matches(&self, item: &Value) -> bool {
        self.conditions.iter().all(|condition| condition.holds(item, self.now))
    }
}
