//! From recordings to what is reported: the judge's findings, known failures, snapshots. The same for a run and for an
//! earlier run that is judged again.

use std::path::{Path, PathBuf};

use simulator::clock::wall_now;

use super::error::RunError;
use super::outcome::ScenarioOutcome;
use super::schedule::Passage;
use crate::contract::Declares;
use crate::judge;
use crate::observe::Facts;
use crate::report::redact::Redactor;
use crate::scenario::Script;
use crate::snapshot::{Marker, Scope, Snapshots, Store};
use crate::stack::Manifest;
use crate::stack::known::Known;
use crate::verdict::{Finding, Judgement, Verdict};

/// What verdicts are measured against.
pub struct Court {
    stack: String,
    declares: Declares,
    known: Known,
    snapshots: Option<PathBuf>,
}

/// What was found about a scenario, and how it would be kept.
pub struct Settled {
    /// The judge's findings.
    pub judgement: Judgement,
    rendered: Vec<(&'static str, String)>,
}

/// What is done with results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// They are held against those that were accepted.
    Compare,
    /// They are accepted, where all checks passed.
    Accept,
}

impl Settled {
    /// A judgement without a recording.
    pub fn of(judgement: Judgement) -> Self {
        Self { judgement, rendered: Vec::new() }
    }
}

impl Court {
    /// For the stack of a manifest.
    pub fn new(manifest: &Manifest, known: Known, snapshots: Option<PathBuf>) -> Self {
        Self { stack: manifest.name.clone(), declares: manifest.declares.clone(), known, snapshots }
    }

    /// For a stack of which only this is known.
    pub fn again(stack: String, declares: Declares, known: Known, snapshots: Option<PathBuf>) -> Self {
        Self { stack, declares, known, snapshots }
    }

    /// Where accepted snapshots lie, if anywhere.
    pub fn snapshots(&self) -> Option<&Path> {
        self.snapshots.as_deref()
    }

    /// Judges one scenario.
    pub fn settle(&self, passage: &Passage) -> Settled {
        let Passage { script, recording, control } = passage;
        let judgement = judge::judge(script, recording, control.as_ref(), &self.declares);
        let redactor = Redactor::new().secrets(&recording.secrets);
        let facts = Facts::new(script, recording, &self.declares);
        Settled { judgement: redactor.judgement(&judgement), rendered: Snapshots::render(&facts, self.declares.clock) }
    }

    /// Takes out what is known, and holds results against the accepted ones or accepts them. `asked` are the paths of a
    /// run that left nothing out; only then can a snapshot be said to belong to no scenario.
    pub fn conclude(
        &self,
        settled: Vec<(Script, Settled, u64)>,
        asked: Option<&[PathBuf]>,
        keep: Keep,
    ) -> Result<(Vec<ScenarioOutcome>, Vec<Finding>), RunError> {
        let mut judgements: Vec<Judgement> = settled.iter().map(|(_, settled, _)| settled.judgement.clone()).collect();
        self.known.apply(&mut judgements, wall_now().civil().date());
        let store = self.snapshots.clone().map(Store::new);
        let mut scenarios = Vec::new();
        for ((script, settled, wall_ms), mut judgement) in settled.into_iter().zip(judgements) {
            if let (Some(store), false) = (&store, settled.rendered.is_empty()) {
                let marker = marker(&settled.judgement);
                if keep == Keep::Accept && marker == Marker::Complete {
                    store.accept(&script.id, &self.stack, &settled.rendered, &marker)?;
                } else {
                    add(&mut judgement, store.compare(&script.id, &self.stack, &settled.rendered, &marker));
                }
            }
            scenarios.push(ScenarioOutcome {
                judgement,
                title: script.scenario.title.clone(),
                path: script.path.clone(),
                level: script.level,
                wall_ms,
            });
        }
        let known: Vec<(String, String)> =
            scenarios.iter().map(|s| (s.judgement.id.clone(), self.stack.clone())).collect();
        let scope = if asked.is_some_and(covers_all) { Scope::Whole } else { Scope::Part };
        let findings = store.map(|s| s.orphans(&known, std::slice::from_ref(&self.stack), scope)).unwrap_or_default();
        Ok((scenarios, findings))
    }
}

fn add(judgement: &mut Judgement, findings: Vec<Finding>) {
    judgement.findings.extend(findings);
    judgement.findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    judgement.verdict =
        judgement.findings.first().map_or(judgement.verdict, |worst| worst.verdict.max(judgement.verdict));
}

/// Whether results may become what is accepted.
fn marker(judgement: &Judgement) -> Marker {
    if judgement.verdict == Verdict::Pass {
        return Marker::Complete;
    }
    let first = judgement.findings.first().map_or("its checks did not pass", |f| f.check.as_str());
    Marker::Partial { why: format!("the run did not pass: {first}") }
}

/// Whether the paths of a run that left nothing out hold every scenario there is: one is the folder `scenarios` itself.
fn covers_all(asked: &[PathBuf]) -> bool {
    asked.iter().any(|path| {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        path.is_dir() && path.file_name().is_some_and(|name| name == "scenarios")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_of_the_whole_folder_can_call_a_snapshot_orphaned() {
        let house = tempfile::tempdir().unwrap();
        let root = house.path().join("scenarios");
        std::fs::create_dir_all(root.join("travel")).unwrap();
        assert!(covers_all(&[root.clone()]));
        assert!(!covers_all(&[root.join("travel")]));
    }
}
