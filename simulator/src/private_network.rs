//! A private network in which the vendors' names lead to the simulator: for clients that heed no proxy.
//!
//! A thread enters a mount and a network namespace of its own and takes with it whatever it starts, threads and processes.
//! The network has a loopback interface and nothing else, so no packet can leave; the private `/etc/hosts` lies over the
//! machine's for that thread alone; ports 443 and 80 are free there. As `unshare --mount --net` does; who is not allowed to
//! is so within a user namespace (`unshare --user`), and that only a process of one thread can enter: hence [`prepare`].
//!
//! Linux only.

use std::path::Path;

/// Why a private network is not to be had.
#[derive(Debug, thiserror::Error)]
#[error(
    "a private network needs user, mount and network namespaces, which this machine forbids: {step}: {source}\n\
     Containers often do; on a machine of your own look at user.max_user_namespaces and \
     kernel.apparmor_restrict_unprivileged_userns."
)]
pub struct Forbidden {
    step: &'static str,
    source: std::io::Error,
}

#[cfg(not(target_os = "linux"))]
const ELSEWHERE: &str = "only Linux has them";

/// Sees to it that threads of this process may enter private networks. Call it while there is one thread.
#[cfg(not(target_os = "linux"))]
pub fn prepare() -> Result<(), Forbidden> {
    Err(Forbidden { step: ELSEWHERE, source: std::io::ErrorKind::Unsupported.into() })
}

/// Enters a private network in which these names lead to loopback.
#[cfg(not(target_os = "linux"))]
pub fn enter<'a>(_: impl Iterator<Item = &'a str>, _: &Path) -> Result<(), Forbidden> {
    Err(Forbidden { step: ELSEWHERE, source: std::io::ErrorKind::Unsupported.into() })
}

/// Sees to it that threads of this process may enter private networks, and tries it. Call it while there is one thread.
#[cfg(target_os = "linux")]
pub fn prepare() -> Result<(), Forbidden> {
    use nix::errno::Errno;
    use nix::sched::{CloneFlags, unshare};
    use nix::unistd::{getegid, geteuid};

    let (user, group) = (geteuid(), getegid());
    match unshare(CloneFlags::CLONE_NEWNS) {
        Ok(()) => {}
        Err(Errno::EPERM) => {
            at("unshare", unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS))?;
            // Everybody keeps their own number. A group can only be mapped by who has given up changing groups.
            at("setgroups", std::fs::write("/proc/self/setgroups", "deny"))?;
            at("gid_map", std::fs::write("/proc/self/gid_map", format!("{group} {group} 1")))?;
            at("uid_map", std::fs::write("/proc/self/uid_map", format!("{user} {user} 1")))?;
        }
        Err(other) => return at("unshare", Err(other)),
    }
    let tried = std::thread::spawn(|| {
        let folder = at("folder", tempfile::tempdir())?;
        enter(std::iter::empty(), folder.path())
    });
    tried.join().expect("what is tried does not panic")
}

/// Takes the calling thread, and whatever it starts from now on, into a private network in which these names lead to
/// loopback. The hosts file is written to `folder`. The process has to be [prepared](prepare).
#[cfg(target_os = "linux")]
pub fn enter<'a>(names: impl Iterator<Item = &'a str>, folder: &Path) -> Result<(), Forbidden> {
    use nix::mount::{MsFlags, mount};
    use nix::sched::{CloneFlags, unshare};

    at("unshare", unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET))?;
    let nothing = None::<&str>;
    at("private mounts", mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing))?;
    let file = folder.join("hosts");
    at("hosts file", std::fs::write(&file, hosts(names)))?;
    at("bind mount", mount(Some(&file), "/etc/hosts", nothing, MsFlags::MS_BIND, nothing))?;
    at("loopback", raise_loopback())
}

#[cfg(target_os = "linux")]
fn at<T, E: Into<std::io::Error>>(step: &'static str, done: Result<T, E>) -> Result<T, Forbidden> {
    done.map_err(|source| Forbidden { step, source: source.into() })
}

#[cfg(target_os = "linux")]
fn hosts<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let lines = std::iter::once("localhost").chain(names);
    lines.map(|name| format!("127.0.0.1 {name}\n::1 {name}\n")).collect()
}

/// Brings up `lo`, which is down in a new network namespace: one netlink message (rtnetlink(7), `RTM_NEWLINK`).
#[cfg(target_os = "linux")]
fn raise_loopback() -> std::io::Result<()> {
    use std::io::{Read as _, Write as _};

    use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};

    const RTM_NEWLINK: u16 = 16;
    const NLM_F_REQUEST_AND_ACK: u16 = 1 | 4;
    const IFF_UP: u32 = 1;
    /// The first interface of a network namespace is its loopback.
    const LOOPBACK: i32 = 1;
    const LENGTH: u32 = 32;

    let mut message = Vec::new();
    message.extend(LENGTH.to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(NLM_F_REQUEST_AND_ACK.to_ne_bytes());
    message.extend([0; 8]); // sequence number and sender: the kernel fills in the rest
    message.extend([0; 4]); // any address family, any device type
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes()); // flags,
    message.extend(IFF_UP.to_ne_bytes()); // and which of them are meant
    let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkRoute)?;
    let mut kernel = std::fs::File::from(socket);
    kernel.write_all(&message)?;
    let mut answer = [0; 64];
    let length = kernel.read(&mut answer)?;
    // A header of 16 bytes, then the error's number, negative; 0 is consent.
    match answer[..length].get(16..20) {
        Some([0, 0, 0, 0]) => Ok(()),
        Some(error) => {
            Err(std::io::Error::from_raw_os_error(-i32::from_ne_bytes(error.try_into().expect("four bytes"))))
        }
        None => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}
