//! The store, beyond what the rooms' tests show of it.

use axum::http::HeaderMap;

use super::TokenStore;
use crate::protocol::dialect::Failure;
use crate::scenario::{SignIn, Vendor};
use crate::time::SimTime;
use crate::vendors::testing::{Room, at, story};
use crate::world::PersonIndex;

fn with_store<T>(vendor: Vendor, test: impl FnOnce(&mut TokenStore, SimTime) -> T) -> T {
    let room = Room::new(story(SignIn::Password, &["ann"]), vendor);
    let mut state = room.sim.state();
    test(&mut state.instances[room.app.0].tokens, at("12:00:00"))
}

fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    headers
}

#[test]
fn every_secret_has_a_name_and_keeps_it_when_it_is_dead() {
    with_store(Vendor::Miro, |store, now| {
        store.issue_code(PersonIndex(0), "http://127.0.0.1:9/", now);
        let token = store.issue_ready_token(now);
        store.revoke(&token).unwrap();
        let names: Vec<String> = store.secrets().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["<secret:miro/stack>", "<code:miro/stack#1>", "<token:miro/stack#1>"]);
        assert_eq!(store.name_of_secret(&token).as_deref(), Some("<token:miro/stack#1>"));
        assert_eq!(store.name_of_secret("nobodys"), None);
    });
}

#[test]
fn the_ready_token_is_the_same_until_it_ends() {
    with_store(Vendor::Entra, |store, now| {
        let first = store.issue_ready_token(now);
        assert_eq!(store.issue_ready_token(now + std::time::Duration::from_secs(86_400)), first);
        store.expire_presented(&bearer(&first), &[], now);
        assert_ne!(store.issue_ready_token(now), first);
    });
}

#[test]
fn a_token_that_a_fault_expires_is_refused_at_once() {
    with_store(Vendor::Miro, |store, now| {
        let token = store.issue_ready_token(now);
        store.expire_presented(&HeaderMap::new(), &[("access_token".to_owned(), token.clone())], now);
        let expired = Failure::TokenExpired { token: "<token:miro/stack#1>".to_owned() };
        assert_eq!(store.authenticate(&bearer(&token), &[], now), Err(expired));
    });
}

#[test]
fn a_withdrawn_grant_kills_the_token_and_where_tokens_are_free_the_client() {
    for (vendor, disabled) in [(Vendor::Miro, false), (Vendor::Entra, true)] {
        with_store(vendor, |store, now| {
            let token = store.issue_ready_token(now);
            store.revoke_presented(&bearer(&token), &[], now);
            let refused = store.authenticate(&bearer(&token), &[], now);
            assert!(matches!(refused, Err(Failure::TokenRevoked { .. })), "{vendor:?} {refused:?}");
            assert_eq!(store.client().disabled, disabled, "{vendor:?}");
        });
    }
}
