//! Cities that scenarios may name.
//!
//! # Not imitated
//! Summer time: [`Place::utc_offset_min`] is the zone's standard offset all year, so that office hours need no zone
//! tables. Nothing that a stack sees depends on it.
//!
//! # Sources
//! City centres as commonly given, two to four decimals. Moving one moves the edges of `impossible_travel`, which its tests
//! in `conformance` name by minutes.

/// A city with a position.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// English name, as scenarios write it.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 country code.
    pub country: &'static str,
    /// English country name.
    pub country_name: &'static str,
    /// Two-letter continent code of the geo databases.
    pub continent: &'static str,
    /// Latitude, degrees north.
    pub lat: f64,
    /// Longitude, degrees east.
    pub lon: f64,
    /// IANA time zone.
    pub zone: &'static str,
    /// Standard time of the zone, minutes ahead of UTC.
    pub utc_offset_min: i32,
}

impl Eq for Place {}

impl Place {
    /// Great-circle distance in kilometres, mean radius of the earth.
    pub fn distance_km(&self, other: &Self) -> f64 {
        let (a, b) = (self, other);
        let half = |degrees: f64| libm::sin(degrees.to_radians() / 2.0);
        let (dlat, dlon) = (half(b.lat - a.lat), half(b.lon - a.lon));
        let h = dlat * dlat + libm::cos(a.lat.to_radians()) * libm::cos(b.lat.to_radians()) * dlon * dlon;
        2.0 * 6_371.008_8 * libm::asin(libm::sqrt(h.min(1.0)))
    }
}

#[expect(clippy::too_many_arguments, reason = "a row of the table below, in the order of its columns")]
const fn row(
    name: &'static str,
    country: &'static str,
    country_name: &'static str,
    continent: &'static str,
    lat: f64,
    lon: f64,
    zone: &'static str,
    utc_offset_min: i32,
) -> Place {
    Place { name, country, country_name, continent, lat, lon, zone, utc_offset_min }
}

