//! `map`: a program in the jq language that makes lines of the contract of what a stack writes.
//!
//! It gets one record at a time and may answer with none, one or several; each is a line of the report. `v` and `seq` are
//! filled in where it leaves them out. `$connections` is the connections document, so that a map can tell which instance a
//! record comes from; `$file` is the path of the file that held it.
//!
//! # Sources
//! The jq manual, 1.7; the language as jaq has it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use jaq_core::load::{self, Arena, Loader};
use jaq_core::{Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

use super::bounds;
use super::template::Mistake;
use crate::contract::UNREADABLE;
use crate::contract::envelope::VERSION;

/// What a map is told beside the record.
const VARIABLES: [&str; 2] = ["$connections", "$file"];

/// Bytes of stack for whoever compiles and runs a map, both of which call themselves. Only what is used of it is taken.
const STACK: usize = 256 * 1024 * 1024;

type Filter = jaq_core::Filter<data::JustLut<Val>>;

/// A program that can be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    code: String,
}

/// A map at work, on a thread of its own: a program that does not end is left behind.
#[derive(Debug)]
pub struct Translator {
    worker: Result<Worker, String>,
    patience: Duration,
    seq: u64,
}

/// Whoever runs the map. It ends when nobody can ask any more.
#[derive(Debug)]
struct Worker {
    ask: Sender<(String, String)>,
    answered: Receiver<Result<Vec<Object>, String>>,
}

type Object = serde_json::Map<String, Value>;

impl Map {
    /// Reads a program.
    pub(super) fn new(code: &str) -> Result<Self, Mistake> {
        let whole = |message: String| Mistake { message, at: (1, 1) };
        if code.len() > bounds::LONGEST_MAP {
            return Err(whole(format!("a map has {} bytes at most", bounds::LONGEST_MAP)));
        }
        if depth(code) > bounds::DEEPEST {
            return Err(whole(format!("brackets nest deeper than {}", bounds::DEEPEST)));
        }
        let compiled = thread::scope(|scope| {
            let begun = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || compile(code).map(drop));
            begun.map(|compiling| compiling.join().expect("a compiler does not panic"))
        });
        compiled.map_err(|e| whole(format!("no thread to compile it: {e}")))??;
        Ok(Self { code: code.to_owned() })
    }

    /// Begins to translate for one run.
    pub fn translator(&self, connections: &Value) -> Translator {
        let (ask, asked) = channel();
        let (answer, answered) = channel();
        let (code, connections) = (self.code.clone(), connections.clone());
        let work = move || work(&code, &connections, &asked, &answer);
        let begun = thread::Builder::new().name("map".to_owned()).stack_size(STACK).spawn(work);
        let worker = begun.map(|_| Worker { ask, answered }).map_err(|e| format!("map: no thread to run it: {e}"));
        Translator { worker, patience: bounds::MAP_TAKES, seq: 0 }
    }
}

impl Translator {
    /// The lines of the contract that a record becomes. A record that the map cannot handle becomes a line that says why.
    pub fn lines(&mut self, record: &str, file: &str) -> Vec<String> {
        match self.answers(record, file) {
            Ok(answers) => answers.into_iter().map(|line| self.line(line)).collect(),
            Err(why) => {
                vec![serde_json::json!({"kind": UNREADABLE, "body": {"why": why, "record": record}}).to_string()]
            }
        }
    }

    fn line(&mut self, mut line: Object) -> String {
        line.entry("v").or_insert_with(|| VERSION.into());
        self.seq += 1;
        line.entry("seq").or_insert_with(|| self.seq.into());
        Value::Object(line).to_string()
    }

    /// What the map makes of a record; nothing more is asked of one that has once not come to an end.
    fn answers(&mut self, record: &str, file: &str) -> Result<Vec<Object>, String> {
        let worker = self.worker.as_ref().map_err(Clone::clone)?;
        let gone = || "map: it broke off".to_owned();
        worker.ask.send((record.to_owned(), file.to_owned())).map_err(|_| gone())?;
        match worker.answered.recv_timeout(self.patience) {
            Ok(answers) => answers,
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
            Err(RecvTimeoutError::Timeout) => {
                let why = format!("map: took longer than {} s", self.patience.as_secs_f64());
                self.worker = Err(format!("{why} over an earlier record, and was given up"));
                Err(why)
            }
        }
    }
}

