def rule(event):
    return event.get("action") in ("org.add_member", "org.update_member") and event.get("permission") == "admin"


def title(event):
    return f"{event.get('actor')} made {event.get('user')} an owner of {event.get('org')}"


def dedup(event):
    return event.get("actor", "")


def severity(event):
    return "HIGH"
