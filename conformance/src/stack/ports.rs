//! Addresses for a stack's listeners, chosen before it starts.
//!
//! They lie below the range that systems draw ports for outgoing connections from, so that no request of another
//! scenario takes one between the choice and the stack's `bind`, also not while a killed stack is down. They are given out of
//! blocks, each of which one process of ours holds for as long as it runs: by the lock of a file in the temporary folder.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

/// First port that is given out, and how many there are.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;
/// Ports of a block.
const BLOCK: u16 = 100;

/// The blocks of this process, with the files that are locked for them.
static HELD: Mutex<BTreeMap<u16, File>> = Mutex::new(BTreeMap::new());

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A free loopback port that this process gives out only once (until thousands of others were).
pub fn allot() -> std::io::Result<u16> {
    // Two runs on one machine start at different places and rarely want the same block.
    let offset = u16::try_from(std::process::id() * 37 % u32::from(COUNT)).expect("less than COUNT");
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for _ in 0..COUNT {
        let place = (NEXT.fetch_add(1, Ordering::Relaxed) % COUNT + offset) % COUNT;
        if !is_ours(place / BLOCK) {
            continue;
        }
        let port = FIRST + place;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_free) => return Ok(port),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Whether a block is this process's, or can be from now on.
fn is_ours(block: u16) -> bool {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if held.contains_key(&block) {
        return true;
    }
    let path = lock_file(block);
    // Somebody else's file can be locked too.
    let file = OpenOptions::new().create(true).append(true).open(&path).or_else(|_| File::open(&path));
    match file.map(|file| (file.try_lock(), file)) {
        Ok((Err(TryLockError::WouldBlock), _)) => false,
        Ok((Ok(()), file)) => held.insert(block, file).is_none(),
        // Where nothing can be locked, `bind` says so if two have met.
        Ok((Err(TryLockError::Error(_)), _)) | Err(_) => true,
    }
}

fn lock_file(block: u16) -> PathBuf {
    std::env::temp_dir().join(format!("conformance-ports-{block}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_process_gives_out_a_port_of_the_same_block() {
        let block = (allot().unwrap() - FIRST) / BLOCK;
        let other = File::open(lock_file(block)).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        assert!(is_ours(block));
    }

    #[test]
    fn a_port_in_use_is_not_given_out_and_none_is_given_twice() {
        let first = allot().unwrap();
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let others: Vec<u16> = (0..20).map(|_| allot().unwrap()).collect();
        assert!(!others.contains(&first));
        assert_eq!(others.iter().collect::<std::collections::BTreeSet<_>>().len(), 20);
        assert!(others.iter().all(|p| (20_000..32_000).contains(p)));
    }
}
