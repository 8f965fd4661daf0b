//! What may be asked for.

use std::collections::BTreeSet;

use super::RULES;
use crate::protocol::dialect::OauthFailure;
use crate::vendors::entra::objects::GRAPH_APP;

/// Graph's own name as a resource.
const GRAPH: &str = "https://graph.microsoft.com";

/// What everybody may be asked for beside Graph's permissions.
const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A permission that wants no administrator.
const OWN_PROFILE: &str = "User.Read";

/// Everything that the application is registered with.
const DEFAULT: &str = ".default";

/// What an application asks for on its own: one resource's `/.default`. Graph's, by its own name, by its application id, or
/// by the address it is imitated at.
pub(super) fn of_application(scope: &str, origin: &str) -> Result<(), OauthFailure> {
    let bad = || OauthFailure::BadScope(scope.to_owned());
    check_given(scope)?;
    if scope.split_whitespace().count() != 1 {
        return Err(bad());
    }
    let resource = scope.trim().strip_suffix("/.default").ok_or_else(bad)?.trim_end_matches('/');
    if is_graph(resource, origin) {
        return Ok(());
    }
    Err(unknown_resource(resource))
}

/// A scope that is sent says something.
fn check_given(scope: &str) -> Result<(), OauthFailure> {
    let empty = OauthFailure::Numbered { code: 28_003, about: String::new() };
    if scope.trim().is_empty() { Err(empty) } else { Ok(()) }
}

fn is_graph(resource: &str, origin: &str) -> bool {
    [GRAPH, GRAPH_APP, origin].contains(&resource)
}

fn unknown_resource(resource: &str) -> OauthFailure {
    OauthFailure::Numbered { code: 500_011, about: resource.to_owned() }
}

/// What is asked for in a person's name: permissions of Graph, with or without its name before them, and OpenID's words.
/// `.default` stands for everything that the application is registered with. In the order of the request.
pub(super) fn of_person(scope: &str, origin: &str) -> Result<Vec<String>, OauthFailure> {
    check_given(scope)?;
    let (mut wanted, mut resources): (Vec<String>, BTreeSet<String>) = Default::default();
    let mut permissions = BTreeSet::new();
    for word in scope.split_whitespace() {
        if OPENID.contains(&word) {
            wanted.push(word.to_owned());
            continue;
        }
        let (resource, permission) = match word.rsplit_once('/') {
            None => (GRAPH, word),
            Some((resource, permission)) => (resource.trim_end_matches('/'), permission),
        };
        let resource = if is_graph(resource, origin) { GRAPH } else { resource };
        resources.insert(resource.to_owned());
        if resources.len() > 1 {
            return Err(OauthFailure::Numbered { code: 700_022, about: scope.to_owned() });
        }
        if resource != GRAPH {
            return Err(unknown_resource(resource));
        }
        permissions.insert(permission);
        if permissions.len() > 1 && permissions.contains(DEFAULT) {
            return Err(OauthFailure::Numbered { code: 28_002, about: scope.to_owned() });
        }
        match permission {
            DEFAULT => {
                wanted.extend(RULES.scopes.iter().map(|s| (*s).to_owned()));
                wanted.push(format!("{GRAPH}/{DEFAULT}"));
            }
            known if RULES.scopes.contains(&known) || known == OWN_PROFILE => wanted.push(known.to_owned()),
            _ => return Err(OauthFailure::BadScope(word.to_owned())),
        }
    }
    let mut seen = BTreeSet::new();
    wanted.retain(|word| seen.insert(word.clone()));
    Ok(wanted)
}

/// Whether only an administrator may consent to this.
pub(super) fn wants_administrator(scopes: &[String]) -> bool {
    scopes.iter().any(|scope| !OPENID.contains(&scope.as_str()) && scope != OWN_PROFILE)
}

/// What a refreshed token carries: what the grant does, or the part of it that is asked for now.
pub(super) fn narrowed(held: &[String], asked: Option<&str>, origin: &str) -> Result<Vec<String>, OauthFailure> {
    let Some(asked) = asked else { return Ok(held.to_vec()) };
    let mut wanted = of_person(asked, origin)?;
    let missing = wanted.iter().find(|w| !held.contains(w) && !OPENID.contains(&w.as_str()) && !w.ends_with(DEFAULT));
    if let Some(missing) = missing.filter(|m| !asked.contains(DEFAULT) || !RULES.scopes.contains(&m.as_str())) {
        return Err(OauthFailure::Numbered { code: 65_001, about: missing.clone() });
    }
    if asked.contains(DEFAULT) || wanted.iter().all(|w| OPENID.contains(&w.as_str())) {
        wanted = held.to_vec();
    } else {
        // What OpenID was granted stays granted.
        wanted.extend(held.iter().filter(|h| OPENID.contains(&h.as_str())).cloned());
        let mut seen = BTreeSet::new();
        wanted.retain(|word| seen.insert(word.clone()));
    }
    Ok(wanted)
}

/// The scopes as the token endpoint prints them.
pub(super) fn printed(scopes: &[String]) -> String {
    let shown: Vec<&str> = scopes.iter().map(String::as_str).filter(|s| *s != "offline_access").collect();
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_resource_at_a_time() {
        let code = |scope: &str| match of_person(scope, "http://127.0.0.1:1") {
            Ok(scopes) => scopes.join(" "),
            Err(OauthFailure::Numbered { code, .. }) => code.to_string(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(code("User.Read.All openid offline_access"), "User.Read.All openid offline_access");
        assert_eq!(code("https://graph.microsoft.com/User.Read"), "User.Read");
        assert_eq!(code("User.Read https://vault.example/x"), "700022");
        assert_eq!(code("https://vault.example/x"), "500011");
        assert_eq!(code("https://graph.microsoft.com/.default User.Read"), "28002");
        assert_eq!(code(" "), "28003");
        assert_eq!(code("Files.Burn.All"), "BadScope(\"Files.Burn.All\")");
        assert!(code("https://graph.microsoft.com/.default").contains("AuditLog.Read.All"));
    }

    #[test]
    fn a_refresh_may_ask_for_less_and_not_for_more() {
        let held = ["User.Read.All", "openid", "offline_access"].map(str::to_owned);
        let ask = |scope| narrowed(&held, scope, "http://127.0.0.1:1");
        assert_eq!(ask(None).as_deref(), Ok(held.as_slice()));
        assert_eq!(ask(Some("openid profile")).as_deref(), Ok(held.as_slice()));
        let all = Some("https://graph.microsoft.com/.default");
        assert_eq!(ask(all).as_deref(), Ok(held.as_slice()));
        assert_eq!(ask(Some("Mail.Send")), Err(OauthFailure::Numbered { code: 65_001, about: "Mail.Send".into() }));
    }
}
