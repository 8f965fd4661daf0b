"""miro_api: authorization code, pages of members, boards and the audit log, a refusal, a 429 that it waits out.

Its addresses are fixed in the code; only the host of its API calls can be configured.
"""

import datetime
import json
import time
import urllib.parse
import urllib.request

from desk import APPS, OWN_ADDRESS, check, consent, refused, statuses
from miro_api import Miro, MiroApi
from miro_api.configuration import Configuration
from miro_api.exceptions import NotFoundException

app = APPS["miro"]


def sign_in() -> MiroApi:
    if not OWN_ADDRESS:
        miro = Miro(app["client_id"], app["client_secret"], app["redirect_uri"])
        miro.exchange_code_for_access_token(consent(miro.get_auth_url(state="a state")))
        check("the SDK has stored a token", miro.is_authorized)
        return miro.api
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": app["redirect_uri"]}
    back = consent(f"{app['authorize_url']}?{urllib.parse.urlencode(query)}")
    form = {
        "grant_type": "authorization_code",
        "code": urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["code"][0],
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": app["redirect_uri"],
    }
    with urllib.request.urlopen(app["token_url"], urllib.parse.urlencode(form).encode()) as answer:
        token = json.load(answer)["access_token"]
    Configuration.set_default(Configuration(host=app["base_url"]))
    return MiroApi(token)


api = sign_in()
organization = api.enterprise_get_organization(app["organization_id"])
check("the organisation is ours", organization.id == app["organization_id"], organization)
began = time.monotonic()
api.enterprise_get_organization(app["organization_id"])
seen, waited = statuses("miro.organization"), time.monotonic() - began
check("urllib3 has waited a 429 out", seen == [200, 429, 200] and waited >= 1, (seen, waited))
refused(NotFoundException, lambda: api.enterprise_get_organization("1"))

members, cursor = [], None
while True:
    page = api.enterprise_get_organization_members(app["organization_id"], limit=5, cursor=cursor)
    page = page.actual_instance if hasattr(page, "actual_instance") else page
    members += [member.email for member in page.data]
    cursor = page.cursor
    if not cursor:
        break
check("every member comes once", len(members) >= 12 and len(set(members)) == len(members), members)

now = datetime.datetime.now(datetime.timezone.utc)
iso = "%Y-%m-%dT%H:%M:%S.000Z"
events, cursor, pages = [], None, 0
while True:
    since = (now - datetime.timedelta(days=2)).strftime(iso)
    page = api.enterprise_get_audit_logs(since, now.strftime(iso), limit=10, cursor=cursor)
    events += [event.id for event in page.data]
    pages, cursor = pages + 1, page.cursor
    if not cursor:
        break
check("every event comes once", pages > 1 and len(set(events)) == len(events), len(events))
boards = [board.id for board in api.get_all_boards()]
check("every board comes once", len(boards) > 10 and len(set(boards)) == len(boards), boards)
items = [item.id for item in api.get_all_items(boards[0])]
people = [person.id for person in api.get_all_board_members(boards[0])]
check("a board has items and people", bool(items and people), (items, people))
print(f"{len(boards)} boards, {len(members)} members, {len(events)} events in {pages} pages, 404, 429 waited out")
