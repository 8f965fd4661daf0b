//! The reports that are wanted of a run, and where each goes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use super::output::{Talk, print, print_raw, say};
use super::{CliError, judge};
use crate::named::Misnamed;
use crate::printable;
use crate::report::html::Detail;
use crate::report::story::{Extent, Story};
use crate::report::{self, Paint, RunReport};
use crate::runner::folder::RunFolder;
use crate::runner::outcome::{Exit, RunOutcome};

/// The variable in which GitHub Actions names the file of a step's summary.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// What a report is written to.
const REPORT_FILE: &str = "a file that a report can be written to";

/// A report that was asked for: `junit=F`, or `json` alone to print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReportTo {
    form: Form,
    file: Option<PathBuf>,
}

impl ReportTo {
    /// Whether standard output stays free for people. Annotations are for a machine that takes them out again.
    pub(super) fn leaves_stdout_free(&self) -> bool {
        self.file.is_some() || self.form == Form::Github
    }

    /// JSON, printed.
    pub(super) fn json() -> Self {
        Self { form: Form::Json, file: None }
    }

    /// How it is to be written.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// Puts the report where it was asked for.
    pub(super) fn deliver(&self, text: &str) -> Result<(), CliError> {
        match &self.file {
            None => match self.form {
                Form::Json => print_raw(&printable::json(text)),
                Form::Html | Form::Junit => print_raw(&printable::markup(text)),
                Form::Markdown => print(text),
                // They are commands, and hold nothing of others that is one.
                Form::Github => print_raw(text),
            },
            Some(file) => {
                let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
                let made = folder.map_or(Ok(()), std::fs::create_dir_all);
                let written = made.and_then(|()| std::fs::write(file, text));
                written.map_err(|e| CliError::wrong(Misnamed::met(file, &e, REPORT_FILE)))
            }
        }
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Junit,
    Json,
    Markdown,
    Github,
}

impl Form {
    /// Every form with its word.
    const ALL: [(&'static str, Self); 5] = [
        ("html", Self::Html),
        ("junit", Self::Junit),
        ("json", Self::Json),
        ("markdown", Self::Markdown),
        ("github", Self::Github),
    ];

    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, form)| *form == self).expect("ALL lists every form").0
    }
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, file) = text.split_once('=').map_or((text, None), |(form, file)| (form, Some(file)));
        let Some((_, form)) = Form::ALL.into_iter().find(|(name, _)| *name == form) else {
            return Err(format!("`{form}` is none of {}", Form::ALL.map(|(name, _)| name).join(", ")));
        };
        match file {
            Some("") => Err("a file name is missing after `=`".to_owned()),
            file => Ok(Self { form, file: file.map(PathBuf::from) }),
        }
    }
}

/// The reports that are wanted of a run.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Reports {
    /// Write a report: html=FILE, junit=FILE, json=FILE, markdown=FILE; without a file it is printed. `github` prints
    /// annotations, and appends to the job's summary where GITHUB_STEP_SUMMARY names one. May be repeated.
    #[arg(long, value_name = "FORM[=FILE]")]
    report: Vec<ReportTo>,
    /// Whose stories the HTML report tells.
    #[arg(long, value_name = "WHOSE", value_enum, default_value_t)]
    report_detail: Detail,
}

impl Reports {
    /// Sees to it that each can be written: not after a long run is it found out that one cannot.
    pub(super) fn make_room(&self) -> Result<(), CliError> {
        for file in self.report.iter().filter_map(|to| to.file.as_ref()) {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let made = folder.map_or(Ok(()), std::fs::create_dir_all);
            let was_there = file.exists();
            let opened = made.and_then(|()| OpenOptions::new().append(true).create(true).open(file));
            opened.map_err(|e| CliError::wrong(Misnamed::met(file, &e, REPORT_FILE)))?;
            if !was_there {
                // What is there afterwards was written by the run. A leftover would be no report.
                let _ = std::fs::remove_file(file);
            }
        }
        Ok(())
    }

    /// Whether none of them is printed, so that a summary for people may be.
    pub(super) fn leave_stdout_free(&self) -> bool {
        self.report.iter().all(ReportTo::leaves_stdout_free)
    }

