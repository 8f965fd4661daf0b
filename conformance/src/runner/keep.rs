//! What a stack keeps: its state, removed between two runs, or looked at when all is over.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, remove_file};
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
    let mut files: Vec<PathBuf> = Vec::new();
    let mut wrong = None;
    visit(state, Links::Skipped, &|path| path != report, &mut |path, found| match found {
        Ok(()) => files.push(path.to_owned()),
        Err(error) => wrong = wrong.take().or(Some(error)),
    });
    files.iter().try_for_each(|file| match remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })?;
    wrong.map_or(Ok(()), Err)
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
    use std::fs::{Permissions, create_dir, read_dir, set_permissions, write};
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
