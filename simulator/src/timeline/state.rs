//! What changes about people: accounts, sessions, tokens, grants, and everything that was done about them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::containment::{Access, Effect, Ends, Trust, ending};
use crate::scenario::{AppIndex, Using};
use crate::time::SimTime;
use crate::world::{PersonIndex, World};

/// Life of an access token, and of an app's session that rests on a directory; both are renewed for as long as nothing
/// stands against it \[guess\].
pub const TOKEN_LIFE: Duration = Duration::from_secs(3_600);

/// An account in one instance, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountStatus {
    /// Whether it is there: made, and not deleted.
    pub exists: bool,
    /// Whether it may sign in.
    pub enabled: bool,
    /// When it was made, for those hired during the script.
    pub created_at: Option<SimTime>,
    /// Sessions and refresh tokens from before this moment are void.
    pub sessions_valid_from: Option<SimTime>,
    /// When it was deleted.
    pub deleted_at: Option<SimTime>,
    /// The name it was given later, if it was renamed.
    pub display_name: Option<String>,
    /// The e-mail address it was given later, if that was changed.
    pub email: Option<String>,
}

impl AccountStatus {
    fn new(exists: bool) -> Self {
        Self {
            exists,
            enabled: true,
            created_at: None,
            sessions_valid_from: None,
            deleted_at: None,
            display_name: None,
            email: None,
        }
    }
}

/// A session, a token or a grant that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAccess {
    /// Whose.
    pub person: PersonIndex,
    /// Where.
    pub app: AppIndex,
    /// `session`, `token` or `grant`.
    pub kind: &'static str,
    /// The device of a session, the application of a grant.
    pub name: String,
    /// When it was begun.
    pub begun: SimTime,
    /// Whether it still opens anything.
    pub works: bool,
}

/// Something that was done about a person.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) effect: Effect,
    pub(super) at: SimTime,
    /// Who did it: a person's key, or a client's name.
    pub(super) by: Arc<str>,
    /// When it was undone (an account enabled again).
    pub(super) undone: Option<SimTime>,
}

/// Something that is held: since when, and after how many effects it was got.
#[derive(Clone, Debug)]
struct Held {
    begun: SimTime,
    after: usize,
    id: Arc<str>,
}

/// Why access is gone.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) done: Done,
    pub(super) since: SimTime,
}

/// Accounts, sessions and tokens of everybody. Holds only what differs from the beginning, so a large organisation costs
/// nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    changed: BTreeMap<(PersonIndex, AppIndex), AccountStatus>,
    done: BTreeMap<PersonIndex, Vec<Done>>,
    sessions: BTreeMap<(PersonIndex, AppIndex, Holder), Held>,
    tokens: BTreeMap<(PersonIndex, AppIndex), Held>,
    grants: BTreeMap<(PersonIndex, AppIndex, String), Held>,
}

/// Which device holds a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    Laptop,
    Phone,
    Unknown,
}

impl Holder {
    /// A stolen session is the laptop's.
    pub(super) const fn of(using: &Using) -> Self {
        match using {
            Using::Phone => Self::Phone,
            Using::UnknownDevice => Self::Unknown,
            _ => Self::Laptop,
        }
    }

    /// The word for it.
    const fn word(self) -> &'static str {
        match self {
            Self::Laptop => "laptop",
            Self::Phone => "phone",
            Self::Unknown => "unknown device",
        }
    }
}

impl Accounts {
    pub(super) fn status(&self, world: &World, person: PersonIndex, app: AppIndex) -> AccountStatus {
        self.changed.get(&(person, app)).cloned().unwrap_or_else(|| first_status(world, person, app))
    }

    pub(super) fn change(&mut self, world: &World, person: PersonIndex, app: AppIndex) -> &mut AccountStatus {
        self.changed.entry((person, app)).or_insert_with(|| first_status(world, person, app))
    }

    pub(super) fn put(&mut self, person: PersonIndex, effect: Effect, at: SimTime, by: Arc<str>) {
        self.done.entry(person).or_default().push(Done { effect, at, by, undone: None });
    }

    /// Marks what was done about a person as undone.
    pub(super) fn undo(&mut self, person: PersonIndex, at: SimTime, matching: impl Fn(&Effect) -> bool) {
        for done in self.done.entry(person).or_default().iter_mut().filter(|d| d.undone.is_none()) {
            if matching(&done.effect) {
                done.undone = Some(at);
            }
        }
    }

    /// What stands in the way of an access that was begun at `begun`, after `after` effects; a password has no beginning.
    fn standing(&self, world: &World, key: Asked<'_>, held: Option<&Held>, now: SimTime) -> Result<(), Gone> {
        let trust = trust(world, key.person, key.app);
        let all = self.done.get(&key.person).map_or(&[][..], Vec::as_slice);
        let since_begun = &all[held.map_or(0, |h| h.after).min(all.len())..];
        for done in since_begun {
            if done.effect.app().is_some_and(|app| app != key.app) {
                continue;
            }
            if let (Effect::GrantRemoved(_, removed), Some(grant)) = (&done.effect, key.grant)
                && removed != grant
            {
                continue;
            }
            let ends = match ending(done.effect.kind(), key.access, trust).ends {
                Ends::Never => continue,
                Ends::AtOnce => done.at,
                Ends::AtExpiry => held.map_or(done.at, |h| expiry(h.begun, done.at)),
            };
            // What was undone before it bit did not bite; a password comes back with the account.
            let undone_in_time = |undone: SimTime| undone < ends || key.access == Access::Password;
            if now >= ends && !done.undone.is_some_and(|undone| undone <= now && undone_in_time(undone)) {
                return Err(Gone { done: done.clone(), since: ends });
            }
        }
        Ok(())
    }

