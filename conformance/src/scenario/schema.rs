//! `conformance schema`: the language as JSON Schema (2020-12), from the tables that the reader uses.
//!
//! What a schema can say of one file without knowing its names is here; that a person is in the cast, that lines stand
//! in order of happening and the like are for `conformance lint`.

use serde_json::{Map, Value, json};
use simulator::scenario::Verb;
use simulator::scenario::table::{Key, Kind, Need, Of, Section, WordWithKeys};
use simulator::scenario::tables::{
    APP, BUILT_FAULTS, BUILT_POLICIES, CUSTOM_POLICY, DEVICES, FAULT, FILE, FIRST_PAGE, NETWORK, PAGE_FAULTS, PERSON,
    POLICY, RECORD_FAULTS, REFUSED_WORDS, STACK, STEP, TOP, verb_keys,
};
use simulator::world::PLACES;

use super::tables::{EXPECTATION, HEADS, PROCESS_FAULTS};

/// The schema, with a line break at its end: what `conformance schema` prints and `scenarios/scenario.schema.json` holds.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// The schema.
pub fn schema() -> Value {
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "scenario.schema.json",
        "title": "Scenario",
        "description": "One story: who and where, what happens, what goes wrong on the wire, what a stack owes.",
    });
    merge(&mut root, object(&[TOP, super::tables::TOP], &[]));
    root["$defs"] = definitions();
    root
}

fn definitions() -> Value {
    let mut heads: Vec<Value> = HEADS.into_iter().map(|head| json!({ "required": [head] })).collect();
    let mut expectation = object(&[EXPECTATION], &[]);
    expectation["oneOf"] = heads.drain(..).collect();
    let faults: Vec<Value> =
        BUILT_FAULTS.iter().map(wire_fault).chain(PROCESS_FAULTS.iter().map(process_fault)).collect();
    json!({
        "name": {
            "type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$", "not": { "enum": REFUSED_WORDS },
            "description": "lower_snake, at most 60 letters",
        },
        "text": { "type": ["string", "number"], "not": { "enum": REFUSED_WORDS } },
        "duration": { "type": "string", "pattern": "^([0-9]+(d|h|m|s|ms))+$", "description": "250ms, 40m, 1h30m, 7d" },
        "time": { "type": "string", "pattern": TIME, "description": "day 2 09:40, with :05 and .250 when needed; UTC" },
        "place": { "enum": PLACES.iter().map(|place| place.name).collect::<Vec<_>>() },
        "technique": { "type": "string", "pattern": "^T[0-9]{4}(\\.[0-9]{3})?$", "description": "ATT&CK id" },
        "app": object(&[APP], &[]),
        "person": object(&[PERSON], &[]),
        "network": object(&[NETWORK], &[]),
        "file": object(&[FILE], &[]),
        "attack": kind(Kind::Techniques),
        "policies": policies(),
        "step": step(),
        "fault": { "oneOf": faults },
        "stack": object(&[STACK], &[]),
        "expectation": expectation,
    })
}

const TIME: &str = "^day -?[1-9][0-9]* [0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?$";

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// An entry with the keys of some tables, but for those left out.
fn object(tables: &[&'static [Key]], without: &[&str]) -> Value {
    let keys =
        || tables.iter().flat_map(|table| table.iter()).filter(|key| key.is_built() && !without.contains(&key.name));
    let properties: Map<String, Value> = keys().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys().filter(|key| key.need == Need::Mandatory).map(|key| key.name).collect();
    let mut object = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn property(key: &Key) -> Value {
    let description = match key.default {
        "" => key.meaning.to_owned(),
        default => format!("{}. Default: {default}.", key.meaning),
    };
    let mut property = json!({ "description": description });
    merge(&mut property, kind(key.kind));
    property
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn one_or_more(one: &Value) -> Value {
    json!({ "anyOf": [one, { "type": "array", "items": one }] })
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => reference("text"),
        Kind::Texts => one_or_more(&reference("text")),
        Kind::Urls => one_or_more(&json!({ "type": "string", "pattern": "^https?://" })),
        Kind::Number { min, max: u64::MAX } => json!({ "type": "integer", "minimum": min }),
        Kind::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Duration { .. } | Kind::Days { .. } => reference("duration"),
        Kind::Shift { .. } => json!({ "type": "string", "pattern": "^-?([0-9]+(d|h|m|s|ms))+$" }),
        Kind::Date => json!({ "type": "string", "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$" }),
        Kind::Time => reference("time"),
        Kind::StepTime => {
            json!({ "anyOf": [reference("time"), { "type": "string", "pattern": "^\\+([0-9]+(d|h|m|s|ms))+$" }] })
        }
        Kind::Word(words) => json!({ "enum": words.words }),
        Kind::Words(words) => {
            let one = json!({ "enum": words.words });
            json!({ "anyOf": [one, { "type": "array", "items": one, "uniqueItems": true }] })
        }
        Kind::Name(of) => name(of),
        Kind::Names(of) => one_or_more(&name(of)),
        Kind::NewName => reference("name"),
        Kind::Techniques => json!({
            "anyOf": [reference("technique"), { "type": "array", "items": reference("technique"), "minItems": 1 }],
        }),
        Kind::Route => json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z_]+)?$" }),
        Kind::Range => json!({
            "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "pattern": "^[0-9]+(\\.\\.[0-9]+)?$" }],
        }),
        Kind::TextByApp => map_of(&reference("text")),
        Kind::Map(Section::Policy) => reference("policies"),
        Kind::Map(section) => map_of(&reference(definition(section))),
        Kind::List(section @ Section::Foreign(_)) => {
            json!({ "type": "array", "items": reference(definition(section)), "minItems": 1 })
        }
        Kind::List(section) => json!({ "type": "array", "items": reference(definition(section)) }),
        Kind::One(section) => reference(definition(section)),
        Kind::File => json!({ "type": "string", "pattern": "^[^/\\\\]+\\.ya?ml$" }),
        Kind::Planned => json!(false),
    }
}

