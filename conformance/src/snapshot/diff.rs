//! How two texts differ: a unified difference, and its colours with the changed words brought out.

use similar::{ChangeTag, TextDiff};

use crate::printable;
use crate::report::paint::{Paint, Tone};

/// First line of every difference.
pub const OLD: &str = "--- accepted";
/// Second line of every difference.
pub const NEW: &str = "+++ this run";
/// Lines around a change.
const CONTEXT: usize = 3;

/// The lines of a unified difference from `old` to `new`, fit to be printed; none if they are equal.
pub fn unified(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (format!("{}\n", old.trim_end()), format!("{}\n", new.trim_end()));
    let diff = TextDiff::from_lines(old.trim_start_matches('\n'), new.trim_start_matches('\n'));
    let mut unified = diff.unified_diff();
    let text = unified.context_radius(CONTEXT).missing_newline_hint(false).to_string();
    let mut lines: Vec<String> = text.lines().map(|line| printable::line(line).into_owned()).collect();
    if !lines.is_empty() {
        lines.splice(0..0, [OLD.to_owned(), NEW.to_owned()]);
    }
    lines
}

/// The same lines in colour: removed and added words stand out within their lines.
pub fn painted(lines: &[&str], paint: Paint) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len());
    let mut rest = lines;
    while let Some(first) = rest.first() {
        if [OLD, NEW].contains(first) || first.starts_with("@@") {
            out.push(paint.apply(Tone::Faint, first));
            rest = &rest[1..];
            continue;
        }
        let run = |from: usize, sign: char| rest[from..].iter().take_while(|l| l.starts_with(sign)).count();
        let removed = run(0, '-');
        let added = run(removed, '+');
        if removed + added == 0 {
            out.push((*first).to_owned());
            rest = &rest[1..];
        } else {
            out.extend(change(&rest[..removed], &rest[removed..removed + added], paint));
            rest = &rest[removed + added..];
        }
    }
    out
}

/// Lines that took the place of others.
fn change(removed: &[&str], added: &[&str], paint: Paint) -> Vec<String> {
    let text = |lines: &[&str]| lines.iter().map(|line| format!("{}\n", &line[1..])).collect::<String>();
    let (old, new) = (text(removed), text(added));
    let diff = TextDiff::from_lines(&old, &new);
    let (mut minus, mut plus) = (Vec::new(), Vec::new());
    for change in diff.iter_all_inline_changes() {
        let (sign, tone, word) = match change.tag() {
            ChangeTag::Insert => ("+", Tone::Good, Tone::GoodWord),
            _ => ("-", Tone::Bad, Tone::BadWord),
        };
        let mut line = paint.apply(tone, sign);
        for (emphasised, part) in change.iter_strings_lossy() {
            let part = part.trim_end_matches('\n');
            if !part.is_empty() {
                line.push_str(&paint.apply(if emphasised { word } else { tone }, part));
            }
        }
        if sign == "+" { plus.push(line) } else { minus.push(line) }
    }
    minus.append(&mut plus);
    minus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert!(unified("a\nb\n", "a\nb").is_empty());
    }

    #[test]
    fn a_changed_line_is_shown_twice_within_its_neighbours() {
        let old: String = (1..=9).map(|n| format!("line {n}\n")).collect();
        let lines = unified(&old, &old.replace("line 5", "line five"));
        insta::assert_snapshot!(lines.join("\n"), @"
        --- accepted
        +++ this run
        @@ -2,7 +2,7 @@
         line 2
         line 3
         line 4
        -line 5
        +line five
         line 6
         line 7
         line 8
        ");
    }

    #[test]
    fn the_changed_word_stands_out() {
        let lines = unified("alice  medium  Madrid", "alice  high  Madrid");
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(painted(&lines, Paint::Plain), lines);
        let coloured = painted(&lines, Paint::Coloured);
        let word = Paint::Coloured.apply(Tone::GoodWord, "high");
        assert!(coloured.iter().any(|line| line.contains(&word)), "{coloured:?}");
    }
}
