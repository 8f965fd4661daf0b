//! What a stack keeps: its state, removed, cut or taken away between two runs, or looked at when all is over.
//!
//! A state that cannot be kept is one whose folder is not there, with a plain file in its place: nothing can be made below a
//! file, whoever asks (`ENOTDIR`). Permissions would not do, for they say nothing to a stack that runs as root, as in a
//! container; and a limit on the size of files (`RLIMIT_FSIZE`) would strike its report and its log as well. The price is that
//! the state cannot be read either, as when a volume was not mounted.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions, remove_file, rename};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::recording::OpenFile;
use crate::secrets::Search;
use crate::walk::{Links, visit};

/// Others may read a file, or go through a folder.
const READ: u32 = 0o004;
const ENTER: u32 = 0o001;

/// The permissions among what a file's mode says.
const PERMISSIONS: u32 = 0o7777;

/// Removes every file of a state folder but the report, should that lie there.
pub(super) fn wipe(state: &Path, report: &Path) -> std::io::Result<()> {
    files(state, report)?.iter().try_for_each(|file| match remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// Cuts every file of a state folder but the report to the first half of its bytes. Says whether any held something.
pub(super) fn cut(state: &Path, report: &Path) -> std::io::Result<bool> {
    let mut any = false;
    for path in files(state, report)? {
        let file = OpenOptions::new().write(true).open(path)?;
        let bytes = file.metadata()?.len();
        any |= bytes > 0;
        file.set_len(bytes / 2)?;
    }
    Ok(any)
}

/// The files of a state folder, in order, but the report.
fn files(state: &Path, report: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut wrong = None;
    visit(state, Links::Skipped, &|path| path != report, &mut |path, found| match found {
        Ok(()) => files.push(path.to_owned()),
        Err(error) => wrong = wrong.take().or(Some(error)),
    });
    wrong.map_or(Ok(files), Err)
}

/// A state whose place was taken.
#[derive(Debug)]
#[must_use = "the stack has its state back when it is given back"]
pub(super) struct TakenState {
    /// Where the state belongs.
    place: PathBuf,
    /// Where it is meanwhile; none if there was none yet.
    aside: Option<PathBuf>,
}

/// Puts a state folder aside, and a plain file in its place.
pub(super) fn take(state: &Path) -> std::io::Result<TakenState> {
    let aside = state.with_extension("aside");
    let aside = match rename(state, &aside) {
        Ok(()) => Some(aside),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    File::create_new(state)?;
    Ok(TakenState { place: state.to_owned(), aside })
}

impl TakenState {
    /// Puts the state back where it belongs, as it was.
    pub(super) fn give_back(self) -> std::io::Result<()> {
        remove_file(&self.place)?;
        self.aside.map_or(Ok(()), |aside| rename(aside, &self.place))
    }
}

/// The files of a state folder that others than their owner and his group can read, with the secrets that each holds.
pub(super) fn open_to_others(state: &Path, report: &Path, secrets: &BTreeMap<String, String>) -> Vec<OpenFile> {
    let search = Search::new(secrets);
    let is_open = |about: &Metadata| about.mode() & if about.is_dir() { ENTER } else { READ } != 0;
    let open = |path: &Path| path.metadata().is_ok_and(|about| is_open(&about));
    if !open(state) {
        return Vec::new();
    }
    let mut files = Vec::new();
    visit(state, Links::Skipped, &|path| path != report && open(path), &mut |path, _| files.push(path.to_owned()));
    files.sort();
    let file = |path: PathBuf| {
        let mode = path.metadata().ok()?.mode() & PERMISSIONS;
        let found = search.in_stream(File::open(&path).ok()?).ok()?;
        let name = path.strip_prefix(state).unwrap_or(&path).display().to_string();
        Some(OpenFile { name, mode, secrets: found.into_iter().map(str::to_owned).collect() })
    };
    files.into_iter().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, create_dir, create_dir_all, read_dir, read_to_string, set_permissions, write};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn all_is_removed_but_the_report() {
        let state = tempfile::tempdir().unwrap();
        let report = state.path().join("report.ndjson");
        create_dir(state.path().join("cursors")).unwrap();
        for file in ["tokens", "cursors/miro", "report.ndjson"] {
            write(state.path().join(file), "x").unwrap();
        }
        wipe(state.path(), &report).unwrap();
        assert!(report.exists() && !state.path().join("tokens").exists());
        assert_eq!(read_dir(state.path().join("cursors")).unwrap().count(), 0);
        wipe(&state.path().join("none"), &report).unwrap();
    }

    #[test]
    fn every_file_is_cut_in_its_middle_but_the_report() {
        let state = tempfile::tempdir().unwrap();
        let at = |file: &str| state.path().join(file);
        create_dir(at("cursors")).unwrap();
        assert!(!cut(state.path(), &at("report.ndjson")).unwrap(), "there is nothing yet");
        for (file, text) in
            [("tokens", "{\"refresh\": 1}"), ("cursors/miro", "2026-"), ("lock", ""), ("report.ndjson", "1234")]
        {
            write(at(file), text).unwrap();
        }
        assert!(cut(state.path(), &at("report.ndjson")).unwrap());
        let left = ["tokens", "cursors/miro", "lock", "report.ndjson"].map(|file| read_to_string(at(file)).unwrap());
        assert_eq!(left, ["{\"refre", "20", "", "1234"]);
    }

    #[test]
    fn nothing_can_be_kept_where_a_state_was_until_it_is_given_back() {
        let run = tempfile::tempdir().unwrap();
        let state = run.path().join("state");
        create_dir(&state).unwrap();
        write(state.join("tokens"), "kept").unwrap();
        let taken = take(&state).unwrap();
        for path in [state.join("tokens"), state.join("new")] {
            assert_eq!(write(&path, "x").unwrap_err().kind(), ErrorKind::NotADirectory, "{}", path.display());
        }
        assert!(create_dir_all(&state).is_err());
        taken.give_back().unwrap();
        assert_eq!(read_to_string(state.join("tokens")).unwrap(), "kept");
        write(state.join("new"), "x").unwrap();
    }

    #[test]
    fn where_there_was_no_state_there_is_none_afterwards() {
        let run = tempfile::tempdir().unwrap();
        let state = run.path().join("state");
        let taken = take(&state).unwrap();
        assert!(state.is_file());
        taken.give_back().unwrap();
        assert!(!state.exists());
    }

    #[test]
    fn what_others_can_read_is_told_with_the_secrets_in_it() {
        let state = tempfile::tempdir().unwrap();
        set_permissions(state.path(), Permissions::from_mode(0o755)).unwrap();
        let secrets = BTreeMap::from([("<token:miro/stack#1>".to_owned(), "canary-0123456789".to_owned())]);
        #[rustfmt::skip]
        let files = [
            ("tokens",       0o644, "canary-0123456789"),
            ("cursor",       0o604, "2026-03-02"),
            ("private",      0o640, "canary-0123456789"),
            ("apart/tokens", 0o644, "canary-0123456789"),
        ];
        create_dir(state.path().join("apart")).unwrap();
        for (file, mode, text) in files {
            write(state.path().join(file), text).unwrap();
            set_permissions(state.path().join(file), Permissions::from_mode(mode)).unwrap();
        }
        set_permissions(state.path().join("apart"), Permissions::from_mode(0o750)).unwrap();
        let open = open_to_others(state.path(), Path::new("none"), &secrets);
        let told: Vec<_> = open.iter().map(|file| (file.name.as_str(), file.mode, file.secrets.len())).collect();
        assert_eq!(told, [("cursor", 0o604, 0), ("tokens", 0o644, 1)]);
        set_permissions(state.path(), Permissions::from_mode(0o700)).unwrap();
        assert_eq!(open_to_others(state.path(), Path::new("none"), &secrets), []);
    }
}
