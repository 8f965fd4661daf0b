//! Users and the lifecycle verbs, as every vendor sees them: views over world and timeline.

use super::exchange::{Context, Request};
use crate::journal::Effect;
use crate::scenario::{AppIndex, SignIn, Verb};
use crate::timeline::{AccountStatus, Activity, ActivityId, Deed, Timeline};
use crate::world::{Account, Instance, Person, PersonIndex, World};

/// A user of an instance, as matters stand.
#[derive(Clone, Debug)]
pub struct User<'a> {
    /// Who.
    pub index: PersonIndex,
    /// What stands still about them.
    pub person: &'a Person,
    /// Their account there.
    pub account: &'a Account,
    /// What has become of it.
    pub status: AccountStatus,
}

impl User<'_> {
    /// The name shown, as it is now.
    pub fn name(&self) -> String {
        self.status.display_name.clone().unwrap_or_else(|| self.person.display_name())
    }

    /// The login name or e-mail address in the app, as it is now.
    pub fn login(&self) -> String {
        self.status.email.clone().unwrap_or_else(|| self.account.login.clone())
    }
}

/// The users an instance has now, in the order of their ids there. The deleted are not among them.
pub fn users<'a>(world: &'a World, timeline: &Timeline, app: AppIndex) -> Vec<User<'a>> {
    let mut users: Vec<User<'a>> =
        (0..world.people.len()).filter_map(|i| user(world, timeline, app, PersonIndex(i))).collect();
    users.sort_by(|a, b| a.account.user_id.cmp(&b.account.user_id));
    users
}

/// One user of an instance, if they have an account there now.
pub fn user<'a>(world: &'a World, timeline: &Timeline, app: AppIndex, index: PersonIndex) -> Option<User<'a>> {
    let person = world.people.get(index.0)?;
    let account = person.accounts.get(&app)?;
    let status = timeline.account(index, app);
    (status.exists && status.deleted_at.is_none()).then_some(User { index, person, account, status })
}

/// The user that `matches`.
pub fn user_by<'a>(
    world: &'a World,
    timeline: &Timeline,
    app: AppIndex,
    matches: impl Fn(&Person, &Account) -> bool,
) -> Option<User<'a>> {
    let people = world.people.iter().enumerate();
    let mut matching = people.filter(|(_, p)| p.accounts.get(&app).is_some_and(|a| matches(p, a)));
    matching.find_map(|(i, _)| user(world, timeline, app, PersonIndex(i)))
}

/// Does a lifecycle verb to a user and notes it. What is already so is answered as done and leaves no second entry.
pub fn act(ctx: &mut Context<'_>, request: &Request, verb: Verb, target: PersonIndex) {
    let by = request.caller().client.clone();
    perform(ctx, Deed::upon(verb, ctx.app, target, by));
}

/// Does what a deed says, to a person or a thing, and notes it. What is already so leaves no second entry.
pub fn perform(ctx: &mut Context<'_>, deed: Deed) {
    let status = deed.target.map(|target| ctx.state.timeline.account(target, ctx.app));
    let already = status.is_some_and(|status| match deed.verb {
        Verb::Suspend => !status.enabled,
        Verb::Restore => status.enabled && status.exists,
        _ => false,
    });
    let upon = match (deed.target, &deed.object) {
        (Some(target), _) => ctx.sim.world.people[target.0].key.clone(),
        (None, object) => object.as_deref().unwrap_or_default().to_owned(),
    };
    let verb = deed.verb;
    if ctx.is_real() && !already {
        ctx.state.timeline.govern(ctx.now, deed);
    }
    note(ctx, action(verb), &upon);
}

/// Notes a governance call that has taken effect, unless a fault only pretends so.
pub fn note(ctx: &mut Context<'_>, action: &str, target: &str) {
    let done = ctx.is_real();
    ctx.notes.effect = Some(Effect { done, ..effect(action, target) });
}

/// Notes one that was done to a thing of somebody's, by the thing's name.
pub fn note_thing(ctx: &mut Context<'_>, action: &str, target: &str, object: &str) {
    note(ctx, action, target);
    if let Some(effect) = &mut ctx.notes.effect {
        effect.object = Some(object.to_owned());
    }
}

/// Notes a governance call for somebody who is not there.
pub fn missed(ctx: &mut Context<'_>, action: &str, target: &str) {
    ctx.notes.effect = Some(effect(action, target));
}

/// A call that took no effect.
fn effect(action: &str, target: &str) -> Effect {
    Effect { action: action.to_owned(), target: target.to_owned(), object: None, policies: Vec::new(), done: false }
}

/// The stack's word for a verb done through an API.
pub fn action(verb: Verb) -> &'static str {
    match verb {
        Verb::Suspend => "suspend",
        Verb::Restore => "unsuspend",
        Verb::RevokeSessions => "require_sign_in",
        Verb::Terminate => "remove_member",
        Verb::RemoveApp => "revoke_app",
        Verb::SetVisibility => "make_private",
        other => other.name(),
    }
}

/// The directory of the world: its first Entra tenant.
pub fn directory(world: &World) -> Option<&Instance> {
    world.instances.iter().find(|i| i.vendor.is_directory())
}

/// The directory that a person's sign-in to an instance goes through; none if the instance asks for a password of its
/// own, or the directory does not know the account.
pub fn single_sign_on<'a>(world: &'a World, instance: &Instance, person: &Person) -> Option<&'a Instance> {
    let directory = directory(world).filter(|d| d.app != instance.app && instance.sign_in == SignIn::Sso)?;
    let linked = person.accounts.get(&instance.app).is_some_and(|a| a.linked);
    (linked && person.accounts.contains_key(&directory.app)).then_some(directory)
}

/// Labels that tell an activity apart for ever, for drawing ids: people by key, never by index, so that a new person
/// changes nobody's ids.
pub fn labels(activity: &Activity, world: &World) -> [String; 3] {
    match activity.id {
        ActivityId::Background { person, day, n } => {
            [world.people[person.0].key.clone(), day.to_string(), n.to_string()]
        }
        ActivityId::Scripted { step, n } => {
            [world.people[activity.actor.0].key.clone(), format!("step {step}"), n.to_string()]
        }
        ActivityId::Governed { app, n } => [world.instances[app.0].name.clone(), "governed".to_owned(), n.to_string()],
        ActivityId::Arrived { n } => [world.people[activity.actor.0].key.clone(), "arrived".to_owned(), n.to_string()],
    }
}
