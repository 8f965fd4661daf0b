//! `setup`: what has to be done once on a machine before a stack can be started, such as installing its packages.
//!
//! It is done in a folder of the user's cache, `{{ setup.dir }}`, and kept there until a word of it changes, or a file of
//! the stack's folder that it names with `{{ stack.dir }}/`. Two runs that begin at once do it once. It runs in the
//! user's whole environment: proxies, certificates, package indexes and their passwords are those that packages are fetched
//! with, never the simulator's. What runs afterwards is given little of it.
//!
//! Of each stack the last few set-ups are kept, so that going back and forth between two branches costs nothing, and what
//! nobody goes back to does not stay.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::Regex;
use sha2::{Digest, Sha256};

use super::template::{Conformance, Folder, SetupValues, render};

/// A folder that holds this is ready.
const READY: &str = "ready";
/// Hexadecimal digits that tell set-ups of one stack apart.
const KEY_LENGTH: usize = 16;
/// What the steps print.
const LOG: &str = "setup.log";
/// So many set-ups of one stack are kept.
const KEPT: usize = 3;
/// So many last lines of the log are shown of a step that failed.
const LAST_LINES: usize = 10;

/// The steps, and what they are known by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Commands, not rendered yet.
    steps: Vec<Vec<String>>,
    /// Differs where the steps, or files that they name, differ.
    key: String,
}

/// A set-up that did not come about.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A file of the cache cannot be made.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A step failed.
    #[error("the step `{step}` of `setup` {how}\n{last}\n  its output: {}", log.display())]
    Step {
        /// The command.
        step: String,
        /// How it ended.
        how: String,
        /// What it printed last.
        last: String,
        /// All that it printed.
        log: PathBuf,
    },
    /// There is no folder that is the user's own.
    #[error("set-ups are kept in the user's cache, and neither XDG_CACHE_HOME nor HOME is set; set one of them")]
    Homeless,
    /// A word cannot be rendered.
    #[error("setup of stack.yaml: {0}")]
    Template(#[from] super::template::TemplateError),
}

