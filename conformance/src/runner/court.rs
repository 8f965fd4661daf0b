//! From recordings to what is reported: the judge's findings, known failures, snapshots. The same for a run and for an
//! earlier run that is judged again.

use std::path::{Path, PathBuf};

use simulator::clock::wall_now;
use simulator::world::World;

use super::error::RunError;
use super::folder::Planned;
use super::outcome::ScenarioOutcome;
use super::schedule::Passage;
use crate::contract::Declares;
use crate::judge;
use crate::observe::Facts;
use crate::report::redact::Redactor;
use crate::scenario::control_of;
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
    /// Nothing: they were drawn from another seed, so they are neither what was accepted nor to be proposed.
    Nothing,
}

impl Keep {
    /// What is done where nothing is to be accepted: with a seed of the run's own there is nothing to compare with.
    pub fn unaccepted(seed: Option<u64>) -> Self {
        if seed.is_some() { Self::Nothing } else { Self::Compare }
    }
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

    /// Whether a failure of a scenario is known.
    pub fn knows_of(&self, id: &str) -> bool {
        self.known.names(id)
    }

    /// Judges one scenario.
    pub fn settle(&self, passage: &Passage) -> Settled {
        let Passage { script, recording, control } = passage;
        let world = World::build(&script.scenario).ok();
        let facts = Facts::new(script, recording, &self.declares, world.as_ref());
        let without = control.as_ref().map(|control| (control_of(script), control));
        let control = without.as_ref().map(|(script, c)| Facts::new(script, c, &self.declares, world.as_ref()));
        let judgement = judge::judge(&facts, control.as_ref());
        let redactor = [Some(recording), passage.control.as_ref()]
            .into_iter()
            .flatten()
            .fold(Redactor::new().times(script.scenario.calendar()), |redactor, recording| {
                redactor.recording(recording)
            });
        Settled { judgement: redactor.judgement(&judgement), rendered: Snapshots::render(&facts, self.declares.clock) }
    }

    /// Takes out what is known, and holds results against the accepted ones or accepts them. `asked` are the paths of a
    /// run that left nothing out; only then can a snapshot or a known failure be said to belong to no scenario.
    pub fn conclude(
        &self,
        settled: Vec<(Planned, Settled, u64)>,
        asked: Option<&[PathBuf]>,
        keep: Keep,
    ) -> Result<(Vec<ScenarioOutcome>, Vec<Finding>), RunError> {
        let mut judgements: Vec<Judgement> = settled.iter().map(|(_, settled, _)| settled.judgement.clone()).collect();
        self.known.apply(&mut judgements, wall_now().civil().date());
        let store = self.snapshots.clone().map(Store::new);
        let mut scenarios = Vec::new();
        for ((planned, settled, wall_ms), mut judgement) in settled.into_iter().zip(judgements) {
            let is_played = judgement.skipped.is_none() && !settled.rendered.is_empty();
            let compared = is_played && keep != Keep::Nothing && !self.known.varies(&planned.id);
            if let Some(store) = store.as_ref().filter(|_| compared) {
                // A failure that is known is part of what is accepted.
                let marker = marker(&judgement);
                if keep == Keep::Accept && marker == Marker::Complete {
                    store.accept(&planned.id, &self.stack, &settled.rendered)?;
                } else {
                    add(&mut judgement, store.compare(&planned.id, &self.stack, &settled.rendered, &marker));
                }
            }
            let Planned { title, path, level, .. } = planned;
            scenarios.push(ScenarioOutcome { judgement, title, path, level, wall_ms });
        }
        let all = asked.is_some_and(|asked| self.covers_all(asked));
        let mut findings = Vec::new();
        if all {
            findings.extend(self.known.gone(&scenarios.iter().map(|s| s.judgement.id.as_str()).collect()));
        }
        if let Some(store) = &store {
            let known: Vec<(String, String)> =
                scenarios.iter().map(|s| (s.judgement.id.clone(), self.stack.clone())).collect();
            let scope = if all { Scope::Whole } else { Scope::Part };
            findings.extend(store.orphans(&known, std::slice::from_ref(&self.stack), scope));
        }
        Ok((scenarios, findings))
    }

    /// Whether the paths of a run that left nothing out hold every scenario there is: those that lie beside the
    /// snapshots.
    fn covers_all(&self, asked: &[PathBuf]) -> bool {
        let beside =
            self.snapshots.as_ref().and_then(|root| std::fs::canonicalize(root.parent()?.join("scenarios")).ok());
        let holds = |beside: &PathBuf, path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|p| beside.starts_with(p));
        beside.is_some_and(|beside| asked.iter().any(|path| holds(&beside, path)))
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

#[cfg(test)]
mod tests;
