//! Ids of ATT&CK, compared.
//!
//! Ids were renumbered in version 19, and a technique is told from its parts by a number behind a point: two ids are
//! [`related`] if they are one technique, before or after the renumbering, or one is a part of the other.
//!
//! # Sources
//! <https://attack.mitre.org/versions/>, and the Sigma rules, whose tags were renumbered:
//! <https://github.com/SigmaHQ/sigma/commit/34c5d66c2>.

/// Ids before version 19 and since.
const RENUMBERED: &[(&str, &str)] = &[
    ("T1562", "T1685"),
    ("T1562.001", "T1685"),
    ("T1562.002", "T1685.001"),
    ("T1562.003", "T1690"),
    ("T1562.004", "T1686"),
    ("T1562.007", "T1686.001"),
    ("T1562.008", "T1685.002"),
    ("T1562.010", "T1689"),
    ("T1562.012", "T1685.004"),
    ("T1070.001", "T1685.005"),
    ("T1070.002", "T1685.006"),
];

/// Whether two ids are one technique, or one is a part of the other.
pub fn related(a: &str, b: &str) -> bool {
    let (a, b) = (current(a), current(b));
    let is_part = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    a == b || is_part(a, b) || is_part(b, a)
}

fn current(id: &str) -> &str {
    RENUMBERED.iter().find(|(before, _)| *before == id).map_or(id, |(_, since)| since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_renumbered_ids_are_related_and_siblings_are_not() {
        #[rustfmt::skip]
        let cases = [
            ("T1078.004", "T1078.004", true),
            ("T1078",     "T1078.004", true),
            ("T1562.008", "T1685.002", true),
            ("T1562.008", "T1685",     true),
            ("T1110.001", "T1110.003", false),
            ("T1098",     "T1098.001", true),
            ("T109",      "T1098.001", false),
            ("T1499",     "T1078.004", false),
        ];
        for (a, b, expected) in cases {
            assert_eq!((related(a, b), related(b, a)), (expected, expected), "{a} and {b}");
        }
    }
}
