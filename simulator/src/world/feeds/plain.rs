//! Lists that are plain text.
//!
//! # Not imitated
//! The older form of the Tor list, with fingerprints (`exit-addresses`).
//!
//! # Sources
//! <https://check.torproject.org/torbulkexitlist> (one IPv4 address a line). The columns of the CSV are ours.

use std::fmt::Write as _;

use super::{CONFIDENCE, Feeds, MALICIOUS, TOR_EXITS};

/// One line an address block: `cidr,label,confidence,first_seen,last_seen`.
pub fn csv(feeds: &Feeds<'_>) -> String {
    let mut text = "# cidr,label,confidence,first_seen,last_seen\n".to_owned();
    for indicator in feeds.holding(MALICIOUS) {
        let seen = indicator.valid_from.rfc3339();
        let _ = writeln!(text, "{},{},{CONFIDENCE},{seen},{seen}", indicator.block, MALICIOUS.label);
    }
    text
}

/// Every Tor exit, one address a line.
pub fn tor_exits(feeds: &Feeds<'_>) -> String {
    feeds.holding(TOR_EXITS).map(|indicator| format!("{}\n", indicator.block.addr())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{with_feeds, with_feeds_at};
    use super::*;

    #[test]
    fn what_is_risky_is_told_and_nothing_else() {
        with_feeds(|feeds| {
            let text = csv(&feeds);
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!((lines.len(), lines[0]), (3, "# cidr,label,confidence,first_seen,last_seen"));
            let ends =
                |line: &&str| line.ends_with("/32,malicious-activity,90,2026-02-16T00:00:00Z,2026-02-16T00:00:00Z");
            assert!(lines[1..].iter().all(ends), "{text}");
        });
    }

    #[test]
    fn what_is_no_longer_listed_is_left_out() {
        let lines = |hour| {
            let mut lines = Vec::new();
            with_feeds_at(hour, |feeds| lines.extend(csv(&feeds).lines().skip(1).map(str::to_owned)));
            lines
        };
        assert!(lines(8).is_empty() && lines(12).is_empty());
        assert!(
            matches!(&lines(9)[..], [line] if line.starts_with("2001:db8:") && line.contains("/128,")),
            "{:?}",
            lines(9)
        );
    }

    #[test]
    fn a_tor_exit_is_an_address_and_a_line() {
        with_feeds(|feeds| {
            let exit = feeds.world.networks[feeds.world.named_networks["exit"]].block.addr();
            assert_eq!(tor_exits(&feeds), format!("{exit}\n"));
        });
    }
}
