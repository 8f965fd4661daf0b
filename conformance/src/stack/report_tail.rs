//! The stack's report as it grows: which line could be read at which simulated time.
//!
//! Read each time the clock is about to move, so a line's `read_at` is the time at which it was written. It may come out
//! of several places, and each may be translated on the way.

use std::path::{Path, PathBuf};

use simulator::time::SimTime;

use self::growing::{Ending, Growing};
use self::pattern::Pattern;
use self::rows::Rows;
use super::bounds::{BEGINNING_OF_A_LOG, LARGEST_LOG, LARGEST_REPORT, LONGEST_LINE, MOST_LINES, Room, shorten};
use super::translate::Translator;
use crate::contract::{Asked, Glance, UNREADABLE};
use crate::recording::ReportLine;

mod growing;
mod pattern;
mod rows;

/// Follows all that a report comes out of.
#[derive(Debug)]
pub struct ReportTail {
    tails: Vec<Tail>,
    lines: Vec<ReportLine>,
    room: Room,
    /// Files that are kept from growing for ever.
    logs: Vec<PathBuf>,
}

/// What was read.
#[derive(Debug)]
enum Fresh {
    Line(ReportLine),
    /// A line that is not kept, and its length in bytes.
    TooLong {
        read_at: SimTime,
        length: u64,
    },
}

/// Follows one place that a report comes out of.
#[derive(Debug)]
pub struct Tail {
    followed: Vec<Growing>,
    /// Where further files may come up.
    pattern: Option<Pattern>,
    /// What a database is asked.
    rows: Option<Rows>,
    translator: Option<Translator>,
}

/// At which moment a report is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// While its writer is at it.
    Meanwhile,
    /// After whoever wrote it has gone.
    WriterGone,
    /// When the run is over.
    AtTheEnd,
}

impl ReportTail {
    /// Follows these, in this order where they are read at one time.
    pub fn new(tails: Vec<Tail>) -> Self {
        Self { tails, lines: Vec::new(), room: Room::default(), logs: Vec::new() }
    }

    /// Throws the middle of these files away where they grow too large, whenever the report is read.
    pub fn shortening(mut self, logs: impl Iterator<Item = PathBuf>) -> Self {
        self.logs.extend(logs);
        self
    }

    /// Reads what was appended.
    pub fn read(&mut self, now: SimTime) {
        self.look(Look::Meanwhile, now);
    }

    /// The process was killed, or ended: reads what it could still write, and remembers where a last line was cut.
    pub fn killed(&mut self, now: SimTime) {
        self.look(Look::WriterGone, now);
    }

    /// The run is over: whatever still stands without a line end was cut.
    pub fn finish(&mut self, now: SimTime) -> Vec<ReportLine> {
        self.look(Look::AtTheEnd, now);
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
    pub fn statuses(&self, from: usize) -> Vec<Asked> {
        self.lines_from(from).iter().filter_map(|line| asked(&line.text)).collect()
    }

    fn shorten(&self) {
        for log in &self.logs {
            // One that is not there yet, or no more, takes no room.
            let _ = shorten(log, LARGEST_LOG, BEGINNING_OF_A_LOG);
        }
    }

    fn look(&mut self, look: Look, now: SimTime) {
        if self.room.is_full() {
            self.shorten();
            return;
        }
        for tail in &mut self.tails {
            tail.look(look, now, &mut self.lines, &mut self.room);
        }
        if self.room.is_full() {
            let (size, lines) = (LARGEST_REPORT >> 20, MOST_LINES);
            let why = format!("the report is larger than {size} MiB or {lines} lines: what came after was not read");
            self.lines.push(unreadable(now, &why));
        }
        self.shorten();
    }
}

impl Tail {
    /// Follows the file at `path`, which need not exist yet.
    pub fn file(path: &Path, translator: Option<Translator>) -> Self {
        let growing = Growing::new(path.to_owned(), Ending::Needed);
        Self { followed: vec![growing], pattern: None, rows: None, translator }
    }

    /// Follows all files whose paths match.
    pub fn files(pattern: &str, translator: Option<Translator>) -> Self {
        Self { followed: Vec::new(), pattern: Some(Pattern::new(pattern)), rows: None, translator }
    }

    /// Follows what a query of the SQLite file at `path` answers.
    pub fn query(path: &Path, query: &str, translator: Option<Translator>) -> Self {
        let rows = Rows::new(path.to_owned(), query.to_owned());
        Self { followed: Vec::new(), pattern: None, rows: Some(rows), translator }
    }

