//! What a stack's processes print, read as it comes.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use crate::stack::bounds::{LARGEST_REPORT, LAST_WORDS, LONGEST_LINE};

/// Files that processes print to, read on from where they were read before.
pub(super) struct Printed(Vec<Stream>);

struct Stream {
    file: PathBuf,
    /// How far it was read, bytes.
    read: u64,
    /// What was read of a line that has no end yet.
    begun: Vec<u8>,
}

impl Printed {
    /// What is printed from now on.
    pub(super) fn from_now(files: impl Iterator<Item = PathBuf>) -> Self {
        let length = |file: &PathBuf| std::fs::metadata(file).map_or(0, |about| about.len());
        Self(files.map(|file| Stream { read: length(&file), begun: Vec::new(), file }).collect())
    }

    /// What was printed last.
    pub(super) fn the_end(files: impl Iterator<Item = PathBuf>) -> Self {
        let begin = |file: &PathBuf| std::fs::metadata(file).map_or(0, |about| about.len().saturating_sub(LAST_WORDS));
        Self(files.map(|file| Stream { read: begin(&file), begun: Vec::new(), file }).collect())
    }

    /// The lines that have come since it was last asked; a last one without an end is told again once it has grown.
    pub(super) fn fresh_lines(&mut self) -> Vec<String> {
        self.0.iter_mut().flat_map(Stream::fresh_lines).collect()
    }
}

impl Stream {
    fn fresh_lines(&mut self) -> Vec<String> {
        let before = self.begun.len();
        // A file that is not there, or cannot be read, says nothing; whoever searches it for secrets tells of that.
        let read = File::open(&self.file).and_then(|mut file| {
            // Its middle may have been thrown away.
            self.read = self.read.min(file.metadata()?.len());
            file.seek(SeekFrom::Start(self.read))?;
            file.take(LARGEST_REPORT as u64).read_to_end(&mut self.begun)
        });
        self.read += read.unwrap_or(0) as u64;
        if self.begun.len() == before {
            return Vec::new();
        }
        let lines = String::from_utf8_lossy(&self.begun).lines().map(str::to_owned).collect();
        let whole = self.begun.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        self.begun.drain(..whole);
        if self.begun.len() > LONGEST_LINE {
            // No sign is that long.
            self.begun.clear();
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn each_line_is_told_once_and_one_without_an_end_again_when_it_has_grown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stdout.log");
        let mut log = File::create(&file).unwrap();
        writeln!(log, "of an earlier process").unwrap();
        let mut printed = Printed::from_now([file.clone()].into_iter());
        let steps = [("", vec![]), ("one\ntw", vec!["one", "tw"]), ("", vec![]), ("o\nthree\n", vec!["two", "three"])];
        for (text, expected) in steps {
            write!(log, "{text}").unwrap();
            assert_eq!(printed.fresh_lines(), expected, "after {text:?}");
        }
        let all = ["of an earlier process", "one", "two", "three"];
        assert_eq!(Printed::the_end([file].into_iter()).fresh_lines(), all);
    }
}
