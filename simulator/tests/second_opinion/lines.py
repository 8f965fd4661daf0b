"""Vendors' lines, as `simulator records` prints them, made rows of one table.

Every field of the vendor keeps its name, with dots for nesting. Beside it come the columns of `engine.ADDED`, which any
shop fills before it runs rules: when, whose product, who, from where, upon what.
"""

import bisect
import datetime
import ipaddress
import json
import pathlib
from typing import NamedTuple

import maxminddb


class Account(NamedTuple):
    """Whom a line names as the one who acts."""

    id: str | None
    email: str | None


def rows(vendor: str, app: str, printed: str) -> list[dict]:
    """Each line with what can be said of it by itself; `account` is for `link`."""
    if vendor not in READERS:
        raise ValueError(f"lines.py has no reader for what {vendor} writes")
    return [READERS[vendor](json.loads(line)) | {"app": app} for line in printed.split("\n") if line]


def flat(value: dict, prefix: str = "") -> dict:
    found = {}
    for name, inner in value.items():
        if isinstance(inner, dict):
            found |= flat(inner, f"{prefix}{name}.")
        else:
            found[prefix + name] = json.dumps(inner) if isinstance(inner, list) else inner
    return found


def seconds(text: str) -> float:
    """RFC 3339 and what vendors take for it: seven digits of a second, an offset without a colon."""
    zone = text[19:].lstrip(".0123456789")
    instant = datetime.datetime.fromisoformat(text[:19] + zone.replace("Z", "+00:00"))
    fraction = text[19 : len(text) - len(zone)]
    return instant.timestamp() + float(fraction or 0)


def entra(line: dict) -> dict:
    row = flat(line)
    if "createdDateTime" in line:
        who = Account(line["userId"], line["userPrincipalName"])
        said = {"service": "signinlogs", "timestamp": seconds(line["createdDateTime"]), "source_ip": line["ipAddress"]}
    else:
        by = (line["initiatedBy"] or {}).get("user") or {}
        who = Account(by.get("id"), by.get("userPrincipalName"))
        said = {"service": "auditlogs", "timestamp": seconds(line["activityDateTime"]), "source_ip": by.get("ipAddress")}
    return row | said | {"product": "azure", "account": who}


def miro(line: dict) -> dict:
    by, context = line.get("createdBy") or {}, line.get("context") or {}
    return flat(line) | {
        "product": "miro",
        "service": "audit",
        "timestamp": seconds(line["createdAt"]),
        "source_ip": context.get("ip"),
        "object": (line["object"] or {}).get("id"),
        "account": Account(by.get("id"), by.get("email")),
    }


def github(line: dict) -> dict:
    return flat(line) | {
        "product": "github",
        "service": "audit",
        "timestamp": line["@timestamp"] / 1_000,
        "source_ip": line.get("actor_ip"),
        "object": line.get("repo_id"),
        "account": Account(line.get("actor_id"), line.get("external_identity_nameid")),
    }


def workplace(line: dict) -> dict:
    """The webhook's entries, and the lines of the log that its successor lets be pulled."""
    if "value" in line:
        line = line["value"]
        at, who, ip = float(line["timestamp"]), Account(line.get("actor_id"), line.get("actor_email")), line.get("ip")
    else:
        at, who = seconds(line["timestamp"]), Account(None, line.get("actor_username"))
        ip = line.get("ip_address")
    row = flat(line)
    return row | {"product": "workplace", "service": "security", "timestamp": at, "source_ip": ip, "account": who}


def okta(line: dict) -> dict:
    return flat(line) | {
        "product": "okta",
        "service": "okta",
        "timestamp": seconds(line["published"]),
        "source_ip": line["client"].get("ipAddress"),
        "account": Account(line["actor"].get("id"), line["actor"].get("alternateId")),
    }


READERS = {"entra": entra, "miro": miro, "github": github, "workplace": workplace, "okta": okta}


def link(rows: list[dict]) -> None:
    """Says whose each line is: the directory's id of who had the line's e-mail address at that time.

    The directory's own sign-ins tell who had which address when. An account that no address leads from is a person of
    its own.
    """
    owners: dict[str, list[tuple[float, str]]] = {}
    for row in rows:
        account = row["account"]
        if row["product"] == "azure" and account.id and account.email:
            owners.setdefault(account.email.lower(), []).append((row["timestamp"], account.id))
    for known in owners.values():
        known.sort()
    for row in rows:
        account: Account = row.pop("account")
        known = owners.get((account.email or "").lower())
        if row["product"] == "azure":
            row["person"] = account.id
        elif known:
            # Who had it last before this; before the first time, who had it first.
            at = bisect.bisect_right(known, (row["timestamp"], "\uffff"))
            row["person"] = known[max(at, 1) - 1][1]
        elif account.id or account.email:
            row["person"] = f"{row['app']}: {account.id or account.email}"


class Places:
    """The geo databases that a stack is handed, and the organisation's own ranges."""

    def __init__(self, folder: pathlib.Path):
        document = json.loads((folder / "connections.json").read_text())
        self.city = maxminddb.open_database(document["geo"]["city"])
        self.anonymous = maxminddb.open_database(document["geo"]["anonymous_ip"])
        self.own = [ipaddress.ip_network(cidr) for network in document["networks"] for cidr in network["cidrs"]]

    def country(self, address: str) -> str | None:
        """Where somebody who comes from there is, if the address says: a rented machine's and a VPN's do not."""
        nowhere = self.anonymous.get(address) or {}
        if nowhere.get("is_hosting_provider") or nowhere.get("is_anonymous_vpn"):
            return None
        return ((self.city.get(address) or {}).get("country") or {}).get("iso_code")

    def locate(self, rows: list[dict]) -> None:
        for row in rows:
            if row["source_ip"]:
                address = ipaddress.ip_address(row["source_ip"])
                row["country"] = self.country(row["source_ip"])
                row["own"] = next((str(network) for network in self.own if address in network), None)
