//! What was learnt, as a table: a line a user of an app. As CSV (RFC 4180) or as a workbook.
//!
//! A saved search leaves out the apps that it does not mean. It is written in the configuration under `usage.searches`, by
//! name: `active_users_over` counts those who are known to be active, `website_contains` wants any of its texts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde::Deserialize;

use crate::state::database;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The database cannot be read.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file cannot be written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// The workbook cannot be written.
    #[error("workbook: {0}")]
    Workbook(#[from] XlsxError),
    /// No such search is saved.
    #[error("there is no saved search `{0}`")]
    NoSearch(String),
}

/// A saved search. What is not written leaves nothing out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Search {
    /// Apps with more active users.
    pub(crate) active_users_over: Option<usize>,
    /// Apps whose website contains any of these.
    pub(crate) website_contains: Vec<String>,
}

impl Search {
    /// Whether an app with this website and so many active users is meant.
    fn means(&self, website: Option<&str>, active_users: usize) -> bool {
        let website = website.unwrap_or_default().to_lowercase();
        self.active_users_over.is_none_or(|over| active_users > over)
            && (self.website_contains.is_empty()
                || self.website_contains.iter().any(|part| website.contains(&part.to_lowercase())))
    }
}

const HEADINGS: [&str; 10] =
    ["app", "instance", "website", "source", "name", "username", "last_activity", "active", "role", "created_by"];

/// A line of the table, and what it is found by.
struct Line {
    app: (String, String, i64),
    website: Option<String>,
    active: Option<bool>,
    cells: [String; HEADINGS.len()],
}

/// The table.
pub(crate) struct Table(Vec<[String; HEADINGS.len()]>);

impl Table {
    /// Reads the database in `folder`; it may be in use.
    pub(crate) fn read(folder: &Path, search: &Search) -> Result<Self, ExportError> {
        let db = Connection::open_with_flags(database(folder), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut rows = db.prepare(
            "SELECT app, uid, number, a.name, website, source, u.name, username, last_at, active, role, created_by
             FROM app_users u JOIN used_apps a USING (app, uid, number) ORDER BY a.name, app, uid, number, username, account",
        )?;
        let lines = rows.query_map([], line)?.collect::<Result<Vec<Line>, _>>()?;
        let mut active: BTreeMap<(String, String, i64), usize> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.active == Some(true)) {
            *active.entry(line.app.clone()).or_default() += 1;
        }
        let meant =
            |line: &Line| search.means(line.website.as_deref(), active.get(&line.app).copied().unwrap_or_default());
        Ok(Self(lines.into_iter().filter(|line| meant(line)).map(|line| line.cells).collect()))
    }

    /// As CSV.
    pub(crate) fn write_csv(&self, path: &Path) -> Result<(), ExportError> {
        let failed = |source| ExportError::File { path: path.to_owned(), source };
        let mut file = std::fs::File::create(path).map_err(failed)?;
        let headings = HEADINGS.map(str::to_owned);
        for cells in std::iter::once(&headings).chain(&self.0) {
            let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
            write!(file, "{}\r\n", cells.join(",")).map_err(failed)?;
        }
        Ok(())
    }

    /// As a workbook.
    pub(crate) fn write_xlsx(&self, path: &Path) -> Result<(), ExportError> {
        let mut workbook = Workbook::new();
        // The same table gives the same bytes: the date of making would be the machine's.
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
        let sheet = workbook.add_worksheet().set_name("app usage")?;
        sheet.write_row(0, 0, HEADINGS)?;
        for (number, cells) in (1_u32..).zip(&self.0) {
            sheet.write_row(number, 0, cells)?;
        }
        workbook.save(path)?;
        Ok(())
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let text = |n: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(n)?.unwrap_or_default());
    let (number, active): (i64, Option<bool>) = (row.get(2)?, row.get(9)?);
    let last: Option<i64> = row.get(8)?;
    let last = last.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let active_word = match active {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    Ok(Line {
        app: (row.get(0)?, row.get(1)?, number),
        website: row.get(4)?,
        active,
        cells: [
            text(3)?,
            number.to_string(),
            text(4)?,
            text(5)?,
            text(6)?,
            text(7)?,
            last.map(|at| at.to_string()).unwrap_or_default(),
            active_word.to_owned(),
            text(10)?,
            text(11)?,
        ],
    })
}

/// A cell, quoted where it has to be. What a spreadsheet would take for a formula is kept from being one.
fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::for_tests;
    use crate::state::usage::{AppUser, Source, UsedApp};

    #[test]
    fn searches_mean_what_they_say() {
        let search = |json| serde_json::from_value::<Search>(json).unwrap();
        let over_ten = search(serde_json::json!({"active_users_over": 10}));
        assert!(over_ten.means(None, 11) && !over_ten.means(None, 10));
        let far = search(serde_json::json!({"website_contains": [".cn", ".ru"]}));
        assert!(far.means(Some("notes.RU"), 0) && !far.means(Some("notes.example"), 0) && !far.means(None, 0));
        assert!(Search::default().means(None, 0));
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let cases = [("a", "a"), ("a,b", "\"a,b\""), ("say \"a\"", "\"say \"\"a\"\"\""), ("=1+1", "'=1+1")];
        for (cell, written) in cases {
            assert_eq!(csv_cell(cell), written);
        }
    }

    #[test]
    fn users_come_out_as_lines_in_both_forms() {
        let (folder, state) = for_tests();
        let app = UsedApp {
            uid: "7".to_owned(),
            number: 0,
            source: Source::Activities,
            name: "Notes".to_owned(),
            website: Some("notes.ru".to_owned()),
            users: None,
            last_used: None,
        };
        let user = AppUser {
            app: "7".to_owned(),
            number: 0,
            account: "1".to_owned(),
            name: Some("Ada".to_owned()),
            username: Some("ada@x.example".to_owned()),
            last_at: Some(Timestamp::UNIX_EPOCH),
        };
        let kept = state.write(|tx| {
            tx.keep_used_app("defender", &app)?;
            tx.keep_app_user("defender", &user, Some("sync@x.example"), Some("member"))?;
            tx.note_told("defender", &user, Some(true), "")
        });
        kept.unwrap();
        let table = Table::read(folder.path(), &Search::default()).unwrap();
        let (csv, xlsx) = (folder.path().join("t.csv"), folder.path().join("t.xlsx"));
        table.write_csv(&csv).unwrap();
        table.write_xlsx(&xlsx).unwrap();
        let lines = std::fs::read_to_string(&csv).unwrap();
        let line = "Notes,0,notes.ru,activities,Ada,ada@x.example,1970-01-01T00:00:00Z,yes,member,sync@x.example\r\n";
        assert_eq!(lines, format!("{}\r\n{line}", HEADINGS.join(",")));
        assert!(std::fs::read(&xlsx).unwrap().starts_with(b"PK"));
    }
}
