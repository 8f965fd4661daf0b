use std::collections::BTreeSet;
use std::net::IpAddr;

use maxminddb::{Reader, geoip2};

use super::sample::{app, city, member, minutes, scenario, step};
use super::*;
use crate::scenario::{CastMember, From, Login, NetworkSpec, Position, Scenario, Verb, Who};
use crate::time::SimTime;

fn world(scenario: &Scenario) -> World {
    World::build(scenario).unwrap()
}

fn network(name: &str, place: &str, tags: &[NetworkTag], accuracy_km: u32) -> NetworkSpec {
    let at = Position::default();
    let (name, place, tags, listed) = (name.to_owned(), city(place), tags.to_vec(), Listed::default());
    NetworkSpec { name, place, tags, known: false, accuracy_km, listed, is_ipv6: false, at }
}

#[test]
fn a_person_more_moves_nobody() {
    let mut short = scenario(5, 30);
    short.cast.push(member("alice", 2));
    let mut long = short.clone();
    long.people = 31;
    long.cast.push(member("bob", 2));
    let (short, long) = (world(&short), world(&long));
    for person in &short.people {
        let same = long.person(long.person_by_key(&person.key).unwrap());
        assert_eq!(format!("{person:?}"), format!("{same:?}"), "{}", person.key);
    }
}

#[test]
fn everybody_has_an_address_an_e_mail_and_ids_of_their_own() {
    let mut story = scenario(1, 3_000);
    story.apps.push(app("miro_two", Vendor::Miro, SignIn::Password));
    story.cast.push(group("others", 40, 3));
    let world = world(&story);
    assert_eq!(world.people.len(), 3_041);
    let distinct = |values: Vec<String>| values.iter().collect::<BTreeSet<_>>().len() == values.len();
    assert!(distinct(world.people.iter().map(|p| p.email.clone()).collect()));
    assert!(distinct(world.people.iter().map(|p| p.home_address.to_string()).collect()));
    assert!(distinct(
        world.people.iter().flat_map(|p| p.accounts.values().skip(1)).map(|a| a.user_id.clone()).collect()
    ));
    let miro = &world.people[7].accounts[&AppIndex(1)];
    assert!(miro.user_id.len() == 19 && miro.user_id.starts_with("34587646"), "{}", miro.user_id);
}

fn group(key: &str, count: u32, apps: usize) -> CastMember {
    CastMember { count, ..member(key, apps) }
}

#[test]
fn people_are_found_by_what_vendors_know_of_them() {
    let mut story = scenario(1, 2);
    story.apps.push(app("side", Vendor::Miro, SignIn::Password));
    let mut alice = member("alice", 3);
    alice.email = Some("Alice.Chen@example.com".to_owned());
    alice.logins.insert(AppIndex(1), Login::Named("alice-c".to_owned()));
    alice.logins.insert(AppIndex(2), Login::Unlinked);
    story.cast.push(alice);
    let world = world(&story);
    let index = world.person_by_key("alice").unwrap();
    let person = world.person(index);
    assert_eq!(world.person_by_email("alice.chen@EXAMPLE.com"), Some(index));
    assert_eq!(world.person_by_directory_id(&person.directory_id), Some(index));
    assert_eq!(world.person_by_account(AppIndex(1), &person.accounts[&AppIndex(1)].user_id), Some(index));
    assert_eq!(world.people_by_login(AppIndex(1), &format!("alice-c@{}", world.domain)), [index]);
    assert_eq!(person.given_name, "Alice");
    assert!(person.accounts[&AppIndex(1)].linked && !person.accounts[&AppIndex(2)].linked);
}

#[test]
fn two_of_the_cast_with_one_name_get_two_addresses() {
    let mut story = scenario(1, 0);
    for key in ["one", "two"] {
        let mut person = member(key, 2);
        person.name = Some("Alice Chen".to_owned());
        story.cast.push(person);
    }
    let world = world(&story);
    let emails: Vec<&str> = world.people[1..].iter().map(|p| p.email.split('@').next().unwrap()).collect();
    assert_eq!(emails, ["alice.chen", "alice.chen2"]);
}

#[test]
fn who_is_hired_first_does_not_exist_before() {
    let mut story = scenario(1, 0);
    story.cast = vec![member("leaver", 2), member("joiner", 2)];
    for (verb, target) in [(Verb::Terminate, 0), (Verb::Hire, 0), (Verb::Hire, 1)] {
        let mut line = step(&story, minutes(1), verb, 0);
        line.actor = Who::Admin;
        line.target = Some(Who::Cast(target));
        story.script.push(line);
    }
    let world = world(&story);
    let exists = |key| world.person(world.person_by_key(key).unwrap()).exists_from_start;
    assert!(exists("leaver") && !exists("joiner"));
}

