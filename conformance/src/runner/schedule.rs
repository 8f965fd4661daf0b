//! Scenarios side by side: so many at a time, each in a folder and a simulation of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use simulator::clock::wall_now;
use simulator::time::SimTime;
use tokio::sync::watch;

use super::apart::play_apart;
use super::error::RunError;
use super::folder::RunFolder;
use super::play::{Order, play};
use super::side_by_side::{Spare, side_by_side};
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
    let (then, then_stage) = (Arc::new(then), Arc::clone(stage));
    let work = move |script: Script, spare: Spare| {
        let (stage, then) = (Arc::clone(&then_stage), Arc::clone(&then));
        async move {
            let began = wall_now();
            let pace = if spare.is_some() { Pace::SideBySide } else { Pace::InTurn };
            let result = match passage(&stage, script, pace).await {
                Ok(passage) => tokio::task::spawn_blocking(move || then(&passage))
                    .await
                    .map_err(|panic| RunError::Broken(panic.to_string())),
                Err(error) => Err(error),
            };
            Done { result, wall_ms: millis_since(began) }
        }
    };
    let mut done = BTreeMap::new();
    let pieces = scripts.into_iter().map(|script| (script.id.clone(), script));
    side_by_side(pieces, jobs, &stage.stop, work, |id, what| {
        let what = what.unwrap_or_else(|broken| Done { result: Err(broken), wall_ms: 0 });
        told(&id, &what);
        done.insert(id, what);
    })
    .await;
    done
}

/// Wall time since then, milliseconds.
pub fn millis_since(began: SimTime) -> u64 {
    u64::try_from(wall_now().since(began).as_millis()).unwrap_or(u64::MAX)
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
