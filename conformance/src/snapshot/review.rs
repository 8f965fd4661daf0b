//! Pending texts one by one: shown as a difference, accepted, rejected or left for later.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::Path;

use crate::printable;
use crate::report::Paint;
use crate::report::paint::Tone;

use super::columns::{WIDE, side_by_side};
use super::diff;
use super::file::Stored;
use super::store::{remove, shown};
use crate::walk::ending_in as files;

/// What became of the pending texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reviewed {
    /// Accepted.
    pub accepted: usize,
    /// Rejected and removed.
    pub rejected: usize,
    /// Left for later.
    pub skipped: usize,
    /// Not offered: of runs that broke off or failed.
    pub refused: usize,
}

/// How differences are shown.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// In colour, or not.
    pub paint: Paint,
    /// Columns of the terminal, where it is one.
    pub columns: Option<usize>,
}

#[derive(Clone, Copy)]
enum Answer {
    Accept,
    Reject,
    Skip,
    /// This one, and whatever else there is of its kind.
    AcceptKind,
    RejectKind,
    /// The input ended, or nobody wants to go on: whatever is left is left for later.
    End,
}

/// Asks about each pending text below `root`: `a` accepts, `r` rejects, `s` leaves it for later, as does the end of the
/// input and `q`; `A` and `R` do the same with all that are left of its kind: every `alerts`, every `events`. Where `only` names
/// scenarios or folders of them, the others are not offered.
pub fn review(
    mut input: impl BufRead,
    mut output: impl Write,
    root: &Path,
    only: &[String],
    look: Look,
) -> io::Result<Reviewed> {
    let mut pending = files(root, ".snap.new");
    pending.retain(|path| only.is_empty() || only.iter().any(|id| path.starts_with(root.join(id))));
    if pending.is_empty() {
        let of = if only.is_empty() { String::new() } else { format!(" of {}", only.join(", ")) };
        writeln!(output, "no results{of} wait: `conformance run` leaves what is new or differs")?;
    }
    let mut reviewed = Reviewed::default();
    let mut decided: BTreeMap<String, Answer> = BTreeMap::new();
    let mut ended = false;
    let paint = look.paint;
    for (index, path) in pending.iter().enumerate() {
        let accepted = path.with_extension("");
        let place = paint.apply(Tone::Strong, &printable::line(&shown(root, &accepted)));
        writeln!(output, "{place} ({} of {})", index + 1, pending.len())?;
        let new = match Stored::read(path) {
            Ok(new) => new,
            Err(reason) => {
                writeln!(output, "  refused: it cannot be read: {}\n", printable::line(&reason))?;
                reviewed.refused += 1;
                continue;
            }
        };
        if let Some(reason) = &new.refused {
            writeln!(output, "  refused: {}\n", printable::line(reason))?;
            reviewed.refused += 1;
            continue;
        }
        show(&mut output, &accepted, &new, look)?;
        let kind = accepted.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let answer = match decided.get(&kind) {
            Some(answer) => *answer,
            None if ended => Answer::End,
            None => ask(&mut input, &mut output, &kind)?,
        };
        if matches!(answer, Answer::AcceptKind | Answer::RejectKind) {
            decided.insert(kind, answer);
        }
        match answer {
            Answer::Accept | Answer::AcceptKind => {
                new.write(&accepted)?;
                remove(path)?;
                reviewed.accepted += 1;
            }
            Answer::Reject | Answer::RejectKind => {
                remove(path)?;
                reviewed.rejected += 1;
            }
            Answer::Skip | Answer::End => {
                ended = matches!(answer, Answer::End);
                reviewed.skipped += 1;
            }
        }
        writeln!(output)?;
    }
    let Reviewed { accepted, rejected, skipped, refused } = reviewed;
    writeln!(output, "{accepted} accepted, {rejected} rejected, {skipped} skipped, {refused} refused")?;
    Ok(reviewed)
}

fn show(output: &mut impl Write, accepted: &Path, new: &Stored, look: Look) -> io::Result<()> {
    let old = match accepted.exists().then(|| Stored::read(accepted)) {
        None => String::new(),
        Some(Ok(old)) => old.text,
        Some(Err(reason)) => {
            writeln!(output, "what is accepted cannot be read: {}", printable::line(&reason))?;
            String::new()
        }
    };
    if let Some(columns) = look.columns.filter(|columns| *columns >= WIDE && !old.is_empty()) {
        let rows = side_by_side(&old, &new.text, columns, look.paint);
        return rows.iter().try_for_each(|row| writeln!(output, "{row}"));
    }
    let lines = diff::unified(&old, &new.text);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    diff::painted(&lines, look.paint).iter().try_for_each(|line| writeln!(output, "{line}"))
}

fn ask(input: &mut impl BufRead, output: &mut impl Write, kind: &str) -> io::Result<Answer> {
    loop {
        write!(
            output,
            "(a)ccept, (r)eject, (s)kip, (q)uit; (A)ccept or (R)eject every {} that is left? ",
            printable::line(kind)
        )?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(output)?;
            return Ok(Answer::End);
        }
        match line.trim() {
            "a" | "accept" => return Ok(Answer::Accept),
            "r" | "reject" => return Ok(Answer::Reject),
            "s" | "skip" => return Ok(Answer::Skip),
            "q" | "quit" => return Ok(Answer::End),
            "A" => return Ok(Answer::AcceptKind),
            "R" => return Ok(Answer::RejectKind),
            other => writeln!(output, "`{other}` is none of a, r, s, q, A, R")?,
        }
    }
}