impl Setup {
    /// Steps of the stack in folder `stack`.
    pub(super) fn new(stack: &Path, steps: Vec<Vec<String>>) -> Self {
        let beside = Regex::new(r"\{\{\s*stack\.dir\s*\}\}/([^\s'\x22]+)").expect("a regular expression");
        let mut digest = Sha256::new();
        for word in steps.iter().flat_map(|step| step.iter().map(String::as_str).chain(["\n"])) {
            digest.update(word.as_bytes());
            digest.update([0]);
            for beside in beside.captures_iter(word) {
                digest.update(std::fs::read(stack.join(&beside[1])).unwrap_or_default());
            }
        }
        let key = digest.finalize().iter().take(KEY_LENGTH / 2).map(|byte| format!("{byte:02x}")).collect();
        Self { steps, key }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The folder of stack `name` in the user's cache; none if there is nothing to do.
    pub fn folder(&self, name: &str) -> Result<Option<PathBuf>, SetupError> {
        if self.is_empty() { Ok(None) } else { Ok(self.folder_in(name, &cache()?)) }
    }

    /// Whether it was done, or there is nothing to do.
    pub fn is_done(&self, name: &str) -> Result<bool, SetupError> {
        Ok(self.folder(name)?.is_none_or(|folder| folder.join(READY).is_file()))
    }

    /// Does what has not been done, for the stack `name` in folder `stack`.
    pub fn ensure(&self, name: &str, stack: &Path, exe: &Path) -> Result<(), SetupError> {
        if self.is_empty() { Ok(()) } else { self.ensure_in(name, stack, &cache()?, exe) }
    }

    fn folder_in(&self, name: &str, cache: &Path) -> Option<PathBuf> {
        (!self.is_empty()).then(|| cache.join(format!("{name}-{}", self.key)))
    }

    fn is_done_in(&self, name: &str, cache: &Path) -> bool {
        self.folder_in(name, cache).is_none_or(|folder| folder.join(READY).is_file())
    }

    fn ensure_in(&self, name: &str, stack: &Path, cache: &Path, exe: &Path) -> Result<(), SetupError> {
        let Some(folder) = self.folder_in(name, cache).filter(|_| !self.is_done_in(name, cache)) else { return Ok(()) };
        std::fs::create_dir_all(cache).map_err(file(cache))?;
        let lock_path = folder.with_extension("lock");
        let lock = File::create(&lock_path).map_err(file(&lock_path))?;
        lock.lock().map_err(file(&lock_path))?;
        // Whoever held the lock may have done it meanwhile.
        if self.is_done_in(name, cache) {
            return Ok(());
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(file(&folder))?;
        }
        std::fs::create_dir_all(&folder).map_err(file(&folder))?;
        let values = SetupValues {
            conformance: Conformance { exe: exe.to_owned() },
            stack: Folder { dir: std::path::absolute(stack).map_err(file(stack))? },
            setup: Folder { dir: folder.clone() },
        };
        for step in &self.steps {
            let words = step.iter().map(|word| render(word, &values)).collect::<Result<Vec<_>, _>>()?;
            run(&words, &folder)?;
        }
        let ready = folder.join(READY);
        std::fs::write(&ready, "").map_err(file(&ready))?;
        prune(name, cache, &folder, KEPT);
        Ok(())
    }
}

/// Removes set-ups of stack `name` until `keep` are left: those that were made first, and never `newest`. Where one is being
/// made it stays.
fn prune(name: &str, cache: &Path, newest: &Path, keep: usize) {
    let is_of_it = |folder: &Path| {
        let key = folder.file_name().and_then(|own| own.to_str()?.strip_prefix(name)?.strip_prefix('-'));
        key.is_some_and(|key| key.len() == KEY_LENGTH && key.chars().all(|c| c.is_ascii_hexdigit()))
    };
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut others: Vec<_> = entries
        .filter(|folder| folder != newest && is_of_it(folder))
        .filter_map(|folder| Some((folder.join(READY).metadata().ok()?.modified().ok()?, folder)))
        .collect();
    others.sort();
    for (_, old) in others.iter().rev().skip(keep.saturating_sub(1)) {
        // One that cannot be removed is tried again the next time.
        let _ = std::fs::remove_dir_all(old);
        let _ = std::fs::remove_file(old.with_extension("lock"));
    }
}

/// Where set-ups are kept: the user's cache. Programs are started out of it, so that it is no folder which others may
/// have made before.
pub fn cache() -> Result<PathBuf, SetupError> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    cache_of(set("XDG_CACHE_HOME"), set("HOME"))
}

/// By what `XDG_CACHE_HOME` and `HOME` say; a path that means something else elsewhere says nothing.
fn cache_of(cache: Option<PathBuf>, home: Option<PathBuf>) -> Result<PathBuf, SetupError> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let cache = cache.filter(absolute).or_else(|| home.filter(absolute).map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("conformance").join("stacks")).ok_or(SetupError::Homeless)
}

