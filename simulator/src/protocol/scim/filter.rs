//! Filters (RFC 7644 3.4.2.2) and the paths of attributes that filters, PATCH operations and projections share.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::schema::{Attribute, Case, Kind, named};
use super::{Filters, Refusal, ResourceType, Schema, Texts};
use crate::protocol::form::DEEPEST;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Begins with.
    Sw,
    /// Ends with.
    Ew,
    /// Is there.
    Pr,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// What joins comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Both.
    And,
    /// One or the other.
    Or,
    /// Not.
    Not,
}

impl Operator {
    /// All of RFC 7644.
    pub const ALL: [Self; 10] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Pr, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    const fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Pr => "pr",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

/// What every resource has beside its schemas.
static COMMON: [Attribute; 4] = [
    Attribute::text("schemas").many().read_only().case_exact().always(),
    Attribute::text("id").read_only().case_exact().always(),
    Attribute::text("externalId").case_exact(),
    Attribute::complex("meta", &[Attribute::text("resourceType"), Attribute::text("location")]).read_only(),
];

/// Where an attribute stands in a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The extension under whose URN it lies.
    pub(super) extension: Option<&'static Schema>,
    /// The attribute; none for the extension as a whole.
    pub(super) attribute: Option<&'static Attribute>,
    /// A part of it.
    pub(super) sub: Option<&'static Attribute>,
}

impl Place {
    /// Reads `name.givenName` or `urn:…:User:department`; none if the resource type has no such attribute.
    pub(super) fn read(resource_type: &ResourceType, text: &str) -> Option<Self> {
        let (schema, rest) = match text.to_ascii_lowercase().starts_with("urn:") {
            false => (resource_type.schema, text),
            true => match resource_type.schema(text) {
                Some(schema) => (schema, ""),
                None => {
                    let (urn, rest) = text.rsplit_once(':')?;
                    (resource_type.schema(urn)?, rest)
                }
            },
        };
        let extension = (!std::ptr::eq(schema, resource_type.schema)).then_some(schema);
        if rest.is_empty() {
            return extension.is_some().then_some(Self { extension, attribute: None, sub: None });
        }
        let (name, sub) = rest.split_once('.').map_or((rest, None), |(name, sub)| (name, Some(sub)));
        let common = || if extension.is_none() { named(&COMMON, name) } else { None };
        let attribute = named(schema.attributes, name).or_else(common)?;
        let sub = match sub {
            None => None,
            Some(sub) => Some(named(attribute.sub_attributes(), sub)?),
        };
        Some(Self { extension, attribute: Some(attribute), sub })
    }

    /// The object of a resource that the attribute is a field of.
    pub(super) fn holder<'a>(&self, resource: &'a Map<String, Value>) -> Option<&'a Map<String, Value>> {
        match self.extension {
            None => Some(resource),
            Some(schema) => resource.get(schema.id)?.as_object(),
        }
    }

    /// The values there, one by one: of a complex attribute its `value`s, unless a part is named.
    fn values<'a>(&self, resource: &'a Map<String, Value>) -> Vec<&'a Value> {
        let (Some(holder), Some(attribute)) = (self.holder(resource), self.attribute) else { return Vec::new() };
        let whole = holder.get(attribute.name).map_or(&[][..], |value| match value {
            Value::Array(values) => values,
            one => std::slice::from_ref(one),
        });
        let part = self.sub.map(|s| s.name).or_else(|| matches!(attribute.kind, Kind::Complex(_)).then_some("value"));
        match part {
            None => whole.iter().collect(),
            Some(part) => whole.iter().filter_map(|v| v.get(part)).collect(),
        }
    }

    /// The attribute that is compared.
    fn compared(&self) -> Option<&'static Attribute> {
        let attribute = self.attribute?;
        self.sub.or_else(|| named(attribute.sub_attributes(), "value")).or(Some(attribute))
    }
}

/// A filter after reading.
#[derive(Debug)]
pub struct Filter(Node);

#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Compare(Place, Operator, Value),
    /// `emails[type eq "work"]`: one element to which all of it applies.
    Element(Place, Box<Node>),
}

impl Filter {
    /// Reads a filter over a resource type.
    pub fn read(text: &str, resource_type: &ResourceType, rules: &Filters) -> Result<Self, Refusal> {
        Reader::new(text, rules, Names::Of(resource_type))?.whole().map(Self)
    }

    /// Reads what stands between brackets behind a multi-valued attribute.
    pub(super) fn of_element(text: &str, attribute: &'static Attribute, rules: &Filters) -> Result<Self, Refusal> {
        Reader::new(text, rules, Names::Within(attribute))?.whole().map(Self)
    }

