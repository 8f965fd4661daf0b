//! What the SIEM agent sends.

use super::alerts::takeover;
use super::*;
use crate::scenario::MdaMode;
use crate::vendors::defender::SPEC;

#[test]
fn activities_and_alerts_are_lines_of_cef_in_the_order_of_becoming_known() {
    let room = room_of(takeover(MdaMode::LegacyAlerts, "New York"));
    let mut state = room.sim.state();
    state.timeline.advance(room.now);
    let (world, instance) = (&room.sim.world, &room.sim.world.instances[room.app.0]);
    let stream = SPEC.stream.expect("it has an agent");
    let of = |after, until| stream(world, instance, &state.timeline, room.sim.scenario.seed, (after, until));
    let lines = of(at("00:00:00"), at("12:00:00"));
    let heads: Vec<String> =
        lines.iter().map(|l| l.text.split('|').skip(4).take(3).collect::<Vec<_>>().join("|")).collect();
    assert_eq!(
        heads,
        [
            "EVENT_CATEGORY_LOGIN|Log on|0",
            "EVENT_CATEGORY_UNSPECIFIED|Export|0",
            "EVENT_CATEGORY_FAILED_LOGIN|Failed log on|0",
            "EVENT_CATEGORY_UNSPECIFIED|Create|0",
            "EVENT_CATEGORY_LOGIN|Log on|0",
            "ALERT_ANUBIS_DETECTION_NEW_COUNTRY|Activity from infrequent country|3",
            "ALERT_ANUBIS_DETECTION_VELOCITY|Impossible travel activity|3",
        ]
    );
    let first = &lines[0].text;
    assert!(first.starts_with("2026-03-02T09:17:00.000Z ") && first.contains(" CEF:0|MCAS|SIEM_Agent|"), "{first}");
    assert!(first.contains(" cs2=APPID_90001 ") && first.contains("activity.id\\=eq("), "{first}");
    let travel = &lines[6].text;
    assert!(travel.contains(" cs3Label=relatedAudits cs3=") && travel.contains(" src="), "{travel}");
    assert_eq!(of(at("09:59:00"), at("12:00:00")), [], "and nothing twice");
}
