//! The folder that a run leaves: enough to judge it again offline.
//!
//! ```text
//! manifest.json                      versions, seed, stack and what it declares, scenarios and their hashes, command
//! known.yaml                         the failures that were known of the stack, where there were any
//! scenarios/ID/recording.json        what happened, was asked, was said
//! scenarios/ID/control.json          the same of the control run
//! scenarios/ID/judgement.json        what was found
//! scenarios/ID/main/, …/control/     what the stack was given, its working directory, its output
//! ```

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use simulator::clock::wall_now;

use super::error::RunError;
use crate::contract::Declares;
use crate::named::{self, Misnamed};
use crate::recording::Recording;
use crate::scenario::{Level, Script};
use crate::stack::{known, nearest};

/// Version of what lies in a run folder.
const VERSION: u32 = 2;

/// So many run folders are kept where no other place was asked for.
const KEPT: usize = 5;

/// How the name of a run's folder begins.
const NAME_FORMAT: &str = "%Y%m%d-%H%M%S";

const MANIFEST: &str = "manifest.json";
/// Says that what is kept beside it is ours to remove, and is locked while the run goes on.
const MARK: &str = "conformance-runs.txt";

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    dir: PathBuf,
    /// The locked mark of a run that goes on; none of an earlier one.
    _going_on: Option<Arc<File>>,
}

/// What a run was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunManifest {
    /// Version of the folder's layout.
    pub version: u32,
    /// Version of this program.
    pub conformance: String,
    /// The stack's name.
    pub stack: String,
    /// Where its manifest lies.
    pub stack_dir: PathBuf,
    /// What it declares.
    #[serde(deserialize_with = "Declares::kept")]
    pub declares: Declares,
    /// The seed that was asked for, if not the scenarios' own.
    pub seed: Option<u64>,
    /// The command line.
    pub command: Vec<String>,
    /// Its words that a repetition needs beside scenario and seed.
    pub repeat: Vec<String>,
    /// Where accepted snapshots lie, if anywhere.
    pub snapshots: Option<PathBuf>,
    /// The paths that were asked for.
    pub asked: Vec<PathBuf>,
    /// Whether scenarios below the paths were left out: by `--only`, `--shard`, or because it was stopped.
    pub selection: Selection,
    /// Every scenario, in order of id.
    pub scenarios: Vec<Planned>,
    /// When it began.
    pub wall_began: simulator::time::SimTime,
}

/// Whether a run was whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Every scenario of the paths.
    Whole,
    /// Some.
    Partial,
}

/// A scenario of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of its text.
    pub hash: String,
    /// Its title.
    pub title: String,
    /// Whether it decides the exit status.
    pub level: Level,
    /// Why it was not run.
    pub skipped: Option<String>,
}

impl Planned {
    /// A scenario, and why it is not run if it is not.
    pub fn of(script: &Script, skipped: Option<String>) -> Self {
        let Script { id, path, hash, level, scenario, .. } = script.clone();
        Self { id, path, hash, title: scenario.title.clone(), level, skipped }
    }
}

impl RunManifest {
    /// The manifest's version, and this program's.
    pub fn versions() -> (u32, String) {
        (VERSION, crate::VERSION.to_owned())
    }
}