    /// Whether a sign-in would succeed.
    pub(super) fn password(&self, world: &World, person: PersonIndex, app: AppIndex, now: SimTime) -> Result<(), Gone> {
        let key = Asked { person, app, access: Access::Password, grant: None };
        self.standing(world, key, None, now)
    }

    /// The session a request rides on, begun silently as `new_id` if none was.
    pub(super) fn session(
        &mut self,
        world: &World,
        key: (PersonIndex, AppIndex, Holder),
        now: SimTime,
        new_id: Arc<str>,
    ) -> Result<Arc<str>, Gone> {
        let asked = Asked { person: key.0, app: key.1, access: Access::Session, grant: None };
        if let Some(held) = self.sessions.get(&key) {
            return self.standing(world, asked, Some(held), now).map(|()| Arc::clone(&held.id));
        }
        self.password(world, key.0, key.1, now)?;
        Ok(self.begin_session(key, now, new_id))
    }

    pub(super) fn begin_session(
        &mut self,
        key: (PersonIndex, AppIndex, Holder),
        now: SimTime,
        id: Arc<str>,
    ) -> Arc<str> {
        let held = self.held(key.0, now, id);
        Arc::clone(&self.sessions.entry(key).insert_entry(held).get().id)
    }

    pub(super) fn end_session(&mut self, key: (PersonIndex, AppIndex, Holder)) {
        self.sessions.remove(&key);
    }

    /// Whether the actor's latest token in an app still works. One that no step made was made before the history.
    pub(super) fn token(&self, world: &World, person: PersonIndex, app: AppIndex, now: SimTime) -> Result<(), Gone> {
        let key = Asked { person, app, access: Access::AccessToken, grant: None };
        self.standing(world, key, Some(self.tokens.get(&(person, app)).unwrap_or(&always())), now)
    }

    pub(super) fn make_token(&mut self, person: PersonIndex, app: AppIndex, now: SimTime, id: Arc<str>) {
        let held = self.held(person, now, id);
        self.tokens.insert((person, app), held);
    }

    /// Whether an app that was let in still is.
    pub(super) fn grant(
        &self,
        world: &World,
        (person, app, name): (PersonIndex, AppIndex, &str),
        now: SimTime,
    ) -> Result<(), Gone> {
        let held = self.grants.get(&(person, app, name.to_owned()));
        let key = Asked { person, app, access: Access::AppGrant, grant: Some(name) };
        self.standing(world, key, Some(held.unwrap_or(&always())), now)
    }

    pub(super) fn make_grant(&mut self, person: PersonIndex, app: AppIndex, name: &str, now: SimTime) {
        let held = self.held(person, now, name.into());
        self.grants.insert((person, app, name.to_owned()), held);
    }

    /// Every session, token and grant that a step began, and whether it still opens anything.
    pub(super) fn held_by_anybody(&self, world: &World, now: SimTime) -> Vec<HeldAccess> {
        let asked = |person, app, access, grant| Asked { person, app, access, grant };
        let sessions = self.sessions.iter().map(|((person, app, holder), held)| {
            (asked(*person, *app, Access::Session, None), holder.word().to_owned(), held)
        });
        let tokens = self
            .tokens
            .iter()
            .map(|((person, app), held)| (asked(*person, *app, Access::AccessToken, None), "latest".to_owned(), held));
        let grants = self.grants.iter().map(|((person, app, name), held)| {
            (asked(*person, *app, Access::AppGrant, Some(name)), name.clone(), held)
        });
        let access = |(key, name, held): (Asked<'_>, String, &Held)| HeldAccess {
            person: key.person,
            app: key.app,
            kind: match key.access {
                Access::AccessToken => "token",
                Access::AppGrant => "grant",
                _ => "session",
            },
            name,
            begun: held.begun,
            works: self.standing(world, key, Some(held), now).is_ok(),
        };
        sessions.chain(tokens).chain(grants).map(access).collect()
    }

    fn held(&self, person: PersonIndex, begun: SimTime, id: Arc<str>) -> Held {
        Held { begun, after: self.done.get(&person).map_or(0, Vec::len), id }
    }
}

/// What a request needs.
#[derive(Clone, Copy)]
struct Asked<'a> {
    person: PersonIndex,
    app: AppIndex,
    access: Access,
    grant: Option<&'a str>,
}

/// Held since before anything happened.
fn always() -> Held {
    Held { begun: SimTime::from_us(0), after: 0, id: "".into() }
}

/// When something renewed every [`TOKEN_LIFE`] since `begun` runs out if it cannot be renewed from `stopped` on.
fn expiry(begun: SimTime, stopped: SimTime) -> SimTime {
    let life = i64::try_from(TOKEN_LIFE.as_micros()).expect("an hour");
    let lived = (stopped.us() - begun.us()).max(0);
    SimTime::from_us(begun.us() + (lived / life + 1) * life)
}

fn trust(world: &World, person: PersonIndex, app: AppIndex) -> Trust {
    let instance = &world.instances[app.0];
    let linked = world.person(person).accounts.get(&app).is_none_or(|a| a.linked);
    match instance.vendor.is_directory() {
        true => Trust::Directory,
        false if instance.is_sso() && linked => Trust::Sso,
        false => Trust::Local,
    }
}

fn first_status(world: &World, person: PersonIndex, app: AppIndex) -> AccountStatus {
    let person = world.person(person);
    AccountStatus::new(person.exists_from_start && person.accounts.contains_key(&app))
}
