//! The folder that a run leaves: enough to judge it again offline.
//!
//! ```text
//! manifest.json                      versions, seed, stack and what it declares, scenarios and their hashes, command
//! scenarios/ID/recording.json        what happened, was asked, was said
//! scenarios/ID/control.json          the same of the control run
//! scenarios/ID/judgement.json        what was found
//! scenarios/ID/main/, …/control/     what the stack was given, its working directory, its output
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use simulator::clock::wall_now;
use simulator::time::SimTime;

use super::error::RunError;
use crate::contract::Declares;
use crate::recording::Recording;
use crate::scenario::{Level, Script};
use crate::stack::nearest;

/// Version of what lies in a run folder.
const VERSION: u32 = 2;

/// So many run folders are kept where no other place was asked for.
const KEPT: usize = 5;

/// How the name of a run's folder begins.
const NAME_FORMAT: &str = "%Y%m%d-%H%M%S";

/// A run that was begun less than that ago may still be going on.
const GOES_ON: Duration = Duration::from_secs(10 * 60);

const MANIFEST: &str = "manifest.json";
/// Says that what is kept beside it is ours to remove.
const MARK: &str = "conformance-runs.txt";

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    dir: PathBuf,
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
        (VERSION, env!("CARGO_PKG_VERSION").to_owned())
    }
}

impl RunFolder {
    /// A folder for a new run: `asked`, or one of its own beside the last few.
    pub fn make(asked: Option<&Path>, from: &Path) -> Result<Self, RunError> {
        let dir = match asked {
            Some(dir) => from.join(dir),
            None => {
                let shelf = shelf(from);
                std::fs::create_dir_all(&shelf).map_err(RunError::file(&shelf))?;
                // Beside a `target` folder it is ignored already.
                if shelf.ends_with(".conformance") {
                    let ignore = shelf.join(".gitignore");
                    std::fs::write(&ignore, "*\n").map_err(RunError::file(&ignore))?;
                }
                prune(&shelf, KEPT - 1, wall_now());
                shelf.join(format!("{}-{}", wall_now().civil().strftime(NAME_FORMAT), std::process::id()))
            }
        };
        let scenarios = dir.join("scenarios");
        if scenarios.exists() {
            if !dir.join(MARK).is_file() {
                let why = format!("holds `scenarios` and no `{MARK}`, as folders of runs do; it is not ours to empty");
                return Err(RunError::Unreadable { path: dir, why });
            }
            std::fs::remove_dir_all(&scenarios).map_err(RunError::file(&scenarios))?;
        }
        std::fs::create_dir_all(&scenarios).map_err(RunError::file(&scenarios))?;
        let mark = dir.join(MARK);
        std::fs::write(&mark, "Runs are kept here. The next one empties `scenarios`.\n")
            .map_err(RunError::file(&mark))?;
        Ok(Self { dir })
    }

    /// Whether `dir` is the folder of an earlier run.
    pub fn is_one(dir: &Path) -> bool {
        dir.join(MANIFEST).is_file() && dir.join("scenarios").is_dir()
    }

    /// The folder of an earlier run, and what it was.
    pub fn open(dir: &Path) -> Result<(Self, RunManifest), RunError> {
        let manifest: RunManifest = read(&dir.join(MANIFEST))?;
        if manifest.version != VERSION {
            let why = format!("version {} is not {VERSION}", manifest.version);
            return Err(RunError::Unreadable { path: dir.join(MANIFEST), why });
        }
        Ok((Self { dir: dir.to_owned() }, manifest))
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes down what the run is.
    pub fn keep_manifest(&self, manifest: &RunManifest) -> Result<(), RunError> {
        write(&self.dir.join(MANIFEST), manifest)
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
        if path.exists() { read(&path).map(Some) } else { Ok(None) }
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
        if path.exists() { read(&path).map(Some) } else { Ok(None) }
    }

    fn recording_path(&self, id: &str, control: bool) -> PathBuf {
        self.scenario(id).join(if control { "control.json" } else { "recording.json" })
    }

    fn scenario(&self, id: &str) -> PathBuf {
        self.dir.join("scenarios").join(id)
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

/// The snapshots folder that holds for work in `from`.
pub fn snapshots(asked: Option<&Path>, from: &Path) -> Option<PathBuf> {
    match asked {
        Some(dir) => Some(from.join(dir)),
        None => nearest(from, "snapshots"),
    }
}

/// Removes the oldest runs until `keep` are left, but none so young that it may still be going on. Their names begin with
/// the time.
fn prune(shelf: &Path, keep: usize, now: SimTime) {
    let entries = std::fs::read_dir(shelf).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut runs: Vec<PathBuf> = entries.filter(|path| path.join(MANIFEST).is_file()).collect();
    runs.sort();
    let young = (now - GOES_ON).civil().strftime(NAME_FORMAT).to_string();
    let old = |run: &&PathBuf| run.file_name().is_some_and(|name| *name.to_string_lossy() < *young);
    for run in runs.iter().rev().skip(keep).filter(old) {
        // One that somebody is looking at may stay.
        let _ = std::fs::remove_dir_all(run);
    }
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), RunError> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("what a run leaves is made of plain values");
    bytes.push(b'\n');
    std::fs::write(path, bytes).map_err(RunError::file(path))
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, RunError> {
    let bytes = std::fs::read(path).map_err(RunError::file(path))?;
    serde_json::from_slice(&bytes).map_err(|e| RunError::Unreadable { path: path.to_owned(), why: e.to_string() })
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
    fn only_the_last_runs_are_kept_and_nothing_else_is_touched() {
        let shelf = tempfile::tempdir().unwrap();
        for name in ["1", "2", "3"] {
            std::fs::create_dir(shelf.path().join(name)).unwrap();
            std::fs::write(shelf.path().join(name).join(MANIFEST), "").unwrap();
        }
        std::fs::create_dir(shelf.path().join("0-mine")).unwrap();
        let now = SimTime::parse_rfc3339("2026-11-25T12:00:00Z").unwrap();
        prune(shelf.path(), 2, now);
        let left = |names: &[&str]| names.iter().map(|name| shelf.path().join(name).exists()).collect::<Vec<_>>();
        assert_eq!(left(&["0-mine", "1", "2", "3"]), [true, false, true, true]);
        let young = ["20261125-114959-7", "20261125-115100-7", "20261125-115900-7"];
        for name in young {
            std::fs::create_dir(shelf.path().join(name)).unwrap();
            std::fs::write(shelf.path().join(name).join(MANIFEST), "").unwrap();
        }
        prune(shelf.path(), 2, now);
        assert_eq!(left(&young), [false, true, true], "the first is old enough");
        prune(shelf.path(), 1, now);
        assert_eq!(left(&young), [false, true, true], "the others may still be going on");
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
