//! A walk over every route of a vendor: each is asked once, each answer is held against the vendor's published
//! description.
//!
//! A vendor gives one table of [`Example`]s, in the order in which they are asked (what is made first can be read and
//! then deleted), and a table of [`Exception`]s with reasons. The walk fails when a route has no example, when an answer
//! is no success, when its body does not fit the schema that the description has for (method, path, status), when the
//! description has no such operation, and when an exception is not needed.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::Value;

use super::spec;
use super::testing::{Reply, Room, nullable};
use crate::protocol::exchange::Route;
use crate::scenario::Vendor;
use crate::server::routes::{Found, RouteTable};

/// How a vendor's routes are walked.
pub(crate) struct Conformance {
    pub(crate) vendor: Vendor,
    /// The published description, if it lies beside the workspace. Without it the walk asks for coverage and success alone.
    pub(crate) description: Option<Value>,
    /// The description's path for a declared one: some leave out a base path.
    pub(crate) described: fn(&str) -> String,
    /// Sends an example's request; the vendor knows which token which route wants.
    pub(crate) send: fn(&mut Room, &Example, target: &str, body: &str) -> Reply,
    /// One or more for each route, in the order in which they are asked.
    pub(crate) examples: &'static [Example],
    /// Where description and behaviour part.
    pub(crate) exceptions: &'static [Exception],
}

/// A request that a route answers with success. `{names}` in target and body are replaced by what is known.
pub(crate) struct Example {
    pub(crate) method: Method,
    pub(crate) target: &'static str,
    /// Content of the request; empty for none.
    pub(crate) body: &'static str,
    /// What is learned from the answer: a name for the value at a JSON pointer.
    pub(crate) learns: Option<(&'static str, &'static str)>,
}

impl Example {
    pub(crate) const fn get(target: &'static str) -> Self {
        Self { method: Method::GET, target, body: "", learns: None }
    }

    pub(crate) const fn send(method: Method, target: &'static str, body: &'static str) -> Self {
        Self { method, target, body, learns: None }
    }

    pub(crate) const fn learning(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.learns = Some((name, pointer));
        self
    }
}

/// A route whose answers are not held against the description.
pub(crate) struct Exception {
    pub(crate) method: Method,
    /// As declared.
    pub(crate) path: &'static str,
    /// Why not.
    pub(crate) why: &'static str,
}

