//! The stack's report as it grows: which line could be read at which simulated time.
//!
//! Read each time the clock is about to move, so a line's `read_at` is the time at which it was written. A kill may cut
//! the last line; the restarted stack cuts it off or ends it, and both are understood.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use simulator::time::SimTime;

use crate::recording::ReportLine;

/// Follows a file of lines.
#[derive(Debug)]
pub struct ReportTail {
    path: PathBuf,
    /// Where the first line begins that was not complete when last read.
    line_start: u64,
    /// Length of the file when last read.
    seen: u64,
    /// What stood of the last line when the process was killed.
    cut: Option<ReportLine>,
    lines: Vec<ReportLine>,
}

/// A `status` record of the contract, as far as the harness acts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `ready`, `consent_needed`, `connected`, …
    pub phase: String,
    /// Key of the app, where it is about one.
    pub app: Option<String>,
    /// For `consent_needed`.
    pub authorize_url: Option<String>,
}

impl ReportTail {
    /// Follows the file at `path`, which need not exist yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), line_start: 0, seen: 0, cut: None, lines: Vec::new() }
    }

    /// Reads what was appended.
    pub fn read(&mut self, now: SimTime) {
        let Ok(length) = std::fs::metadata(&self.path).map(|m| m.len()) else { return };
        if length == self.seen && self.cut.is_none() {
            return;
        }
        // A file that lost complete lines is read on from its new end.
        self.line_start = self.line_start.min(length);
        let Ok(bytes) = read_from(&self.path, self.line_start) else { return };
        self.seen = self.line_start + bytes.len() as u64;
        let complete = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |last| last + 1);
        for line in bytes[..complete].split_inclusive(|b| *b == b'\n') {
            let text = String::from_utf8_lossy(&line[..line.len() - 1]).into_owned();
            self.complete_line(text, now);
        }
        self.line_start += complete as u64;
    }

    /// The process was killed: reads what it could still write, and remembers where its last line was cut.
    pub fn killed(&mut self, now: SimTime) {
        self.read(now);
        let rest = read_from(&self.path, self.line_start).unwrap_or_default();
        if !rest.is_empty() {
            self.cut = Some(ReportLine { read_at: now, text: String::from_utf8_lossy(&rest).into_owned(), cut: true });
        }
    }

    /// The run is over: whatever still stands without a line end was cut.
    pub fn finish(&mut self, now: SimTime) -> Vec<ReportLine> {
        self.killed(now);
        self.lines.extend(self.cut.take());
        std::mem::take(&mut self.lines)
    }

    /// How many lines have been read.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether none has been read.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines from number `from` on.
    pub fn lines_from(&self, from: usize) -> &[ReportLine] {
        self.lines.get(from..).unwrap_or_default()
    }

    /// The `status` records among the lines from number `from` on.
    pub fn statuses(&self, from: usize) -> Vec<Status> {
        self.lines_from(from).iter().filter_map(|line| status(&line.text)).collect()
    }

    fn complete_line(&mut self, text: String, read_at: SimTime) {
        match self.cut.take() {
            // The stack ended the line that the kill had cut.
            Some(cut) if cut.text == text => {
                let whole = serde_json::from_str::<serde_json::Value>(&text).is_ok();
                self.lines.push(ReportLine { cut: !whole, ..cut });
            }
            // It took the rest away and wrote another.
            Some(cut) => self.lines.extend([cut, ReportLine { read_at, text, cut: false }]),
            None => self.lines.push(ReportLine { read_at, text, cut: false }),
        }
    }
}

fn read_from(path: &Path, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn status(line: &str) -> Option<Status> {
    // Most lines are events; they are not worth parsing.
    if !line.contains("\"status\"") {
        return None;
    }
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    if record["kind"] != "status" {
        return None;
    }
    let text = |key: &str| record["body"][key].as_str().map(str::to_owned);
    Some(Status { phase: text("phase")?, app: text("app"), authorize_url: text("authorize_url") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn t(s: i64) -> SimTime {
        SimTime::from_ms(s * 1_000)
    }

    fn line(s: i64, text: &str, cut: bool) -> ReportLine {
        ReportLine { read_at: t(s), text: text.to_owned(), cut }
    }

    struct Growing {
        _dir: tempfile::TempDir,
        path: PathBuf,
        tail: ReportTail,
    }

    impl Growing {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("report.ndjson");
            Self { tail: ReportTail::new(&path), path, _dir: dir }
        }

        fn write(&self, text: &str) {
            let before = fs::read_to_string(&self.path).unwrap_or_default();
            fs::write(&self.path, before + text).unwrap();
        }
    }

    #[test]
    fn a_line_is_read_at_the_time_at_which_it_became_complete() {
        let mut r = Growing::new();
        r.tail.read(t(0));
        r.write("one\ntw");
        r.tail.read(t(1));
        r.write("o\n");
        r.tail.read(t(2));
        r.tail.read(t(3));
        assert_eq!(r.tail.finish(t(4)), [line(1, "one", false), line(2, "two", false)]);
    }

    #[test]
    fn a_line_cut_by_a_kill_and_taken_away_by_the_restarted_stack_is_kept_as_cut() {
        let mut r = Growing::new();
        r.write("one\n{\"v\":1,\"ki");
        r.tail.killed(t(1));
        fs::write(&r.path, "one\n{\"v\":1,\"kind\":2}\n").unwrap();
        r.tail.read(t(5));
        let expected = [line(1, "one", false), line(1, "{\"v\":1,\"ki", true), line(5, "{\"v\":1,\"kind\":2}", false)];
        assert_eq!(r.tail.finish(t(6)), expected);
    }

    #[test]
    fn a_line_cut_by_a_kill_and_ended_by_the_restarted_stack_is_kept_as_cut() {
        let mut r = Growing::new();
        r.write("{\"v\":1,\"ki");
        r.tail.killed(t(1));
        r.tail.read(t(2));
        r.write("\n{}\n");
        r.tail.read(t(5));
        assert_eq!(r.tail.finish(t(6)), [line(1, "{\"v\":1,\"ki", true), line(5, "{}", false)]);
    }

    #[test]
    fn a_line_that_lacked_nothing_but_its_end_stands_once_it_is_ended() {
        let mut r = Growing::new();
        r.write("{\"v\":1}");
        r.tail.killed(t(1));
        r.write("\n");
        assert_eq!(r.tail.finish(t(6)), [line(1, "{\"v\":1}", false)]);
    }

    #[test]
    fn a_line_without_an_end_when_the_run_is_over_is_cut() {
        let mut r = Growing::new();
        r.write("one\n{}");
        assert_eq!(r.tail.finish(t(6)), [line(6, "one", false), line(6, "{}", true)]);
    }

    #[test]
    fn status_records_are_found_among_the_lines() {
        let mut r = Growing::new();
        r.write("{\"v\":1,\"kind\":\"event\",\"body\":{\"status\":\"x\"}}\n");
        r.write("{\"v\":1,\"kind\":\"status\",\"body\":{\"phase\":\"consent_needed\",\"app\":\"miro\",\"authorize_url\":\"u\"}}\n");
        r.write("{\"v\":1,\"kind\":\"status\",\"body\":{\"phase\":\"ready\"}}\n");
        r.tail.read(t(0));
        let phases: Vec<String> = r.tail.statuses(0).into_iter().map(|s| s.phase).collect();
        assert_eq!(phases, ["consent_needed", "ready"]);
        assert_eq!(r.tail.statuses(2).len(), 1);
    }
}
