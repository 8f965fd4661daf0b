//! Two texts side by side, for terminals that are wide enough.
//!
//! Between the columns stands what became of a line: `|` changed, `<` gone, `>` new. Words that differ stand out.

use similar::{ChangeTag, DiffTag, TextDiff};

use crate::printable;
use crate::report::paint::{Paint, Tone};

/// Columns of a terminal from which on two texts fit beside one another.
pub(super) const WIDE: usize = 130;
/// Lines around a change.
const CONTEXT: usize = 3;
/// Between the columns.
const GUTTER: usize = 3;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    changed: bool,
    text: String,
}

/// The lines of both texts around what differs, `width` columns wide; none if they are equal.
pub(super) fn side_by_side(old: &str, new: &str, width: usize, paint: Paint) -> Vec<String> {
    let [old, new] = [old, new].map(|text| format!("{}\n", printable::text(text.trim(), false)));
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    let half = (width.saturating_sub(GUTTER) / 2).max(1);
    let mut rows = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        rows.push(match index {
            0 => format!("{:half$} {} {}", "accepted", " ", "this run"),
            _ => paint.apply(Tone::Faint, "⋯"),
        });
        for op in group {
            let (olds, news) = (op.old_range(), op.new_range());
            for n in 0..olds.len().max(news.len()) {
                let line = |range: &std::ops::Range<usize>| (n < range.len()).then_some(range.start + n);
                let left = line(&olds).and_then(|i| diff.old_slice(i)).map(str::trim_end);
                let right = line(&news).and_then(|i| diff.new_slice(i)).map(str::trim_end);
                rows.extend(row(left, right, op.tag() == DiffTag::Equal, half, paint));
            }
        }
    }
    rows
}

/// A line of each text, or of one; as many rows as the longer needs.
fn row(left: Option<&str>, right: Option<&str>, equal: bool, half: usize, paint: Paint) -> Vec<String> {
    let (sign, left, right) = match (left, right) {
        (Some(left), Some(right)) if !equal => {
            let (left, right) = words(left, right);
            ('|', left, right)
        }
        (Some(left), Some(right)) => (' ', whole(left), whole(right)),
        (left, right) => (
            if left.is_some() { '<' } else { '>' },
            left.map(whole).unwrap_or_default(),
            right.map(whole).unwrap_or_default(),
        ),
    };
    let (left, right) = (wrapped(&left, half), wrapped(&right, half));
    let tones = |one: Tone, word: Tone| if sign == ' ' { (None, word) } else { (Some(one), word) };
    let cell = |lines: &[Vec<Piece>], n: usize, (tone, word): (Option<Tone>, Tone)| {
        let pieces = lines.get(n).map_or(&[][..], Vec::as_slice);
        let painted: String = pieces
            .iter()
            .map(|piece| match (piece.changed, tone) {
                (true, _) => paint.apply(word, &piece.text),
                (false, Some(tone)) => paint.apply(tone, &piece.text),
                (false, None) => piece.text.clone(),
            })
            .collect();
        let used: usize = pieces.iter().map(|piece| piece.text.chars().count()).sum();
        painted + &" ".repeat(half.saturating_sub(used))
    };
    (0..left.len().max(right.len()))
        .map(|n| {
            let left = cell(&left, n, tones(Tone::Bad, Tone::BadWord));
            let right = cell(&right, n, tones(Tone::Good, Tone::GoodWord));
            format!("{left} {sign} {right}").trim_end().to_owned()
        })
        .collect()
}

fn whole(line: &str) -> Vec<Piece> {
    vec![Piece { changed: false, text: line.to_owned() }]
}

/// Both lines in pieces: what they share, and what they do not.
fn words(left: &str, right: &str) -> (Vec<Piece>, Vec<Piece>) {
    let diff = TextDiff::from_words(left, right);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let piece = |changed| Piece { changed, text: change.value().to_owned() };
        match change.tag() {
            ChangeTag::Equal => {
                old.push(piece(false));
                new.push(piece(false));
            }
            ChangeTag::Delete => old.push(piece(true)),
            ChangeTag::Insert => new.push(piece(true)),
        }
    }
    (old, new)
}

/// A line in pieces, broken into lines of at most `width` characters.
fn wrapped(pieces: &[Piece], width: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let (mut line, mut used) = (Vec::new(), 0);
    for piece in pieces {
        let mut text = String::new();
        for c in piece.text.chars() {
            if used == width {
                line.push(Piece { changed: piece.changed, text: std::mem::take(&mut text) });
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            text.push(c);
            used += 1;
        }
        line.push(Piece { changed: piece.changed, text });
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_rows() {
        assert!(side_by_side("a\nb", "a\nb\n", 80, Paint::Plain).is_empty());
    }

    #[test]
    fn changed_gone_and_new_lines_stand_beside_one_another() {
        let (old, new) = ("alice  high\nbob  low\nend", "alice  medium\nend\ncarol  low");
        insta::assert_snapshot!(side_by_side(old, new, 43, Paint::Plain).join("\n"), @"
        accepted               this run
        alice  high          | alice  medium
        bob  low             <
        end                    end
                             > carol  low
        ");
    }

    #[test]
    fn the_words_that_differ_stand_out() {
        let rows = side_by_side("alice  high  Madrid", "alice  medium  Madrid", 80, Paint::Coloured);
        let (old, new) =
            (Paint::Coloured.apply(Tone::BadWord, "high"), Paint::Coloured.apply(Tone::GoodWord, "medium"));
        assert!(rows.iter().any(|row| row.contains(&old) && row.contains(&new)), "{rows:?}");
    }

    #[test]
    fn long_lines_go_on_below() {
        let rows = side_by_side("", "abcdefghij", 11, Paint::Plain);
        let right: Vec<String> = rows.iter().skip(1).map(|row| row.chars().skip(7).collect()).collect();
        assert_eq!(right, ["abcd", "efgh", "ij"]);
    }
}
