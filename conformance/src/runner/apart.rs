//! A passage in a private network, for a stack that heeds no proxy: a thread of its own enters it, and simulator, harness
//! and stack meet there. See [`simulator::private_network`].

use simulator::private_network;
use simulator::server::Names;
use tokio::sync::oneshot;

use super::error::RunError;
use super::play::{Order, play};
use crate::recording::Recording;

/// Plays a scenario as [`play`] does, apart from every other.
pub(super) async fn play_apart(order: &Order<'_>) -> Result<Recording, RunError> {
    let (script, manifest, exe) = (order.script.clone(), order.manifest.clone(), order.exe.to_owned());
    let (control, dir, stop) = (order.control, order.dir.clone(), order.stop.clone());
    let (tell, told) = oneshot::channel();
    let passage = move || {
        let order = Order { script: &script, control, manifest: &manifest, exe: &exe, dir, stop };
        // Nobody is left to be told once the run was given up.
        let _ = tell.send(entered(&order));
    };
    std::thread::Builder::new().name("passage".to_owned()).spawn(passage).map_err(RunError::NoThread)?;
    told.await.unwrap_or_else(|_| Err(RunError::Broken("a passage in a private network broke off".to_owned())))
}

fn entered(order: &Order<'_>) -> Result<Recording, RunError> {
    let names = Names::of(&order.script.scenario, &[]).expect("the vendors' own names are sound");
    let folder = tempfile::tempdir().map_err(RunError::file(&std::env::temp_dir()))?;
    private_network::enter(names.list(), folder.path())?;
    // On this thread alone: what it does not start is not in the network.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(RunError::NoThread)?;
    runtime.block_on(play(order))
}
