//! `map`: a program in the jq language that makes lines of the contract of what a stack writes.
//!
//! It gets one record at a time and may answer with none, one or several; each is a line of the report. `v` and `seq` are
//! filled in where it leaves them out. `$connections` is the connections document, so that a map can tell which instance a
//! record comes from; `$file` is the path of the file that held it.
//!
//! # Sources
//! The jq manual, 1.7; the language as jaq has it.

use jaq_core::load::{self, Arena, Loader};
use jaq_core::{Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

use super::template::Mistake;
use crate::contract::UNREADABLE;
use crate::contract::envelope::VERSION;

/// What a map is told beside the record.
const VARIABLES: [&str; 2] = ["$connections", "$file"];

/// How deep a record may nest: the reader of JSON calls itself. `serde_json` goes as far.
const DEEPEST: usize = 128;

type Filter = jaq_core::Filter<data::JustLut<Val>>;

/// A program that can be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    code: String,
}

/// A map at work.
pub struct Translator {
    filter: Filter,
    connections: Val,
    seq: u64,
}

impl std::fmt::Debug for Translator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Translator").field("seq", &self.seq).finish_non_exhaustive()
    }
}

impl Map {
    /// Reads a program.
    pub(super) fn new(code: &str) -> Result<Self, Mistake> {
        compile(code)?;
        Ok(Self { code: code.to_owned() })
    }

    /// Begins to translate for one run.
    pub fn translator(&self, connections: &Value) -> Translator {
        let filter = compile(&self.code).expect("it was compiled when the manifest was read");
        Translator { filter, connections: value(connections), seq: 0 }
    }
}

impl Translator {
    /// The lines of the contract that a record becomes. A record that the map cannot handle becomes a line that says why.
    pub fn lines(&mut self, record: &str, file: &str) -> Vec<String> {
        match self.answers(record, file) {
            Ok(answers) => answers,
            Err(why) => {
                vec![serde_json::json!({"kind": UNREADABLE, "body": {"why": why, "record": record}}).to_string()]
            }
        }
    }

    fn answers(&mut self, record: &str, file: &str) -> Result<Vec<String>, String> {
        if depth(record) > DEEPEST {
            return Err(format!("not JSON that is read here: nested deeper than {DEEPEST}"));
        }
        let record = read::parse_single(record.as_bytes()).map_err(|e| format!("not JSON: {e}"))?;
        let variables = Vars::new([self.connections.clone(), Val::from(file.to_owned())]);
        let context = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, variables);
        let mut lines = Vec::new();
        for answer in self.filter.id.run((context, record)).map(unwrap_valr) {
            let answer = answer.map_err(|e| format!("map: {e}"))?;
            let text = answer.to_string();
            let line: Value = serde_json::from_str(&text).map_err(|e| format!("map: {text} is not JSON: {e}"))?;
            let Value::Object(mut line) = line else { return Err(format!("map: {text} is no object")) };
            line.entry("v").or_insert_with(|| VERSION.into());
            self.seq += 1;
            line.entry("seq").or_insert_with(|| self.seq.into());
            lines.push(Value::Object(line).to_string());
        }
        Ok(lines)
    }
}

