use jiff::Timestamp;

use super::*;

const LONDON: (f64, f64, &str) = (51.5074, -0.1278, "GB");
const MADRID: (f64, f64, &str) = (40.4168, -3.7038, "ES");
const BERLIN: (f64, f64, &str) = (52.5200, 13.4050, "DE");
const WARSAW: (f64, f64, &str) = (52.2297, 21.0122, "PL");
const DUBLIN: (f64, f64, &str) = (53.3498, -6.2603, "IE");
const SINGAPORE: (f64, f64, &str) = (1.3521, 103.8198, "SG");
const NEW_YORK: (f64, f64, &str) = (40.7128, -74.0060, "US");
const MINUTE: i64 = 60;

struct Visit {
    from: (f64, f64, &'static str),
    second: i64,
    accuracy_km: f64,
    tags: &'static [&'static str],
}

fn visit(from: (f64, f64, &'static str), second: i64) -> Visit {
    Visit { from, second, accuracy_km: 0.0, tags: &[] }
}

impl Visit {
    fn kept(&self, uid: &str, ip: &str) -> Kept {
        let start: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
        let (lat, long, country) = self.from;
        Kept {
            app: "miro".to_owned(),
            log: "audit_log".to_owned(),
            uid: uid.to_owned(),
            at: start + SignedDuration::from_secs(self.second),
            account: None,
            email: None,
            ip: Some(ip.parse().unwrap()),
            place: Some(Place {
                country: Some(country.to_owned()),
                position: Some(Position { lat, long, accuracy_km: self.accuracy_km }),
                tags: self.tags.iter().map(|tag| (*tag).to_owned()).collect(),
                ..Place::default()
            }),
            kind: EventKind::SignIn,
            type_uid: 300_201,
            deed: Default::default(),
            principal: None,
        }
    }
}

fn weigh(settings: &ImpossibleTravel, a: &Visit, b: &Visit) -> Vec<Trigger> {
    let (a, b) = (a.kept("a", "192.0.2.1"), b.kept("b", "198.51.100.1"));
    settings.triggers(&b, &Around { own: vec![a, b.clone()], ..Around::default() })
}

#[test]
fn the_boundary_cases_come_out_as_defined() {
    let corporate = |from, second| Visit { tags: &["corporate"], ..visit(from, second) };
    let near = |from, second| Visit { accuracy_km: 10.0, ..visit(from, second) };
    let vpn = |from, second| Visit { tags: &["vpn_consumer"], ..visit(from, second) };
    #[rustfmt::skip]
    let cases = [
        ("902.4 km/h",                visit(LONDON, 0),     visit(MADRID, 84 * MINUTE),     true),
        ("891.8 km/h",                visit(LONDON, 0),     visit(MADRID, 85 * MINUTE),     false),
        ("accuracy is subtracted",    near(LONDON, 0),      near(MADRID, 83 * MINUTE),      false),
        ("517 km",                    visit(BERLIN, 0),     visit(WARSAW, 10 * MINUTE),     true),
        ("463 km",                    visit(LONDON, 0),     visit(DUBLIN, MINUTE),          false),
        ("no time at all",            visit(LONDON, 0),     visit(SINGAPORE, 0),            true),
        ("under a minute",            visit(LONDON, 0),     visit(SINGAPORE, 59),           true),
        ("the older one comes last",  visit(SINGAPORE, 60 * MINUTE), visit(LONDON, 0),    true),
        ("in 12:03",                  visit(LONDON, 0),     visit(SINGAPORE, 723 * MINUTE), true),
        ("in 12:04",                  visit(LONDON, 0),     visit(SINGAPORE, 724 * MINUTE), false),
        ("consumer VPN",              visit(LONDON, 0),     vpn(SINGAPORE, 5 * MINUTE),     false),
        ("both safe",                 corporate(LONDON, 0), corporate(NEW_YORK, 5 * MINUTE), false),
        ("one safe",                  corporate(LONDON, 0), visit(NEW_YORK, 5 * MINUTE),    true),
    ];
    for (name, a, b, expected) in cases {
        assert_eq!(!weigh(&ImpossibleTravel::default(), &a, &b).is_empty(), expected, "{name}");
    }
}

#[test]
fn no_time_at_all_is_reported_as_infinite() {
    let found = weigh(&ImpossibleTravel::default(), &visit(LONDON, 0), &visit(SINGAPORE, 0));
    assert_eq!(found[0].facts["speed_kmh"], serde_json::Value::Null);
    assert_eq!(found[0].facts["infinite"], true);
}

#[test]
fn two_safe_networks_count_when_the_sensitivity_is_high() {
    let settings = ImpossibleTravel { sensitivity: Sensitivity::High, ..ImpossibleTravel::default() };
    let corporate = |from, second| Visit { tags: &["corporate"], ..visit(from, second) };
    assert_eq!(weigh(&settings, &corporate(LONDON, 0), &corporate(NEW_YORK, 5 * MINUTE)).len(), 1);
}

#[test]
fn one_address_is_never_in_two_places() {
    let (a, b) = (visit(LONDON, 0).kept("a", "192.0.2.1"), visit(SINGAPORE, 60).kept("b", "192.0.2.1"));
    assert_eq!(ImpossibleTravel::default().triggers(&a, &Around { own: vec![b], ..Around::default() }), []);
}
