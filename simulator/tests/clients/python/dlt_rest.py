"""dlt's REST source, told what everybody tells it: Miro by cursor, GitHub by Link header, Graph by nextLink and client
credentials. A 503 that it waits out, a 401 that ends it.
"""

import os

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"

import datetime

from desk import APPS, check, refused, statuses
from dlt.extract.exceptions import ResourceExtractionError
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.rest_api import rest_api_source

miro, github, entra = APPS["miro"], APPS["github"], APPS["entra"]
now = datetime.datetime.now(datetime.timezone.utc)


def rows(base_url: str, auth: object, paginator: object, path: str, selector: str, **params: object) -> list[dict]:
    client = {"base_url": base_url, "auth": auth, "paginator": paginator, "headers": {"User-Agent": "dlt"}}
    endpoint = {"path": path, "params": params, "data_selector": selector}
    source = rest_api_source({"client": client, "resources": [{"name": "rows", "endpoint": endpoint}]})
    return list(source.resources["rows"])


def bearer(instance: str) -> dict:
    return {"type": "bearer", "token": os.environ[f"SIMULATOR_{instance}_ACCESS_TOKEN"]}


def once(what: str, ids: list, least: int) -> None:
    check(f"every {what} comes once", len(ids) >= least and len(set(ids)) == len(ids), ids)


iso = "%Y-%m-%dT%H:%M:%SZ"
window = {"createdAfter": (now - datetime.timedelta(days=2)).strftime(iso), "createdBefore": now.strftime(iso)}
cursor = {"type": "cursor", "cursor_path": "cursor", "cursor_param": "cursor"}
events = rows("https://api.miro.com/v2", bearer("MIRO"), cursor, "audit/logs", "data", limit=10, **window)
once("event", [event["id"] for event in events], 11)
check("a 503 was waited out", statuses("miro.audit_log")[:3] == [200, 503, 200], statuses("miro.audit_log"))

org = github["organization"]
entries = rows(
    "https://api.github.com", bearer("GITHUB"), "header_link", f"orgs/{org}/audit-log", "$", per_page=10, include="all"
)
once("entry", [entry["_document_id"] for entry in entries], 11)
refused(
    ResourceExtractionError,
    lambda: rows("https://api.github.com", {"type": "bearer", "token": "ghp_nobodys"}, "header_link", f"orgs/{org}", "$"),
)

login = OAuth2ClientCredentials(
    access_token_url=f"https://login.microsoftonline.com/{entra['tenant_id']}/oauth2/v2.0/token",
    client_id=entra["client_id"],
    client_secret=entra["client_secret"],
    access_token_request_data={"scope": "https://graph.microsoft.com/.default"},
)
next_link = {"type": "json_link", "next_url_path": "'@odata.nextLink'"}
users = rows("https://graph.microsoft.com/v1.0", login, next_link, "users", "value", **{"$top": 5})
once("user", [user["id"] for user in users], 12)
print(f"{len(events)} events, {len(entries)} entries, {len(users)} users, a token, 503 waited out, 401")