/// How deep brackets of a text of JSON nest.
fn depth(text: &str) -> usize {
    let (mut deepest, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn value(json: &Value) -> Val {
    read::parse_single(json.to_string().as_bytes()).expect("what serde_json writes is JSON")
}

fn compile(code: &str) -> Result<Filter, Mistake> {
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let (arena, program) = (Arena::default(), load::File { code, path: () });
    let modules = Loader::new(defs).load(&arena, program).map_err(|errors| loading(code, errors))?;
    let compiler = jaq_core::Compiler::default().with_funs(funs).with_global_vars(VARIABLES);
    compiler.compile(modules).map_err(|errors| {
        let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
        match first {
            Some((found, undefined)) => mistake(code, found, format!("there is no {} `{found}`", undefined.as_str())),
            None => mistake(code, code, "it cannot be compiled".to_owned()),
        }
    })
}

/// The first thing that keeps a program from being read.
fn loading(code: &str, errors: load::Errors<&str, ()>) -> Mistake {
    let rest = |found: &str| match found.lines().next() {
        None | Some("") => "the end".to_owned(),
        Some(line) => format!("`{line}`"),
    };
    let first = errors.into_iter().map(|(_, error)| match error {
        load::Error::Io(errors) => {
            errors.into_iter().next().map(|(found, why)| mistake(code, found, format!("`{found}`: {why}")))
        }
        load::Error::Lex(errors) => errors.into_iter().next().map(|(expected, found)| {
            mistake(code, found, format!("expected {}, found {}", expected.as_str(), rest(found)))
        }),
        load::Error::Parse(errors) => errors.into_iter().next().map(|(expected, found)| {
            mistake(code, found, format!("expected {}, found {}", expected.as_str(), rest(found)))
        }),
    });
    first.flatten().next().unwrap_or_else(|| mistake(code, code, "it cannot be read".to_owned()))
}

fn mistake(code: &str, found: &str, message: String) -> Mistake {
    // What is at fault is a part of the code, or nothing at all: then its end.
    let inside = code.as_bytes().as_ptr_range().contains(&found.as_ptr());
    let at = if inside { load::span(code, found).start } else { code.len() };
    let before = &code[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    Mistake { message, at: (before.matches('\n').count() + 1, line.chars().count() + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(code: &str, record: &str) -> Vec<String> {
        let connections = json!({"apps": {"hub": {"vendor": "github"}}});
        Map::new(code).unwrap().translator(&connections).lines(record, "logs/a.json.gz")
    }

    #[test]
    fn a_record_becomes_a_line_with_what_the_contract_wants_filled_in() {
        let code = r#"{kind: "event", body: {uid: ._document_id, time: ."@timestamp"}}"#;
        let line = r#"{"kind":"event","body":{"uid":"e1","time":1795443146616},"v":1,"seq":1}"#;
        assert_eq!(lines(code, r#"{"@timestamp":1795443146616,"_document_id":"e1"}"#), [line]);
    }

    #[test]
    fn a_map_knows_the_instances_and_the_file() {
        let code = r#"first($connections.apps | to_entries[] | select(.value.vendor == "github") | {kind: .key, body: $file})"#;
        assert_eq!(lines(code, "{}"), [r#"{"kind":"hub","body":"logs/a.json.gz","v":1,"seq":1}"#]);
    }

    #[test]
    fn a_record_may_become_nothing_or_several_lines() {
        assert!(lines("empty", "{}").is_empty());
        let several = lines(r#"{kind: .[]}"#, r#"["a","b"]"#);
        assert_eq!(several, [r#"{"kind":"a","v":1,"seq":1}"#, r#"{"kind":"b","v":1,"seq":2}"#]);
    }

    #[test]
    fn what_cannot_be_translated_says_why() {
        let cases = [
            (".", "nonsense", "not JSON"),
            (".", &"[".repeat(1_000_000), "nested deeper than 128"),
            ("error(\"no user\")", "{}", "no user"),
            (".a", r#"{"a": 1}"#, "1 is no object"),
        ];
        for (code, record, why) in cases {
            let line: Value = serde_json::from_str(&lines(code, record)[0]).unwrap();
            assert_eq!(line["kind"], UNREADABLE, "{code}");
            assert!(line["body"]["why"].as_str().unwrap().contains(why), "{line}");
        }
    }

    #[test]
    fn a_mistake_is_shown_where_it_is() {
        #[rustfmt::skip]
        let cases = [
            (".a\n| nosuch",        (2, 3),  "there is no filter `nosuch`"),
            (".a | $connection",    (1, 6),  "there is no variable `$connection`"),
            ("{kind: }",            (1, 8),  "expected"),
            ("{kind: \"event\"",    (1, 15), "expected closing brace, found the end"),
        ];
        for (code, at, message) in cases {
            let mistake = Map::new(code).unwrap_err();
            assert!(mistake.message.starts_with(message), "{code}: {mistake:?}");
            assert_eq!(mistake.at, at, "{code}: {mistake:?}");
        }
    }
}
