//! Where a text stopped being YAML, as its author sees it.
//!
//! A parser gives up where it can make no sense of what follows, and that is often lines below the one in which a bracket
//! or a quote is missing. Once it has refused, the text is looked at again, line by line, for the slips that people make.
//! The first of them is told, at the line in which something has to be typed.
//!
//! # Not imitated
//! The whole of YAML: explicit keys (`? `), tags and anchors are taken for plain words, which they may be in a text that is
//! refused anyway.

use super::model::Position;
use super::words::is_snake;
use super::yaml::Span;

/// What is wrong, and where it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    /// Where.
    pub(super) span: Span,
    /// What.
    pub(super) message: String,
}

/// The first slip of a text that is not YAML; none where it looks like none of those that are known.
pub(super) fn find(text: &str) -> Option<Slip> {
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let mut scan = Scan::new(&lines);
    while scan.line < lines.len() {
        if let Err(slip) = scan.one_line() {
            return Some(slip);
        }
        scan.line += 1;
    }
    (!scan.open.is_empty()).then(|| scan.unclosed())
}

/// A bracket that is not closed yet.
struct Bracket {
    opener: char,
    at: Position,
    /// How far the line is indented that it stands in.
    indent: usize,
    /// Whether the entry that is being read has had its colon.
    has_colon: bool,
}

impl Bracket {
    fn closer(&self) -> char {
        if self.opener == '{' { '}' } else { ']' }
    }
}

struct Scan<'l> {
    lines: &'l [Vec<char>],
    line: usize,
    open: Vec<Bracket>,
    /// Whether a value may begin with the next character that is not blank.
    begins: bool,
    /// Indentation of the line that began a text of several lines (`about: |`).
    block: Option<usize>,
    /// Behind the last character that is neither blank nor part of a comment.
    end: Position,
    /// A comment that holds a bracket, begun while one was open.
    comment: Option<(Position, char)>,
}

impl<'l> Scan<'l> {
    fn new(lines: &'l [Vec<char>]) -> Self {
        let end = Position { line: 1, column: 1 };
        Self { lines, line: 0, open: Vec::new(), begins: true, block: None, end, comment: None }
    }

    fn position(&self, column: usize) -> Position {
        position(self.line, column)
    }

    fn slip(&self, column: usize, length: usize, message: impl Into<String>) -> Slip {
        Slip { span: Span { at: self.position(column), length: length as u32 }, message: message.into() }
    }

    /// Reads the line, and those that a quoted text which begins in it goes on in.
    fn one_line(&mut self) -> Result<(), Slip> {
        let line = &self.lines[self.line];
        let indent = line.iter().take_while(|c| c.is_whitespace()).count();
        if line.get(indent).is_none_or(|c| *c == '#') || self.block.is_some_and(|block| indent > block) {
            return Ok(());
        }
        self.block = None;
        match self.open.first() {
            Some(outer) => {
                let is_item = line[indent] == '-' && line.get(indent + 1).is_none_or(|c| *c == ' ');
                let closes = matches!(line[indent], '}' | ']');
                if is_item || (indent <= outer.indent && !closes) {
                    return Err(self.unclosed());
                }
            }
            None => self.beginning(line, indent)?,
        }
        self.characters(indent)
    }