#[test]
fn a_city_has_one_address_a_person_and_a_network_one_for_all() {
    let mut story = scenario(9, 0);
    story.networks.push(network("office", "London", &[NetworkTag::Corporate], 10));
    story.cast = vec![member("alice", 2), member("bob", 2)];
    for (actor, from) in
        [(0, From::Place(city("Madrid"))), (1, From::Place(city("Madrid"))), (0, From::Place(city("London")))]
    {
        let mut line = step(&story, minutes(1), Verb::SignIn, 1);
        (line.actor, line.from) = (Who::Cast(actor), Some(from));
        story.script.push(line);
    }
    let world = world(&story);
    let [alice, bob] = ["alice", "bob"].map(|key| world.person_by_key(key).unwrap());
    let madrid = Some(From::Place(city("Madrid")));
    assert_ne!(world.address(alice, madrid), world.address(bob, madrid));
    assert_eq!(world.address(alice, madrid).1.name, "Madrid");
    assert_eq!(world.address(alice, Some(From::Place(city("London")))), world.address(alice, None));
    let office = Some(From::Network(0));
    assert_eq!(world.address(alice, office), world.address(bob, office));
    let located = world.locate(world.address(alice, office).0).unwrap();
    assert_eq!((located.name.as_deref(), located.accuracy_km), (Some("office"), 10));
    assert_eq!(world.locate("203.0.113.0".parse().unwrap()).map(|n| n.block), None);
}

#[test]
fn a_large_organisation_fits_and_one_larger_than_its_addresses_is_refused() {
    let large = world(&scenario(1, 20_000));
    assert_eq!(large.locate(large.people[20_000].home_address).unwrap().place, large.people[20_000].home);
    let mut one = scenario(1, 0);
    one.cast.push(group("others", 20_000, 2));
    let refused = World::build(&one).unwrap_err();
    assert_eq!(refused.to_string(), "no address is left for the home of `others-12288`: this range has 12288");
}

#[test]
fn a_readers_lookup_gives_back_what_the_world_says() {
    let mut story = scenario(2, 20);
    story.networks = vec![
        network("tor", "Frankfurt", &[NetworkTag::Tor], 25),
        network("vpn", "Singapore", &[NetworkTag::VpnConsumer], 0),
        network("office", "New York", &[NetworkTag::Corporate], 5),
    ];
    let world = world(&story);
    let epoch = SimTime::from_ms(1_772_409_600_000);
    let read = |bytes: Vec<u8>| Reader::from_source(bytes).unwrap();
    let (cities, systems, anonymous) =
        (read(geo::city(&world, epoch)), read(geo::asn(&world, epoch)), read(geo::anonymous_ip(&world, epoch)));
    let countries = read(geo::country(&world, epoch));
    assert_eq!(countries.metadata().database_type, "GeoLite2-Country");
    assert_eq!(cities.metadata().build_epoch, 1_772_409_600);
    assert_eq!(cities.metadata().database_type, "GeoLite2-City");
    for network in &world.networks {
        let ip: IpAddr = network.block.addr();
        let city = cities.lookup(ip).unwrap().decode::<geoip2::City<'_>>().unwrap().unwrap();
        assert_eq!(city.city.names.english, Some(network.place.name));
        assert_eq!(city.country.iso_code, Some(network.place.country));
        let country = countries.lookup(ip).unwrap().decode::<geoip2::Country<'_>>().unwrap().unwrap();
        assert_eq!((country.country.iso_code, country.continent.code), (city.country.iso_code, city.continent.code));
        assert_eq!(
            (city.location.latitude, city.location.longitude),
            (Some(network.place.lat), Some(network.place.lon))
        );
        assert_eq!(city.location.accuracy_radius.map(u32::from), Some(network.accuracy_km));
        let asn = systems.lookup(ip).unwrap().decode::<geoip2::Asn<'_>>().unwrap().unwrap();
        assert_eq!(asn.autonomous_system_number, Some(network.asn));
        let flags = anonymous.lookup(ip).unwrap().decode::<geoip2::AnonymousIp>().unwrap();
        let anonymised = network.tags.iter().any(|t| matches!(t, NetworkTag::Tor | NetworkTag::VpnConsumer));
        assert_eq!(flags.as_ref().and_then(|f| f.is_anonymous), anonymised.then_some(true), "{:?}", network.name);
        assert_eq!(flags.and_then(|f| f.is_tor_exit_node), network.tags.contains(&NetworkTag::Tor).then_some(true));
    }
}

#[test]
fn the_same_world_gives_the_same_database_bytes() {
    let bytes = |seed| geo::city(&world(&scenario(seed, 40)), SimTime::from_us(0));
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn every_employee_is_in_one_department_and_a_new_colleague_moves_nobody() {
    let few = world(&scenario(7, 30));
    let more = world(&scenario(7, 31));
    for person in few.person_indices() {
        let departments = few.groups.iter().filter(|g| g.kind == GroupKind::Department && g.members.contains(&person));
        assert_eq!(departments.count(), 1, "{}", few.person(person).job);
    }
    for group in &few.groups {
        let same = more.groups.iter().find(|g| g.key == group.key).expect("groups stay");
        assert_eq!((&group.id, &group.name), (&same.id, &same.name));
        let here: Vec<PersonIndex> = same.members.iter().copied().filter(|p| p.0 < few.people.len()).collect();
        assert_eq!(group.members, here, "{}", group.key);
    }
}

#[test]
fn a_division_is_made_of_departments() {
    let world = world(&scenario(7, 60));
    let division = world.groups.iter().find(|g| g.kind == GroupKind::Division).expect("sixty people have one");
    assert!(division.members.is_empty() && !division.groups.is_empty());
    assert!(division.groups.iter().all(|g| world.groups[g.0].kind == GroupKind::Department));
}
