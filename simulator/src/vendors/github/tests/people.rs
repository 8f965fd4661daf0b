//! Members, teams, installations and repositories, as a client lists them.

use serde_json::{Value, json};

use super::{Room, customer, github, link, login_of, office, room_of, step, story, text};
use crate::scenario::{PersonKind, SignIn, Verb, Who};
use crate::vendors::testing::{ORIGIN, at};

fn logins(page: &Value) -> Vec<String> {
    page.as_array().expect("a list").iter().map(|u| text(u, "login").to_owned()).collect()
}

fn org(room: &Room, rest: &str) -> String {
    format!("/orgs/{}{rest}", customer(room).login)
}

#[test]
fn members_are_listed_by_role_and_second_factor_and_carry_no_address() {
    let mut scenario = story(SignIn::Password, &["ann", "bob", "gus"]);
    scenario.cast[2].kind = PersonKind::Guest;
    let mut promote = step(at("09:00:00"), 0, Verb::ChangeRole, github());
    promote.target = Some(Who::Cast(1));
    promote.details.insert("role".to_owned(), "admin".to_owned());
    scenario.script.extend([promote, step(at("09:01:00"), 0, Verb::RemoveMfa, github())]);
    let mut room = room_of(scenario);
    let token = room.token();
    let mut listed = |query: &str| {
        let url = org(&room, query);
        logins(&room.get(&url, &token).expect(200))
    };
    let (all, admins) = (listed("/members"), listed("/members?role=admin"));
    let (members, guests) = (listed("/members?role=member"), listed("/outside_collaborators"));
    let (no_factor, odd) = (listed("/members?filter=2fa_disabled"), listed("/members?per_page=1&page=2"));
    let own = |person| login_of(&room, person);
    assert_eq!((all.len(), guests), (3, vec![own(3)]));
    assert!(admins.contains(&own(0)) && admins.contains(&own(2)) && admins.len() == 2, "{admins:?}");
    assert_eq!((members, no_factor), (vec![own(1)], vec![own(1)]));
    assert_eq!(odd, [all[1].clone()]);
    let url = org(&room, "/members");
    assert!(!room.get(&url, &token).text().contains('@'));
    let url = org(&room, "/members?role=owner");
    assert_eq!(room.get(&url, &token).status, 422);
}

#[test]
fn numbered_pages_link_to_their_neighbours_and_to_the_ends() {
    let mut room = room_of(story(SignIn::Password, &["ann", "bob", "cyd", "dan"]));
    let token = room.token();
    let url = org(&room, "/members?per_page=2&page=2");
    let second = room.get(&url, &token);
    let to = |n| Some(format!("{ORIGIN}{}?per_page=2&page={n}", org(&room, "/members")));
    assert_eq!((link(&second, "prev"), link(&second, "next")), (to(1), to(3)));
    assert_eq!((link(&second, "last"), link(&second, "first")), (to(3), to(1)));
    assert_eq!(second.notes.page.as_ref().map(|p| p.number), Some(2));
    let whole = room.get(&org(&room, "/members"), &token);
    assert_eq!(whole.header("link"), None);
    assert_eq!(room.get(&org(&room, "/members?page=9"), &token).expect(200), json!([]));
}

#[test]
fn a_removed_member_is_gone_and_a_stranger_is_nobody() {
    let mut scenario = story(SignIn::Password, &["ann", "bob"]);
    let mut remove = step(at("09:00:00"), 0, Verb::Terminate, github());
    (remove.actor, remove.target) = (Who::Admin, Some(Who::Cast(1)));
    scenario.script.push(remove);
    let mut room = room_of(scenario);
    let token = room.token();
    let (ann, bob) = (login_of(&room, 1), login_of(&room, 2));
    for (login, status) in [(ann.as_str(), 204), (bob.as_str(), 404), ("nobody", 404)] {
        let url = org(&room, &format!("/members/{login}"));
        assert_eq!(room.get(&url, &token).status, status, "{login}");
    }
    let membership = room.get(&org(&room, &format!("/memberships/{ann}")), &token).expect(200);
    assert_eq!((text(&membership, "state"), text(&membership, "role")), ("active", "member"));
}

#[test]
fn apps_that_people_have_let_in_are_among_the_installations() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let body = room.get(&org(&room, "/installations"), &token).expect(200);
    let slugs: Vec<&str> =
        body["installations"].as_array().expect("a list").iter().map(|i| text(i, "app_slug")).collect();
    assert_eq!((slugs.as_slice(), &body["total_count"]), (["github-stack", "handy-bot"].as_slice(), &json!(2)));
}

#[test]
fn repositories_show_who_sees_them_and_what_lies_in_them() {
    use base64::Engine as _;
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let own = format!("/repos/{}", customer(&room).login);
    let listed = room.get(&org(&room, "/repos?per_page=100"), &token).expect(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(24));
    let api = room.get(&format!("{own}/api"), &token).expect(200);
    assert_eq!((text(&api, "visibility"), &api["private"]), ("public", &json!(false)), "bob opened it");
    assert_eq!(room.get(&format!("{own}/nothing"), &token).status, 404);
    assert_eq!(room.get("/repos/somebody/api", &token).status, 404);
    let mut files = 0;
    for repository in listed.as_array().expect("a list") {
        let name = text(repository, "name");
        let tree = room.get(&format!("{own}/{name}/git/trees/main?recursive=1"), &token).expect(200);
        for entry in tree["tree"].as_array().expect("entries").iter().filter(|e| e["type"] == "blob") {
            let file = room.get(&format!("{own}/{name}/contents/{}", text(entry, "path")), &token).expect(200);
            assert_eq!(file["sha"], entry["sha"]);
            let content = base64::prelude::BASE64_STANDARD.decode(text(&file, "content").replace('\n', ""));
            assert_eq!(content.map(|c| c.len() as u64).ok(), entry["size"].as_u64());
            files += 1;
        }
    }
    assert!(files > 24, "{files}");
    let root = room.get(&format!("{own}/web/contents"), &token).expect(200);
    assert!(root.as_array().expect("a list").iter().any(|e| e["path"] == "README.md"));
    assert_eq!(room.get(&format!("{own}/web/contents/nothing.md"), &token).status, 404);
}
