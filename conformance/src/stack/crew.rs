//! All processes of a stack as one: those of a service side by side, those of a `once` stack one after the other.

use std::future::poll_fn;
use std::io::Write as _;
use std::task::Poll;

use super::manifest::{ExitStatus, Mode};
use super::process::{Launch, Process, append};

/// What shells answer when a command cannot be run.
const NOT_RUN: i32 = 127;

/// Statuses of a process that stopped because it was told to: in order, or by the signal.
const STOPPED: [Option<i32>; 3] = [Some(130), Some(143), None];

/// The processes of a stack that is running.
#[derive(Debug)]
pub struct Crew {
    mode: Mode,
    exit_status: ExitStatus,
    running: Vec<Process>,
    /// What has still to be started.
    waiting: Vec<Launch>,
    /// Once it was told to stop: the worst status so far with which one ended.
    stopping: Option<Option<i32>>,
}

impl Crew {
    /// Starts the processes, or the first of them. The error names what could not be started.
    pub fn begin(launches: &[Launch], mode: Mode, exit_status: ExitStatus) -> Result<Self, String> {
        let at_once = if mode == Mode::Service { launches.len() } else { 1 };
        let (now, later) = launches.split_at(at_once.min(launches.len()));
        let running = now.iter().map(Launch::spawn).collect::<Result<_, _>>()?;
        Ok(Self { mode, exit_status, running, waiting: later.iter().rev().cloned().collect(), stopping: None })
    }

    /// Waits for its end: the status of the process that ended it, none after a signal. May be cancelled and called
    /// again.
    pub async fn exited(&mut self) -> Option<i32> {
        loop {
            let Some((index, code)) = first_exit(&mut self.running).await else { return self.stopping.flatten() };
            // Dropped, it takes with it whatever it had started itself.
            drop(self.running.remove(index));
            if let Some(worst) = &mut self.stopping {
                *worst = [*worst, code].into_iter().max_by_key(|code| gravity(*code)).flatten();
                if self.running.is_empty() {
                    return *worst;
                }
                continue;
            }
            let next = if self.exit_status.is_crash(self.mode, code) { None } else { self.waiting.pop() };
            let Some(next) = next else {
                self.running.clear();
                self.waiting.clear();
                return code;
            };
            match next.spawn() {
                Ok(process) => self.running.push(process),
                Err(why) => {
                    // There is nobody else to tell; the status is what a shell's would be.
                    let _ = append(&next.stderr).and_then(|mut log| writeln!(log, "{why}"));
                    self.waiting.clear();
                    return Some(NOT_RUN);
                }
            }
        }
    }

    /// Ends all as `kill -9` does, and waits until they are gone.
    pub async fn kill(&mut self) {
        self.waiting.clear();
        for process in &mut self.running {
            process.kill().await;
        }
        self.running.clear();
    }

    /// Tells all to stop. What has not begun yet never does.
    pub fn tell_to_stop(&mut self) {
        self.waiting.clear();
        self.stopping = Some(Some(0));
        self.running.iter().for_each(Process::tell_to_stop);
    }
}

/// Which of them ends first, and how; none if there is none.
async fn first_exit(running: &mut [Process]) -> Option<(usize, Option<i32>)> {
    if running.is_empty() {
        return None;
    }
    let mut ends: Vec<_> = running.iter_mut().map(|process| Box::pin(process.exited())).collect();
    poll_fn(|context| {
        let ended = ends.iter_mut().enumerate().find_map(|(index, end)| match end.as_mut().poll(context) {
            Poll::Ready(code) => Some((index, code)),
            Poll::Pending => None,
        });
        ended.map_or(Poll::Pending, |ended| Poll::Ready(Some(ended)))
    })
    .await
}

fn gravity(code: Option<i32>) -> u8 {
    match code {
        Some(0) => 0,
        code if STOPPED.contains(&code) => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    fn launches(dir: &Path, scripts: &[&str]) -> Vec<Launch> {
        let launch = |script: &&str| Launch {
            name: None,
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            stack_dir: dir.to_owned(),
            passed: Vec::new(),
            work_dir: dir.to_owned(),
            env: BTreeMap::new(),
            stdout: dir.join("stdout.log"),
            stderr: dir.join("stderr.log"),
        };
        scripts.iter().map(launch).collect()
    }

    fn printed(dir: &Path) -> String {
        std::fs::read_to_string(dir.join("stdout.log")).unwrap_or_default()
    }

    #[tokio::test]
    async fn processes_of_a_once_stack_follow_one_another() {
        let dir = tempfile::tempdir().unwrap();
        let scripts = ["sleep 0.05; echo collected", "echo detected", "echo acted"];
        let mut crew = Crew::begin(&launches(dir.path(), &scripts), Mode::Once, ExitStatus::Counts).unwrap();
        assert_eq!(crew.exited().await, Some(0));
        assert_eq!(printed(dir.path()), "collected\ndetected\nacted\n");
    }

    #[tokio::test]
    async fn after_a_failure_none_follows_unless_the_status_says_nothing() {
        for (exit_status, told, code) in [(ExitStatus::Counts, "", 3), (ExitStatus::Ignored, "detected\n", 0)] {
            let dir = tempfile::tempdir().unwrap();
            let launches = launches(dir.path(), &["exit 3", "echo detected"]);
            let mut crew = Crew::begin(&launches, Mode::Once, exit_status).unwrap();
            assert_eq!(crew.exited().await, Some(code), "{exit_status:?}");
            assert_eq!(printed(dir.path()), told, "{exit_status:?}");
        }
    }

    #[tokio::test]
    async fn the_end_of_one_process_of_a_service_is_the_end_of_all() {
        let dir = tempfile::tempdir().unwrap();
        let launches = launches(dir.path(), &["sleep 600", "exit 0"]);
        let mut crew = Crew::begin(&launches, Mode::Service, ExitStatus::Counts).unwrap();
        assert_eq!(crew.exited().await, Some(0));
        assert!(crew.running.is_empty());
    }

    #[tokio::test]
    async fn told_to_stop_all_may_drain_and_the_worst_status_counts() {
        let dir = tempfile::tempdir().unwrap();
        let ready = |n: u8, code: u8| {
            let file = dir.path().join(format!("ready-{n}"));
            format!("trap 'exit {code}' TERM; : > {}; while :; do sleep 0.01; done", file.display())
        };
        let scripts = [ready(0, 0), ready(1, 5), ready(2, 143)];
        let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
        let mut crew = Crew::begin(&launches(dir.path(), &scripts), Mode::Service, ExitStatus::Counts).unwrap();
        while (0..3).any(|n| !dir.path().join(format!("ready-{n}")).exists()) {
            tokio::task::yield_now().await;
        }
        crew.tell_to_stop();
        assert_eq!(crew.exited().await, Some(5));
    }

    #[tokio::test]
    async fn a_later_process_that_is_not_there_is_named_in_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let mut launches = launches(dir.path(), &["exit 0", ""]);
        launches[1].command = vec!["./no-such-detector".to_owned()];
        let mut crew = Crew::begin(&launches, Mode::Once, ExitStatus::Counts).unwrap();
        assert_eq!(crew.exited().await, Some(127));
        let log = std::fs::read_to_string(dir.path().join("stderr.log")).unwrap();
        assert!(log.starts_with("`./no-such-detector` could not be started"), "{log}");
    }
}