fn name(of: Of) -> Value {
    match of {
        Of::Place => reference("place"),
        Of::PlaceOrNetwork => json!({ "anyOf": [reference("place"), reference("name")] }),
        Of::Holder => json!({ "anyOf": [{ "enum": DEVICES.words }, reference("text")] }),
        Of::App | Of::Person | Of::Attack | Of::Policy | Of::Step => reference("name"),
    }
}

fn map_of(entry: &Value) -> Value {
    json!({ "type": "object", "propertyNames": reference("name"), "additionalProperties": entry })
}

fn definition(section: Section) -> &'static str {
    match section {
        Section::App => "app",
        Section::Person => "person",
        Section::Network => "network",
        Section::File => "file",
        Section::Attack => "attack",
        Section::Policy => "policies",
        Section::Step => "step",
        Section::Fault => "fault",
        Section::Stack => "stack",
        Section::Foreign(name) => name,
    }
}

fn policies() -> Value {
    let policy = |built: &WordWithKeys| {
        let mut policy = json!({ "description": built.meaning });
        merge(&mut policy, object(&[built.keys, POLICY], &[]));
        (built.name.to_owned(), policy)
    };
    let properties: Map<String, Value> = BUILT_POLICIES.iter().map(policy).collect();
    let mut custom =
        json!({ "description": "a policy of one's own: activities that pass a filter, so many in so long a time" });
    merge(&mut custom, object(&[CUSTOM_POLICY, POLICY], &[]));
    json!({ "type": "object", "propertyNames": reference("name"), "properties": properties, "additionalProperties": custom })
}

/// A step, and what some verbs cannot do without.
fn step() -> Value {
    let demanding = Verb::WRITABLE.into_iter().filter_map(|(verb, word)| {
        let keys = verb_keys(verb).iter().filter(|(_, need)| *need == Need::Mandatory).map(|(key, _)| *key);
        let required: Vec<&str> = keys.collect();
        let is_verb = json!({ "properties": { "does": { "const": word } }, "required": ["does"] });
        (!required.is_empty()).then(|| json!({ "if": is_verb, "then": { "required": required } }))
    });
    let demands: Vec<Value> = demanding.collect();
    let mut step = object(&[STEP], &[]);
    step["dependentRequired"] = json!({ "attack": ["from"] });
    step["allOf"] = json!(demands);
    step
}

fn wire_fault(fault: &WordWithKeys) -> Value {
    let bends_records = RECORD_FAULTS.contains(&fault.name);
    let without: &[&str] = if bends_records { &["route", "nth", "page", "times"] } else { &["app", "records"] };
    let mut schema = object(&[fault.keys, FAULT], without);
    if !bends_records {
        demand(&mut schema, "route");
        let begins: Vec<Value> = begins_of(fault.name).iter().map(|key| json!({ "required": [key] })).collect();
        schema["oneOf"] = json!(begins);
    }
    if PAGE_FAULTS.contains(&fault.name) {
        schema["$comment"] = json!("strikes a page of a walk");
    }
    of_kind(schema, fault)
}