impl RunFolder {
    /// A folder for a new run: `asked`, or one of its own beside the last few.
    pub fn make(asked: Option<&Path>, from: &Path) -> Result<Self, RunError> {
        let dir = match asked {
            Some(dir) => from.join(dir),
            None => {
                let shelf = standing_shelf(from)?;
                prune(&shelf, KEPT - 1);
                shelf.join(format!("{}-{}", wall_now().civil().strftime(NAME_FORMAT), std::process::id()))
            }
        };
        let (scenarios, mark) = (dir.join("scenarios"), dir.join(MARK));
        if scenarios.exists() && !mark.is_file() {
            let why = format!("holds `scenarios` and no `{MARK}`, as folders of runs do; it is not ours to empty");
            return Err(RunError::Unreadable { path: dir, why });
        }
        make_private(&dir).map_err(|error| match asked {
            Some(_) => Misnamed::met(&dir, &error, "a folder for the run").into(),
            None => RunError::file(&dir)(error),
        })?;
        let mut going_on = File::create(&mark).map_err(RunError::file(&mark))?;
        if let Err(TryLockError::WouldBlock) = going_on.try_lock() {
            return Err(RunError::Unreadable { path: dir, why: "another run is being kept there".to_owned() });
        }
        going_on
            .write_all(b"Runs are kept here. The next one empties `scenarios`.\n")
            .map_err(RunError::file(&mark))?;
        if scenarios.exists() {
            std::fs::remove_dir_all(&scenarios).map_err(RunError::file(&scenarios))?;
        }
        std::fs::create_dir_all(&scenarios).map_err(RunError::file(&scenarios))?;
        Ok(Self { dir, _going_on: Some(Arc::new(going_on)) })
    }

    /// Whether `dir` is the folder of an earlier run.
    pub fn is_one(dir: &Path) -> bool {
        dir.join(MANIFEST).is_file() && dir.join("scenarios").is_dir()
    }

    /// The folder of an earlier run, and what it was.
    pub fn open(dir: &Path) -> Result<(Self, RunManifest), RunError> {
        let path = dir.join(MANIFEST);
        if !path.is_file() {
            return Err(Misnamed::new(dir, instead_of_a_run(dir), named::RUN).into());
        }
        let manifest: RunManifest = named::json(&path, "what a run was: its manifest")?;
        if manifest.version != VERSION {
            let why = format!("version {} is not {VERSION}", manifest.version);
            return Err(RunError::Unreadable { path, why });
        }
        Ok((Self { dir: dir.to_owned(), _going_on: None }, manifest))
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes down what the run is.
    pub fn keep_manifest(&self, manifest: &RunManifest) -> Result<(), RunError> {
        write(&self.dir.join(MANIFEST), manifest)
    }

    /// Keeps what is known of the failures of the stack in folder `stack`, as they are known today.
    pub fn keep_known(&self, stack: &Path) -> Result<(), RunError> {
        let (from, to) = (stack.join(known::FILE_NAME), self.dir.join(known::FILE_NAME));
        match std::fs::copy(&from, &to) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(RunError::file(&from)(error)),
            // What an earlier run left is not this one's.
            Err(_) => match std::fs::remove_file(&to) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(RunError::file(&to)(error)),
                _ => Ok(()),
            },
        }
    }

    /// Folder of a passage of a scenario.
    pub fn passage(&self, id: &str, control: bool) -> PathBuf {
        self.scenario(id).join(if control { "control" } else { "main" })
    }

    /// Writes a recording down.
    pub fn keep(&self, recording: &Recording) -> Result<(), RunError> {
        write(&self.recording_path(&recording.scenario, recording.control), recording)
    }

    /// The recording of a scenario, or of its control run; none if it was not played to its end.
    pub fn recording(&self, id: &str, control: bool) -> Result<Option<Recording>, RunError> {
        let path = self.recording_path(id, control);
        if path.exists() { Ok(Some(named::json(&path, "the recording of a scenario")?)) } else { Ok(None) }
    }

    /// Writes down what was found about a scenario.
    pub fn keep_judgement(&self, judgement: &crate::verdict::Judgement) -> Result<(), RunError> {
        let folder = self.scenario(&judgement.id);
        std::fs::create_dir_all(&folder).map_err(RunError::file(&folder))?;
        write(&folder.join("judgement.json"), judgement)
    }

    /// What was found about a scenario when it was run, if anything was written down.
    pub fn judgement(&self, id: &str) -> Result<Option<crate::verdict::Judgement>, RunError> {
        let path = self.scenario(id).join("judgement.json");
        if path.exists() { Ok(Some(named::json(&path, "what was found in a scenario")?)) } else { Ok(None) }
    }

    fn recording_path(&self, id: &str, control: bool) -> PathBuf {
        self.scenario(id).join(if control { "control.json" } else { "recording.json" })
    }

    fn scenario(&self, id: &str) -> PathBuf {
        self.dir.join("scenarios").join(id)
    }
}

