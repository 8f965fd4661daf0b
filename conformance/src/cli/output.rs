//! What is printed and where: reports to files or to standard output, the summary beside them, progress on a terminal.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::CliError;
use crate::report::{self, Paint};
use crate::runner::outcome::Outcome;

/// A report that was asked for: `junit=F`, or `json` alone to print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReportTo {
    form: Form,
    file: Option<PathBuf>,
}

impl ReportTo {
    /// Whether standard output stays free.
    pub(super) fn is_a_file(&self) -> bool {
        self.file.is_some()
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
            None => print(text),
            Some(file) => std::fs::write(file, text).map_err(|e| CliError::ours(format!("{}: {e}", file.display()))),
        }
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Junit,
    Json,
    Markdown,
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, file) = text.split_once('=').map_or((text, None), |(form, file)| (form, Some(file)));
        let form = match form {
            "junit" => Form::Junit,
            "json" => Form::Json,
            "markdown" => Form::Markdown,
            other => return Err(format!("`{other}` is none of junit, json, markdown")),
        };
        match file {
            Some("") => Err("a file name is missing after `=`".to_owned()),
            file => Ok(Self { form, file: file.map(PathBuf::from) }),
        }
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Talk {
    /// Everything.
    Usual,
    /// Only what went wrong.
    Quiet,
}

/// Writes the reports, and the summary: to standard output unless a report goes there.
pub(super) fn tell(outcome: &Outcome, reports: &[ReportTo], talk: Talk) -> Result<(), CliError> {
    let run = outcome.report();
    for to in reports {
        let mut text = match to.form {
            Form::Junit => report::junit::render(&run).map_err(|e| CliError::ours(format!("junit: {e}")))?,
            Form::Json => report::json::render(&run),
            Form::Markdown => report::markdown::render(&run),
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        to.deliver(&text)?;
    }
    if talk == Talk::Quiet && outcome.exit() == crate::runner::outcome::Exit::Pass {
        return Ok(());
    }
    if reports.iter().any(|to| to.file.is_none()) {
        eprint!("{}", report::terminal::render(&run, Paint::Plain));
        return Ok(());
    }
    print(&report::terminal::render(&run, Paint::for_stdout()))
}

/// Prints to standard output. A reader who has gone away (`| head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(CliError::ours(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// A line on a terminal that says how far a run is; nothing in a pipe, under CI, or when asked to be quiet.
pub(super) struct Progress {
    bar: ProgressBar,
    failed: BTreeMap<&'static str, usize>,
}

impl Progress {
    /// For so many scenarios.
    pub(super) fn new(scenarios: usize, talk: Talk) -> Self {
        let silent = talk == Talk::Quiet || std::env::var_os("CI").is_some();
        // indicatif itself is silent where standard error is no terminal.
        let target = if silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(scenarios as u64), target);
        let style = ProgressStyle::with_template("{pos}/{len} {bar:30} {msg}").expect("a fixed template");
        Self { bar: bar.with_style(style), failed: BTreeMap::new() }
    }

    /// A scenario is done.
    pub(super) fn done(&mut self, id: &str, word: &'static str) {
        *self.failed.entry(word).or_default() += 1;
        let counts: Vec<String> = self.failed.iter().map(|(word, n)| format!("{n} {word}")).collect();
        self.bar.set_message(format!("{}  {id}", counts.join(", ")));
        self.bar.inc(1);
    }

    /// The run is over.
    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_to_a_file_or_is_printed() {
        let to = |text: &str| text.parse::<ReportTo>();
        assert_eq!(to("json"), Ok(ReportTo { form: Form::Json, file: None }));
        assert_eq!(to("junit=a=b.xml"), Ok(ReportTo { form: Form::Junit, file: Some("a=b.xml".into()) }));
        assert!(to("html=x").is_err());
        assert!(to("json=").is_err());
    }
}