    /// Whether it applies to a resource, or to an element of a multi-valued attribute.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        self.0.matches(resource)
    }

    /// The fields of an element that the filter describes by `eq`: what `add` makes when no element matches.
    pub(super) fn described(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        self.0.describe(&mut fields);
        fields
    }
}

impl Node {
    fn matches(&self, resource: &Map<String, Value>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|n| n.matches(resource)),
            Self::Any(nodes) => nodes.iter().any(|n| n.matches(resource)),
            Self::Not(node) => !node.matches(resource),
            Self::Compare(place, operator, wanted) => compare(place, *operator, wanted, resource),
            Self::Element(place, node) => {
                let elements = place.attribute.zip(place.holder(resource)).and_then(|(a, h)| h.get(a.name));
                let elements = elements.and_then(Value::as_array).into_iter().flatten();
                elements.filter_map(Value::as_object).any(|element| node.matches(element))
            }
        }
    }

    fn describe(&self, fields: &mut Map<String, Value>) {
        match self {
            Self::All(nodes) => nodes.iter().for_each(|n| n.describe(fields)),
            Self::Compare(Place { attribute: Some(attribute), .. }, Operator::Eq, value) => {
                fields.insert(attribute.name.to_owned(), value.clone());
            }
            _ => {}
        }
    }
}

fn compare(place: &Place, operator: Operator, wanted: &Value, resource: &Map<String, Value>) -> bool {
    let values = place.values(resource);
    let exact = place.compared().is_some_and(|a| a.case == Case::Exact);
    let fold = |value: &Value| match value {
        Value::String(text) if !exact => Value::String(text.to_lowercase()),
        other => other.clone(),
    };
    let wanted = fold(wanted);
    let any = |holds: &dyn Fn(&Value) -> bool| values.iter().any(|v| holds(&fold(v)));
    let text = |holds: fn(&str, &str) -> bool| {
        any(&|value| value.as_str().zip(wanted.as_str()).is_some_and(|(value, wanted)| holds(value, wanted)))
    };
    let ordered = |holds: fn(Ordering) -> bool| {
        any(&|value| value.as_str().zip(wanted.as_str()).is_some_and(|(value, wanted)| holds(value.cmp(wanted))))
    };
    match operator {
        Operator::Pr => any(&|value| !value.is_null() && value != ""),
        Operator::Eq if wanted.is_null() => values.is_empty(),
        Operator::Eq => any(&|value| *value == wanted),
        Operator::Ne => !any(&|value| *value == wanted),
        Operator::Co => text(|value, wanted| value.contains(wanted)),
        Operator::Sw => text(|value, wanted| value.starts_with(wanted)),
        Operator::Ew => text(|value, wanted| value.ends_with(wanted)),
        Operator::Gt => ordered(Ordering::is_gt),
        Operator::Ge => ordered(Ordering::is_ge),
        Operator::Lt => ordered(Ordering::is_lt),
        Operator::Le => ordered(Ordering::is_le),
    }
}

