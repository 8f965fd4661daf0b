//! One file of a report as it grows.
//!
//! A kill may cut the last line; the restarted stack cuts it off or ends it, and both are understood. A packed file is read
//! once it is whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use simulator::time::SimTime;

use crate::recording::ReportLine;

/// Whether the last line of a file needs a line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Without one it was cut.
    Needed,
    /// Without one it stands, if it is whole and whoever wrote it is gone.
    Optional,
}

/// Follows a file of lines.
#[derive(Debug)]
pub(super) struct Growing {
    path: PathBuf,
    ending: Ending,
    /// Where the first line begins that was not complete when last read, in what is unpacked.
    line_start: u64,
    /// Length of the file when last read.
    seen: u64,
    /// What stood of the last line when the process was killed.
    cut: Option<ReportLine>,
}

impl Growing {
    /// A file that need not exist yet.
    pub(super) fn new(path: PathBuf, ending: Ending) -> Self {
        Self { path, ending, line_start: 0, seen: 0, cut: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines that were completed since it was last read.
    pub(super) fn read(&mut self, now: SimTime) -> Vec<ReportLine> {
        let mut lines = Vec::new();
        let Ok(length) = std::fs::metadata(&self.path).map(|m| m.len()) else { return lines };
        if length == self.seen && self.cut.is_none() {
            return lines;
        }
        if self.is_packed() {
            return self.unpack(length, now);
        }
        // A file that lost complete lines is read on from its new end.
        self.line_start = self.line_start.min(length);
        let Ok(bytes) = read_from(&self.path, self.line_start) else { return lines };
        self.seen = self.line_start + bytes.len() as u64;
        let complete = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |last| last + 1);
        for line in bytes[..complete].split_inclusive(|b| *b == b'\n') {
            let text = String::from_utf8_lossy(&line[..line.len() - 1]).into_owned();
            self.complete_line(text, now, &mut lines);
        }
        self.line_start += complete as u64;
        lines
    }

    /// Whoever wrote it is gone: what was completed, and a last line that stands without an end; one that was cut is
    /// remembered.
    pub(super) fn killed(&mut self, now: SimTime) -> Vec<ReportLine> {
        let mut lines = self.read(now);
        if self.is_packed() {
            return lines;
        }
        let rest = read_from(&self.path, self.line_start).unwrap_or_default();
        if rest.is_empty() {
            return lines;
        }
        let text = String::from_utf8_lossy(&rest).into_owned();
        if self.ending == Ending::Optional && is_json(&text) {
            self.line_start += rest.len() as u64;
            lines.push(ReportLine { read_at: now, text, cut: false });
        } else {
            self.cut = Some(ReportLine { read_at: now, text, cut: true });
        }
        lines
    }

    /// The run is over: what was completed, and whatever was cut.
    pub(super) fn finish(&mut self, now: SimTime) -> Vec<ReportLine> {
        let mut lines = self.killed(now);
        lines.extend(self.cut.take());
        lines
    }

    fn complete_line(&mut self, text: String, read_at: SimTime, lines: &mut Vec<ReportLine>) {
        match self.cut.take() {
            // The stack ended the line that the kill had cut.
            Some(cut) if cut.text == text => lines.push(ReportLine { cut: !is_json(&text), ..cut }),
            // It took the rest away and wrote another.
            Some(cut) => lines.extend([cut, ReportLine { read_at, text, cut: false }]),
            None => lines.push(ReportLine { read_at, text, cut: false }),
        }
    }

    fn is_packed(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "gz")
    }

    /// The lines of a packed file that is whole; none while it is still being written.
    fn unpack(&mut self, length: u64, now: SimTime) -> Vec<ReportLine> {
        let mut text = Vec::new();
        let Ok(file) = File::open(&self.path) else { return Vec::new() };
        if MultiGzDecoder::new(file).read_to_end(&mut text).is_err() {
            return Vec::new();
        }
        self.seen = length;
        let known = usize::try_from(self.line_start).unwrap_or(usize::MAX);
        self.line_start = text.len() as u64;
        let fresh = String::from_utf8_lossy(text.get(known..).unwrap_or_default()).into_owned();
        fresh.lines().map(|line| ReportLine { read_at: now, text: line.to_owned(), cut: false }).collect()
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn read_from(path: &Path, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
