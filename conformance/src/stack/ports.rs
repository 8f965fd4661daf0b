//! Addresses for a stack's listeners, chosen before it starts.
//!
//! They lie below the range that systems draw ports for outgoing connections from, so that no request of another
//! scenario takes one between the choice and the stack's `bind`, also not while a killed stack is down.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// First port that is given out, and how many there are.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A free loopback port that this process gives out only once (until thousands of others were).
pub fn allot() -> std::io::Result<u16> {
    // Two runs on one machine start at different places and rarely meet; where they do, `bind` says so.
    let offset = u16::try_from(std::process::id() * 37 % u32::from(COUNT)).expect("less than COUNT");
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for _ in 0..COUNT {
        let port = FIRST + (NEXT.fetch_add(1, Ordering::Relaxed) % COUNT + offset) % COUNT;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_free) => return Ok(port),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

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
