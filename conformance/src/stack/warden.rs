//! Whoever ends a stack's processes when this one is killed and cannot do so itself any more.
//!
//! A shell of its own, begun with the first process of a stack, reads from a pipe which process groups are under way. The
//! pipe's other end is held by this process alone, so it closes with it, however it ends; whatever is still under way then
//! is killed. A group is told of as soon as it is there: one that was begun in the very moment of the kill may be missed.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::process::Pid;

/// What the shell does. Signals for the terminal's processes are not for it: it ends with its input.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
groups=
while read -r what group; do
  kept=
  for other in $groups; do [ "$other" = "$group" ] || kept="$kept $other"; done
  groups=$kept
  [ "$what" = ended ] || groups="$groups $group"
done
for group in $groups; do kill -s KILL -- "-$group"; done
"#;

/// The end of the pipe that is held here; none where no shell could be had.
static PIPE: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// A process group has begun.
pub(super) fn begun(group: Pid) {
    tell("begun", group);
}

/// It is gone: its number may soon be somebody else's.
pub(super) fn ended(group: Pid) {
    tell("ended", group);
}

fn tell(what: &str, group: Pid) {
    let Some(pipe) = PIPE.get_or_init(start) else { return };
    let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
    // Without the shell nothing is lost but what it is there for.
    let _ = writeln!(pipe, "{what} {}", group.as_raw_nonzero());
}

fn start() -> Option<Mutex<ChildStdin>> {
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    // It is nobody's to wait for: it outlives this process, if by a moment.
    shell.spawn().ok()?.stdin.map(Mutex::new)
}
