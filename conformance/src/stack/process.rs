//! One process of a stack: begun, killed, told to stop, waited for. It never outlives the run, not even one that is killed.
//!
//! It leads a process group of its own, so that a wrapper (`npm start`, a shell) dies together with what it wrapped.
//! Unix only.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use simulator::clock::wall_timeout;
use tokio::process::{Child, Command};

use super::{environment, warden};

/// How to start a process, once or again.
#[derive(Clone, Debug)]
pub struct Launch {
    /// What the manifest calls it, where there are several.
    pub name: Option<String>,
    /// Command and arguments, rendered.
    pub command: Vec<String>,
    /// The stack's own folder: a command that is a path is meant from here.
    pub stack_dir: PathBuf,
    /// Where it is started: what it writes to relative paths belongs to the run.
    pub work_dir: PathBuf,
    /// Variables of this process that it is given beside the usual ones.
    pub passed: Vec<String>,
    /// Variables that are set for it.
    pub env: BTreeMap<String, String>,
    /// File that gets its standard output, appended.
    pub stdout: PathBuf,
    /// File that gets its standard error, appended.
    pub stderr: PathBuf,
}

/// A running stack.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: Option<Pid>,
}

impl Launch {
    /// Starts it. The error names what could not be started.
    pub fn spawn(&self) -> Result<Process, String> {
        let (program, arguments) = self.command.split_first().expect("a manifest's `run` is not empty");
        let wrong = |e: std::io::Error| format!("`{program}` could not be started: {e}");
        let mut command = Command::new(resolve(program, &self.stack_dir));
        // Somebody's own proxy must not come between the stack and the simulator, and their secrets are none of its business.
        command.env_clear().envs(environment::given(std::env::vars_os(), &self.passed));
        command.args(arguments).current_dir(&self.work_dir).envs(&self.env).stdin(Stdio::null());
        command.stdout(append(&self.stdout).map_err(wrong)?).stderr(append(&self.stderr).map_err(wrong)?);
        let child = command.process_group(0).kill_on_drop(true).spawn().map_err(wrong)?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        group.into_iter().for_each(warden::begun);
        Ok(Process { child, group })
    }

    /// Where the command lies, if that can be said: a path, or found through `PATH`.
    pub fn executable(&self) -> Option<PathBuf> {
        let program = self.command.first()?;
        let resolved = resolve(program, &self.stack_dir);
        if resolved.components().count() > 1 {
            return resolved.is_file().then_some(resolved);
        }
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join(program)).find(|candidate| candidate.is_file())
    }
}

/// A program that is written with a slash lies in the stack's folder; a bare name is the system's to find.
fn resolve(program: &str, stack_dir: &Path) -> PathBuf {
    if program.contains('/') { stack_dir.join(program) } else { PathBuf::from(program) }
}

pub(super) fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

impl Process {
    /// Waits for its end: the exit code, none after a signal. May be cancelled and called again.
    pub async fn exited(&mut self) -> Option<i32> {
        let status: Option<ExitStatus> = self.child.wait().await.ok();
        // What it had started itself must not live on either.
        self.end_group();
        status.and_then(|s| s.code())
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    pub async fn kill(&mut self) -> Option<i32> {
        self.signal(Signal::KILL);
        // A killed process is gone at once, unless the machine is in trouble of its own.
        wall_timeout(Duration::from_secs(10), self.exited()).await.flatten()
    }

    /// Tells it to stop.
    pub fn tell_to_stop(&self) {
        self.signal(Signal::TERM);
    }

    /// Kills whatever of it is left, and forgets it.
    fn end_group(&mut self) {
        self.signal(Signal::KILL);
        self.group.take().into_iter().for_each(warden::ended);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // No such group: it is gone already, which is what was wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end_group();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(dir: &Path, script: &str) -> Launch {
        Launch {
            name: None,
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            stack_dir: dir.to_owned(),
            work_dir: dir.to_owned(),
            passed: Vec::new(),
            env: BTreeMap::from([("TZ".to_owned(), "Asia/Kolkata".to_owned())]),
            stdout: dir.join("stdout.log"),
            stderr: dir.join("stderr.log"),
        }
    }

    #[tokio::test]
    async fn output_is_appended_over_restarts_and_the_exit_code_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let launch = launch(dir.path(), "echo $TZ; exit 3");
        for _ in 0..2 {
            assert_eq!(launch.spawn().unwrap().exited().await, Some(3));
        }
        let written = std::fs::read_to_string(&launch.stdout).unwrap();
        assert_eq!(written, "Asia/Kolkata\nAsia/Kolkata\n");
    }

    #[tokio::test]
    async fn of_our_environment_it_has_the_usual_and_what_its_manifest_names() {
        let dir = tempfile::tempdir().unwrap();
        // Cargo sets it for tests, and nobody has allowed it.
        let mut launch = launch(dir.path(), "echo ${PATH:+path} ${CARGO_MANIFEST_DIR-none}");
        launch.spawn().unwrap().exited().await;
        launch.passed = vec!["CARGO_MANIFEST_DIR".to_owned()];
        launch.spawn().unwrap().exited().await;
        let written = std::fs::read_to_string(&launch.stdout).unwrap();
        assert_eq!(written, format!("path none\npath {}\n", env!("CARGO_MANIFEST_DIR")));
    }

    #[tokio::test]
    async fn a_process_that_was_told_to_stop_can_drain() {
        let dir = tempfile::tempdir().unwrap();
        let ready = dir.path().join("ready");
        let script = format!("trap 'exit 7' TERM; : > {}; while :; do sleep 0.01; done", ready.display());
        let mut process = launch(dir.path(), &script).spawn().unwrap();
        while !ready.exists() {
            tokio::task::yield_now().await;
        }
        process.tell_to_stop();
        assert_eq!(process.exited().await, Some(7));
    }

    #[tokio::test]
    async fn a_kill_ends_what_a_wrapper_has_wrapped() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid_file.display());
        let mut process = launch(dir.path(), &script).spawn().unwrap();
        let wrapped = loop {
            let text = std::fs::read_to_string(&pid_file).unwrap_or_default();
            if let Some(pid) = text.strip_suffix('\n') {
                break Pid::from_raw(pid.parse().unwrap()).unwrap();
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(process.kill().await, None);
        let gone = async {
            // Whoever adopted it has to reap it first.
            while rustix::process::test_kill_process(wrapped).is_ok() && !is_zombie(wrapped) {
                tokio::task::yield_now().await;
            }
        };
        assert!(wall_timeout(Duration::from_secs(20), gone).await.is_some());
    }

    fn is_zombie(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let mut launch = launch(dir.path(), "");
        launch.command = vec!["./no-such-stack".to_owned()];
        assert_eq!(launch.executable(), None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        assert!(launch.spawn().unwrap_err().starts_with("`./no-such-stack` could not be started"));
    }
}
