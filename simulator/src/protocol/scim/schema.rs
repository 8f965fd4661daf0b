//! Attributes as values: what a schema says of them (RFC 7643 7), and what is made of a value that a client sends.

use serde_json::{Map, Value, json};

use super::Refusal;

/// A set of attributes under a URN.
#[derive(Debug)]
pub struct Schema {
    /// `urn:ietf:params:scim:schemas:core:2.0:User`.
    pub id: &'static str,
    /// `User`.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// The attributes; `schemas`, `id` and `meta` are everybody's and stand in none.
    pub attributes: &'static [Attribute],
}

/// One attribute. Made with [`Attribute::text`] and its kin, then refined.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// In its canonical spelling.
    pub name: &'static str,
    pub(super) kind: Kind,
    pub(super) plurality: Plurality,
    pub(super) presence: Presence,
    pub(super) case: Case,
    pub(super) mutability: Mutability,
    pub(super) returned: Returned,
    pub(super) uniqueness: Uniqueness,
    /// The values it takes, as published; any if empty.
    pub(super) values: &'static [&'static str],
    /// Values that it takes too.
    pub(super) unpublished: &'static [&'static str],
    /// Most characters of a text.
    pub(super) longest: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Boolean,
    Integer,
    Complex(&'static [Attribute]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plurality {
    One,
    Many,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Optional,
    Required,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Ignored,
    Exact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutability {
    ReadWrite,
    ReadOnly,
    Immutable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returned {
    Default,
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uniqueness {
    None,
    Server,
}

impl Attribute {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            plurality: Plurality::One,
            presence: Presence::Optional,
            case: Case::Ignored,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            values: &[],
            unpublished: &[],
            longest: None,
        }
    }

    /// A text.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    /// A boolean.
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name, Kind::Boolean)
    }

    /// A whole number.
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    /// An object of sub-attributes.
    pub const fn complex(name: &'static str, sub_attributes: &'static [Self]) -> Self {
        Self::new(name, Kind::Complex(sub_attributes))
    }

    /// Holds several values.
    pub const fn many(mut self) -> Self {
        self.plurality = Plurality::Many;
        self
    }

    /// Must be there.
    pub const fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// Cannot be written; what a client sends for it is ignored in POST and PUT, refused in PATCH.
    pub const fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self
    }

    /// Can be written once.
    pub const fn immutable(mut self) -> Self {
        self.mutability = Mutability::Immutable;
        self
    }

    /// No two resources share a value.
    pub const fn unique(mut self) -> Self {
        self.uniqueness = Uniqueness::Server;
        self
    }

    /// Stands in every answer, whatever is asked for.
    pub const fn always(mut self) -> Self {
        self.returned = Returned::Always;
        self
    }

    /// Upper and lower case differ.
    pub const fn case_exact(mut self) -> Self {
        self.case = Case::Exact;
        self
    }

    /// Takes these values alone.
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// Takes these too, though its schema does not list them: a list is a suggestion (RFC 7643 7).
    pub const fn or(mut self, values: &'static [&'static str]) -> Self {
        self.unpublished = values;
        self
    }

    /// Takes a text of so many characters at most.
    pub const fn at_most(mut self, characters: usize) -> Self {
        self.longest = Some(characters);
        self
    }

    /// Its sub-attributes; none unless it is complex.
    pub(super) fn sub_attributes(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(sub_attributes) => sub_attributes,
            _ => &[],
        }
    }

    /// The value as this attribute stores it, or why it does not take it. A single value is taken for a list of one.
    pub(super) fn coerce(&self, value: &Value) -> Result<Value, Refusal> {
        match (self.plurality, value) {
            (Plurality::One, value) => self.coerce_one(value),
            (Plurality::Many, Value::Array(values)) => {
                values.iter().map(|v| self.coerce_one(v)).collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            (Plurality::Many, value) => Ok(json!([self.coerce_one(value)?])),
        }
    }

    /// One value likewise.
    pub(super) fn coerce_one(&self, value: &Value) -> Result<Value, Refusal> {
        let wrong = |what: &str| Refusal::value(format!("Attribute {} must be {what}.", self.name));
        match (self.kind, value) {
            (Kind::Text, Value::String(text)) => {
                if self.longest.is_some_and(|most| text.chars().count() > most) {
                    return Err(wrong(&format!("at most {} characters long", self.longest.unwrap_or_default())));
                }
                if self.values.is_empty() {
                    return Ok(value.clone());
                }
                let known = self.values.iter().chain(self.unpublished).find(|v| v.eq_ignore_ascii_case(text));
                known.map(|v| json!(v)).ok_or_else(|| wrong(&format!("one of {}", self.values.join(", "))))
            }
            (Kind::Text, _) => Err(wrong("a text")),
            // Entra ID sends "True" and "False".
            (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(json!(true)),
            (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(json!(false)),
            (Kind::Boolean, Value::Bool(_)) => Ok(value.clone()),
            (Kind::Boolean, _) => Err(wrong("true or false")),
            (Kind::Integer, value) if value.is_i64() => Ok(value.clone()),
            (Kind::Integer, _) => Err(wrong("a whole number")),
            (Kind::Complex(sub_attributes), Value::Object(fields)) => {
                Ok(Value::Object(coerce_fields(sub_attributes, fields)?))
            }
            // Group members are sometimes sent as bare ids.
            (Kind::Complex(sub_attributes), Value::String(_)) if named(sub_attributes, "value").is_some() => {
                Ok(json!({ "value": value }))
            }
            (Kind::Complex(_), _) => Err(wrong("an object")),
        }
    }

    /// As the schema prints it.
    pub(super) fn describe(&self) -> Value {
        let mut row = json!({
            "name": self.name,
            "type": match self.kind {
                Kind::Text => "string",
                Kind::Boolean => "boolean",
                Kind::Integer => "integer",
                Kind::Complex(_) => "complex",
            },
            "multiValued": self.plurality == Plurality::Many,
            "description": self.name,
            "required": self.presence == Presence::Required,
            "caseExact": self.case == Case::Exact,
            "mutability": match self.mutability {
                Mutability::ReadWrite => "readWrite",
                Mutability::ReadOnly => "readOnly",
                Mutability::Immutable => "immutable",
            },
            "returned": if self.returned == Returned::Always { "always" } else { "default" },
            "uniqueness": if self.uniqueness == Uniqueness::Server { "server" } else { "none" },
        });
        if !self.values.is_empty() {
            row["canonicalValues"] = json!(self.values);
        }
        if let Kind::Complex(sub_attributes) = self.kind {
            row["subAttributes"] = sub_attributes.iter().map(Self::describe).collect();
        }
        row
    }
}

/// The attribute of this name, whatever its case.
pub(super) fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
}

/// The fields of an object that are attributes, in canonical spelling. What is unknown is left out, as are nulls: they
/// mean "no value" (RFC 7643 2.5).
pub(super) fn coerce_fields(
    attributes: &'static [Attribute],
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let known = fields.iter().filter(|(_, v)| !v.is_null());
    known
        .filter_map(|(name, value)| named(attributes, name).map(|a| (a, value)))
        .map(|(attribute, value)| Ok((attribute.name.to_owned(), attribute.coerce(value)?)))
        .collect()
}