/// What lies where the folder of a run was meant.
fn instead_of_a_run(dir: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return if dir.exists() { "is a file" } else { "is not there" }.to_owned();
    };
    let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    inside.sort();
    match inside.iter().rfind(|path| RunFolder::is_one(path)).and_then(|run| run.file_name()) {
        Some(last) => format!("holds several runs, the last of them {}", last.display()),
        None if inside.is_empty() => "is an empty folder".to_owned(),
        None => format!("is a folder without {MANIFEST}"),
    }
}

/// Beside the build's own products where there are any, so that `cargo clean` takes the runs too.
fn shelf(from: &Path) -> PathBuf {
    let target = from.ancestors().filter(|dir| dir.join("Cargo.toml").is_file()).map(|dir| dir.join("target"));
    match target.into_iter().find(|target| target.is_dir()) {
        Some(target) => target.join("conformance"),
        None => from.join(".conformance"),
    }
}

/// The shelf, made where it is not there yet: elsewhere, where nothing may be written here.
fn standing_shelf(from: &Path) -> Result<PathBuf, RunError> {
    let usual = shelf(from);
    match make_shelf(&usual) {
        Err(RunError::File { source, .. })
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            let spare = std::env::temp_dir().join(format!("conformance-runs-{}", rustix::process::getuid().as_raw()));
            make_private(&spare).map_err(RunError::file(&spare))?;
            is_ours(&spare).map(|()| spare)
        }
        made => made.map(|()| usual),
    }
}

