//! One file of a report as it grows.
//!
//! A kill may cut the last line; the restarted stack cuts it off or ends it, and both are understood. A packed file is read
//! once it is whole.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use simulator::time::SimTime;

use super::Fresh;
use crate::recording::ReportLine;
use crate::stack::bounds::{LARGEST_REPORT, LONGEST_LINE, Room};

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
    /// Bytes that were passed over of a line that is too long.
    passed_over: u64,
    /// What stood of the last line when the process was killed.
    cut: Option<ReportLine>,
}

impl Growing {
    /// A file that need not exist yet.
    pub(super) fn new(path: PathBuf, ending: Ending) -> Self {
        Self { path, ending, line_start: 0, seen: 0, passed_over: 0, cut: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines that were completed since it was last read, as many as there is room for.
    pub(super) fn read(&mut self, now: SimTime, room: &mut Room) -> Vec<Fresh> {
        let mut lines = Vec::new();
        let Ok(length) = std::fs::metadata(&self.path).map(|m| m.len()) else { return lines };
        if length == self.seen && self.cut.is_none() {
            return lines;
        }
        if self.is_packed() {
            return self.unpack(length, now, room);
        }
        if length < self.line_start {
            // A file that lost complete lines is read on from its new end.
            (self.line_start, self.passed_over) = (length, 0);
        }
        let Ok(mut rest) = from(&self.path, self.line_start).map(BufReader::new) else { return lines };
        loop {
            let Ok(mut bytes) = next(&mut rest) else { return lines };
            self.seen = self.line_start + bytes.len() as u64;
            let is_whole = bytes.pop_if(|last| *last == b'\n').is_some();
            if !is_whole && bytes.len() <= LONGEST_LINE {
                return lines;
            }
            if !room.take(bytes.len()) {
                return lines;
            }
            self.line_start = self.seen;
            let length = self.passed_over + bytes.len() as u64;
            match (is_whole, length > LONGEST_LINE as u64) {
                (false, _) => self.passed_over = length,
                (true, true) => {
                    self.passed_over = 0;
                    lines.push(Fresh::TooLong { read_at: now, length });
                }
                (true, false) => self.complete_line(String::from_utf8_lossy(&bytes).into_owned(), now, &mut lines),
            }
        }
    }

    /// Whoever wrote it is gone: what was completed, and a last line that stands without an end; one that was cut is
    /// remembered.
    pub(super) fn killed(&mut self, now: SimTime, room: &mut Room) -> Vec<Fresh> {
        let mut lines = self.read(now, room);
        if self.is_packed() || self.passed_over > 0 || room.is_full() {
            return lines;
        }
        let rest = from(&self.path, self.line_start).and_then(|file| next(&mut BufReader::new(file)));
        let rest = rest.unwrap_or_default();
        if rest.is_empty() || !room.take(rest.len()) {
            return lines;
        }
        let text = String::from_utf8_lossy(&rest).into_owned();
        if self.ending == Ending::Optional && is_json(&text) {
            self.line_start += rest.len() as u64;
            lines.push(Fresh::Line(ReportLine { read_at: now, text, cut: false }));
        } else {
            self.cut = Some(ReportLine { read_at: now, text, cut: true });
        }
        lines
    }

    /// The run is over: what was completed, and whatever was cut.
    pub(super) fn finish(&mut self, now: SimTime, room: &mut Room) -> Vec<Fresh> {
        let mut lines = self.killed(now, room);
        lines.extend(self.cut.take().map(Fresh::Line));
        if self.passed_over > 0 {
            lines.push(Fresh::TooLong { read_at: now, length: self.passed_over });
        }
        lines
    }

    fn complete_line(&mut self, text: String, read_at: SimTime, lines: &mut Vec<Fresh>) {
        let line = |text| Fresh::Line(ReportLine { read_at, text, cut: false });
        match self.cut.take() {
            // The stack ended the line that the kill had cut.
            Some(cut) if cut.text == text => lines.push(Fresh::Line(ReportLine { cut: !is_json(&text), ..cut })),
            // It took the rest away and wrote another.
            Some(cut) => lines.extend([Fresh::Line(cut), line(text)]),
            None => lines.push(line(text)),
        }
    }

    fn is_packed(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "gz")
    }

    /// The lines of a packed file that is whole; none while it is still being written. Of one that holds more than a
    /// report may, as much as shows it.
    fn unpack(&mut self, length: u64, now: SimTime, room: &mut Room) -> Vec<Fresh> {
        let mut text = Vec::new();
        let Ok(file) = File::open(&self.path) else { return Vec::new() };
        if MultiGzDecoder::new(file).take(LARGEST_REPORT as u64 + 1).read_to_end(&mut text).is_err() {
            return Vec::new();
        }
        self.seen = length;
        let known = usize::try_from(self.line_start).unwrap_or(usize::MAX);
        self.line_start = text.len() as u64;
        let fresh = text.get(known..).unwrap_or_default();
        let fresh = fresh.split_inclusive(|byte| *byte == b'\n').take_while(|line| room.take(line.len()));
        let fresh = fresh.map(|line| match line.strip_suffix(b"\n").unwrap_or(line) {
            line if line.len() > LONGEST_LINE => Fresh::TooLong { read_at: now, length: line.len() as u64 },
            line => {
                let text = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
                Fresh::Line(ReportLine { read_at: now, text, cut: false })
            }
        });
        fresh.collect()
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

/// A file from a place on.
fn from(path: &Path, offset: u64) -> std::io::Result<File> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    Ok(file)
}

/// The next line with its end, or as much of it as shows that it is too long, or what there is of it.
fn next(rest: &mut BufReader<impl Read>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    rest.take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut bytes)?;
    Ok(bytes)
}