impl Conformance {
    /// Walks. `known` are the names that targets and bodies may use from the start.
    #[track_caller]
    pub(crate) fn walk(&self, room: &mut Room, mut known: BTreeMap<&'static str, String>) {
        let spec = spec(self.vendor);
        let table = RouteTable::new(spec);
        let mut description = self.description.clone().map(Description::new);
        let (mut asked, mut wrong) = (BTreeSet::new(), Vec::new());
        for example in self.examples {
            let (target, body) = (filled(example.target, &known), filled(example.body, &known));
            let path = (spec.normalize)(target.split('?').next().unwrap_or_default()).into_owned();
            let Found::Route(route, _) = table.find(&example.method, &path) else {
                wrong.push(format!("{} {target}: no route is declared for this example", example.method));
                continue;
            };
            asked.insert(key(route));
            let reply = (self.send)(room, example, &target, &body);
            if !(200..400).contains(&reply.status) {
                wrong.push(format!(
                    "{} {target}: {} {} {:?}",
                    example.method,
                    reply.status,
                    reply.text(),
                    reply.reasons
                ));
                continue;
            }
            if let Some((name, pointer)) = example.learns {
                let value = reply.json().pointer(pointer).cloned().unwrap_or_default();
                known.insert(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
            let Some(description) = &mut description else { continue };
            let exception = self.exceptions.iter().find(|e| e.method == route.method && e.path == route.path);
            let problem = description.problem(&route.method, &(self.described)(route.path), &reply);
            let described = problem.is_none() && exception.is_none();
            if (spec.described)(route) != described {
                wrong.push(format!("{} {}: `described` says otherwise than this walk", route.method, route.path));
            }
            match (problem, exception) {
                (Some(problem), None) => wrong.push(format!("{} {target}: {problem}", example.method)),
                (None, Some(e)) => {
                    wrong.push(format!("{} {}: the exception ({}) is not needed", e.method, e.path, e.why));
                }
                _ => {}
            }
        }
        let missing = spec.routes.iter().filter(|r| !asked.contains(&key(r)));
        wrong.extend(missing.map(|r| format!("{} {}: no example", r.method, r.path)));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let (page, section) = (std::fs::read_to_string(PAGE).unwrap_or_default(), self.section(spec.title));
        assert!(page.contains(&section), "docs/src/undescribed.md does not say:\n{section}");
    }

    /// What the docs say of this vendor's exceptions.
    fn section(&self, title: &str) -> String {
        let row = |e: &Exception| format!("| {} | `{}` | {} |\n", e.method, e.path, e.why);
        let rows: String = self.exceptions.iter().map(row).collect();
        format!("## {title}\n\n| method | path | why |\n|---|---|---|\n{rows}")
    }
}

/// The page of the docs that lists every exception with its reason.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/undescribed.md");

fn key(route: &Route) -> (String, &'static str) {
    (route.method.to_string(), route.path)
}

fn filled(template: &str, known: &BTreeMap<&'static str, String>) -> String {
    known.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// An OpenAPI 3.0 document.
struct Description {
    root: Value,
    /// Method and path without the names of its parameters: the pointer to the operation.
    operations: BTreeMap<(String, String), String>,
}

impl Description {
    fn new(mut root: Value) -> Self {
        nullable(&mut root);
        any_of(&mut root);
        let mut operations = BTreeMap::new();
        for (path, methods) in root["paths"].as_object().into_iter().flatten() {
            for method in methods.as_object().into_iter().flat_map(|m| m.keys()) {
                let pointer = format!("/paths/{}/{method}", path.replace('~', "~0").replace('/', "~1"));
                operations.insert((method.to_uppercase(), nameless(path)), pointer);
            }
        }
        Self { root, operations }
    }

    /// What is wrong with an answer, by the description.
    fn problem(&mut self, method: &Method, path: &str, reply: &Reply) -> Option<String> {
        let Some(operation) = self.operations.get(&(method.to_string(), nameless(path))) else {
            return Some(format!("the description has no operation {method} {path}"));
        };
        let mut response = format!("{operation}/responses/{}", reply.status);
        let Some(found) = self.root.pointer(&response) else {
            return Some(format!("the description knows no status {} of {method} {path}", reply.status));
        };
        if let Some(shared) = found["$ref"].as_str() {
            response = shared.trim_start_matches('#').to_owned();
        }
        let content = self.root.pointer(&format!("{response}/content")).and_then(Value::as_object);
        let Some(schema) = content.and_then(|c| c.values().find_map(|body| body.get("schema")).cloned()) else {
            return (!reply.body.is_empty()).then(|| format!("the description knows no body: {}", reply.text()));
        };
        if reply.status == 204 {
            return (!reply.body.is_empty()).then(|| "a 204 has no body".to_owned());
        }
        self.root["asked"] = schema;
        self.root["$ref"] = Value::from("#/asked");
        // Formats are not checked: Miro's own `createdAt` is no RFC 3339 (its offset has no colon).
        let options = jsonschema::draft4::options().should_validate_formats(false);
        let validator = options.build(&self.root).expect("the description is a schema");
        let body = reply.json();
        let errors: Vec<String> =
            validator.iter_errors(&body).map(|e| format!("{e} at {}", e.instance_path())).collect();
        (!errors.is_empty()).then(|| format!("{}\n{body:#}", errors.join("; ")))
    }
}

/// Descriptions say `oneOf` of schemas that overlap, and mean the discriminator to choose, which JSON Schema does not
/// know: at least one must fit.
fn any_of(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(any_of);
            if let Some(list) = fields.get("oneOf").filter(|list| list.is_array()).cloned() {
                fields.remove("oneOf");
                fields.insert("anyOf".to_owned(), list);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(any_of),
        _ => {}
    }
}

/// `/users/{id}` as `/users/{}`: descriptions name their parameters otherwise.
fn nameless(path: &str) -> String {
    let segments = path.split('/').map(|s| if s.starts_with('{') && s.ends_with('}') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}
