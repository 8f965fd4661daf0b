//! One passage of a stack through a scenario, from an empty folder to a recording.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use simulator::Simulation;
use simulator::SimulationError;
use simulator::clock::{ClockMode, wall_now};
use simulator::control::Extent;
use simulator::scenario::{Credentials, Scenario};
use simulator::server::{self, Listen, Names, ServeError, ServeOptions};
use simulator::time::SimTime;
use simulator::timeline::Timeline;
use simulator::tls::{Authority, Reach};
use simulator::world::World;
use tokio::sync::watch;

use super::end::run_end;
use super::error::RunError;
use super::interception::Interception;
use super::jump::{self, Course};
use super::place::Place;
use super::subject::{Left, Subject};
use super::{truth, wall};
use crate::contract::StackClock;
use crate::recording::{End, FaultBite, Recording};
use crate::scenario::Script;
use crate::stack::consent::Browser;
use crate::stack::{Manifest, Transport};

/// What is to be played.
pub struct Order<'a> {
    /// The scenario, or its control run's; under a wall clock placed before now.
    pub script: &'a Script,
    /// Whether it is the control run.
    pub control: bool,
    /// The stack.
    pub manifest: &'a Manifest,
    /// This program, for stacks that live inside it.
    pub exe: &'a Path,
    /// A folder for this passage alone; what lies there is removed.
    pub dir: PathBuf,
    /// Turns true when somebody stops the run.
    pub stop: watch::Receiver<bool>,
}

/// Plays a scenario. What goes wrong with the stack is in the recording; an error is ours.
pub async fn play(order: &Order<'_>) -> Result<Recording, RunError> {
    let Order { script, manifest, .. } = order;
    let declares = &manifest.declares;
    let (scenario, story_ends) = staged(script, manifest)?;
    let timezone = scenario.stack.timezone.clone();
    let mode = match declares.clock {
        StackClock::Virtual => ClockMode::Virtual,
        StackClock::Wall => ClockMode::Wall,
    };
    let sim = Simulation::new(scenario, mode)?;
    let mut place = Place::make(&order.dir, manifest, order.exe)?;
    let wants_tls = manifest.transport != Transport::Direct
        || sim.scenario.faults.iter().any(|fault| fault.kind.wants_certificates());
    let authority = match wants_tls {
        true => Some(Arc::new(Authority::new(wall_now(), &[]).map_err(ServeError::from)?)),
        false => None,
    };
    let options = ServeOptions {
        listen: Listen::Ephemeral,
        redirect_uris: place.redirect_uris(),
        control: Extent::Stack,
        authority: authority.clone(),
    };
    let mut running = server::start(Arc::clone(&sim), options).await?;
    let interception = match authority {
        None => None,
        Some(authority) => {
            let names = || Names::of(&sim.scenario, &[]).expect("the vendors' own names are sound");
            let reach = match manifest.transport {
                Transport::Direct => Reach::Addresses,
                Transport::Intercept => Reach::Proxy(running.open_proxy(names()).await?),
                Transport::Hosts => {
                    running.open_names(names()).await?;
                    Reach::Hosts
                }
            };
            Some(Interception { reach, ca_file: place.keep_authority(&authority)?, authority })
        }
    };
    place.furnish(manifest, &sim, &running, interception.as_ref())?;
    let whereabouts = place.whereabouts(&sim, &running);
    let launches = place.launches(manifest, &timezone, interception.as_ref())?;
    let ready_url = place.ready_url(manifest)?;
    let served = place.listen()?;
    let browser = interception.as_ref().map_or_else(Browser::new, Interception::browser);
    let mut subject = Subject::new(&sim, manifest, launches, place, ready_url, browser, &script.consent_faults);

    let started = sim.clock.now();
    let stop = order.stop.clone();
    let (end, ended, mut bites) = match sim.coordinator() {
        Some(clock) => {
            let course = Course {
                faults: &script.process_faults,
                mode: manifest.mode,
                exit_status: manifest.exit_status,
                poll_every: declares.poll_every,
                story_ends,
                ends: run_end(story_ends, declares),
            };
            let outcome = jump::play(&sim, clock, &mut subject, &course, stop).await?;
            (outcome.end, outcome.ended, outcome.bites)
        }
        None => {
            let outcome = wall::play(&sim, &mut subject, manifest, &script.process_faults, stop).await?;
            (outcome.end, outcome.ended, outcome.bites)
        }
    };
    // Exchanges that are still open enter the journal now.
    running.shutdown().await;
    if sim.journal.forgotten() > 0 {
        return Err(RunError::TooManyExchanges { kept: sim.journal.capacity() });
    }
    bites.extend(subject.consent_bites());
    let left = subject.leave(ended);
    drop(served);
    Ok(record(order, &sim, Played { started, story_ends, ended, end, bites, left, whereabouts }))
}

struct Played {
    started: SimTime,
    story_ends: SimTime,
    ended: SimTime,
    end: End,
    bites: Vec<FaultBite>,
    left: Left,
    whereabouts: crate::recording::Whereabouts,
}

fn record(order: &Order<'_>, sim: &Simulation, played: Played) -> Recording {
    let on_the_wire =
        sim.fault_bites().into_iter().map(|(kind, line, bites)| FaultBite { kind: kind.to_owned(), line, bites });
    let mut faults: Vec<FaultBite> = on_the_wire.chain(played.bites).collect();
    faults.sort_by_key(|fault| fault.line);
    let mut recording = Recording {
        scenario: order.script.id.clone(),
        scenario_text: order.script.text.clone(),
        control: order.control,
        seed: sim.scenario.seed.0,
        started: played.started,
        story_ended: played.story_ends,
        ended: played.ended,
        truth: truth::records(sim, played.ended),
        people: truth::people(sim),
        prevented: truth::prevented(sim),
        journal: sim.journal.entries(),
        faults,
        report: played.left.report,
        outputs: played.left.outputs,
        open_state: played.left.open_state,
        process: played.left.process,
        end: played.end,
        secrets: sim.secrets(),
        whereabouts: played.whereabouts,
    };
    recording.sort_journal();
    recording
}

/// The scenario as it is played for this stack, and when its story ends: that is written into it, so that background
/// and faults end there too; an app whose OAuth, or way of installing an app, the stack does not claim is given a ready token.
fn staged(script: &Script, manifest: &Manifest) -> Result<(Scenario, SimTime), RunError> {
    let mut scenario = Scenario::clone(&script.scenario);
    for app in &mut scenario.apps {
        let way = app.credentials.capability();
        if way.is_some_and(|way| !manifest.claims(&format!("{}.{way}", app.vendor.name()))) {
            app.credentials = Credentials::Token;
        }
    }
    let story_ends = story_end(&scenario)?;
    scenario.stack.ends = Some(story_ends);
    Ok((scenario, story_ends))
}

/// When a story ends: as written, or an hour after the last record of its script is readable.
pub fn story_end(scenario: &Scenario) -> Result<SimTime, RunError> {
    let world = World::build(scenario).map_err(SimulationError::from)?;
    Ok(Timeline::new(Arc::new(scenario.clone()), Arc::new(world)).ends())
}
