//! Pending texts one by one: shown as a difference, accepted, rejected or left for later.

use std::io::{self, BufRead, Write};
use std::path::Path;

use crate::report::Paint;
use crate::report::paint::Tone;

use super::diff;
use super::file::Stored;
use super::orphans::files;
use super::store::{remove, shown};

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

enum Answer {
    Accept,
    Reject,
    Skip,
    /// The input ended: whatever is left is left for later.
    End,
}

/// Asks about each pending text below `root`: `a` accepts, `r` rejects, `s` leaves it for later, as does the end of the
/// input.
pub fn review(mut input: impl BufRead, mut output: impl Write, root: &Path, paint: Paint) -> io::Result<Reviewed> {
    let pending = files(root, ".snap.new");
    let mut reviewed = Reviewed::default();
    let mut ended = false;
    for (index, path) in pending.iter().enumerate() {
        let accepted = path.with_extension("");
        let place = paint.apply(Tone::Strong, &shown(root, &accepted));
        writeln!(output, "{place} ({} of {})", index + 1, pending.len())?;
        let new = match Stored::read(path) {
            Ok(new) => new,
            Err(reason) => {
                writeln!(output, "  refused: it cannot be read: {reason}\n")?;
                reviewed.refused += 1;
                continue;
            }
        };
        if let Some(reason) = &new.refused {
            writeln!(output, "  refused: {reason}\n")?;
            reviewed.refused += 1;
            continue;
        }
        show(&mut output, &accepted, &new, paint)?;
        let answer = if ended { Answer::End } else { ask(&mut input, &mut output)? };
        match answer {
            Answer::Accept => {
                new.write(&accepted)?;
                remove(path)?;
                reviewed.accepted += 1;
            }
            Answer::Reject => {
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

fn show(output: &mut impl Write, accepted: &Path, new: &Stored, paint: Paint) -> io::Result<()> {
    let old = match accepted.exists().then(|| Stored::read(accepted)) {
        None => String::new(),
        Some(Ok(old)) => old.text,
        Some(Err(reason)) => {
            writeln!(output, "what is accepted cannot be read: {reason}")?;
            String::new()
        }
    };
    let lines = diff::unified(&old, &new.text);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    diff::painted(&lines, paint).iter().try_for_each(|line| writeln!(output, "{line}"))
}

fn ask(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Answer> {
    loop {
        write!(output, "(a)ccept, (r)eject, (s)kip? ")?;
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
            other => writeln!(output, "`{other}` is none of a, r, s")?,
        }
    }
}
