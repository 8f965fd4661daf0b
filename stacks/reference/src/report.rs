//! The report: one JSON object a line, each exactly once however often the process is killed.
//!
//! Lines are first committed to the database's outbox, in the same transaction as what they tell of; this file is
//! then brought up to date. At the start its last whole line says how far that went, and a line cut short is removed.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use serde::Deserialize;

use crate::bug::{Bug, planted};
use crate::config::Outlives;

/// The report file, open for more.
#[derive(Debug)]
pub(crate) struct Report {
    file: File,
    outlives: Outlives,
    last_seq: i64,
    /// Lines that wait to be written with the next ones: none, unless by mistake.
    waiting: String,
}

impl Report {
    /// Opens or creates the file, and removes a line cut short.
    pub(crate) fn open(path: &Path, outlives: Outlives) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let (whole, last_seq) = whole_lines(&file)?;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, outlives, last_seq, waiting: String::new() })
    }

    /// The number of the last line written.
    pub(crate) fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// Adds lines, each with its number.
    pub(crate) fn append(&mut self, lines: &[(i64, String)]) -> std::io::Result<()> {
        let Some((last_seq, _)) = lines.last() else { return Ok(()) };
        let mut text: String = lines.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect();
        if planted(Bug::StateShutdownLosesBuffer) && !text.contains("\"status\"") {
            std::mem::swap(&mut text, &mut self.waiting);
        }
        self.file.write_all(text.as_bytes())?;
        if self.outlives == Outlives::PowerLoss {
            // The outbox forgets what was written, so it must really be on the disk.
            self.file.sync_data()?;
        }
        self.last_seq = *last_seq;
        Ok(())
    }
}

/// The length of all whole lines, and the number of the last of them.
fn whole_lines(file: &File) -> std::io::Result<(u64, i64)> {
    #[derive(Deserialize)]
    struct Line {
        seq: i64,
    }
    let mut reader = BufReader::new(file);
    let (mut whole, mut last_seq, mut line) = (0, 0, Vec::new());
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok((whole, last_seq));
        }
        whole += length as u64;
        if let Ok(Line { seq }) = serde_json::from_slice(&line) {
            last_seq = seq;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_short_is_removed_and_the_number_before_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.ndjson");
        std::fs::write(&path, "{\"seq\":1}\n{\"seq\":2}\n{\"seq\":3").unwrap();
        let mut report = Report::open(&path, Outlives::PowerLoss).unwrap();
        assert_eq!(report.last_seq(), 2);
        report.append(&[(3, "{\"seq\":3}".to_owned())]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"seq\":1}\n{\"seq\":2}\n{\"seq\":3}\n");
    }
}