fn run(words: &[String], folder: &Path) -> Result<(), SetupError> {
    let log = folder.join(LOG);
    let output = OpenOptions::new().create(true).append(true).open(&log).map_err(file(&log))?;
    let errors = output.try_clone().map_err(file(&log))?;
    let (program, arguments) = words.split_first().expect("a step is not empty");
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(output).stderr(errors);
    let failed =
        |how: String| SetupError::Step { step: words.join(" "), how, last: last_lines(&log), log: log.clone() };
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("ended with {status}"))),
        Err(error) => Err(failed(format!("could not be started: {error}"))),
    }
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..]
        .iter()
        .map(|line| format!("  | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> SetupError {
    let path = path.to_owned();
    move |source| SetupError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct House {
        stack: tempfile::TempDir,
        cache: tempfile::TempDir,
    }

    impl House {
        fn new() -> Self {
            Self { stack: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() }
        }

        fn setup(&self, script: &str) -> Setup {
            let step = ["sh", "-c", script, "{{ stack.dir }}/packages.txt"];
            Setup::new(self.stack.path(), vec![step.map(str::to_owned).to_vec()])
        }

        fn ensure(&self, setup: &Setup) -> Result<(), SetupError> {
            setup.ensure_in("mine", self.stack.path(), self.cache.path(), Path::new("/bin/conformance"))
        }
    }

    #[test]
    fn it_is_done_once() {
        let house = House::new();
        let setup = house.setup("echo done >> {{ setup.dir }}/count");
        assert!(!setup.is_done_in("mine", house.cache.path()));
        house.ensure(&setup).unwrap();
        house.ensure(&setup).unwrap();
        let folder = setup.folder_in("mine", house.cache.path()).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("count")).unwrap(), "done\n");
        assert!(setup.is_done_in("mine", house.cache.path()));
    }

    #[test]
    fn it_is_done_again_when_a_word_or_a_named_file_changes() {
        let house = House::new();
        let folder = |setup: Setup| setup.folder_in("mine", house.cache.path());
        let first = folder(house.setup("true"));
        assert_eq!(first, folder(house.setup("true")));
        assert_ne!(first, folder(house.setup("true ")));
        std::fs::write(house.stack.path().join("packages.txt"), "tenzir==6.20.0\n").unwrap();
        assert_ne!(first, folder(house.setup("true")));
    }

    #[test]
    fn a_step_that_fails_shows_its_last_words_and_is_tried_again() {
        let house = House::new();
        let setup = house.setup("echo no such package >&2; test -f {{ stack.dir }}/mended");
        let error = house.ensure(&setup).unwrap_err().to_string();
        assert!(error.contains("ended with exit status: 1\n  | no such package\n"), "{error}");
        std::fs::write(house.stack.path().join("mended"), "").unwrap();
        house.ensure(&setup).unwrap();
    }

    #[test]
    fn without_a_home_nothing_is_kept_where_others_could_have_put_something() {
        let path = |text: &str| Some(PathBuf::from(text));
        let kept = |cache, home| cache_of(cache, home).ok().map(|path| path.display().to_string());
        assert_eq!(kept(path("/c"), path("/h")).as_deref(), Some("/c/conformance/stacks"));
        assert_eq!(kept(None, path("/h")).as_deref(), Some("/h/.cache/conformance/stacks"));
        assert_eq!((kept(None, None), kept(path("c"), path("h"))), (None, None));
    }

    #[test]
    fn without_steps_there_is_nothing_to_do() {
        let house = House::new();
        let setup = Setup::new(house.stack.path(), Vec::new());
        assert!(setup.is_done_in("mine", house.cache.path()) && setup.folder_in("mine", house.cache.path()).is_none());
    }

    #[test]
    fn of_each_stack_the_last_set_ups_are_kept_and_nothing_else_is_touched() {
        let cache = tempfile::tempdir().unwrap();
        let at = |name: &str| cache.path().join(name);
        let made = |name: &str, after_s: u64| {
            std::fs::create_dir(at(name)).unwrap();
            let ready = File::create(at(name).join(READY)).unwrap();
            ready.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(after_s)).unwrap();
        };
        let (first, second, third) = ("mine-00000000000000aa", "mine-00000000000000bb", "mine-0000000000000001");
        made(first, 1);
        made(second, 2);
        made(third, 3);
        // Of another stack whose name begins so, of nobody, and one that is being made.
        made("mine-too-00000000000000aa", 0);
        made("mine-notes", 0);
        std::fs::create_dir(at("mine-00000000000000cc")).unwrap();
        std::fs::write(at(first).with_extension("lock"), "").unwrap();
        prune("mine", cache.path(), &at(third), 2);
        let left = [first, second, third, "mine-too-00000000000000aa", "mine-notes", "mine-00000000000000cc"];
        assert_eq!(left.map(|name| at(name).exists()), [false, true, true, true, true, true]);
        assert!(!at(first).with_extension("lock").exists());
    }
}
