"""What every script here needs: where the simulator is, an administrator's browser, a way to say what is expected."""

import html
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request

with open(os.environ["SIMULATOR_CONNECTIONS"], encoding="utf-8") as document:
    APPS = json.load(document)["apps"]

#: http, https: the simulator's own addresses; proxy, hosts: the vendors' names.
WAY = os.environ["WAY"]
OWN_ADDRESS = WAY in ("http", "https")


def check(expectation: str, holds: bool, seen: object = None) -> None:
    if not holds:
        raise SystemExit(f"not so: {expectation}; seen: {seen!r}")


def refused(kind: type[Exception], call):
    """The exception with which a call is refused."""
    try:
        answer = call()
    except kind as error:
        return error
    raise SystemExit(f"not refused: {answer!r}")


def statuses(route: str) -> list[int]:
    """Statuses of a route's exchanges so far, from the journal."""
    with urllib.request.urlopen(os.environ["SIMULATOR_CONTROL"] + "journal?limit=10000") as answer:
        entries = json.load(answer)["entries"]
    return [entry["status"] for entry in entries if entry["route"] == route]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def consent(authorize_url: str) -> str:
    """Fills in the consent form as the administrator; the address the browser is sent to."""
    browser = urllib.request.build_opener(_NoRedirect)
    with browser.open(authorize_url) as answer:
        page = answer.read().decode()
    action = re.search(r'<form[^>]*action="([^"]*)"', page)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    for name, option in re.findall(r'<select[^>]*name="([^"]*)".*?<option[^>]*value="([^"]*)"', page, re.S):
        fields[name] = option
    form = {html.unescape(name): html.unescape(value) for name, value in fields.items()} | {"decision": "allow"}
    url = urllib.parse.urljoin(authorize_url, html.unescape(action[1]) if action else "")
    try:
        browser.open(url, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as answer:
        check("consent redirects", answer.code == 302, answer.read())
        return answer.headers["Location"]
    raise SystemExit("consent does not redirect")


def token(app: dict, scope: str) -> str:
    """An access token of the administrator's, by the web flow."""
    query = {"client_id": app["client_id"], "redirect_uri": app["redirect_uri"], "response_type": "code", "scope": scope}
    back = consent(f"{app['authorize_url']}?{urllib.parse.urlencode(query)}")
    form = {
        "code": urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["code"][0],
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": app["redirect_uri"],
    }
    request = urllib.request.Request(app["token_url"], urllib.parse.urlencode(form).encode(), {"Accept": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]
