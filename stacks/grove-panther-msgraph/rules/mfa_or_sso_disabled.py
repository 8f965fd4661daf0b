def rule(event):
    return event.get("action") in ("org.disable_saml", "org.disable_two_factor_requirement")


def title(event):
    return f"{event.get('actor')} weakened sign-in to {event.get('org')}"


def dedup(event):
    return event.get("actor", "")


def severity(event):
    return "CRITICAL"
