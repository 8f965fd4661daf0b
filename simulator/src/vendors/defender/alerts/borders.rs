//! Countries that lie beside one another: a journey between them is never impossible.
//!
//! # Sources
//! The page on anomaly detection says that bordering countries raise nothing. Which countries border is common knowledge;
//! only those of the scenario language's places are here.

/// Land borders, and those under water that people cross without noticing.
#[rustfmt::skip]
const BORDERS: [(&str, &str); 39] = [
    ("AR", "BR"), ("AR", "CL"), ("AT", "CH"), ("AT", "CZ"), ("AT", "DE"), ("AT", "HU"), ("AT", "IT"), ("BE", "DE"),
    ("BE", "FR"), ("BE", "NL"), ("BR", "CO"), ("BR", "PE"), ("CA", "US"), ("CH", "DE"), ("CH", "FR"), ("CH", "IT"),
    ("CL", "PE"), ("CO", "PE"), ("CZ", "DE"), ("CZ", "PL"), ("DE", "DK"), ("DE", "FR"), ("DE", "NL"), ("DE", "PL"),
    ("EG", "IL"), ("ES", "FR"), ("ES", "MA"), ("ES", "PT"), ("FI", "NO"), ("FI", "SE"), ("FR", "IT"), ("GB", "IE"),
    ("GR", "TR"), ("HU", "RO"), ("HU", "UA"), ("MX", "US"), ("NO", "SE"), ("PL", "UA"), ("RO", "UA"),
];

/// Whether two countries, by their codes, border one another.
pub(super) fn are_neighbours(a: &str, b: &str) -> bool {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    BORDERS.contains(&(first, second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::PLACES;

    #[test]
    fn borders_are_written_in_order_and_between_known_countries() {
        for (a, b) in BORDERS {
            assert!(a < b && [a, b].iter().all(|c| PLACES.iter().any(|p| p.country == *c)), "{a} {b}");
        }
        assert!(are_neighbours("FR", "DE") && are_neighbours("DE", "FR") && !are_neighbours("GB", "ES"));
    }
}