fn process_fault(fault: &WordWithKeys) -> Value {
    let mut schema = object(&[fault.keys], &[]);
    if fault.keys.iter().any(|key| key.name == "nth") {
        schema["oneOf"] =
            json!([{ "required": ["nth", "route"] }, { "required": ["page", "route"] }, { "required": ["at"] }]);
    }
    of_kind(schema, fault)
}

fn demand(schema: &mut Value, key: &str) {
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!(key));
    }
}

/// The keys of which one says when a fault on the wire begins.
fn begins_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "empty_cursor" => &["at"],
        _ if FIRST_PAGE.iter().any(|(name, _)| *name == kind) => &["page"],
        _ => &["nth", "page", "at"],
    }
}

/// Tells the kinds apart by the word under `fault`.
fn of_kind(mut schema: Value, fault: &WordWithKeys) -> Value {
    schema["description"] = json!(fault.meaning);
    schema["properties"]["fault"] = json!({ "const": fault.name, "description": fault.meaning });
    schema
}

#[cfg(test)]
mod tests {
    use simulator::scenario::yaml::{Node, Value as Yaml};
    use simulator::scenario::{Document, Problems};

    use super::*;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/scenario.schema.json");

    #[test]
    fn the_committed_copy_is_current() {
        let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(
            committed == text(),
            "out of date: cargo run --bin conformance -- schema > scenarios/scenario.schema.json"
        );
    }

    /// As an editor's YAML 1.2 reader resolves it.
    fn json_of(node: &Node) -> Value {
        match &node.value {
            Yaml::Scalar { text, quoted: false } => match (text.as_str(), text.parse::<i64>()) {
                ("true", _) => json!(true),
                ("false", _) => json!(false),
                ("", _) => Value::Null,
                (_, Ok(number)) => json!(number),
                _ => json!(text),
            },
            Yaml::Scalar { text, .. } => json!(text),
            Yaml::List(items) => items.iter().map(json_of).collect(),
            Yaml::Map(entries) => {
                entries.iter().map(|e| (e.key.clone(), json_of(&e.value))).collect::<Map<_, _>>().into()
            }
            Yaml::Refused => Value::Null,
        }
    }

    fn complaints(text: &str) -> Vec<String> {
        let (document, _) = Document::from_bytes("s.yaml", text.as_bytes(), Problems::default()).unwrap();
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        validator
            .iter_errors(&json_of(&document.root))
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect()
    }

    #[test]
    fn it_is_a_schema() {
        jsonschema::draft202012::meta::validate(&schema()).unwrap();
    }

    #[test]
    fn every_scenario_of_the_house_fits_it() {
        let found = crate::scenario::find(&[concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios").into()]).unwrap();
        for found in found {
            let text = std::fs::read_to_string(&found.path).unwrap();
            assert_eq!(complaints(&text), Vec::<String>::new(), "{}", found.id);
        }
    }

    #[test]
    fn what_the_reader_refuses_for_its_shape_does_not_fit_it() {
        const HEAD: &str = "title: A\napps: { entra: {}, miro: {} }\n";
        const EXPECT: &str = "expect: [{ must_not: alert }]\n";
        assert_eq!(complaints(&format!("{HEAD}{EXPECT}")), Vec::<String>::new());
        for wrong in [
            "zebra: 1\n",
            "people: -1\n",
            "history: 14\n",
            "home: Madird\n",
            "cast: { on: {} }\n",
            "cast: { alice: { count: 0 } }\n",
            "policies: { chian: {} }\n",
            "policies: { impossible_travel: { sped: 1 } }\n",
            "attacks: { spray: T11 }\n",
            "script: [{ at: 10, does: sign_in }]\n",
            "script: [{ at: day 1 10:00, does: rename, target: alice }]\n",
            "script: [{ at: day 1 10:00, actor: alice, does: sign_in, attack: spray }]\n",
            "faults: [{ fault: hang, route: miro }]\n",
            "faults: [{ fault: hang, route: miro, nth: 1, page: 2 }]\n",
            "faults: [{ fault: shuffle_batch, route: miro, nth: 1 }]\n",
        ] {
            assert!(!complaints(&format!("{HEAD}{wrong}{EXPECT}")).is_empty(), "fits: {wrong}");
        }
        for expect in ["", "expect: []\n", "expect: [{ must: alert, may: alert }]\n", "expect: [{ must: applaud }]\n"] {
            assert!(!complaints(&format!("{HEAD}{expect}")).is_empty(), "fits: {expect}");
        }
    }
}
