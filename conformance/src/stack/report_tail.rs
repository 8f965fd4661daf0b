//! The stack's report as it grows: which line could be read at which simulated time.
//!
//! Read each time the clock is about to move, so a line's `read_at` is the time at which it was written. It may come out
//! of several places, and each may be translated on the way.

use std::path::{Path, PathBuf};

use simulator::time::SimTime;

use self::growing::{Ending, Growing};
use self::pattern::Pattern;
use self::rows::Rows;
use super::translate::Translator;
use crate::contract::{Asked, Glance};
use crate::recording::ReportLine;

mod growing;
mod pattern;
mod rows;

/// Follows all that a report comes out of.
#[derive(Debug)]
pub struct ReportTail {
    tails: Vec<Tail>,
    lines: Vec<ReportLine>,
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
        Self { tails, lines: Vec::new() }
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

    fn look(&mut self, look: Look, now: SimTime) {
        for tail in &mut self.tails {
            tail.look(look, now, &mut self.lines);
        }
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

    fn look(&mut self, look: Look, now: SimTime, lines: &mut Vec<ReportLine>) {
        let found: Vec<PathBuf> = self.pattern.as_ref().map(Pattern::files).unwrap_or_default();
        for path in found {
            if !self.followed.iter().any(|file| file.path() == path) {
                self.followed.push(Growing::new(path, Ending::Optional));
            }
        }
        for file in &mut self.followed {
            let fresh = match look {
                Look::Meanwhile => file.read(now),
                Look::WriterGone => file.killed(now),
                Look::AtTheEnd => file.finish(now),
            };
            keep(fresh, file.path(), &mut self.translator, lines);
        }
        if let Some(rows) = &mut self.rows {
            let fresh = if look == Look::AtTheEnd { rows.finish(now) } else { rows.read(now) };
            keep(fresh, rows.path(), &mut self.translator, lines);
        }
    }
}

/// Adds what was read from `file`, translated where there is a map.
fn keep(fresh: Vec<ReportLine>, file: &Path, translator: &mut Option<Translator>, lines: &mut Vec<ReportLine>) {
    let Some(translator) = translator else {
        lines.extend(fresh);
        return;
    };
    let file = file.display().to_string();
    for line in fresh.into_iter().filter(|line| !line.text.trim().is_empty()) {
        if line.cut {
            lines.push(line);
        } else {
            let said = translator.lines(&line.text, &file).into_iter();
            lines.extend(said.map(|text| ReportLine { text, ..line.clone() }));
        }
    }
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
