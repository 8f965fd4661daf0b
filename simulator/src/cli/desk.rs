//! What `serve` and `exec` have in common: a simulation on the machine's clock, with the files that go with it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::CliError;
use crate::clock::{ClockMode, wall_now};
use crate::scenario::Scenario;
use crate::server::GeoFiles;
use crate::simulation::Simulation;
use crate::time::DAY_US;
use crate::tls::Authority;
use crate::world::feeds::{Feeds, TOR_EXITS, plain};
use crate::world::geo;

/// How long the background goes on.
const GOES_ON_FOR: Duration = Duration::from_secs(366 * 86_400);

/// A simulation whose history lies behind and whose script is still to come: day 1 is today (UTC).
pub(super) fn simulation(mut scenario: Scenario) -> Result<Arc<Simulation>, CliError> {
    let apart = wall_now().us() - scenario.calendar().day_1().us();
    scenario.shift(apart.div_euclid(DAY_US));
    scenario.stack.ends = None;
    let sim = Simulation::new(scenario, ClockMode::Wall).map_err(|e| CliError::Input(e.to_string()))?;
    sim.state().timeline.set_end(sim.clock.now() + GOES_ON_FOR);
    Ok(sim)
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|e| CliError::Failed(format!("no runtime: {e}")))
}

/// An authority of this run, and its certificate in `file`.
pub(super) fn authority(addresses: &[IpAddr], file: &Path) -> Result<Arc<Authority>, CliError> {
    let authority = Authority::new(wall_now(), addresses).map_err(|e| CliError::Failed(e.to_string()))?;
    write(file, authority.pem().as_bytes())?;
    Ok(Arc::new(authority))
}

/// A folder that ends with the command.
pub(super) fn run_folder() -> Result<tempfile::TempDir, CliError> {
    let folder = tempfile::Builder::new().prefix("simulator-").tempdir();
    folder.map_err(|e| CliError::Failed(format!("cannot make a temporary folder: {e}")))
}

pub(super) fn write_geo(sim: &Simulation, folder: &Path) -> Result<GeoFiles, CliError> {
    let epoch = sim.scenario.history_start();
    let feeds = Feeds::of(&sim.scenario, &sim.world, sim.clock.now());
    let file = |name: &str, bytes: Vec<u8>| {
        let path = folder.join(name);
        write(&path, &bytes)?;
        Ok::<_, CliError>(std::path::absolute(&path).unwrap_or(path))
    };
    Ok(GeoFiles {
        city: file("city.mmdb", geo::city(&sim.world, epoch))?,
        asn: file("asn.mmdb", geo::asn(&sim.world, epoch))?,
        anonymous_ip: file("anonymous-ip.mmdb", geo::anonymous_ip(&sim.world, feeds.changed(TOR_EXITS)))?,
        indicators: file("indicators.csv", plain::csv(&feeds).into_bytes())?,
    })
}

/// Names of files that nobody asked for.
pub(super) fn no_geo() -> GeoFiles {
    let none = PathBuf::new;
    GeoFiles { city: none(), asn: none(), anonymous_ip: none(), indicators: none() }
}

/// Writes a file that a flag names, or one in a folder of ours.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    std::fs::write(path, bytes).map_err(|e| CliError::Input(format!("cannot write {}: {e}", path.display())))
}
