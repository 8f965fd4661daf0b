//! Whether an item meets a condition.

use std::time::Duration;

use serde_json::Value;

use super::{Condition, Field, Found, Kind, Operator};
use crate::time::SimTime;

/// Whether a value may be sent for an operator of a field.
pub(super) fn suits(kind: Kind, operator: Operator, value: &Value) -> bool {
    match (operator, kind) {
        (Operator::IsSet | Operator::IsNotSet, _) => *value == Value::Bool(true),
        (Operator::GteDays | Operator::LteDays, _) => number(value).is_some(),
        (Operator::Range, _) => number(&value["start"]).is_some() && number(&value["end"]).is_some(),
        // The score of an app is asked for as a range that is sent under `eq`; null asks for what is not known.
        (_, Kind::Number | Kind::Time) => number(value).is_some() || value.is_null(),
        (_, Kind::Flag) => value.is_boolean() || value.is_null() || matches!(value.as_str(), Some("true" | "false")),
        (_, Kind::Entity) => value.is_object() || value.is_string(),
        (_, Kind::Text) => value.is_string() || value.is_number() || value.is_null() || value.is_object(),
    }
}

/// A number, or a text of one.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

impl Field {
    /// The values that an item has; null is none.
    pub(super) fn values(&self, item: &Value) -> Vec<Value> {
        let found = match self.found {
            Found::By(by) => by(item),
            Found::At(pointer) => match item.pointer(pointer) {
                None => Vec::new(),
                Some(Value::Array(values)) => values.clone(),
                Some(one) => vec![one.clone()],
            },
        };
        found.into_iter().filter(|value| !value.is_null()).collect()
    }
}

impl Condition {
    /// Whether an item meets it.
    pub(super) fn holds(&self, item: &Value, now: SimTime) -> bool {
        let values = self.field.values(item);
        match self.operator {
            Operator::IsSet => return !values.is_empty(),
            Operator::IsNotSet => return values.is_empty(),
            _ => {}
        }
        let one = |value: &Value| self.wanted.iter().any(|wanted| self.met(value, wanted, now));
        // What is asked for as null is what nobody knows.
        let unknown = values.is_empty() && self.wanted.iter().any(Value::is_null);
        let any = unknown || values.iter().any(one);
        any != self.operator.excludes()
    }

    /// Whether a value is the wanted one, in the sense of the operator or of its opposite.
    fn met(&self, value: &Value, wanted: &Value, now: SimTime) -> bool {
        let order = || number(value).zip(number(wanted));
        let texts = || (text(value), text(wanted));
        match self.operator {
            Operator::Eq | Operator::Neq | Operator::Deq | Operator::MatchedRules => {
                self.field.kind.same(value, wanted)
            }
            Operator::Contains | Operator::NotContains | Operator::Text => {
                let (value, wanted) = texts();
                value.contains(&wanted)
            }
            Operator::StartsWith | Operator::StartsWithSingle | Operator::DoesNotStartWith => {
                let (value, wanted) = texts();
                value.starts_with(&wanted)
            }
            Operator::EndsWith => {
                let (value, wanted) = texts();
                value.ends_with(&wanted)
            }
            Operator::DescendantOf | Operator::NotDescendantOf => {
                let (value, wanted) = texts();
                value == wanted || value.starts_with(&format!("{}/", wanted.trim_end_matches('/')))
            }
            Operator::Gt => order().is_some_and(|(value, wanted)| value > wanted),
            Operator::Gte => order().is_some_and(|(value, wanted)| value >= wanted),
            Operator::Lt => order().is_some_and(|(value, wanted)| value < wanted),
            Operator::Lte => order().is_some_and(|(value, wanted)| value <= wanted),
            Operator::GteDays => order().is_some_and(|(value, days)| value >= days_ago_ms(now, days)),
            Operator::LteDays => order().is_some_and(|(value, days)| value <= days_ago_ms(now, days)),
            Operator::Range => {
                let within =
                    |value: f64| number(&wanted["start"])?.le(&value).then_some(value <= number(&wanted["end"])?);
                number(value).and_then(within).unwrap_or(false)
            }
            // Decided before, by whether there are values at all.
            Operator::IsSet | Operator::IsNotSet => false,
        }
    }
}

/// The moment so many days before now, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay far below 2^53")]
pub(super) fn days_ago_ms(now: SimTime, days: f64) -> f64 {
    let days = Duration::try_from_secs_f64((days * 86_400.0).max(0.0)).unwrap_or(Duration::ZERO);
    (now - days).ms() as f64
}

impl Kind {
    fn same(self, value: &Value, wanted: &Value) -> bool {
        match self {
            Self::Text => text(value) == text(wanted),
            Self::Number | Self::Time => number(value).zip(number(wanted)).is_some_and(|(a, b)| (a - b).abs() < 0.5),
            Self::Flag => text(value) == text(wanted),
            Self::Entity => same_entity(value, wanted),
        }
    }
}

/// Whether a key names this entity: by id, and by app and instance where the key says them. A text has to be such a key in
/// JSON.
fn same_entity(value: &Value, wanted: &Value) -> bool {
    let parsed: Value;
    let wanted = match wanted.as_str() {
        Some(text) => {
            parsed = serde_json::from_str(text).unwrap_or_default();
            &parsed
        }
        None => wanted,
    };
    let agrees = |name: &str| wanted[name].is_null() || text(&value[name]) == text(&wanted[name]);
    wanted["id"].is_string() && text(&value["id"]) == text(&wanted["id"]) && agrees("saas") && agrees("inst")
}

/// A value as text, in small letters.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        Value::Null => String::new(),
        other => other.to_string().to_lowercase(),
    }
}
