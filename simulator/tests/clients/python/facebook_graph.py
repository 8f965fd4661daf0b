"""facebook-sdk: a code of the web flow, one's own community, pages of members, a change, refusals.

Its addresses, graph.facebook.com and www.facebook.com, are fixed in the code.
"""

import os
import urllib.parse

import facebook
from desk import APPS, check, consent, refused

app = APPS["workplace"]
stranger = facebook.GraphAPI("nobodys", version="3.1")
address = stranger.get_auth_url(app["client_id"], app["redirect_uri"], perms=app["scope"].split(","))
check("the web flow begins at the fixed name", address.startswith("https://www.facebook.com/"), address)
back = urllib.parse.urlparse(consent(address))
code = dict(urllib.parse.parse_qsl(back.query))["code"]
bought = stranger.get_access_token_from_code(code, app["redirect_uri"], app["client_id"], app["client_secret"])
check("a code buys a token", bool(bought.get("access_token")), bought)
spent = refused(
    facebook.GraphAPIError,
    lambda: stranger.get_access_token_from_code(code, app["redirect_uri"], app["client_id"], app["client_secret"]),
)
check("once", spent.code == 100, spent.result)

graph = facebook.GraphAPI(os.environ["SIMULATOR_WORKPLACE_ACCESS_TOKEN"], version="3.1")
check("the version is told in a header", graph.get_version() == "3.1", graph.get_version())
community = graph.get_object("community")
check("the community is ours", community["id"] == app["organization_id"], community)
about = graph.debug_access_token(graph.access_token, app["client_id"], app["client_secret"])["data"]
check("a token is told by what it may do", about["is_valid"] and "read_security_logs" in about["scopes"], about)
throttled = refused(facebook.GraphAPIError, lambda: graph.get_object("community/members"))
check("a limit is an error with a code, at once", throttled.code in (4, 17, 32, 613), throttled.result)
members = list(graph.get_all_connections("community", "members", limit=5, fields="id,email"))
emails = [member["email"] for member in members]
check("every member comes once", len(emails) >= 12 and len(set(emails)) == len(emails), emails)
groups = list(graph.get_all_connections("community", "groups", limit=2))
check("every group comes once", len(groups) > 2 and len({group["id"] for group in groups}) == len(groups), groups)

changed = graph.request(f"v3.1/{members[0]['id']}", post_args={"active": "false"}, method="POST")
check("a member is put out of service", changed.get("success") is True, changed)
kept = refused(facebook.GraphAPIError, lambda: graph.delete_object(members[1]["id"]))
check("who has claimed the account cannot be removed", "claimed" in str(kept), kept.result)
nobody = refused(facebook.GraphAPIError, lambda: stranger.get_object("community"))
check("a wrong token is an OAuthException", (nobody.type, nobody.code) == ("OAuthException", 190), nobody.result)
print(f"{len(members)} members, {len(groups)} groups, a code, a change, error 4, 190")
