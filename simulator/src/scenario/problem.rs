//! What is wrong with a scenario, told to its author: file, line, column, what was found, what was probably meant.

use std::cell::RefCell;
use std::fmt;

use super::model::Position;
use super::yaml::{Span, clip};

/// Most errors that are told of one file.
const MOST_ERRORS: usize = 20;

/// Widest stretch of a source line that is shown.
const SNIPPET_WIDTH: usize = 120;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScenarioError {
    /// The file, as it was named by whoever asked for it.
    pub file: String,
    /// Where it is wrong; none when it is the file itself.
    pub position: Option<Position>,
    /// How many characters are wrong.
    pub length: u32,
    /// What was found and what was expected.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// The line it stands on.
    pub source_line: Option<String>,
}

impl ScenarioError {
    /// `travel.yaml:11:74`, or the file's name alone.
    pub fn place(&self) -> String {
        match self.position {
            Some(Position { line, column }) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }
    }

    /// The message with the suggestion.
    pub fn text(&self) -> String {
        match &self.suggestion {
            Some(meant) => format!("{}: did you mean \"{meant}\"?", self.message),
            None => self.message.clone(),
        }
    }

    /// The source line with a run of carets below what is wrong: two lines, the number of the first in a margin.
    pub fn snippet(&self) -> Option<String> {
        let (Position { line, column }, source) = (self.position?, self.source_line.as_ref()?);
        let chars: Vec<char> = source.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let begin = (column as usize - 1).min(chars.len());
        let run = (self.length as usize).clamp(1, (chars.len() - begin).max(1));
        // Long lines are cut so that the run stays in sight.
        let first = if chars.len() <= SNIPPET_WIDTH { 0 } else { begin.saturating_sub(SNIPPET_WIDTH / 2) };
        let last = chars.len().min(first + SNIPPET_WIDTH);
        let (left, right) = (if first > 0 { "…" } else { "" }, if last < chars.len() { "…" } else { "" });
        let shown: String = chars[first..last].iter().collect();
        let shown = format!("{left}{}{right}", shown.trim_end());
        let indent = " ".repeat(begin - first + left.chars().count());
        let carets = "^".repeat(run.min(last.saturating_sub(begin).max(1)));
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        Some(format!("  {number} | {shown}\n  {margin} | {indent}{carets}"))
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.place(), self.text())?;
        if let Some(snippet) = self.snippet() {
            write!(f, "\n{snippet}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with one file, in order of place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScenarioErrors {
    /// What is told, at least one.
    pub errors: Vec<ScenarioError>,
    /// How many more there are.
    pub untold: usize,
}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        match (self.untold, self.errors.last()) {
            (1.., Some(error)) => write!(f, "\n{}  and {} more", error.file, self.untold),
            _ => Ok(()),
        }
    }
}

/// Where readers put what they find wrong, so that one run tells all of it. Shared by all readers of a file.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    found: RefCell<Vec<Problem>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    span: Option<Span>,
    message: String,
    suggestion: Option<String>,
}

impl Problems {
    /// Something is wrong at a place.
    pub fn add(&self, span: Span, message: impl Into<String>) {
        self.found.borrow_mut().push(Problem { span: Some(span), message: message.into(), suggestion: None });
    }

    /// Something is wrong at a place, and this was probably meant.
    pub fn add_with(&self, span: Span, message: impl Into<String>, suggestion: Option<&str>) {
        let suggestion = suggestion.map(str::to_owned);
        self.found.borrow_mut().push(Problem { span: Some(span), message: message.into(), suggestion });
    }

    /// The file as a whole is wrong.
    pub fn whole(&self, message: String) {
        self.found.borrow_mut().push(Problem { span: None, message, suggestion: None });
    }

    /// `unknown WHAT "FOUND"`, with the nearest of `known`, or all of them when they are few.
    pub fn unknown<'k>(&self, span: Span, what: &str, found: &str, known: impl IntoIterator<Item = &'k str>) {
        const FEW: usize = 12;
        // Nobody reads a hundred near misses, and looking for them costs the square of a hostile file.
        if self.found.borrow().len() >= 100 {
            return self.add(span, format!("unknown {what} \"{}\"", clip(found)));
        }
        let known: Vec<&str> = known.into_iter().collect();
        let nearest = super::suggest::nearest(found, known.iter().copied());
        let mut message = format!("unknown {what} \"{}\"", clip(found));
        if nearest.is_none() && known.len() <= FEW {
            match known.as_slice() {
                [] => message.push_str(&format!("; no {what} is written in this file")),
                known => message.push_str(&format!("; there is {}", known.join(", "))),
            }
        }
        self.add_with(span, message, nearest);
    }

    /// Whether nothing was found wrong.
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// What was found wrong, in order of place, with the lines of `text` it stands on.
    pub fn into_errors(self, file: &str, text: &str) -> ScenarioErrors {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        let untold = found.len().saturating_sub(MOST_ERRORS);
        found.truncate(MOST_ERRORS);
        let lines: Vec<&str> = text.lines().collect();
        let tell = |p: Problem| {
            let line = |span: Span| lines.get(span.at.line as usize - 1).map(|line| (*line).to_owned());
            ScenarioError {
                file: file.to_owned(),
                position: p.span.map(|s| s.at),
                length: p.span.map_or(0, |s| s.length),
                message: p.message,
                suggestion: p.suggestion,
                source_line: p.span.and_then(line),
            }
        };
        ScenarioErrors { errors: found.into_iter().map(tell).collect(), untold }
    }
}
