//! `alter_record`: a field of a record is not what it should be.

use axum::body::Bytes;
use serde_json::Value;

use crate::scenario::Becomes;

/// The record with its field altered; none if it has no such field. The order of the others stays.
pub(crate) fn alter(record: &[u8], field: &[String], becomes: &Becomes) -> Option<Bytes> {
    let mut record: Value = serde_json::from_slice(record).ok()?;
    let (name, parents) = field.split_last()?;
    let parent = parents.iter().try_fold(&mut record, |value, name| value.get_mut(name.as_str()))?.as_object_mut()?;
    let value = parent.get_mut(name)?;
    match becomes {
        Becomes::Missing => {
            parent.shift_remove(name);
        }
        Becomes::Nothing => *value = Value::Null,
        Becomes::Retyped => *value = retyped(value),
        Becomes::Text(text) => *value = Value::String(text.clone()),
        Becomes::Number(number) => *value = Value::from(*number),
        Becomes::Filler(bytes) => *value = Value::String("lorem ipsum ".chars().cycle().take(*bytes).collect()),
    }
    Some(serde_json::to_vec(&record).expect("what was read as JSON can be written").into())
}

/// A number for a text, a text for anything else.
fn retyped(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::from(text.parse::<i64>().unwrap_or(0)),
        other => Value::String(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(field: &str, becomes: &Becomes, expected: Option<&str>) {
        let record = r#"{"id":"7","by":{"name":"Ann","n":3},"gone":null}"#;
        let path: Vec<String> = field.split('.').map(str::to_owned).collect();
        let altered = alter(record.as_bytes(), &path, becomes);
        let altered = altered.map(|bytes| serde_json::from_slice::<Value>(&bytes).unwrap());
        assert_eq!(altered, expected.map(|text| serde_json::from_str(text).unwrap()), "{field} {becomes:?}");
    }

    #[test]
    fn the_field_and_nothing_else_changes() {
        check("by.name", &Becomes::Missing, Some(r#"{"id":"7","by":{"n":3},"gone":null}"#));
        check("by", &Becomes::Nothing, Some(r#"{"id":"7","by":null,"gone":null}"#));
        check("id", &Becomes::Retyped, Some(r#"{"id":7,"by":{"name":"Ann","n":3},"gone":null}"#));
        check("by.n", &Becomes::Retyped, Some(r#"{"id":"7","by":{"name":"Ann","n":"3"},"gone":null}"#));
        let said = Becomes::Text("unknown".to_owned());
        check("by.name", &said, Some(r#"{"id":"7","by":{"name":"unknown","n":3},"gone":null}"#));
        let large = Becomes::Number(9_007_199_254_740_993);
        check("by.n", &large, Some(r#"{"id":"7","by":{"name":"Ann","n":9007199254740993},"gone":null}"#));
        check("id", &Becomes::Filler(7), Some(r#"{"id":"lorem i","by":{"name":"Ann","n":3},"gone":null}"#));
    }

    #[test]
    fn a_record_without_the_field_is_left_alone() {
        for field in ["name", "by.email", "id.name", "gone.name"] {
            check(field, &Becomes::Missing, None);
        }
    }
}
