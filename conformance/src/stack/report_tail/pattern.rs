//! Paths with `*` for a name or a part of one, and `**` for any folders.

use std::path::{Path, PathBuf};

use regex::Regex;

/// Which files of a folder are meant.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The folder that they all lie in, at whatever depth.
    root: PathBuf,
    path: Regex,
}

impl Pattern {
    /// Reads a path with stars.
    pub(super) fn new(pattern: &str) -> Self {
        let plain = pattern.split('/').take_while(|part| !part.contains('*')).collect::<Vec<_>>().join("/");
        let path = regex::escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*");
        let path = Regex::new(&format!("^{path}$")).expect("what was escaped is a pattern");
        Self { root: plain.into(), path }
    }

    /// The files that match by now, in order of their paths.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.root, &mut |file| {
            if self.path.is_match(&file.to_string_lossy()) {
                files.push(file.to_owned());
            }
        });
        files.sort();
        files
    }
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    if folder.is_file() {
        return visit(folder);
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // Links are not followed: they may lead in a circle.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), visit),
            Ok(kind) if kind.is_file() => visit(&entry.path()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_names_and_two_of_them_for_folders() {
        #[rustfmt::skip]
        let cases = [
            ("/run/out/*.json",        "/run/out/a.json",          true),
            ("/run/out/*.json",        "/run/out/2026/a.json",     false),
            ("/run/out/**/*.json",     "/run/out/2026/11/a.json",  true),
            ("/run/out/**/*.json",     "/run/out/a.json",          true),
            ("/run/out/**/*.json",     "/run/out/a.json.gz",       false),
            ("/run/a+b/*-events.log",  "/run/a+b/miro-events.log", true),
            ("/run/own.ndjson",        "/run/own.ndjson",          true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(Pattern::new(pattern).path.is_match(path), expected, "{pattern} and {path}");
        }
        assert_eq!(Pattern::new("/run/out/**/*.json").root, Path::new("/run/out"));
    }
}
