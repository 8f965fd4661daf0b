//! `stack.yaml`: how a stack is started and what it promises.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::check::Reader;
pub use self::check::{is_name, no_name};
use self::raw::Raw;
use super::problem::ManifestError;
use super::setup::Setup;
use super::sink::Form;
use super::template::Defined;
use super::translate::Map;
use crate::contract::{Declares, StackClock};

mod check;
mod raw;

/// Name of the manifest within a stack's folder.
pub const FILE_NAME: &str = "stack.yaml";

/// A manifest larger than this is a mistake.
const MOST_BYTES: usize = 1_000_000;

/// A stack as its folder describes it. Texts with `{{ … }}` are not rendered yet.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Folder that holds the manifest.
    pub dir: PathBuf,
    /// Its name: folder name of its snapshots, and how reports call it.
    pub name: String,
    /// What is done once before it is ever started.
    pub setup: Setup,
    /// Its processes, in the order in which they are started.
    pub run: Vec<Program>,
    /// Variables of the harness's environment that its processes are given beside the usual ones.
    pub env: Vec<String>,
    /// Long-lived, or started for each poll.
    pub mode: Mode,
    /// Whether the status with which it exits says anything.
    pub exit_status: ExitStatus,
    /// By which way it reaches the vendors.
    pub transport: Transport,
    /// What it promises, with its capabilities, its clock and how strictly its report is read.
    pub declares: Declares,
    /// Listeners it opens, by name, with the path of their URL.
    pub listen: BTreeMap<String, String>,
    /// How it says that it is ready; a `once` stack may leave it out.
    pub ready: Option<Ready>,
    /// The only place where secrets may lie.
    pub state: String,
    /// Files rendered for it before it starts: name and template within its folder.
    pub files: BTreeMap<String, PathBuf>,
    /// Where its report comes out.
    pub report: Vec<Source>,
}

/// A process of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it is called, where there are several.
    pub name: Option<String>,
    /// Command and arguments.
    pub command: Vec<String>,
}

/// Whether the process lives as long as the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Started once, told to stop at the end.
    #[default]
    Service,
    /// Started every `poll_every`, expected to exit.
    Once,
}

/// Whether the status with which a `once` stack exits says anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitStatus {
    /// Another than 0 is a crash.
    #[default]
    Counts,
    /// It says nothing: the next poll comes all the same, and what was done and said is all that is judged.
    Ignored,
}

impl ExitStatus {
    /// Whether the end of a process is the end of the stack.
    pub fn is_crash(self, mode: Mode, code: Option<i32>) -> bool {
        mode == Mode::Service || (self == Self::Counts && code != Some(0))
    }
}

/// By which way a stack reaches the vendors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// At addresses on loopback, as the connections document says.
    #[default]
    Direct,
    /// At the vendors' own names, over TLS, behind a proxy that answers for them.
    Intercept,
    /// At the vendors' own names, over TLS, in a private network whose `/etc/hosts` leads them here.
    Hosts,
}

/// How a stack says that it is ready.
#[derive(Clone, Debug)]
pub enum Ready {
    /// A status record of this phase in its report.
    Phase(String),
    /// This URL answers with a success.
    Http(String),
    /// A line of its output matches.
    Log(regex::Regex),
}

/// A place where a stack's report comes out, and what makes lines of the contract of what lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where.
    pub from: Outlet,
    /// Translates what lies there; without it those are lines of the contract.
    pub map: Option<Map>,
}

/// Where a report comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlet {
    /// A file that the stack appends to.
    Ndjson(String),
    /// Files that it makes, with a line a record: a path in which `*` stands for a name, or a part of one, and `**` for
    /// any folders. What ends in `.gz` is unpacked.
    Files(String),
    /// Its standard output.
    Stdout,
    /// What it posts to `{{ sinks.NAME.url }}`.
    Http(String),
    /// What it sends as syslog to `{{ sinks.NAME.address }}`.
    Syslog(String),
    /// What a query of a SQLite file answers: a row a record.
    Sqlite {
        /// The file.
        file: String,
        /// The query, in SQL.
        query: String,
    },
}

impl Outlet {
    /// Name and form of the sink that it sends to, if it sends its report.
    pub fn sink(&self) -> Option<(&str, Form)> {
        match self {
            Self::Http(name) => Some((name, Form::Http)),
            Self::Syslog(name) => Some((name, Form::Syslog)),
            _ => None,
        }
    }
}

impl Manifest {
    /// Reads the manifest of the stack in folder `dir`.
    pub fn read(dir: &Path) -> Result<Self, ManifestError> {
        let path = dir.join(FILE_NAME);
        Self::parse(dir, &path, &read_text(&path)?)
    }

    /// Whether the stack claims a capability.
    pub fn claims(&self, capability: &str) -> bool {
        self.declares.claims(capability)
    }

    fn parse(dir: &Path, path: &Path, text: &str) -> Result<Self, ManifestError> {
        let raw: Raw = serde_saphyr::from_str(text).map_err(|error| ManifestError::yaml(path, text, &error))?;
        let declares = Declares {
            capabilities: raw.capabilities.iter().map(|c| c.value.clone()).collect(),
            clock: raw.clock,
            profile: raw.profile,
            actions: raw.actions,
            ..raw.declares
        };
        let defined = Defined {
            files: raw.files.keys().cloned().collect(),
            listen: raw.listen.keys().cloned().collect(),
            sinks: raw.report.value.sinks(),
            declares: declares.clone(),
            setup: !raw.setup.is_empty(),
        };
        let reader = Reader { dir, path, text, defined: &defined };
        reader.capabilities(&raw.capabilities)?;
        reader.listeners(&raw.listen)?;
        reader.files(&raw.files)?;
        if raw.transport.value != Transport::Direct && declares.clock == StackClock::Virtual {
            let message =
                "only `direct` is for stacks under `clock: virtual`: certificates are dated by the machine's clock";
            return Err(reader.wrong(raw.transport.referenced, message));
        }
        if raw.exit_status.value == ExitStatus::Ignored && raw.mode.value == Mode::Service {
            let message = "a service lives until it is told to stop: its exit is a crash, whatever the status";
            return Err(reader.wrong(raw.exit_status.referenced, message));
        }
        Ok(Self {
            dir: dir.to_owned(),
            name: reader.name(&raw.name)?,
            setup: reader.setup(&raw.setup)?,
            run: reader.run(&raw.run)?,
            env: reader.variables(&raw.env)?,
            mode: raw.mode.value,
            exit_status: raw.exit_status.value,
            transport: raw.transport.value,
            ready: reader.ready(raw.ready.as_ref(), &raw.mode)?,
            state: reader.sound(&raw.state)?,
            report: reader.report(&raw.report)?,
            listen: raw.listen.into_iter().map(|(name, url_path)| (name, url_path.value)).collect(),
            files: raw.files.into_iter().map(|(name, file)| (name, file.value.into())).collect(),
            declares,
        })
    }
}

/// Reads a small UTF-8 file that somebody wrote by hand.
pub(super) fn read_text(path: &Path) -> Result<String, ManifestError> {
    let bytes = std::fs::read(path).map_err(|e| ManifestError::whole(path, format!("cannot be read: {e}")))?;
    if bytes.len() > MOST_BYTES {
        return Err(ManifestError::whole(path, format!("is larger than {MOST_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|e| {
        let good = String::from_utf8_lossy(&e.as_bytes()[..e.utf8_error().valid_up_to()]).into_owned();
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ManifestError::at(path, &good, (line, column), "what follows is not UTF-8")
    })
}

#[cfg(test)]
mod tests;
