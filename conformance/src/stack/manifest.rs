//! `stack.yaml`: how a stack is started and what it promises.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::problem::{ManifestError, position};
use super::template::{self, Defined};
use crate::contract::{Declares, Profile, StackClock};

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
    /// Command and arguments.
    pub run: Vec<String>,
    /// Long-lived, or started for each poll.
    pub mode: Mode,
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
    pub report: ReportTo,
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

/// Where a stack's report comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportTo {
    /// A file that it appends to.
    Ndjson(String),
    /// Its standard output.
    Stdout,
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
        let wrong = |location, message: String| ManifestError::at(path, text, position(location), message);
        let declares = Declares {
            capabilities: raw.capabilities.iter().map(|c| c.value.clone()).collect(),
            clock: raw.clock,
            profile: raw.profile,
            ..raw.declares
        };
        let defined = Defined {
            files: raw.files.keys().cloned().collect(),
            listen: raw.listen.keys().cloned().collect(),
            declares: declares.clone(),
        };
        let sound = |written: &Spanned<String>| match template::check(&written.value, &defined) {
            Ok(()) => Ok(written.value.clone()),
            Err(mistake) => Err(wrong(written.referenced, mistake.message)),
        };

        let named = |key: &Spanned<String>| {
            let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
            if !key.value.is_empty() && key.value.chars().all(fine) {
                return Ok(key.value.clone());
            }
            Err(wrong(
                key.referenced,
                format!("`{}` is not a name: lower-case letters, digits, `_` and `-`", key.value),
            ))
        };
        if raw.run.value.is_empty() {
            return Err(wrong(raw.run.referenced, "`run` is empty: it is the command and its arguments".to_owned()));
        }
        for capability in &raw.capabilities {
            if !capability.value.contains('.') {
                let message = format!("`{}` is not a capability: `area.what`, like `miro.audit_log`", capability.value);
                return Err(wrong(capability.referenced, message));
            }
        }
        for url_path in raw.listen.values() {
            if !url_path.value.starts_with('/') {
                let message = format!("`{}` is not the path of a URL: it begins with `/`", url_path.value);
                return Err(wrong(url_path.referenced, message));
            }
        }
        for file in raw.files.values() {
            if !dir.join(&file.value).is_file() {
                return Err(wrong(file.referenced, format!("there is no file `{}` beside the manifest", file.value)));
            }
            let path = dir.join(&file.value);
            let template = read_text(&path)?;
            template::check(&template, &defined)
                .map_err(|mistake| ManifestError::at(&path, &template, mistake.at, mistake.message))?;
        }
        let ready = match &raw.ready {
            None if raw.mode.value == Mode::Service => {
                let message = "a service has to say when it is `ready`: {phase: ready}, {http: URL} or {log: REGEX}";
                return Err(wrong(raw.mode.referenced, message.to_owned()));
            }
            None => None,
            Some(Spanned { value, referenced, .. }) => Some(match value {
                RawReady { phase: Some(phase), http: None, log: None } => Ready::Phase(phase.clone()),
                RawReady { phase: None, http: Some(url), log: None } => Ready::Http(sound(url)?),
                RawReady { phase: None, http: None, log: Some(pattern) } => {
                    let read = regex::Regex::new(&pattern.value);
                    Ready::Log(read.map_err(|e| wrong(pattern.referenced, format!("`log` {}", last_line(&e))))?)
                }
                _ => {
                    return Err(wrong(
                        *referenced,
                        "`ready` takes exactly one of `phase`, `http` and `log`".to_owned(),
                    ));
                }
            }),
        };
        let report = match &raw.report.value {
            RawReport::Word(word) if word == "stdout" => ReportTo::Stdout,
            RawReport::Ndjson { ndjson } => ReportTo::Ndjson(sound(ndjson)?),
            RawReport::Word(word) => {
                let message = format!("a report to `{word}` is not built: write `stdout` or {{ndjson: FILE}}");
                return Err(wrong(raw.report.referenced, message));
            }
        };
        Ok(Self {
            dir: dir.to_owned(),
            name: named(&raw.name)?,
            run: raw.run.value.iter().map(sound).collect::<Result<_, _>>()?,
            mode: raw.mode.value,
            declares,
            listen: raw.listen.into_iter().map(|(name, url_path)| (name, url_path.value)).collect(),
            ready,
            state: sound(&raw.state)?,
            files: raw.files.into_iter().map(|(name, file)| (name, file.value.into())).collect(),
            report,
        })
    }
}

/// The regex crate draws its own picture first; what is wrong stands in the last line.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    format!("is not a pattern: {}", text.lines().last().unwrap_or_default().trim_start_matches("error: "))
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Spanned<String>,
    run: Spanned<Vec<Spanned<String>>>,
    #[serde(default = "unwritten_mode")]
    mode: Spanned<Mode>,
    clock: StackClock,
    #[serde(default)]
    profile: Profile,
    capabilities: Vec<Spanned<String>>,
    declares: Declares,
    #[serde(default)]
    listen: BTreeMap<String, Spanned<String>>,
    ready: Option<Spanned<RawReady>>,
    #[serde(default = "unwritten_state")]
    state: Spanned<String>,
    #[serde(default)]
    files: BTreeMap<String, Spanned<String>>,
    report: Spanned<RawReport>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReady {
    phase: Option<String>,
    http: Option<Spanned<String>>,
    log: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum RawReport {
    Word(String),
    Ndjson { ndjson: Spanned<String> },
}

fn unwritten_mode() -> Spanned<Mode> {
    Spanned::new(Mode::default(), serde_saphyr::Location::UNKNOWN, serde_saphyr::Location::UNKNOWN)
}

fn unwritten_state() -> Spanned<String> {
    let written = "{{ run.dir }}/state".to_owned();
    Spanned::new(written, serde_saphyr::Location::UNKNOWN, serde_saphyr::Location::UNKNOWN)
}

#[cfg(test)]
mod tests;
