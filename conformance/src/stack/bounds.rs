//! How much is heard of a stack: what it says is its own doing, what becomes of the judge must not be.
//!
//! `docs/src/contract.md` lists them for those who bring a stack.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

/// Bytes of a line of a report; a longer one is malformed. Records of some megabytes are had by vendors, and have to be reported.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// Bytes of the report of one run, and as many of what a map makes of it. What comes after is not read.
pub const LARGEST_REPORT: usize = 64 * 1024 * 1024;
/// Lines of the report of one run. What comes after is not read.
pub const MOST_LINES: usize = 1_000_000;
/// Bytes of a file that a process prints to, above which its middle is thrown away.
pub const LARGEST_LOG: u64 = 256 * 1024 * 1024;
/// Bytes that are kept of the beginning of such a file.
pub const BEGINNING_OF_A_LOG: u64 = 32 * 1024 * 1024;
/// Bytes at the end of what a process has printed in which its last words are looked for.
pub const LAST_WORDS: u64 = 64 * 1024;
/// How deep a record, and a map, may nest: who reads them calls itself. `serde_json` goes as far.
pub const DEEPEST: usize = 128;
/// Bytes of a map.
pub const LONGEST_MAP: usize = 32 * 1024;
/// Wall time that a map may take over a record.
pub const MAP_TAKES: Duration = Duration::from_secs(10);

/// How much of a report may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    bytes: usize,
    lines: usize,
    full: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: LARGEST_REPORT, lines: MOST_LINES, full: false }
    }
}

impl Room {
    /// Takes a line of so many bytes in, if there is room. Once there was none, there never is again.
    pub fn take(&mut self, bytes: usize) -> bool {
        match (self.bytes.checked_sub(bytes), self.lines.checked_sub(1)) {
            (Some(bytes), Some(lines)) if !self.full => (self.bytes, self.lines) = (bytes, lines),
            _ => self.full = true,
        }
        !self.full
    }

    /// Whether something did not fit.
    pub fn is_full(&self) -> bool {
        self.full
    }
}

/// Cuts a file that has grown larger than `largest` down to `beginning`; who appends to it goes on from there.
pub fn shorten(path: &Path, largest: u64, beginning: u64) -> std::io::Result<()> {
    if std::fs::metadata(path)?.len() > largest {
        OpenOptions::new().write(true).open(path)?.set_len(beginning)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn of_a_log_that_has_grown_too_large_beginning_and_end_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stdout.log");
        let mut log = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        for (text, expected) in [("first", "first"), (" and middle", "fir"), (" last", "fir last")] {
            write!(log, "{text}").unwrap();
            shorten(&path, 8, 3).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }

    #[test]
    fn what_did_not_fit_lets_nothing_in_after_it() {
        let mut room = Room::default();
        assert!(room.take(LARGEST_REPORT - 1) && !room.is_full());
        assert!(!room.take(2) && room.is_full());
        assert!(!room.take(1));
    }
}