/// A folder that nobody else may look into: recordings hold the run's secrets, and whatever a stack wrote down. One that is
/// there already stays as it is.
fn make_private(folder: &Path) -> std::io::Result<()> {
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// Where everybody may make folders, one of this name may be somebody else's.
fn is_ours(folder: &Path) -> Result<(), RunError> {
    let about = std::fs::symlink_metadata(folder).map_err(RunError::file(folder))?;
    match about.is_dir() && about.uid() == rustix::process::getuid().as_raw() && about.mode() & 0o077 == 0 {
        true => Ok(()),
        false => Err(RunError::Unreadable {
            path: folder.to_owned(),
            why: "others have made it or may look into it; say with --run-dir where runs are kept".to_owned(),
        }),
    }
}

fn make_shelf(shelf: &Path) -> Result<(), RunError> {
    std::fs::create_dir_all(shelf).map_err(RunError::file(shelf))?;
    // Beside a `target` folder it is ignored already.
    if shelf.ends_with(".conformance") {
        let ignore = shelf.join(".gitignore");
        std::fs::write(&ignore, "*\n").map_err(RunError::file(&ignore))?;
    }
    Ok(())
}

/// The snapshots folder that holds for work in `from`.
pub fn snapshots(asked: Option<&Path>, from: &Path) -> Option<PathBuf> {
    match asked {
        Some(dir) => Some(from.join(dir)),
        None => nearest(from, "snapshots"),
    }
}

/// Removes the oldest runs until `keep` are left, but none that goes on, and none that somebody has named: a run's own name
/// is the time and the process. One that broke off before anything was written down counts too.
fn prune(shelf: &Path, keep: usize) {
    let entries = std::fs::read_dir(shelf).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut runs: Vec<PathBuf> = entries.filter(|path| is_own_name(path) && path.join(MARK).is_file()).collect();
    runs.sort();
    for run in runs.iter().rev().skip(keep).filter(|run| !goes_on(run)) {
        // One that somebody is looking at may stay.
        let _ = std::fs::remove_dir_all(run);
    }
}

/// `20260302-090000-4711`, as [`RunFolder::make`] calls those that nobody has named.
fn is_own_name(run: &Path) -> bool {
    let Some(name) = run.file_name().and_then(|name| name.to_str()) else { return false };
    let parts: Vec<&str> = name.split('-').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && (parts[0].len(), parts[1].len()) == (8, 6) && parts.iter().all(is_number)
}

fn goes_on(run: &Path) -> bool {
    let mark = File::open(run.join(MARK));
    mark.is_ok_and(|mark| matches!(mark.try_lock(), Err(TryLockError::WouldBlock)))
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), RunError> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("what a run leaves is made of plain values");
    bytes.push(b'\n');
    std::fs::write(path, bytes).map_err(RunError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_lie_beside_the_builds_products_where_there_are_any() {
        let house = tempfile::tempdir().unwrap();
        let deep = house.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(shelf(&deep), deep.join(".conformance"));
        std::fs::write(house.path().join("Cargo.toml"), "").unwrap();
        assert_eq!(shelf(&deep), deep.join(".conformance"));
        std::fs::create_dir(house.path().join("target")).unwrap();
        assert_eq!(shelf(&deep), house.path().join("target/conformance"));
    }

    #[test]
    fn a_run_is_for_no_other_eyes_and_a_folder_that_others_can_enter_is_not_ours() {
        let house = tempfile::tempdir().unwrap();
        let run = RunFolder::make(Some(Path::new("a/run")), house.path()).unwrap();
        assert_eq!(run.dir().metadata().unwrap().mode() & 0o777, 0o700);
        assert!(is_ours(run.dir()).is_ok());
        assert!(make_private(run.dir()).is_ok(), "it is there already");
        let open = house.path().join("open");
        DirBuilder::new().mode(0o755).create(&open).unwrap();
        let refused = is_ours(&open).unwrap_err().to_string();
        assert!(refused.contains("open: others have made it or may look into it"), "{refused}");
        let link = house.path().join("link");
        std::os::unix::fs::symlink(run.dir(), &link).unwrap();
        assert!(is_ours(&link).is_err(), "where a link leads may change");
    }

    #[test]
    fn only_the_last_runs_are_kept_and_nothing_else_is_touched() {
        let shelf = tempfile::tempdir().unwrap();
        let runs = ["20260301-090000-9", "20260302-090000-10", "20260303-090000-8"];
        for name in runs {
            std::fs::create_dir(shelf.path().join(name)).unwrap();
            std::fs::write(shelf.path().join(name).join(MARK), "").unwrap();
        }
        // No run's, and a run's that somebody has given this place and name.
        std::fs::create_dir(shelf.path().join("20260101-090000-1")).unwrap();
        drop(RunFolder::make(Some(Path::new("0-mine")), shelf.path()).unwrap());
        prune(shelf.path(), 2);
        let left = || {
            assert!(["20260101-090000-1", "0-mine"].iter().all(|name| shelf.path().join(name).exists()));
            runs.map(|name| shelf.path().join(name).exists())
        };
        assert_eq!(left(), [false, true, true]);
        let goes_on = RunFolder::make(Some(Path::new(runs[1])), shelf.path()).unwrap();
        prune(shelf.path(), 0);
        assert_eq!(left(), [false, true, false], "the second goes on");
        let refused = RunFolder::make(Some(Path::new(runs[1])), shelf.path()).unwrap_err().to_string();
        assert!(refused.ends_with("another run is being kept there"), "{refused}");
        drop(goes_on);
        prune(shelf.path(), 0);
        assert_eq!(left(), [false, false, false]);
    }

    #[test]
    fn a_folder_that_is_no_runs_is_not_emptied() {
        let house = tempfile::tempdir().unwrap();
        std::fs::create_dir(house.path().join("scenarios")).unwrap();
        std::fs::write(house.path().join("scenarios/mine.yaml"), "").unwrap();
        // As web applications have one.
        std::fs::write(house.path().join("manifest.json"), "{}").unwrap();
        assert!(RunFolder::make(Some(Path::new(".")), house.path()).is_err());
        assert!(house.path().join("scenarios/mine.yaml").exists());
    }

    #[test]
    fn a_folder_is_used_again_whether_or_not_a_run_was_written_down_in_it() {
        let house = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let kept = RunFolder::make(Some(Path::new("kept")), house.path()).unwrap();
            std::fs::create_dir(kept.dir().join("scenarios/old")).unwrap();
        }
    }
}
