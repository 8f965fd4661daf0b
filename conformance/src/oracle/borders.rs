//! Which countries of the named places border on each other, for the country mode of impossible travel.
//!
//! # Sources
//! Land borders as commonly known; only pairs of which both have a place in `simulator::world::PLACES`.

#[rustfmt::skip]
const BORDERS: &[(&str, &str)] = &[
    ("AE", "SA"), ("AR", "BR"), ("AR", "CL"), ("AT", "CH"), ("AT", "CZ"), ("AT", "DE"), ("AT", "HU"), ("AT", "IT"),
    ("BE", "DE"), ("BE", "FR"), ("BE", "NL"), ("BR", "CO"), ("BR", "PE"), ("CA", "US"), ("CH", "DE"),
    ("CH", "FR"), ("CH", "IT"), ("CL", "PE"), ("CO", "PE"), ("CZ", "DE"), ("CZ", "PL"), ("DE", "DK"), ("DE", "FR"),
    ("DE", "NL"), ("DE", "PL"), ("EG", "IL"), ("ES", "FR"), ("ES", "MA"), ("ES", "PT"), ("FI", "NO"), ("FI", "SE"),
    ("FR", "IT"), ("GB", "IE"), ("GR", "TR"), ("HU", "RO"), ("HU", "UA"), ("MX", "US"), ("NO", "SE"), ("PL", "UA"),
    ("RO", "UA"),
];

/// Whether two countries are one or share a border.
pub(super) fn same_or_bordering(a: &str, b: &str) -> bool {
    a == b || BORDERS.contains(&(a, b)) || BORDERS.contains(&(b, a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulator::world::PLACES;

    #[test]
    fn every_pair_is_of_countries_that_have_a_place() {
        for (a, b) in BORDERS {
            assert!(a < b, "{a} {b} is out of order");
            assert!([a, b].iter().all(|c| PLACES.iter().any(|p| p.country == **c)), "{a} {b}");
        }
    }

    #[test]
    fn a_border_has_two_sides() {
        assert!(same_or_bordering("PL", "DE") && same_or_bordering("DE", "PL") && same_or_bordering("GB", "GB"));
        assert!(!same_or_bordering("GB", "ES"));
    }
}
