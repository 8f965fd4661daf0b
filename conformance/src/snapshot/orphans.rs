//! Accepted texts that belong to no scenario any more.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::check::found::found;
use crate::verdict::{Finding, Verdict};

use super::pages;
use super::store::Store;

/// How much of the scenarios a run saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them: what is not among them does not exist.
    Whole,
    /// Some: nothing can be said of the others.
    Part,
}

impl Store {
    /// One finding for each scenario and stack whose accepted texts belong to nothing.
    ///
    /// `known` are the scenarios of the run, each with each stack that runs it or would if it could; `stacks` are the
    /// stacks of the run. Texts of other stacks are left alone while their scenario exists.
    pub fn orphans(&self, known: &[(String, String)], stacks: &[String], scope: Scope) -> Vec<Finding> {
        if scope == Scope::Part {
            return Vec::new();
        }
        let mut orphans: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for path in files(self.root(), ".snap") {
            let (scenario, stack) = owner(self.root(), &path);
            let exists = known.iter().any(|(id, _)| *id == scenario);
            let is_run = known.iter().any(|(id, by)| *id == scenario && *by == stack);
            if !exists || (stacks.contains(&stack) && !is_run) {
                orphans.entry((scenario, stack)).or_default().push(self.shown(&path));
            }
        }
        let told = |((scenario, stack), files): (_, Vec<String>)| {
            let expected = format!("a scenario {scenario} that is run with {stack}");
            let observed = format!("{} accepted text(s) of a scenario that is not there", files.len());
            found(pages::ORPHANED, Verdict::Fail, expected, observed).evidence(files).done()
        };
        orphans.into_iter().map(told).collect()
    }
}

/// Scenario id and stack that a text's place names.
fn owner(root: &Path, path: &Path) -> (String, String) {
    let folder = path.parent().and_then(|folder| folder.strip_prefix(root).ok()).unwrap_or(Path::new(""));
    let parts: Vec<String> = folder.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.split_last() {
        Some((stack, id)) => (id.join("/"), stack.clone()),
        None => (String::new(), String::new()),
    }
}

/// Every file below a folder whose name ends so, in order.
pub(super) fn files(root: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            // A link may lead in a circle; nothing of ours is one.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.file_name().to_string_lossy().ends_with(ending) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}
