//! Scenarios side by side: so many at a time, each in a folder and a simulation of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use simulator::clock::wall_now;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::apart::play_apart;
use super::error::RunError;
use super::folder::RunFolder;
use super::play::{Order, play};
use super::wall::placed_before;
use crate::contract::StackClock;
use crate::recording::Recording;
use crate::scenario::{Script, control_of};
use crate::stack::{Manifest, Transport};

/// What all passages of a run share.
pub struct Stage {
    /// The stack.
    pub manifest: Manifest,
    /// This program.
    pub exe: std::path::PathBuf,
    /// Where recordings are kept.
    pub folder: RunFolder,
    /// Turns true when somebody stops the run.
    pub stop: watch::Receiver<bool>,
}

/// A scenario that was played, its control run too where it has one.
pub struct Passage {
    /// The scenario.
    pub script: Script,
    /// What happened.
    pub recording: Recording,
    /// What happened without faults.
    pub control: Option<Recording>,
}

/// What became of a scenario.
pub struct Done<T> {
    /// What was made of its recordings, or why there are none.
    pub result: Result<T, RunError>,
    /// Wall time it took, milliseconds.
    pub wall_ms: u64,
}

/// Plays scenarios, at most `jobs` at a time, and makes of each what `then` does; gives them back by id. `told` hears of
/// each as it is done. Once the run is stopped no further one is begun; those are missing.
pub async fn play_all<T: Send + 'static>(
    stage: &Arc<Stage>,
    scripts: Vec<Script>,
    jobs: usize,
    then: impl Fn(&Passage) -> T + Send + Sync + 'static,
    mut told: impl FnMut(&str, &Done<T>),
) -> BTreeMap<String, Done<T>> {
    let (then, slots) = (Arc::new(then), Arc::new(Semaphore::new(jobs.max(1))));
    let mut running = JoinSet::new();
    for script in scripts {
        let (stage, slots, then) = (Arc::clone(stage), Arc::clone(&slots), Arc::clone(&then));
        running.spawn(async move {
            let _slot = slots.acquire().await.expect("the semaphore is never closed");
            if *stage.stop.borrow() {
                return None;
            }
            let (id, began) = (script.id.clone(), wall_now());
            // A slot that nobody waits for.
            let spare = slots.try_acquire();
            let pace = if spare.is_ok() { Pace::SideBySide } else { Pace::InTurn };
            let stage = Arc::clone(&stage);
            let played = tokio::spawn(async move {
                let passage = passage(&stage, script, pace).await?;
                Ok(tokio::task::spawn_blocking(move || then(&passage)).await)
            });
            // A mistake of ours in one scenario is that scenario's error and no other's.
            let result = match played.await {
                Ok(Ok(judged)) => judged.map_err(|panic| RunError::Broken(panic.to_string())),
                Ok(Err(error)) => Err(error),
                Err(panic) => Err(RunError::Broken(panic.to_string())),
            };
            let wall_ms = u64::try_from(wall_now().since(began).as_millis()).unwrap_or(u64::MAX);
            Some((id, Done { result, wall_ms }))
        });
    }
    let mut done = BTreeMap::new();
    while let Some(finished) = running.join_next().await {
        let finished = finished.expect("what can panic runs in a task of its own");
        if let Some((id, what)) = finished {
            told(&id, &what);
            done.insert(id, what);
        }
    }
    done
}

/// How a scenario and its control run are played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// One after the other.
    InTurn,
    /// Both at once: half as long for whoever waits, where there are cores for both.
    SideBySide,
}

/// Plays one scenario, and its control run where it has faults.
pub async fn passage(stage: &Stage, mut script: Script, pace: Pace) -> Result<Passage, RunError> {
    if stage.manifest.declares.clock == StackClock::Wall {
        // Once, so that the control run, the judge and the snapshots speak of the same times.
        script = placed_before(&script, wall_now())?;
    }
    let control = script.has_faults().then(|| control_of(&script));
    let run = record(stage, &script, false);
    let control_run = async {
        match &control {
            Some(control) => record(stage, control, true).await.map(Some),
            None => Ok(None),
        }
    };
    let (recording, control) = match pace {
        Pace::InTurn => (run.await?, control_run.await?),
        Pace::SideBySide => tokio::try_join!(run, control_run)?,
    };
    Ok(Passage { script, recording, control })
}

async fn record(stage: &Stage, script: &Script, control: bool) -> Result<Recording, RunError> {
    let order = Order {
        script,
        control,
        manifest: &stage.manifest,
        exe: Path::new(&stage.exe),
        dir: stage.folder.passage(&script.id, control),
        stop: stage.stop.clone(),
    };
    let recording = match stage.manifest.transport {
        Transport::Direct | Transport::Intercept => play(&order).await?,
        Transport::Hosts => play_apart(&order).await?,
    };
    stage.folder.keep(&recording)?;
    Ok(recording)
}
