//! From what is written to what is meant, with a mistake shown where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_saphyr::{Location, Spanned};

use super::raw::{RawReady, RawReport, RawRun, RawSource, Words};
use super::{Mode, Outlet, Program, Ready, Source, read_text};
use crate::stack::capabilities;
use crate::stack::environment;
use crate::stack::problem::{ManifestError, position};
use crate::stack::setup::Setup;
use crate::stack::template::{self, Defined, Where};
use crate::stack::translate::Map;

/// What a mistake is shown with.
pub(super) struct Reader<'a> {
    pub(super) dir: &'a Path,
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) defined: &'a Defined,
}

/// Whether a stack may be called so.
pub fn is_name(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    !text.is_empty() && text.chars().all(fine)
}

/// What is said of a name that is none.
pub fn no_name(text: &str) -> String {
    format!("`{text}` is not a name: lower-case letters, digits, `_` and `-`")
}

impl Reader<'_> {
    pub(super) fn wrong(&self, at: Location, message: impl Into<String>) -> ManifestError {
        ManifestError::at(self.path, self.text, position(at), message)
    }

    /// A text whose templates can be rendered.
    pub(super) fn sound(&self, written: &Spanned<String>) -> Result<String, ManifestError> {
        self.known_at(written, Where::Manifest)
    }

    fn known_at(&self, written: &Spanned<String>, place: Where) -> Result<String, ManifestError> {
        match template::check(&written.value, self.defined, place) {
            Ok(()) => Ok(written.value.clone()),
            Err(mistake) => Err(self.wrong(written.referenced, mistake.message)),
        }
    }

    pub(super) fn name(&self, written: &Spanned<String>) -> Result<String, ManifestError> {
        match is_name(&written.value) {
            true => Ok(written.value.clone()),
            false => Err(self.wrong(written.referenced, no_name(&written.value))),
        }
    }

    pub(super) fn capabilities(&self, written: &[Spanned<String>]) -> Result<(), ManifestError> {
        let unknown = |written: &Spanned<String>| Some((written.referenced, capabilities::unknown(&written.value)?));
        match written.iter().find_map(unknown) {
            Some((at, message)) => Err(self.wrong(at, message)),
            None => Ok(()),
        }
    }

    pub(super) fn listeners(&self, written: &BTreeMap<String, Spanned<String>>) -> Result<(), ManifestError> {
        let Some(wrong) = written.values().find(|path| !path.value.starts_with('/')) else { return Ok(()) };
        let message = format!("`{}` is not the path of a URL: it begins with `/`", wrong.value);
        Err(self.wrong(wrong.referenced, message))
    }

    pub(super) fn variables(&self, written: &[Spanned<String>]) -> Result<Vec<String>, ManifestError> {
        let name = |name: &Spanned<String>| match environment::refused(&name.value) {
            Some(why) => Err(self.wrong(name.referenced, why)),
            None => Ok(name.value.clone()),
        };
        written.iter().map(name).collect()
    }

    pub(super) fn files(&self, written: &BTreeMap<String, Spanned<String>>) -> Result<(), ManifestError> {
        for file in written.values() {
            let path = self.beside(file)?;
            let template = read_text(&path)?;
            template::check(&template, self.defined, Where::File)
                .map_err(|mistake| ManifestError::at(&path, &template, mistake.at, mistake.message))?;
        }
        Ok(())
    }

    pub(super) fn setup(&self, written: &[Spanned<Words>]) -> Result<Setup, ManifestError> {
        let steps =
            written.iter().map(|step| self.command(step.referenced, &step.value, "a step of `setup`", Where::Setup));
        Ok(Setup::new(self.dir, steps.collect::<Result<_, _>>()?))
    }

    pub(super) fn run(&self, written: &Spanned<RawRun>) -> Result<Vec<Program>, ManifestError> {
        match &written.value {
            RawRun::One(words) => {
                let command = self.command(written.referenced, words, "`run`", Where::Manifest)?;
                Ok(vec![Program { name: None, command }])
            }
            RawRun::Several(programs) if programs.is_empty() => {
                Err(self.wrong(written.referenced, "`run` names no process"))
            }
            RawRun::Several(programs) => {
                let mut names = BTreeSet::new();
                let program = |(name, words): &(Spanned<String>, Spanned<Words>)| {
                    if !names.insert(name.value.clone()) {
                        return Err(self.wrong(name.referenced, format!("two processes are called `{}`", name.value)));
                    }
                    let what = format!("`{}`", name.value);
                    let command = self.command(words.referenced, &words.value, &what, Where::Manifest)?;
                    Ok(Program { name: Some(self.name(name)?), command })
                };
                programs.iter().map(program).collect()
            }
        }
    }

    pub(super) fn ready(
        &self,
        written: Option<&Spanned<RawReady>>,
        mode: &Spanned<Mode>,
    ) -> Result<Option<Ready>, ManifestError> {
        let Some(Spanned { value, referenced, .. }) = written else {
            if mode.value == Mode::Once {
                return Ok(None);
            }
            let message = "a service has to say when it is `ready`: {phase: ready}, {http: URL} or {log: REGEX}";
            return Err(self.wrong(mode.referenced, message));
        };
        Ok(Some(match value {
            RawReady { phase: Some(phase), http: None, log: None } => Ready::Phase(phase.clone()),
            RawReady { phase: None, http: Some(url), log: None } => Ready::Http(self.sound(url)?),
            RawReady { phase: None, http: None, log: Some(pattern) } => {
                let read = regex::Regex::new(&pattern.value);
                Ready::Log(read.map_err(|e| self.wrong(pattern.referenced, format!("`log` {}", last_line(&e))))?)
            }
            _ => return Err(self.wrong(*referenced, "`ready` takes exactly one of `phase`, `http` and `log`")),
        }))
    }

    pub(super) fn report(&self, written: &Spanned<RawReport>) -> Result<Vec<Source>, ManifestError> {
        match &written.value {
            RawReport::Word(word) if word == "stdout" => Ok(vec![Source { from: Outlet::Stdout, map: None }]),
            RawReport::Word(word) => {
                let message = format!(
                    "a report to `{word}` is not built: write `stdout`, {{ndjson: FILE}}, {{files: PATTERN}}, {{http: NAME}}, {{syslog: NAME}}, {{sqlite: FILE, query: SQL}}, or a list"
                );
                Err(self.wrong(written.referenced, message))
            }
            RawReport::One(source) => Ok(vec![self.source(written.referenced, source)?]),
            RawReport::Several(sources) if sources.is_empty() => {
                Err(self.wrong(written.referenced, "`report` names no source: nothing would be heard of the stack"))
            }
            RawReport::Several(several) => {
                let read = several.iter().map(|s| self.source(s.referenced, &s.value));
                let sources: Vec<Source> = read.collect::<Result<_, _>>()?;
                let mut sinks = BTreeSet::new();
                let sink = |source: &Source| source.from.sink().map(|(name, _)| name.to_owned());
                match sources.iter().filter_map(sink).find(|name| !sinks.insert(name.clone())) {
                    Some(name) => Err(self.wrong(written.referenced, format!("`{name}` is the sink of two sources"))),
                    None => Ok(sources),
                }
            }
        }
    }

    fn source(&self, at: Location, written: &RawSource) -> Result<Source, ManifestError> {
        let RawSource { ndjson, files, stdout, http, syslog, sqlite, query, map: _ } = written;
        let outlets = [
            ndjson.as_ref().map(|file| self.sound(file).map(Outlet::Ndjson)),
            files.as_ref().map(|pattern| self.sound(pattern).map(Outlet::Files)),
            stdout.filter(|is_it| *is_it).map(|_| Ok(Outlet::Stdout)),
            http.as_ref().map(|name| self.name(name).map(Outlet::Http)),
            syslog.as_ref().map(|name| self.name(name).map(Outlet::Syslog)),
            sqlite.as_ref().map(|file| self.database(file, query.as_ref())),
        ];
        let mut outlets = outlets.into_iter().flatten();
        let (Some(from), None) = (outlets.next(), outlets.next()) else {
            let message = "a source of `report` is exactly one of `ndjson`, `files`, `stdout: true`, `http`, `syslog` and \
                           `sqlite` with its `query`";
            return Err(self.wrong(at, message));
        };
        let from = from?;
        let map = match &written.map {
            None => None,
            Some(file) => {
                let path = self.beside(file)?;
                let code = read_text(&path)?;
                let map = Map::new(&code).map_err(|m| ManifestError::at(&path, &code, m.at, m.message))?;
                Some(map)
            }
        };
        Ok(Source { from, map })
    }

    fn database(&self, file: &Spanned<String>, query: Option<&Spanned<String>>) -> Result<Outlet, ManifestError> {
        let Some(query) = query else { return Err(self.wrong(file.referenced, "`sqlite` needs a `query`")) };
        Ok(Outlet::Sqlite { file: self.sound(file)?, query: query.value.clone() })
    }

    /// A file in the stack's folder.
    fn beside(&self, file: &Spanned<String>) -> Result<PathBuf, ManifestError> {
        let path = self.dir.join(&file.value);
        if path.is_file() {
            return Ok(path);
        }
        Err(self.wrong(file.referenced, format!("there is no file `{}` beside the manifest", file.value)))
    }

    fn command(&self, at: Location, words: &Words, what: &str, place: Where) -> Result<Vec<String>, ManifestError> {
        if words.is_empty() {
            return Err(self.wrong(at, format!("{what} is empty: it is the command and its arguments")));
        }
        words.iter().map(|word| self.known_at(word, place)).collect()
    }
}

/// The regex crate draws its own picture first; what is wrong stands in the last line.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    format!("is not a pattern: {}", text.lines().last().unwrap_or_default().trim_start_matches("error: "))
}
