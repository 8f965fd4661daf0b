//! What takes its time ends early when somebody presses Ctrl-C, or ends the program otherwise; at once at the second time.

use std::future::Future;

use simulator::ending::Ending;
use tokio::sync::watch;

use super::CliError;
use crate::contract::StackClock;
use crate::runner::outcome::Exit;

/// Work that came to its end, or was stopped before it.
pub(super) struct Ended<T> {
    pub(super) with: T,
    pub(super) was_stopped: bool,
}

/// Does `work`, on a runtime of its own. The channel it is given turns true when it is to end early.
pub(super) fn until_stopped<T, F>(work: impl FnOnce(watch::Receiver<bool>) -> F) -> Result<Ended<T>, CliError>
where
    F: Future<Output = T>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| CliError::ours(format!("a runtime: {e}")))?;
    let (stop, stopped) = watch::channel(false);
    let with = runtime.block_on(async {
        let mut ending = Ending::listen().map_err(|e| CliError::ours(format!("cannot listen for Ctrl-C: {e}")))?;
        tokio::spawn(async move {
            ending.told().await;
            stop.send_replace(true);
            // The channel stays open: closed, it would look like a wish to stop.
            tokio::select! {
                () = stop.closed() => {}
                // Who asks twice does not want to wait. Processes of stacks that are still there are the warden's.
                () = ending.told() => std::process::exit(Exit::Harness as i32),
            }
        });
        Ok::<_, CliError>(work(stopped.clone()).await)
    })?;
    Ok(Ended { with, was_stopped: *stopped.borrow() })
}

/// Scenarios at a time for each core under the machine's clock.
const WAITING_PER_CORE: usize = 4;

/// How many scenarios are played at a time: as asked, or as many as keep the cores busy with stacks on this clock.
pub(super) fn jobs(asked: Option<u16>, clock: StackClock) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let usual = || match clock {
        StackClock::Virtual => cores(),
        StackClock::Wall => cores() * WAITING_PER_CORE,
    };
    asked.map_or_else(usual, usize::from)
}
