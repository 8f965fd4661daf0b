//! The files below a folder: one way to find them, for scenarios, snapshots, reports and whatever a stack leaves behind.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What is made of a link. One that leads to a folder is never followed: it may lead in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Nothing: what it leads to is not below the folder.
    Skipped,
    /// A file, if it leads to one: as Kubernetes mounts the files of a ConfigMap.
    Files,
}

/// Visits what is `wanted` below a folder, in order of the paths: files, and what cannot be looked into, with the reason.
/// A folder that is not wanted is not entered, and one that is not there holds nothing.
pub fn visit(
    folder: &Path,
    links: Links,
    wanted: &impl Fn(&Path) -> bool,
    visitor: &mut impl FnMut(&Path, io::Result<()>),
) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => return visitor(folder, Err(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok(entry) => found.push(entry),
            // Gone since the folder was read.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => visitor(folder, Err(error)),
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, kind) in found.into_iter().filter(|(path, _)| wanted(path)) {
        if kind.is_dir() {
            visit(&path, links, wanted, visitor);
        } else if kind.is_file() || (kind.is_symlink() && links == Links::Files && path.is_file()) {
            visitor(&path, Ok(()));
        }
    }
}

/// Every file below a folder that can be looked into whose name ends so, in order.
pub fn ending_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    visit(folder, Links::Skipped, &|_| true, &mut |path, found| {
        if found.is_ok() && path.to_string_lossy().ends_with(ending) {
            files.push(path.to_owned());
        }
    });
    files.sort();
    files
}

/// Whether a name begins with a dot.
pub fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_whatever_leads_in_a_circle_and_hidden_folders_are_left_out_if_not_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["b/2.txt", "a/1.txt", ".git/3.txt", "4.log"] {
            std::fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            std::fs::write(at(path), "").unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), at("a/circle")).unwrap();
        assert_eq!(ending_in(folder.path(), ".txt"), [at(".git/3.txt"), at("a/1.txt"), at("b/2.txt")]);
        let mut seen = Vec::new();
        visit(folder.path(), Links::Skipped, &|path| !is_hidden(path), &mut |path, _| seen.push(path.to_owned()));
        assert_eq!(seen, [at("4.log"), at("a/1.txt"), at("b/2.txt")]);
        assert_eq!(ending_in(&at("none"), ""), [""; 0].map(PathBuf::from));
    }
}
