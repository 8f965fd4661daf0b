//! What is said while a command runs, and how it is printed.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::CliError;
use crate::printable;
use crate::report::{Paint, paint};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Talk {
    /// Everything.
    Usual,
    /// Only what went wrong.
    Quiet,
}

/// Prints for people, to standard output: whatever is in it, it moves no cursor and commands no runner.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    print_raw(&printable::text(text, Paint::for_stdout() == Paint::Coloured))
}

/// The same to standard error, without colours.
pub(super) fn say(text: &str) {
    eprint!("{}", printable::text(text, false));
}

/// Prints what programs read, to standard output, as it is. A reader who has gone away (`| head`) is no failure.
pub(super) fn print_raw(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(CliError::ours(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// A line on a terminal that says how far a run is; nothing in a pipe, under CI, on a terminal that cannot draw over a line, or
/// when asked to be quiet or plain.
pub(super) struct Progress {
    bar: ProgressBar,
    failed: BTreeMap<&'static str, usize>,
}

impl Progress {
    /// For so many scenarios.
    pub(super) fn new(scenarios: usize, talk: Talk) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let silent = talk == Talk::Quiet || paint::is_plain() || dumb || std::env::var_os("CI").is_some();
        // indicatif itself is silent where standard error is no terminal.
        let target = if silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(scenarios as u64), target);
        let style = ProgressStyle::with_template("{pos}/{len} {bar:30} {eta} left  {msg}").expect("a fixed template");
        Self { bar: bar.with_style(style), failed: BTreeMap::new() }
    }

    /// A scenario is done.
    pub(super) fn done(&mut self, id: &str, word: &'static str) {
        *self.failed.entry(word).or_default() += 1;
        let counts: Vec<String> = self.failed.iter().map(|(word, n)| format!("{n} {word}")).collect();
        self.bar.set_message(format!("{}  {}", counts.join(", "), printable::line(id)));
        self.bar.inc(1);
    }

    /// The run is over.
    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