    /// Writes the reports of a run, and the summary unless standard output is taken. Stories come from the run's folder.
    pub(super) fn tell(&self, outcome: &RunOutcome, talk: Talk) -> Result<(), CliError> {
        let page = |run: &RunReport| html(outcome, run, self.report_detail);
        self.tell_report(&outcome.report(), outcome.exit(), talk, page)
    }

    /// The same of a report that was joined from parts: there are no stories in them.
    pub(super) fn tell_merged(&self, run: &RunReport, exit: Exit, talk: Talk) -> Result<(), CliError> {
        self.tell_report(run, exit, talk, |run| Ok(report::html::render(run, self.report_detail, |_| None)))
    }

    fn tell_report(
        &self,
        run: &RunReport,
        exit: Exit,
        talk: Talk,
        page: impl Fn(&RunReport) -> Result<String, CliError>,
    ) -> Result<(), CliError> {
        for to in &self.report {
            let mut text = match to.form {
                Form::Html => page(run)?,
                Form::Junit => report::junit::render(run).map_err(|e| CliError::ours(format!("junit: {e}")))?,
                Form::Json => report::json::render(run),
                Form::Markdown => report::markdown::render(run),
                Form::Github => report::github::render(run),
            };
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            to.deliver(&text)?;
            if let (Form::Github, Some(file)) = (to.form, std::env::var_os(SUMMARY)) {
                append(Path::new(&file), &report::markdown::render(run))?;
            }
        }
        if talk == Talk::Quiet && exit == Exit::Pass {
            return Ok(());
        }
        if !self.leave_stdout_free() {
            say(&report::terminal::render(run, Paint::Plain));
            return Ok(());
        }
        print(&report::terminal::render(run, Paint::for_stdout()))
    }
}

fn append(file: &Path, text: &str) -> Result<(), CliError> {
    let opened = OpenOptions::new().append(true).create(true).open(file);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| CliError::wrong(Misnamed::met(file, &e, REPORT_FILE)))
}

/// The page, with stories from the run's folder.
fn html(outcome: &RunOutcome, run: &RunReport, detail: Detail) -> Result<String, CliError> {
    let (folder, kept) = RunFolder::open(&outcome.folder)?;
    let extent = if detail == Detail::All { Extent::All } else { Extent::InQuestion };
    let mut failed = None;
    let tell = |id: &str| -> Result<Option<Story>, CliError> {
        let planned = kept.scenarios.iter().find(|planned| planned.id == id);
        let judged = outcome.scenarios.iter().find(|s| s.judgement.id == id);
        // What is about no scenario was not played.
        let Some((planned, judged)) = planned.zip(judged) else { return Ok(None) };
        let Some(recording) = folder.recording(id, false)? else { return Ok(None) };
        let passage = judge::passage(planned, recording, &folder, kept.declares.clock)?;
        Ok(Some(report::story::tell(&passage, &kept.declares, &judged.judgement, extent)))
    };
    let page = report::html::render(run, detail, |id| {
        tell(id).unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    });
    failed.map_or(Ok(page), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_to_a_file_or_is_printed() {
        let to = |text: &str| text.parse::<ReportTo>();
        assert_eq!(to("json"), Ok(ReportTo { form: Form::Json, file: None }));
        assert_eq!(to("junit=a=b.xml"), Ok(ReportTo { form: Form::Junit, file: Some("a=b.xml".into()) }));
        assert!(to("pdf=x").is_err());
        assert!(to("json=").is_err());
    }

    #[test]
    fn a_report_that_cannot_be_written_is_refused_before_anything_runs() {
        let folder = tempfile::tempdir().unwrap();
        let report = |path: &str| Reports {
            report: vec![ReportTo { form: Form::Json, file: Some(folder.path().join(path)) }],
            ..Reports::default()
        };
        std::fs::write(folder.path().join("file"), "kept").unwrap();
        report("deep/er/report.json").make_room().unwrap();
        assert!(!folder.path().join("deep/er/report.json").exists());
        report("file").make_room().unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("file")).unwrap(), "kept");
        let refused = report("file/report.json").make_room().unwrap_err();
        assert!(refused.exit == Exit::Wrong && refused.message.ends_with(REPORT_FILE), "{refused:?}");
    }

    #[test]
    fn annotations_do_not_take_the_place_of_the_summary() {
        let free = |text: &str| text.parse::<ReportTo>().unwrap().leaves_stdout_free();
        assert_eq!(["github", "html=x.html", "json"].map(free), [true, true, false]);
    }
}
