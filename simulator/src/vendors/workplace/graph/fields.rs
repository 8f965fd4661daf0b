//! Projection: `fields=id,from{name},members.limit(0).summary(total_count).as(crew)`.
//!
//! # Sources
//! Commonly documented behaviour of Meta's Graph API; the words of the refusal likewise. `id` is always there.

use serde_json::{Map, Value, json};

use crate::protocol::dialect::Failure;
use crate::protocol::form::DEEPEST;

/// One wanted field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Field {
    pub(in super::super) name: String,
    /// Wanted fields of what it leads to.
    inner: Vec<Field>,
    /// `limit(0)`, `summary(total_count)`, `as(crew)`: name and argument.
    modifiers: Vec<(String, String)>,
}

/// What is projected.
pub(in super::super) struct Node {
    /// Its type, as refusals call it: `WorkUser`.
    pub(in super::super) kind: &'static str,
    /// Its fields that the caller may read, absent ones missing.
    pub(in super::super) fields: Map<String, Value>,
    /// Fields that exist and are not here: absent, or not to be read.
    pub(in super::super) known: &'static [&'static str],
    /// What it has many of: name and items.
    pub(in super::super) edges: Vec<(&'static str, Vec<Value>)>,
}

impl Field {
    /// Reads a `fields` parameter.
    pub(in super::super) fn parse(text: &str) -> Result<Vec<Self>, Failure> {
        let mut reader = Reader { rest: text, depth: 0 };
        let fields = reader.list()?;
        match reader.rest.trim() {
            "" => Ok(fields),
            rest => Err(syntax(text, rest)),
        }
    }

    fn modifier(&self, name: &str) -> Option<&str> {
        self.modifiers.iter().find(|(n, _)| n == name).map(|(_, argument)| argument.as_str())
    }
}

fn syntax(text: &str, at: &str) -> Failure {
    let why = if at.is_empty() { "end of string".to_owned() } else { format!("\"{at}\"") };
    Failure::bad_parameter("fields", format!("Syntax error \"Expected name\" at {why}: {text}"))
}

struct Reader<'a> {
    rest: &'a str,
    /// In how many brackets it is.
    depth: usize,
}

impl<'a> Reader<'a> {
    fn list(&mut self) -> Result<Vec<Field>, Failure> {
        let mut fields = Vec::new();
        loop {
            let name = self.name();
            if name.is_empty() {
                return Err(syntax(self.rest, self.rest));
            }
            let mut field = Field { name: name.to_owned(), inner: Vec::new(), modifiers: Vec::new() };
            while self.eat('.') {
                let name = self.name().to_owned();
                let argument = if self.eat('(') { self.until(')')?.to_owned() } else { String::new() };
                field.modifiers.push((name, argument));
            }
            if self.eat('{') {
                self.depth += 1;
                if self.depth > DEEPEST {
                    let why = format!("fields are nested deeper than {DEEPEST}");
                    return Err(Failure::bad_parameter("fields", why));
                }
                field.inner = self.list()?;
                if !self.eat('}') {
                    return Err(syntax(self.rest, self.rest));
                }
                self.depth -= 1;
            }
            fields.push(field);
            if !self.eat(',') {
                return Ok(fields);
            }
        }
    }

    fn name(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    fn eat(&mut self, c: char) -> bool {
        let stripped = self.rest.trim_start().strip_prefix(c);
        stripped.map(|rest| self.rest = rest).is_some()
    }

    fn until(&mut self, c: char) -> Result<&'a str, Failure> {
        let (text, rest) = self.rest.split_once(c).ok_or_else(|| syntax(self.rest, ""))?;
        self.rest = rest;
        Ok(text)
    }
}

impl Node {
    /// The wanted fields of the node, in the order they were asked for; `id` last if it was not asked for.
    pub(in super::super) fn project(&self, wanted: &[Field]) -> Result<Value, Failure> {
        let mut projected = Map::new();
        for field in wanted {
            let key = field.modifier("as").unwrap_or(&field.name).to_owned();
            if let Some((_, items)) = self.edges.iter().find(|(name, _)| *name == field.name) {
                projected.insert(key, edge(field, items));
            } else if let Some(value) = self.fields.get(&field.name) {
                projected.insert(key, inner(value, &field.inner));
            } else if !self.known.contains(&field.name.as_str()) {
                let why =
                    format!("(#100) Tried accessing nonexisting field ({}) on node type ({})", field.name, self.kind);
                return Err(Failure::bad_parameter("fields", why));
            }
        }
        if let Some(id) = self.fields.get("id") {
            projected.entry("id").or_insert_with(|| id.clone());
        }
        Ok(Value::Object(projected))
    }
}

/// A nested edge: so many items, and how many there are if that is asked for.
fn edge(field: &Field, items: &[Value]) -> Value {
    let limit = field.modifier("limit").and_then(|n| n.parse().ok()).unwrap_or(25);
    let data: Vec<Value> = items.iter().take(limit).map(|item| inner(item, &field.inner)).collect();
    let mut edge = json!({ "data": data });
    if field.modifier("summary").is_some() {
        edge["summary"] = json!({ "total_count": items.len() });
    }
    edge
}

/// The wanted fields of something nested; all that it has if none are named.
fn inner(value: &Value, wanted: &[Field]) -> Value {
    match value {
        Value::Object(fields) if !wanted.is_empty() => {
            let named = wanted.iter().filter_map(|f| fields.get(&f.name).map(|v| (f.name.clone(), v.clone())));
            let mut kept: Map<String, Value> = named.collect();
            if let Some(id) = fields.get("id") {
                kept.entry("id").or_insert_with(|| id.clone());
            }
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> Node {
        let members = vec![json!({ "name": "Ann", "id": "1" }), json!({ "name": "Bob", "id": "2" })];
        let fields = json!({ "id": "9", "name": "Design", "owner": { "name": "Ann", "id": "1" } });
        let Value::Object(fields) = fields else { unreachable!("an object was written a line above") };
        Node { kind: "Group", fields, known: &["cover"], edges: vec![("members", members)] }
    }

    #[track_caller]
    fn check(fields: &str, expected: &Value) {
        let wanted = Field::parse(fields).unwrap();
        assert_eq!(group().project(&wanted).unwrap(), *expected, "{fields}");
    }

    #[test]
    fn what_is_named_is_there_and_the_id_always() {
        check("name", &json!({ "name": "Design", "id": "9" }));
        check("name,cover", &json!({ "name": "Design", "id": "9" }));
        check("owner{name}", &json!({ "owner": { "name": "Ann", "id": "1" }, "id": "9" }));
        check("name.as(title)", &json!({ "title": "Design", "id": "9" }));
    }

    #[test]
    fn edges_can_be_nested_limited_and_counted() {
        let crew = json!({ "crew": { "data": [], "summary": { "total_count": 2 } }, "id": "9" });
        check("members.limit(0).summary(total_count).as(crew)", &crew);
        check("members.limit(1){name}", &json!({ "members": { "data": [{ "name": "Ann", "id": "1" }] }, "id": "9" }));
    }

    #[test]
    fn what_does_not_exist_or_cannot_be_read_is_refused_with_its_name() {
        let refused = group().project(&Field::parse("colour").unwrap()).unwrap_err();
        assert!(refused.reasons()[0].contains("nonexisting field (colour) on node type (Group)"), "{refused:?}");
        let deep = "a{".repeat(50_000);
        for text in ["", "name,", "owner{name", "members.limit(1", &deep] {
            assert!(Field::parse(text).is_err(), "{text}");
        }
    }
}