    fn look(&mut self, look: Look, now: SimTime, lines: &mut Vec<ReportLine>, room: &mut Room) {
        let found: Vec<PathBuf> = self.pattern.as_ref().map(Pattern::files).unwrap_or_default();
        for path in found {
            if !self.followed.iter().any(|file| file.path() == path) {
                self.followed.push(Growing::new(path, Ending::Optional));
            }
        }
        for file in &mut self.followed {
            let fresh = match look {
                Look::Meanwhile => file.read(now, room),
                Look::WriterGone => file.killed(now, room),
                Look::AtTheEnd => file.finish(now, room),
            };
            keep(fresh, file.path(), &mut self.translator, lines, room);
        }
        if let Some(rows) = &mut self.rows {
            let fresh = if look == Look::AtTheEnd { rows.finish(now) } else { rows.read(now) };
            let fresh = fresh.into_iter().take_while(|row| room.take(row.text.len())).map(Fresh::Line).collect();
            keep(fresh, rows.path(), &mut self.translator, lines, room);
        }
    }
}

/// Adds what was read from `file`, translated where there is a map; what a map makes of it takes room like itself.
fn keep(
    fresh: Vec<Fresh>,
    file: &Path,
    translator: &mut Option<Translator>,
    lines: &mut Vec<ReportLine>,
    room: &mut Room,
) {
    let file = file.display().to_string();
    for fresh in fresh {
        let line = match fresh {
            Fresh::Line(line) if line.text.len() <= LONGEST_LINE => line,
            Fresh::Line(ReportLine { read_at, text, .. }) => {
                lines.push(too_long(read_at, text.len() as u64));
                continue;
            }
            Fresh::TooLong { read_at, length } => {
                lines.push(too_long(read_at, length));
                continue;
            }
        };
        let Some(translator) = translator.as_mut().filter(|_| !line.cut) else {
            lines.push(line);
            continue;
        };
        if line.text.trim().is_empty() {
            continue;
        }
        let said = translator.lines(&line.text, &file).into_iter().take_while(|text| room.take(text.len()));
        lines.extend(said.map(|text| ReportLine { text, ..line.clone() }));
    }
}

/// A line in the place of one that is too long.
fn too_long(read_at: SimTime, length: u64) -> ReportLine {
    unreadable(read_at, &format!("a line of {length} bytes; the longest that is read has {LONGEST_LINE}"))
}

/// A line that says why something was not read.
fn unreadable(read_at: SimTime, why: &str) -> ReportLine {
    let text = serde_json::json!({"kind": UNREADABLE, "body": {"why": why}}).to_string();
    ReportLine { read_at, text, cut: false }
}

/// What a line asks for. Most are events; those are not worth parsing.
fn asked(line: &str) -> Option<Asked> {
    line.contains("\"status\"").then(|| Glance::at(line)?.status()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::translate::Map;
    use std::fs;
    use std::io::Write as _;

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
            Self { tail: ReportTail::new(vec![Tail::file(&path, None)]), path, _dir: dir }
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

    fn why(line: &ReportLine) -> String {
        let line: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        line["body"]["why"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_told_with_its_length() {
        let mut r = Growing::new();
        r.write("one\n");
        r.write(&"x".repeat(LONGEST_LINE + 1));
        r.tail.read(t(1));
        r.write(&"x".repeat(LONGEST_LINE));
        r.tail.read(t(2));
        assert_eq!(r.tail.len(), 1, "it has no end yet");
        r.write("xyz\n");
        r.write(&"y".repeat(LONGEST_LINE));
        r.write("\n");
        r.tail.read(t(3));
        let lines = r.tail.finish(t(4));
        assert_eq!(lines.len(), 3);
        assert_eq!(why(&lines[1]), "a line of 33554436 bytes; the longest that is read has 16777216");
        assert_eq!((lines[2].text.len(), lines[2].read_at), (LONGEST_LINE, t(3)));
    }

    #[test]
    fn what_comes_after_the_bound_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.ndjson.gz");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let line = "x".repeat(LONGEST_LINE - 1) + "\n";
        for _ in 0..=LARGEST_REPORT / LONGEST_LINE {
            packed.write_all(line.as_bytes()).unwrap();
        }
        fs::write(&path, packed.finish().unwrap()).unwrap();
        let mut tail = ReportTail::new(vec![Tail::files(&path.display().to_string(), None)]);
        tail.read(t(1));
        tail.read(t(2));
        let lines = tail.finish(t(3));
        assert_eq!(lines.len(), LARGEST_REPORT / LONGEST_LINE + 1);
        let expected = "the report is larger than 64 MiB or 1000000 lines: what came after was not read";
        assert_eq!(why(lines.last().unwrap()), expected);
    }

    #[test]
    fn files_that_come_up_are_followed_and_unpacked() {
        let dir = tempfile::tempdir().unwrap();
        let mut tail = ReportTail::new(vec![Tail::files(&format!("{}/out/**/*.json*", dir.path().display()), None)]);
        tail.read(t(0));
        let day = dir.path().join("out/2026/11");
        fs::create_dir_all(&day).unwrap();
        fs::write(day.join("a.json"), "one\n{\"two\":2}").unwrap();
        fs::write(day.join("b.txt"), "not meant\n").unwrap();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"three\nfour").unwrap();
        let packed = packed.finish().unwrap();
        fs::write(day.join("c.json.gz"), &packed[..packed.len() / 2]).unwrap();
        tail.read(t(1));
        assert_eq!(tail.lines_from(0), [line(1, "one", false)], "what is not whole yet is left");
        fs::write(day.join("c.json.gz"), &packed).unwrap();
        tail.read(t(2));
        assert_eq!(tail.lines_from(1), [line(2, "three", false), line(2, "four", false)]);
        tail.killed(t(3));
        assert_eq!(tail.lines_from(3), [line(3, "{\"two\":2}", false)], "whoever wrote it is gone");
        assert_eq!(tail.finish(t(4)).len(), 4);
    }

    #[test]
    fn what_is_read_is_translated() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own.ndjson");
        let translator = Map::new("select(.word) | {kind: .word}").unwrap().translator(&serde_json::json!({}));
        let mut tail = ReportTail::new(vec![Tail::file(&path, Some(translator))]);
        fs::write(&path, "{\"word\":\"event\"}\n{}\n\n{\"word\":\"alert\"}\n").unwrap();
        tail.read(t(1));
        let lines: Vec<&str> = tail.lines_from(0).iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, [r#"{"kind":"event","v":1,"seq":1}"#, r#"{"kind":"alert","v":1,"seq":2}"#]);
    }
}
