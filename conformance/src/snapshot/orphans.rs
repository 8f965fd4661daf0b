//! Accepted texts that belong to no scenario any more.

use std::collections::BTreeMap;
use std::path::Path;

use crate::check::found::found;
use crate::verdict::{Finding, Verdict};
use crate::walk;

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
        for path in walk::ending_in(self.root(), ".snap") {
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