/// Every place that can be named.
#[rustfmt::skip]
pub const PLACES: &[Place] = &[
    row("London", "GB", "United Kingdom", "EU", 51.5074, -0.1278, "Europe/London", 0),
    row("Paris", "FR", "France", "EU", 48.8566, 2.3522, "Europe/Paris", 60),
    row("Madrid", "ES", "Spain", "EU", 40.4168, -3.7038, "Europe/Madrid", 60),
    row("Dublin", "IE", "Ireland", "EU", 53.3498, -6.2603, "Europe/Dublin", 0),
    row("Frankfurt", "DE", "Germany", "EU", 50.1109, 8.6821, "Europe/Berlin", 60),
    row("Berlin", "DE", "Germany", "EU", 52.5200, 13.4050, "Europe/Berlin", 60),
    row("Warsaw", "PL", "Poland", "EU", 52.2297, 21.0122, "Europe/Warsaw", 60),
    row("Istanbul", "TR", "Türkiye", "AS", 41.0082, 28.9784, "Europe/Istanbul", 180),
    row("Lagos", "NG", "Nigeria", "AF", 6.5244, 3.3792, "Africa/Lagos", 60),
    row("Lisbon", "PT", "Portugal", "EU", 38.7223, -9.1393, "Europe/Lisbon", 0),
    row("New York", "US", "United States", "NA", 40.7128, -74.0060, "America/New_York", -300),
    row("Houston", "US", "United States", "NA", 29.7604, -95.3698, "America/Chicago", -360),
    row("San Antonio", "US", "United States", "NA", 29.4241, -98.4936, "America/Chicago", -360),
    row("Los Angeles", "US", "United States", "NA", 34.0522, -118.2437, "America/Los_Angeles", -480),
    row("Seattle", "US", "United States", "NA", 47.6062, -122.3321, "America/Los_Angeles", -480),
    row("São Paulo", "BR", "Brazil", "SA", -23.5505, -46.6333, "America/Sao_Paulo", -180),
    row("Singapore", "SG", "Singapore", "AS", 1.3521, 103.8198, "Asia/Singapore", 480),
    row("Tokyo", "JP", "Japan", "AS", 35.6762, 139.6503, "Asia/Tokyo", 540),
    row("Sydney", "AU", "Australia", "OC", -33.8688, 151.2093, "Australia/Sydney", 600),
    row("Suva", "FJ", "Fiji", "OC", -18.1248, 178.4501, "Pacific/Fiji", 720),
    row("Apia", "WS", "Samoa", "OC", -13.8507, -171.7514, "Pacific/Apia", 780),

    row("Amsterdam", "NL", "Netherlands", "EU", 52.3676, 4.9041, "Europe/Amsterdam", 60),
    row("Athens", "GR", "Greece", "EU", 37.9838, 23.7275, "Europe/Athens", 120),
    row("Barcelona", "ES", "Spain", "EU", 41.3874, 2.1686, "Europe/Madrid", 60),
    row("Brussels", "BE", "Belgium", "EU", 50.8503, 4.3517, "Europe/Brussels", 60),
    row("Bucharest", "RO", "Romania", "EU", 44.4268, 26.1025, "Europe/Bucharest", 120),
    row("Budapest", "HU", "Hungary", "EU", 47.4979, 19.0402, "Europe/Budapest", 60),
    row("Copenhagen", "DK", "Denmark", "EU", 55.6761, 12.5683, "Europe/Copenhagen", 60),
    row("Edinburgh", "GB", "United Kingdom", "EU", 55.9533, -3.1883, "Europe/London", 0),
    row("Geneva", "CH", "Switzerland", "EU", 46.2044, 6.1432, "Europe/Zurich", 60),
    row("Hamburg", "DE", "Germany", "EU", 53.5511, 9.9937, "Europe/Berlin", 60),
    row("Helsinki", "FI", "Finland", "EU", 60.1699, 24.9384, "Europe/Helsinki", 120),
    row("Kyiv", "UA", "Ukraine", "EU", 50.4501, 30.5234, "Europe/Kyiv", 120),
    row("Lyon", "FR", "France", "EU", 45.7640, 4.8357, "Europe/Paris", 60),
    row("Manchester", "GB", "United Kingdom", "EU", 53.4808, -2.2426, "Europe/London", 0),
    row("Milan", "IT", "Italy", "EU", 45.4642, 9.1900, "Europe/Rome", 60),
    row("Munich", "DE", "Germany", "EU", 48.1351, 11.5820, "Europe/Berlin", 60),
    row("Oslo", "NO", "Norway", "EU", 59.9139, 10.7522, "Europe/Oslo", 60),
    row("Prague", "CZ", "Czechia", "EU", 50.0755, 14.4378, "Europe/Prague", 60),
    row("Reykjavik", "IS", "Iceland", "EU", 64.1466, -21.9426, "Atlantic/Reykjavik", 0),
    row("Rome", "IT", "Italy", "EU", 41.9028, 12.4964, "Europe/Rome", 60),
    row("Stockholm", "SE", "Sweden", "EU", 59.3293, 18.0686, "Europe/Stockholm", 60),
    row("Vienna", "AT", "Austria", "EU", 48.2082, 16.3738, "Europe/Vienna", 60),
    row("Zurich", "CH", "Switzerland", "EU", 47.3769, 8.5417, "Europe/Zurich", 60),

    row("Cairo", "EG", "Egypt", "AF", 30.0444, 31.2357, "Africa/Cairo", 120),
    row("Cape Town", "ZA", "South Africa", "AF", -33.9249, 18.4241, "Africa/Johannesburg", 120),
    row("Casablanca", "MA", "Morocco", "AF", 33.5731, -7.5898, "Africa/Casablanca", 60),
    row("Johannesburg", "ZA", "South Africa", "AF", -26.2041, 28.0473, "Africa/Johannesburg", 120),
    row("Nairobi", "KE", "Kenya", "AF", -1.2921, 36.8219, "Africa/Nairobi", 180),

    row("Atlanta", "US", "United States", "NA", 33.7490, -84.3880, "America/New_York", -300),
    row("Boston", "US", "United States", "NA", 42.3601, -71.0589, "America/New_York", -300),
    row("Chicago", "US", "United States", "NA", 41.8781, -87.6298, "America/Chicago", -360),
    row("Denver", "US", "United States", "NA", 39.7392, -104.9903, "America/Denver", -420),
    row("Mexico City", "MX", "Mexico", "NA", 19.4326, -99.1332, "America/Mexico_City", -360),
    row("Miami", "US", "United States", "NA", 25.7617, -80.1918, "America/New_York", -300),
    row("Montreal", "CA", "Canada", "NA", 45.5019, -73.5674, "America/Toronto", -300),
    row("San Francisco", "US", "United States", "NA", 37.7749, -122.4194, "America/Los_Angeles", -480),
    row("Toronto", "CA", "Canada", "NA", 43.6532, -79.3832, "America/Toronto", -300),
    row("Vancouver", "CA", "Canada", "NA", 49.2827, -123.1207, "America/Vancouver", -480),
    row("Bogotá", "CO", "Colombia", "SA", 4.7110, -74.0721, "America/Bogota", -300),
    row("Buenos Aires", "AR", "Argentina", "SA", -34.6037, -58.3816, "America/Argentina/Buenos_Aires", -180),
    row("Lima", "PE", "Peru", "SA", -12.0464, -77.0428, "America/Lima", -300),
    row("Santiago", "CL", "Chile", "SA", -33.4489, -70.6693, "America/Santiago", -240),

    row("Bangalore", "IN", "India", "AS", 12.9716, 77.5946, "Asia/Kolkata", 330),
    row("Bangkok", "TH", "Thailand", "AS", 13.7563, 100.5018, "Asia/Bangkok", 420),
    row("Delhi", "IN", "India", "AS", 28.6139, 77.2090, "Asia/Kolkata", 330),
    row("Dubai", "AE", "United Arab Emirates", "AS", 25.2048, 55.2708, "Asia/Dubai", 240),
    row("Hong Kong", "HK", "Hong Kong", "AS", 22.3193, 114.1694, "Asia/Hong_Kong", 480),
    row("Jakarta", "ID", "Indonesia", "AS", -6.2088, 106.8456, "Asia/Jakarta", 420),
    row("Manila", "PH", "Philippines", "AS", 14.5995, 120.9842, "Asia/Manila", 480),
    row("Mumbai", "IN", "India", "AS", 19.0760, 72.8777, "Asia/Kolkata", 330),
    row("Osaka", "JP", "Japan", "AS", 34.6937, 135.5023, "Asia/Tokyo", 540),
    row("Riyadh", "SA", "Saudi Arabia", "AS", 24.7136, 46.6753, "Asia/Riyadh", 180),
    row("Seoul", "KR", "South Korea", "AS", 37.5665, 126.9780, "Asia/Seoul", 540),
    row("Taipei", "TW", "Taiwan", "AS", 25.0330, 121.5654, "Asia/Taipei", 480),
    row("Tel Aviv", "IL", "Israel", "AS", 32.0853, 34.7818, "Asia/Jerusalem", 120),

    row("Auckland", "NZ", "New Zealand", "OC", -36.8509, 174.7645, "Pacific/Auckland", 720),
    row("Melbourne", "AU", "Australia", "OC", -37.8136, 144.9631, "Australia/Melbourne", 600),
    row("Perth", "AU", "Australia", "OC", -31.9523, 115.8613, "Australia/Perth", 480),
];

/// The place called `name`.
pub fn place(name: &str) -> Option<&'static Place> {
    PLACES.iter().find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_place_has_a_name_of_its_own_and_lies_on_the_globe() {
        let names: BTreeSet<&str> = PLACES.iter().map(|p| p.name).collect();
        assert_eq!(names.len(), PLACES.len());
        for p in PLACES {
            assert!(p.lat.abs() < 90.0 && p.lon.abs() <= 180.0, "{}", p.name);
            // Clocks follow the sun to within four hours everywhere that people live (Apia sits across the date line).
            let sun_h = p.lon / 15.0;
            let off = (f64::from(p.utc_offset_min) / 60.0 - sun_h).rem_euclid(24.0);
            assert!(off.min(24.0 - off) < 4.0, "{}: {} h from the sun", p.name, off);
            assert!(p.country.len() == 2 && p.continent.len() == 2, "{}", p.name);
        }
    }
}
