//! Cities that scenarios may name.
//!
//! # Sources
//! Coordinates of the places used by the boundary cases: detections.md 2.10.

/// A city with a position.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// English name, as scenarios write it.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 country code.
    pub country: &'static str,
    /// English country name.
    pub country_name: &'static str,
    /// Latitude, degrees north.
    pub lat: f64,
    /// Longitude, degrees east.
    pub lon: f64,
    /// IANA time zone.
    pub zone: &'static str,
}

impl Eq for Place {}

/// Every place that can be named.
#[rustfmt::skip]
pub const PLACES: &[Place] = &[
    Place { name: "London", country: "GB", country_name: "United Kingdom", lat: 51.5074, lon: -0.1278, zone: "Europe/London" },
    Place { name: "Madrid", country: "ES", country_name: "Spain", lat: 40.4168, lon: -3.7038, zone: "Europe/Madrid" },
];

/// The place called `name`.
pub fn place(name: &str) -> Option<&'static Place> {
    PLACES.iter().find(|p| p.name == name)
}