    /// What can be wrong with the beginning of a line outside of brackets.
    fn beginning(&mut self, line: &[char], indent: usize) -> Result<(), Slip> {
        self.begins = true;
        if let Some(tab) = line[..indent].iter().position(|c| *c == '\t') {
            return Err(self.slip(tab, indent - tab, "a tab stands where spaces are needed; indent with spaces"));
        }
        let rest: String = line[indent..].iter().collect();
        if let Some(item) = rest.strip_prefix('-') {
            let key = item.split(": ").next().unwrap_or_default();
            let is_key = item.contains(": ") && is_snake(key);
            if item.starts_with(['{', '[']) || is_key {
                let first: String = item.chars().take_while(|c| !c.is_whitespace()).take(12).collect();
                let message = format!("a space is missing after the dash: write `- {first}`");
                return Err(self.slip(indent, 2, message));
            }
        }
        if let Some((key, value)) = rest.split_once(':') {
            let no_value = value.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '[' | '{'));
            if is_snake(key) && no_value && !rest.contains(": ") && !rest.ends_with(':') {
                let message = format!("a space is missing after `{key}:`");
                return Err(self.slip(indent + key.len(), 2, message));
            }
        }
        Ok(())
    }

    /// Reads a line from a column on.
    fn characters(&mut self, from: usize) -> Result<(), Slip> {
        let (mut i, mut line) = (from, &self.lines[self.line]);
        let (mut colons, mut closed, mut word) = (0, false, from);
        while i < line.len() {
            let c = line[i];
            let next = line.get(i + 1).copied();
            let after_blank = i == 0 || line[i - 1].is_whitespace();
            if c.is_whitespace() {
                i += 1;
                continue;
            }
            if c == '#' && after_blank {
                self.comment_from(i);
                return Ok(());
            }
            self.end = self.position(i + 1);
            if after_blank {
                word = i;
            }
            let in_brackets = !self.open.is_empty();
            let separates = next.is_none_or(|n| n.is_whitespace() || (in_brackets && matches!(n, ',' | '}' | ']')));
            match c {
                '"' | '\'' if self.begins => {
                    i = self.quoted(i)?;
                    line = &self.lines[self.line];
                    // It may have ended in another line.
                    word = i;
                    self.begins = false;
                }
                '{' | '[' if self.begins => {
                    let indent = line.iter().take_while(|c| c.is_whitespace()).count();
                    self.open.push(Bracket { opener: c, at: self.position(i), indent, has_colon: false });
                }
                '}' | ']' if in_brackets => {
                    self.close(i, c)?;
                    closed = true;
                    self.begins = false;
                }
                '}' | ']' if closed => return Err(self.slip(i, 1, closes_nothing(c))),
                ',' if in_brackets => {
                    self.begins = true;
                    if let Some(top) = self.open.last_mut() {
                        top.has_colon = false;
                    }
                }
                '-' if !in_brackets && self.begins && separates => {}
                '|' | '>' if !in_brackets && self.begins && is_header(&line[i + 1..]) => {
                    self.block = Some(from);
                    return Ok(());
                }
                ':' if separates => {
                    let again = self.open.last().map_or(colons > 0 && !closed, |top| top.has_colon);
                    if again {
                        return Err(self.second_colon(line, i, word));
                    }
                    colons += 1;
                    self.begins = true;
                    if let Some(top) = self.open.last_mut() {
                        top.has_colon = true;
                    }
                }
                _ => self.begins = false,
            }
            i += 1;
        }
        Ok(())
    }

    /// A colon where the entry has had one: a comma is missing, or a text has to stand in quotes.
    fn second_colon(&self, line: &[char], colon: usize, word: usize) -> Slip {
        if self.open.is_empty() {
            return self.slip(colon, 1, "a second colon in one line: put the text that holds it in quotes");
        }
        let key: String = line[word..colon].iter().collect();
        self.slip(word, colon - word, format!("a comma is missing before `{key}`"))
    }

    fn comment_from(&mut self, column: usize) {
        let bracket = self.lines[self.line][column..].iter().find(|c| matches!(c, '}' | ']'));
        if let (Some(bracket), false) = (bracket, self.open.is_empty()) {
            self.comment = Some((self.position(column), *bracket));
        }
    }

    fn close(&mut self, column: usize, closer: char) -> Result<(), Slip> {
        match self.open.last() {
            Some(top) if top.closer() == closer => {
                self.open.pop();
                Ok(())
            }
            Some(top) if self.open.iter().any(|bracket| bracket.closer() == closer) => {
                let (opener, wanted) = (top.opener, top.closer());
                let place = place(self.position(column), top.at.line);
                let message =
                    format!("`{wanted}` is missing: this `{opener}` is not closed before the `{closer}` in {place}");
                Err(Slip { span: Span { at: top.at, length: 1 }, message })
            }
            _ => Err(self.slip(column, 1, closes_nothing(closer))),
        }
    }

    /// Reads over a text in quotes that begins in a column; gives back the column of its end, in the line that it ends in.
    fn quoted(&mut self, column: usize) -> Result<usize, Slip> {
        let quote = self.lines[self.line][column];
        let never = self.slip(column, 1, "this quote is never closed");
        let mut from = column + 1;
        for (number, line) in self.lines.iter().enumerate().skip(self.line) {
            // What looks like the next entry was not meant to stand in the text.
            if number > self.line && is_entry(line) {
                return Err(never);
            }
            let mut i = from;
            while i < line.len() {
                match line[i] {
                    '\\' if quote == '"' => i += 1,
                    '\'' if quote == '\'' && line.get(i + 1) == Some(&'\'') => i += 1,
                    c if c == quote => {
                        self.line = number;
                        self.end = self.position(i + 1);
                        return Ok(i);
                    }
                    _ => {}
                }
                i += 1;
            }
            from = 0;
        }
        Err(never)
    }

    /// What is open is never closed: the place is the end of what was last written.
    fn unclosed(&self) -> Slip {
        if let Some((at, bracket)) = self.comment.filter(|(at, _)| self.open.iter().all(|open| open.at < *at)) {
            let message =
                format!("`#` begins a comment, and the `{bracket}` in it closes nothing: put the value in quotes");
            return Slip { span: Span { at, length: 1 }, message };
        }
        let closers: Vec<String> = self.open.iter().rev().map(|open| open.closer().to_string()).collect();
        let outer = &self.open[0];
        let place = place(outer.at, self.end.line);
        let message =
            format!("`{}` is missing here: the `{}` in {place} is never closed", closers.join(" "), outer.opener);
        Slip { span: Span { at: self.end, length: 1 }, message }
    }
}

