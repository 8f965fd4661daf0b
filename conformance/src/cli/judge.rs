//! `conformance judge`: an earlier run judged again, from its folder alone.

use std::path::PathBuf;

use clap::Args;
use simulator::clock::wall_now;

use super::output::Talk;
use super::reports::Reports;
use super::{CliError, here};
use crate::contract::StackClock;
use crate::recording::Recording;
use crate::runner::court::{Court, Keep, Settled};
use crate::runner::folder::{Planned, RunFolder, Selection};
use crate::runner::outcome::{self, Exit, Finish, RunOutcome};
use crate::runner::schedule::{Passage, millis_since};
use crate::scenario::{self, control_of};
use crate::stack::known::Known;

/// Which run.
#[derive(Args, Debug)]
pub(super) struct JudgeArgs {
    /// The run's folder.
    dir: PathBuf,
    #[command(flatten)]
    reports: Reports,
    /// Say nothing unless something went wrong.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn judge(args: &JudgeArgs) -> Result<Exit, CliError> {
    let began = wall_now();
    let (folder, run) = RunFolder::open(&here()?.join(&args.dir)).map_err(CliError::wrong)?;
    let known = Known::read(folder.dir()).map_err(CliError::wrong)?;
    let court = Court::again(run.stack.clone(), run.declares.clone(), known, run.snapshots.clone());
    let (mut settled, mut finish) = (Vec::new(), Finish::Complete);
    for planned in &run.scenarios {
        let recording = folder.recording(&planned.id, false)?;
        let passage = recording.map(|r| passage(planned, r, &folder, run.declares.clock)).transpose()?;
        let whole = passage.filter(|passage| passage.control.is_some() || !passage.script.has_faults());
        let found = match (&planned.skipped, whole, folder.judgement(&planned.id)?) {
            (Some(why), _, _) => Settled::of(outcome::skipped(&planned.id, why.clone())),
            (None, Some(passage), _) => court.settle(&passage),
            // It could not be played, or its control run could not, and was judged so.
            (None, None, Some(judgement)) => Settled::of(judgement),
            (None, None, None) => {
                finish = Finish::Stopped;
                continue;
            }
        };
        settled.push((planned.clone(), found, 0));
    }
    // Whether snapshots are orphaned was the run's to say: scenarios may have moved since.
    let asked = (run.selection == Selection::Whole && finish == Finish::Complete).then_some(run.asked.as_slice());
    let (scenarios, findings) = court.conclude(settled, asked, Keep::unaccepted(run.seed))?;
    let outcome = RunOutcome {
        stack: run.stack,
        seed: run.seed,
        repeat: run.repeat,
        shard: None,
        asked: run.asked.clone(),
        scenarios,
        findings,
        finish,
        folder: folder.dir().to_owned(),
        wall_ms: millis_since(began),
    };
    args.reports.tell(&outcome, if args.quiet { Talk::Quiet } else { Talk::Usual })?;
    Ok(outcome.exit())
}

/// The scenario as it was played and what came of it.
pub(super) fn passage(
    planned: &Planned,
    recording: Recording,
    folder: &RunFolder,
    clock: StackClock,
) -> Result<Passage, CliError> {
    let mut script =
        scenario::read_text(&planned.id, &planned.path, &recording.scenario_text).map_err(CliError::wrong)?;
    script.draw_from(recording.seed);
    if clock == StackClock::Wall {
        script = crate::runner::placed_before(&script, recording.story_ended).map_err(CliError::ours)?;
    }
    let control = match script.has_faults() {
        true => folder.recording(&control_of(&script).id, true)?,
        false => None,
    };
    Ok(Passage { script, recording, control })
}
