//! Faults of webhook deliveries: which kinds strike them, and whether there are any to be struck.

use crate::scenario::fields::{Context, Fields};
use crate::scenario::model::RoutePattern;
use crate::scenario::tables::{DELIVERY_FAULTS, FAULTS_OF_DELIVERIES_TOO};
use crate::vendors;

/// Complains of a fault that could meet no delivery, or could do nothing to it. A route that is left out means the
/// requests of the stack alone.
pub(super) fn check(fields: &Fields<'_>, kind: &str, route: Option<&RoutePattern>, context: Context<'_>) {
    let Some(pattern) = route else { return };
    let (app, Some(vendor)) = &context.names.apps[pattern.app.0] else { return };
    let webhooks = vendors::spec(*vendor).webhooks;
    let meant = webhooks.filter(|webhooks| pattern.route.as_deref() == Some(webhooks.route));
    let Some(meant) = meant else {
        if DELIVERY_FAULTS.contains(&kind) {
            let instead = match webhooks {
                Some(webhooks) => format!("write {app}.{}", webhooks.route),
                None => format!("{app} makes none"),
            };
            fields.complain("route", format!("{kind} strikes webhook deliveries; {instead}"));
        }
        return;
    };
    if !DELIVERY_FAULTS.contains(&kind) && !FAULTS_OF_DELIVERIES_TOO.contains(&kind) {
        let kinds = [&FAULTS_OF_DELIVERIES_TOO[..], &DELIVERY_FAULTS[..]].concat().join(", ");
        fields
            .complain("route", format!("{kind} strikes what a vendor answers; deliveries can be struck with {kinds}"));
    }
    let profile = context.names.profiles[pattern.app.0];
    if let Some((_, word)) = profile.filter(|(profile, _)| meant.silent.contains(profile)) {
        fields.complain("route", format!("{app} makes no deliveries: its profile is {word}"));
    }
    if kind == "forge" && meant.signatures.is_empty() {
        fields.complain("route", format!("{app} signs no deliveries, so a forged one cannot be told from its own"));
    }
    if kind == "newest_signature" && meant.signatures.len() < 2 {
        fields.complain("route", format!("{app} does not sign its deliveries in several ways"));
    }
    let others = context.names.apps.iter().filter(|(name, of)| name != app && *of == Some(*vendor)).count();
    if kind == "forge"
        && others == 0
        && !meant.signatures.is_empty()
        && fields.word("signature").is_some_and(|word| word.value == "other_tenant")
    {
        let message = format!("other_tenant has the key of a second {}, and there is none", vendor.name());
        fields.complain("signature", message);
    }
}