/// What the names in a filter mean.
#[derive(Clone, Copy)]
enum Names<'a> {
    Of(&'a ResourceType),
    Within(&'static Attribute),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Reads by descent: `or` binds loosest, then `and`, then `not`.
struct Reader<'a> {
    tokens: Vec<Token>,
    next: usize,
    rules: &'a Filters,
    names: Names<'a>,
    /// In how many brackets it is.
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &str, rules: &'a Filters, names: Names<'a>) -> Result<Self, Refusal> {
        Ok(Self { tokens: tokens(text)?, next: 0, rules, names, depth: 0 })
    }

    fn whole(mut self) -> Result<Node, Refusal> {
        let node = self.any()?;
        match self.tokens.get(self.next) {
            None => Ok(node),
            Some(token) => Err(Refusal::filter(format!("unexpected {token:?}"))),
        }
    }

    fn any(&mut self) -> Result<Node, Refusal> {
        let mut nodes = vec![self.all()?];
        while self.word("or") {
            self.allow(Join::Or)?;
            nodes.push(self.all()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self) -> Result<Node, Refusal> {
        let mut nodes = vec![self.one()?];
        while self.word("and") {
            self.allow(Join::And)?;
            nodes.push(self.one()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn one(&mut self) -> Result<Node, Refusal> {
        if self.word("not") {
            self.allow(Join::Not)?;
            self.want('(')?;
            self.next -= 1;
            return Ok(Node::Not(Box::new(self.one()?)));
        }
        if self.mark('(') {
            return self.within(')');
        }
        let Some(Token::Word(name)) = self.tokens.get(self.next).cloned() else {
            return Err(Refusal::filter("an attribute is missing"));
        };
        self.next += 1;
        let place = self.place(&name)?;
        if self.mark('[') {
            let attribute = place.attribute.filter(|a| !a.sub_attributes().is_empty());
            let attribute = attribute.ok_or_else(|| Refusal::filter(format!("{name} has no parts")))?;
            let outer = std::mem::replace(&mut self.names, Names::Within(attribute));
            let inner = self.within(']')?;
            self.names = outer;
            return Ok(Node::Element(place, Box::new(inner)));
        }
        self.comparison(place)
    }

    /// What stands in the bracket just opened.
    fn within(&mut self, close: char) -> Result<Node, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refusal::filter(format!("brackets are nested deeper than {DEEPEST}")));
        }
        let inner = self.any()?;
        self.want(close)?;
        self.depth -= 1;
        Ok(inner)
    }

    fn comparison(&mut self, place: Place) -> Result<Node, Refusal> {
        let Some(Token::Word(word)) = self.tokens.get(self.next).cloned() else {
            return Err(Refusal::filter("an operator is missing"));
        };
        self.next += 1;
        let operator = self.rules.operators.iter().find(|o| o.word().eq_ignore_ascii_case(&word));
        let operator = *operator.ok_or_else(|| Refusal::filter(format!("operator {word} is not supported")))?;
        if operator == Operator::Pr {
            return Ok(Node::Compare(place, operator, Value::Null));
        }
        let value = match self.tokens.get(self.next) {
            Some(Token::Text(text)) => Value::String(text.clone()),
            Some(Token::Word(word)) => self.bare(word, &place)?,
            _ => return Err(Refusal::filter("a value is missing")),
        };
        self.next += 1;
        let boolean = place.compared().is_some_and(|a| matches!(a.kind, Kind::Boolean));
        let value = match value.as_str() {
            Some(text) if boolean && text.eq_ignore_ascii_case("true") => Value::Bool(true),
            Some(text) if boolean && text.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ => value,
        };
        Ok(Node::Compare(place, operator, value))
    }

    fn bare(&self, word: &str, place: &Place) -> Result<Value, Refusal> {
        let text = place.compared().is_some_and(|a| matches!(a.kind, Kind::Text));
        match word.to_ascii_lowercase().as_str() {
            "null" => Ok(Value::Null),
            "true" if !text => Ok(Value::Bool(true)),
            "false" if !text => Ok(Value::Bool(false)),
            _ if self.rules.texts == Texts::QuotedOrBare => Ok(Value::String(word.to_owned())),
            _ => Err(Refusal::filter(format!("{word} must stand in quotes"))),
        }
    }

    fn place(&self, name: &str) -> Result<Place, Refusal> {
        let place = match self.names {
            Names::Of(resource_type) => Place::read(resource_type, name),
            Names::Within(attribute) => named(attribute.sub_attributes(), name).map(|sub| Place {
                extension: None,
                attribute: Some(sub),
                sub: None,
            }),
        };
        let place = place.filter(|p| p.attribute.is_some());
        let place = place.ok_or_else(|| Refusal::filter(format!("there is no attribute {name}")))?;
        let allowed = self.rules.attributes;
        let free = allowed.is_empty() || matches!(self.names, Names::Within(_));
        if free || allowed.iter().any(|a| a.eq_ignore_ascii_case(name)) {
            return Ok(place);
        }
        Err(Refusal::filter(format!("filtering by {name} is not supported")))
    }

    fn allow(&self, join: Join) -> Result<(), Refusal> {
        let allowed = self.rules.joins.contains(&join);
        if allowed { Ok(()) } else { Err(Refusal::filter(format!("{join:?} is not supported").to_lowercase())) }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.next), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn mark(&mut self, mark: char) -> bool {
        let found = self.tokens.get(self.next) == Some(&Token::Mark(mark));
        self.next += usize::from(found);
        found
    }

    fn want(&mut self, mark: char) -> Result<(), Refusal> {
        if self.mark(mark) { Ok(()) } else { Err(Refusal::filter(format!("{mark} is missing"))) }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        match first {
            '(' | ')' | '[' | ']' => {
                tokens.push(Token::Mark(first));
                rest = &rest[1..];
            }
            '"' => {
                let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let Some(Ok(text)) = stream.next() else { return Err(Refusal::filter("a text does not end")) };
                rest = &rest[stream.byte_offset()..];
                tokens.push(Token::Text(text));
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}
