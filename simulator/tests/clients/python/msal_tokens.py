"""msal: client credentials, authorization code, device code and refresh; the token cache, a refusal, a 429; the token
walks the users with requests."""

import urllib.parse

import msal
import requests
from desk import APPS, OWN_ADDRESS, check, consent, refused, statuses

app = APPS["entra"]
login = urllib.parse.urlparse(app["token_url"])


def client(secret: str | None) -> msal.ClientApplication:
    # Another authority than Microsoft's is looked up at Microsoft's, unless that is switched off.
    foreign = {"instance_discovery": False} if OWN_ADDRESS else {}
    authority = f"{login.scheme}://{login.netloc}/{app['tenant_id']}"
    if secret is None:
        return msal.PublicClientApplication(app["client_id"], authority=authority, **foreign)
    return msal.ConfidentialClientApplication(app["client_id"], authority=authority, client_credential=secret, **foreign)


confidential = client(app["client_secret"])
first = confidential.acquire_token_for_client([app["scope"]])
check("a token for an hour", first.get("expires_in", 0) > 3000 and first["token_source"] == "identity_provider", first)
second = confidential.acquire_token_for_client([app["scope"]])
check("the second comes from the cache", second["token_source"] == "cache", second)

wrong = client("a wrong secret").acquire_token_for_client([app["scope"]])
check("a wrong secret is refused", wrong.get("error") == "invalid_client" and 7000215 in wrong["error_codes"], wrong)
# A throttled token endpoint answers in plain text, which msal cannot read; it does not come back by itself either.
refused(ValueError, lambda: client(app["client_secret"]).acquire_token_for_client([app["scope"]]))
check("the 429 was met once", statuses("entra.token") == [200, 401, 429], statuses("entra.token"))

users, url = [], f"{app['base_url']}/v1.0/users?$top=5"
session = requests.Session()
session.headers["Authorization"] = f"Bearer {first['access_token']}"
while url:
    page = session.get(url).json()
    users += [user["id"] for user in page["value"]]
    url = page.get("@odata.nextLink")
check("every user comes once", len(users) >= 12 and len(set(users)) == len(users), users)
flow = confidential.initiate_auth_code_flow(["User.Read"], redirect_uri=app["redirect_uri"])
back = urllib.parse.urlparse(consent(flow["auth_uri"]))
signed_in = confidential.acquire_token_by_auth_code_flow(flow, dict(urllib.parse.parse_qsl(back.query)))
check("a code buys a token and says whose", signed_in.get("id_token_claims", {}).get("tid") == app["tenant_id"], signed_in)
(account,) = confidential.get_accounts()
renewed = confidential.acquire_token_silent_with_error(["User.Read"], account, force_refresh=True)
check("a refresh brings another", renewed["access_token"] != signed_in["access_token"], renewed)
me = session.get(f"{app['base_url']}/v1.0/me", headers={"Authorization": f"Bearer {renewed['access_token']}"}).json()
check("which opens one's own profile", me.get("id") == signed_in["id_token_claims"]["oid"], me)

public = client(None)
flow = public.initiate_device_flow(["User.Read"])
consent(f"{flow['verification_uri']}?{urllib.parse.urlencode({'user_code': flow['user_code']})}")
device = public.acquire_token_by_device_flow(flow)
check("a device gets a token once somebody has entered its code", device.get("token_type") == "Bearer", device)
print(f"token, code, refresh, device, cache, AADSTS7000215, 429; {len(users)} users with requests")
