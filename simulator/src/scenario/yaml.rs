//! Text to a tree whose every key and value knows its line and column.
//!
//! The part of YAML that is let in is small: maps, lists and scalars of one document. Anchors, aliases, tags, merge
//! keys and doubled keys are refused by name, so nothing can grow beyond the file that was written. Scalars stay text:
//! whether `20` is a number is for the reader of that key to say.
//!
//! # Not imitated
//! YAML's own resolution of scalars (`on` as true, `10:00` as 600): words that readers differ over are refused where
//! they would matter.

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use super::model::Position;
use super::problem::Problems;
use super::slips;

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Deepest nesting of lists and maps. The language itself needs four levels.
const MAX_DEPTH: usize = 16;

/// A stretch of one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Where it begins.
    pub at: Position,
    /// How many characters it covers, at least one; what runs over several lines is counted to the end of the first.
    pub length: u32,
}

/// A value of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written.
    pub span: Span,
    /// What is written.
    pub value: Value,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A word, number, sentence: anything that is neither list nor map.
    Scalar {
        /// The text, escapes resolved.
        text: String,
        /// Whether it stands in quotes (or in a block of its own): then it is text and nothing else.
        quoted: bool,
    },
    /// `[a, b]` or lines with dashes.
    List(Vec<Node>),
    /// `{ a: b }` or lines with colons, in written order, no key twice.
    Map(Vec<Entry>),
    /// Something that was refused while parsing and has been complained about already.
    Refused,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What was found, as a message says it: `a list`, `"Madird"`, `nothing`.
    pub fn found(&self) -> String {
        match &self.value {
            Value::Scalar { text, quoted: false } if text.is_empty() => "nothing".to_owned(),
            Value::Scalar { text, .. } => format!("\"{}\"", clip(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
            Value::Refused => "something refused".to_owned(),
        }
    }

    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// The entries of a map; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// Whether both say the same, wherever and in whatever order of keys it is written.
    pub fn says_the_same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar { text: a, .. }, Value::Scalar { text: b, .. }) => a == b,
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same(b)),
            (Value::Map(a), Value::Map(b)) => {
                let by_key: BTreeMap<&str, &Node> = b.iter().map(|e| (e.key.as_str(), &e.value)).collect();
                a.len() == b.len()
                    && a.iter().all(|e| by_key.get(e.key.as_str()).is_some_and(|b| e.value.says_the_same(b)))
            }
            _ => false,
        }
    }
}

/// The beginning of a text, short enough for a message.
pub fn clip(text: &str) -> String {
    const MOST: usize = 40;
    let mut out: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

/// Bytes of a file as text: refuses what is too large or not UTF-8, takes a byte-order mark off.
pub(crate) fn decode<'b>(bytes: &'b [u8], problems: &Problems) -> Option<&'b str> {
    if bytes.len() > MAX_BYTES {
        problems.whole(format!("the file is larger than 1 MiB ({MAX_BYTES} bytes), which no scenario is"));
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (good, bad) = bytes.split_at(error.valid_up_to());
            let good = String::from_utf8_lossy(good);
            let good = good.strip_prefix('\u{feff}').unwrap_or(&good);
            let at = position_after(good);
            let hint = match bytes {
                [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "; it looks like UTF-16, save it as UTF-8",
                _ => "; save the file as UTF-8",
            };
            problems.add(Span { at, length: 1 }, format!("byte 0x{:02x} is not UTF-8{hint}", bad[0]));
            None
        }
    }
}

fn position_after(text: &str) -> Position {
    let line = text.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { line: line as u32, column: column as u32 }
}

/// Why a text is no YAML at all, and where that is mended; none if it is YAML. For other files that people write by hand.
pub fn why_not_yaml(text: &str) -> Option<(Span, String)> {
    let options = granit_parser::options! { emit_unresolved_aliases: true };
    let error = Parser::new_from_str_with_options(text, options).find_map(Result::err)?;
    Some(refusal(text, &error))
}

/// Where the parser gave up, or where the slip is that made it.
fn refusal(text: &str, error: &ScanError) -> (Span, String) {
    let told = (span_at(*error.marker()), scan_message(error));
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded | ErrorKind::DirectiveDisallowed) {
        return told;
    }
    // What is never closed is told of where it opens, and mended further on.
    let open = matches!(
        error.kind(),
        ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::UnclosedQuotedScalar
            | ErrorKind::UnexpectedEof
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofImplicitFlowMapping
    );
    match slips::find(text).filter(|slip| open || slip.span.at.line <= told.0.at.line) {
        Some(slip) => (slip.span, slip.message),
        None => told,
    }
}

/// Text to tree. `None` when the text is no YAML at all; smaller offences go to `problems` and leave
/// [`Value::Refused`] behind.
pub fn parse(text: &str, problems: &Problems) -> Option<Node> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut tree = Tree { problems, open: Vec::new(), root: None };
    let mut documents = 0;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let (span, message) = refusal(text, &error);
                tree.problems.add(span, message);
                return None;
            }
        };
        let tag = span.tag_span().map(span_of);
        let span = span_of(span);
        if let Event::DocumentStart(..) = event {
            documents += 1;
            if documents > 1 {
                tree.problems.add(span, "a second document begins here; a scenario is one document");
                return None;
            }
        }
        tree.take(event, span, tag);
    }
    match tree.root {
        Some(root) if !matches!(&root.value, Value::Scalar { text, quoted: false } if text.is_empty()) => Some(root),
        _ => {
            tree.problems.whole("the file is empty; a scenario begins with `title:`".to_owned());
            None
        }
    }
}

