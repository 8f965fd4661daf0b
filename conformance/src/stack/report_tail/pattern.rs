//! Paths with `*` for a name or a part of one, and `**` for any folders.

use std::path::PathBuf;

use regex::Regex;

use crate::walk::{self, Links};

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
        // Without a star it is one file.
        if self.root.is_file() {
            files.push(self.root.clone());
        }
        walk::visit(&self.root, Links::Skipped, &|_| true, &mut |file, found| {
            if found.is_ok() && self.path.is_match(&file.to_string_lossy()) {
                files.push(file.to_owned());
            }
        });
        files.sort();
        files
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
        assert_eq!(Pattern::new("/run/out/**/*.json").root, PathBuf::from("/run/out"));
    }
}