fn position(line: usize, column: usize) -> Position {
    Position { line: line as u32 + 1, column: column as u32 + 1 }
}

/// A place as it is told of in line `line`.
fn place(at: Position, line: u32) -> String {
    if at.line == line { format!("column {}", at.column) } else { format!("line {}, column {}", at.line, at.column) }
}

fn closes_nothing(closer: char) -> String {
    format!("this `{closer}` closes nothing that is open")
}

/// Whether a line looks like the beginning of an item or of a key with its value.
fn is_entry(line: &[char]) -> bool {
    let text: String = line.iter().collect();
    let text = text.trim();
    let key = text.split(':').next().unwrap_or_default();
    text.starts_with("- ") || (is_snake(key) && (text[key.len()..].starts_with(": ") || text[key.len()..] == *":"))
}

/// Whether nothing but a block's header follows: `|-`, `>2 # remark`.
fn is_header(rest: &[char]) -> bool {
    let rest: String = rest.iter().collect();
    let rest = rest.trim_start_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
    rest.trim_start().is_empty() || rest.trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::{Slip, find};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let told = find(text).map(|Slip { span, message }| format!("{}:{} {message}", span.at.line, span.at.column));
        assert_eq!(told.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn a_bracket_is_missing_where_the_line_ends() {
        check("a: { b: c\nd: e\n", "1:10 `}` is missing here: the `{` in column 4 is never closed");
        check("- { a: [b, c\n- { d: e }\n", "1:13 `] }` is missing here: the `{` in column 3 is never closed");
        check("- { a: b # why\n\n- c\n", "1:9 `}` is missing here: the `{` in column 3 is never closed");
        check(
            "a:\n  { b: c,\n    d: e\nf: g\n",
            "3:9 `}` is missing here: the `{` in line 2, column 3 is never closed",
        );
        check("a: { b: {}\n", "1:11 `}` is missing here: the `{` in column 4 is never closed");
    }

    #[test]
    fn brackets_that_do_not_match_are_told_where_they_open() {
        check("- { a: [b, c, d: e }\n", "1:8 `]` is missing: this `[` is not closed before the `}` in column 20");
        check("- { a: b], c: d }\n", "1:9 this `]` closes nothing that is open");
        check("- { a: b }}\n", "1:11 this `}` closes nothing that is open");
    }

    #[test]
    fn a_comment_that_swallows_a_bracket_is_told_where_it_begins() {
        check(
            "a: { b: #c }\nd: e\n",
            "1:9 `#` begins a comment, and the `}` in it closes nothing: put the value in quotes",
        );
    }

    #[test]
    fn a_quote_is_told_where_it_opens() {
        check("a: \"b\nc: \"d\"\n", "1:4 this quote is never closed");
        check("a: { b: 'c }\nd: 'e'\n", "1:9 this quote is never closed");
        check("a: \"b\n", "1:4 this quote is never closed");
    }

    #[test]
    fn spaces_and_commas_that_are_missing_are_told() {
        check("a:\n  -{ b: c }\n", "2:3 a space is missing after the dash: write `- {`");
        check("a:\n  -b: c\n", "2:3 a space is missing after the dash: write `- b:`");
        check("title:Alice\n", "1:6 a space is missing after `title:`");
        check("- { a: b c: d }\n", "1:10 a comma is missing before `c`");
        check("a:\n\tb: c\n", "2:1 a tab stands where spaces are needed; indent with spaces");
        check("a: b: c\n", "1:5 a second colon in one line: put the text that holds it in quotes");
        check(": { cast: '\n'script:\n", "2:1 a comma is missing before `'script`");
    }

    #[test]
    fn what_is_yaml_holds_no_slip() {
        for text in [
            "# remark: { \ntitle: a } b, it's \"c\"\napps: { entra: {}, miro: {} } # {\n",
            "about: \"two\n  lines\"\nabove: >-\n  any: thing: { \"\n  -{\nsource: [https://a.example/b, \"c\"]\n",
            "apps: {\n  miro: {},\n  entra: { a: [b, c] }\n}\n- a: day 1 09:00:05\n- - b\n",
            "a: 'it''s'\nb: \"a \\\" b\"\nc: [a: b, c: d]\nd: -5\n---\n",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn no_scenario_of_the_library_holds_one() {
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios"))];
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "yaml") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    assert_eq!(find(&text), None, "{}", path.display());
                    read += 1;
                }
            }
        }
        assert!(read > 100, "{read}");
    }
}