fn work(
    code: &str,
    connections: &Value,
    asked: &Receiver<(String, String)>,
    answer: &Sender<Result<Vec<Object>, String>>,
) {
    let filter = compile(code).expect("it was compiled when the manifest was read");
    let connections = value(connections);
    for (record, file) in asked {
        if answer.send(answers(&filter, &connections, &record, file)).is_err() {
            return;
        }
    }
}

fn answers(filter: &Filter, connections: &Val, record: &str, file: String) -> Result<Vec<Object>, String> {
    if depth(record) > bounds::DEEPEST {
        return Err(format!("not JSON that is read here: nested deeper than {}", bounds::DEEPEST));
    }
    let record = read::parse_single(record.as_bytes()).map_err(|e| format!("not JSON: {e}"))?;
    let variables = Vars::new([connections.clone(), Val::from(file)]);
    let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, variables);
    let (mut lines, mut length) = (Vec::new(), 0);
    for answer in filter.id.run((context, record)).map(unwrap_valr) {
        let answer = answer.map_err(|e| format!("map: {e}"))?;
        let text = answer.to_string();
        length += text.len();
        if length > bounds::LARGEST_REPORT || lines.len() >= bounds::MOST_LINES {
            return Err("map: makes more of one record than a report may hold".to_owned());
        }
        let line: Value = serde_json::from_str(&text).map_err(|e| format!("map: {text} is not JSON: {e}"))?;
        let Value::Object(line) = line else { return Err(format!("map: {text} is no object")) };
        lines.push(line);
    }
    Ok(lines)
}

/// How deep brackets nest in JSON, or in a program: there those in its strings are left out.
fn depth(text: &str) -> usize {
    let (mut deepest, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' | b'(' if !quoted => depth += 1,
            b']' | b'}' | b')' if !quoted => depth = depth.saturating_sub(1),
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
    fn a_map_that_does_not_end_is_given_up() {
        let mut translator = Map::new("def f: f; f").unwrap().translator(&json!({}));
        translator.patience = Duration::from_millis(1);
        let why = |lines: Vec<String>| -> String {
            let line: Value = serde_json::from_str(&lines[0]).unwrap();
            line["body"]["why"].as_str().unwrap().to_owned()
        };
        assert_eq!(why(translator.lines("{}", "a.json")), "map: took longer than 0.001 s");
        let later = why(translator.lines("{}", "a.json"));
        assert_eq!(later, "map: took longer than 0.001 s over an earlier record, and was given up");
    }

    #[test]
    fn a_map_that_answers_without_end_says_so() {
        let code = "([range(100000)] | tostring) as $text | repeat({a: $text})";
        let mut translator = Map::new(code).unwrap().translator(&json!({}));
        translator.patience = Duration::from_secs(3_600);
        let line: Value = serde_json::from_str(&translator.lines("{}", "a.json")[0]).unwrap();
        assert_eq!(line["body"]["why"], "map: makes more of one record than a report may hold");
    }

    #[test]
    fn a_map_that_nests_without_measure_is_refused_and_overflows_no_stack() {
        #[rustfmt::skip]
        let cases = [
            ("[".repeat(20_000),                              Some("brackets nest deeper than 128")),
            ("(".repeat(129) + "1" + &")".repeat(129),        Some("brackets nest deeper than 128")),
            (".|".repeat(40_000) + ".",                       Some("a map has 32768 bytes at most")),
            (".|".repeat(4_000) + ".",                        None),
            ("try ".repeat(4_000) + ".",                      None),
            ("def f: ".repeat(500) + "1" + &"; f".repeat(500), None),
        ];
        for (code, refused) in cases {
            let made = Map::new(&code);
            assert_eq!(made.err().map(|mistake| mistake.message).as_deref(), refused, "{code:.20}");
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
