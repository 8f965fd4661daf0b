//! Text of others, made fit to be printed.
//!
//! What a stack reports, what a file is called, what a manifest or an old report says: all of it may hold codes that move a
//! cursor or hide text, line ends that forge a row, marks that turn the order of reading round, and commands to the runner
//! of a CI job. Every text of others goes through [`line()`] on its way into a row; whatever is printed goes through
//! [`text`], so that a row which was forgotten is harmless too.
//!
//! Spelled out, as Rust spells them, are control characters, line and paragraph separators, and the formatting characters
//! that change the direction of text; and of a command as much as it takes for it to be none.
//!
//! # Sources
//! Unicode Standard Annex #9, "Directional Formatting Characters"; CVE-2021-42574. GitHub's runner (`ActionCommand.cs`
//! in `actions/runner`) obeys a line that begins with `::`, blanks aside, and `##[` wherever it stands.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How an old command to a CI runner begins, wherever it stands in a line.
const ANYWHERE: &str = "##[";
/// How a command begins that stands at the begin of a line.
const AT_THE_BEGIN: &str = "::";

/// Text of others in one line.
pub fn line(text: &str) -> Cow<'_, str> {
    if is_harmless(text) { Cow::Borrowed(text) } else { Cow::Owned(spelled(text)) }
}

/// Whole lines, for people. `keep_colours` leaves codes of colour as they are: text of others has none any more.
pub fn text(text: &str, keep_colours: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for whole in text.split_inclusive('\n') {
        let (row, end) = whole.strip_suffix('\n').map_or((whole, ""), |row| (row, "\n"));
        let mut rest = row;
        while let Some((before, code, after)) = keep_colours.then(|| colour(rest)).flatten() {
            out.push_str(&line(before));
            out.push_str(code);
            rest = after;
        }
        out.push_str(&line(rest));
        out.push_str(end);
    }
    out
}

/// A text of JSON that means the same: what is spelled out can stand in its strings alone.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace(ANYWHERE, "##\\u005b").chars() {
        match c {
            '\n' => out.push(c),
            c if is_spelled(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// A text of XML or HTML that means the same; what stands in a script of it has to go through [`json`] before.
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace(ANYWHERE, "##&#91;").chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if is_spelled(c) => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn is_harmless(text: &str) -> bool {
    !text.chars().any(is_spelled) && !text.contains(ANYWHERE) && !text.trim_start().starts_with(AT_THE_BEGIN)
}

fn spelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let begin = text.len() - text.trim_start().len();
    for (at, c) in text.char_indices() {
        let commands = (at == begin && text[at..].starts_with(AT_THE_BEGIN))
            || (c == '[' && text[..at].ends_with(&ANYWHERE[..ANYWHERE.len() - 1]));
        match c {
            c if commands => out.extend(c.escape_unicode()),
            c if is_spelled(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

fn is_spelled(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first code of colour (`ESC [ numbers m`), with what stands before it and after it.
fn colour(text: &str) -> Option<(&str, &str, &str)> {
    let mut begins = text.match_indices("\u{1b}[").map(|(at, _)| at);
    let ends = |at: usize| {
        let numbers = text[at + 2..].find(|c: char| !c.is_ascii_digit() && c != ';')?;
        let end = at + 2 + numbers;
        text[end..].starts_with('m').then_some((&text[..at], &text[at..=end], &text[end + 1..]))
    };
    begins.find_map(ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_moves_hides_turns_or_commands_is_spelled_out() {
        #[rustfmt::skip]
        let cases = [
            ("plain ü 字 🙂",              "plain ü 字 🙂"),
            ("a\n::error::b",             r"a\n::error::b"),
            ("\u{1b}[2Jgone\u{9b}1m\0",   r"\u{1b}[2Jgone\u{9b}1m\u{0}"),
            ("exe\u{202e}fdp.\u{2066}x",  r"exe\u{202e}fdp.\u{2066}x"),
            ("one\u{2028}two\ttabs",      r"one\u{2028}two\ttabs"),
            ("  ::add-mask::x",           r"  \u{3a}:add-mask::x"),
            ("say ##[add-mask]x",         r"say ##\u{5b}add-mask]x"),
            ("###[group]",                r"###\u{5b}group]"),
            ("fe80::1 is an address",     "fe80::1 is an address"),
        ];
        for (text, expected) in cases {
            assert_eq!(line(text), expected, "{text:?}");
            assert_eq!(line(expected), expected, "twice is once");
        }
    }

    #[test]
    fn colours_are_left_where_they_are_ours() {
        let painted = "\u{1b}[31mFAIL\u{1b}[0m a\u{1b}[2J\n::x\n";
        assert_eq!(text(painted, true), "\u{1b}[31mFAIL\u{1b}[0m a\\u{1b}[2J\n\\u{3a}:x\n");
        assert_eq!(text(painted, false), "\\u{1b}[31mFAIL\\u{1b}[0m a\\u{1b}[2J\n\\u{3a}:x\n");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a": "##[x]\u{85}\u{202e}\u{7f}\n", "b": ["\u{1b}"]});
        let printed = json(&format!("{value:#}\n"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
        assert!(!printed.contains("##[") && printed.chars().all(|c| c == '\n' || !is_spelled(c)), "{printed:?}");
    }

    proptest! {
        #[test]
        fn whatever_is_printed_commands_nothing(foreign in "(?s)([ \\n\\t:#\\[\u{1b}m\u{9b}\u{202e}]|::|##\\[|.){0,40}") {
            let printed = text(&foreign, false);
            for row in printed.split('\n') {
                prop_assert!(!row.trim_start().starts_with("::") && !row.contains("##["), "{row:?}");
                prop_assert!(!row.chars().any(is_spelled), "{row:?}");
            }
            prop_assert_eq!(line(&foreign).lines().count().min(1), usize::from(!foreign.is_empty()));
        }
    }
}