/// A list or map that is not closed yet.
struct Open {
    span: Span,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: BTreeMap<String, u32>, key: Option<(Option<String>, Span)> },
}

struct Tree<'p> {
    problems: &'p Problems,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Tree<'_> {
    fn take(&mut self, event: Event<'_>, span: Span, tag: Option<Span>) {
        if event.is_node() && event.tag().is_some() {
            self.problems.add(tag.unwrap_or(span), "tags (`!name`) are not allowed; write the plain value");
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let quoted = !matches!(style, ScalarStyle::Plain);
                // YAML's null, written or left out, is nothing.
                let text = if !quoted && text == "~" { String::new() } else { text.into_owned() };
                self.put(Node { span, value: Value::Scalar { text, quoted } });
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problems.add(span, "aliases (`*name`) are not allowed; write the value out");
                self.put(Node { span, value: Value::Refused });
            }
            Event::Anchor(..) => {
                self.problems.add(span, "anchors (`&name`) are not allowed; write the value where it is needed");
            }
            Event::SequenceStart(..) => {
                self.open.push(Open { span: Span { length: 1, ..span }, kind: OpenKind::List(Vec::new()) });
            }
            Event::MappingStart(..) => {
                let kind = OpenKind::Map { entries: Vec::new(), seen: BTreeMap::new(), key: None };
                self.open.push(Open { span: Span { length: 1, ..span }, kind });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { span, kind }) = self.open.pop() {
                    let value = match kind {
                        OpenKind::List(items) => Value::List(items),
                        OpenKind::Map { entries, .. } => Value::Map(entries),
                    };
                    self.put(Node { span, value });
                }
            }
            _ => {}
        }
    }

    /// Puts a finished node where it belongs: the root, the list, or key or value of the map.
    fn put(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map { entries, seen, key }) => match key.take() {
                None => *key = Some((key_text(&node, self.problems), node.span)),
                Some((Some(name), key_span)) => {
                    if let Some(first) = seen.get(&name) {
                        let text = clip(&name);
                        self.problems
                            .add(key_span, format!("key \"{text}\" is written twice here; first on line {first}"));
                    } else {
                        seen.insert(name.clone(), key_span.at.line);
                        entries.push(Entry { key: name, key_span, value: node });
                    }
                }
                Some((None, _)) => {}
            },
        }
    }
}

/// The text of a key, unless it is one that is refused.
fn key_text(node: &Node, problems: &Problems) -> Option<String> {
    match &node.value {
        Value::Scalar { text, quoted: false } if text == "<<" => {
            problems.add(node.span, "merge keys (`<<`) are not allowed; write the keys out");
            None
        }
        Value::Scalar { text, .. } if !text.is_empty() => Some(text.clone()),
        Value::Scalar { .. } => {
            problems.add(node.span, "a key is missing before the colon");
            None
        }
        Value::Refused => None,
        Value::List(_) | Value::Map(_) => {
            problems.add(node.span, format!("a key is a plain word; found {}", node.found()));
            None
        }
    }
}

fn position(marker: granit_parser::Marker) -> Position {
    Position { line: marker.line().max(1) as u32, column: marker.col() as u32 + 1 }
}

fn span_at(marker: granit_parser::Marker) -> Span {
    Span { at: position(marker), length: 1 }
}

fn span_of(span: granit_parser::Span) -> Span {
    let (at, end) = (position(span.start), position(span.end));
    // To the end of its line: the renderer clips a run of carets to the line that it stands under.
    let length = if end.line == at.line { end.column.saturating_sub(at.column).max(1) } else { u32::MAX };
    Span { at, length }
}

/// The parser's complaint in the words of this language, where it has some.
fn scan_message(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => "a tab stands where spaces are needed; indent with spaces".to_owned(),
        ErrorKind::RecursionLimitExceeded => format!("lists and maps are nested deeper than {MAX_DEPTH} levels"),
        ErrorKind::DirectiveDisallowed => "directives (`%…`) are not allowed".to_owned(),
        ErrorKind::UnclosedQuotedScalar => "this quote is never closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { .. } => "this bracket is never closed".to_owned(),
        ErrorKind::DuplicateVersionDirective | ErrorKind::MissingDocumentEndBeforeDirective => {
            "directives (`%…`) are not allowed".to_owned()
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::InvalidIndentation => {
            "this line is indented otherwise than those it belongs with".to_owned()
        }
        ErrorKind::MappingValueNotAllowed => {
            "no key can stand here: this line is indented too far, or something before it is not ended".to_owned()
        }
        ErrorKind::UnexpectedCharacter { character: '`' } => {
            "a backquote cannot begin a value; put the value in quotes".to_owned()
        }
        ErrorKind::UnexpectedCharacter { character } => {
            format!("`{character}` cannot begin a value; put the value in quotes")
        }
        _ => format!("not YAML: {}", error.info()),
    }
}
