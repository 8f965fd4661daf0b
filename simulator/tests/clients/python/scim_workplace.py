"""scim2-client against Workplace's SCIM: pages, a filter, an account deactivated by PUT and one deleted; refusals."""

import json
import urllib.parse
import urllib.request

import httpx2
from desk import APPS, check, consent, refused
from scim2_client import UnexpectedStatusCodeException
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Extension, ResourceType, Schema, SchemaExtension, ScimProvider, SearchRequest, User

app = APPS["workplace"]


def access_token() -> str:
    asked = {"client_id": app["client_id"], "redirect_uri": app["redirect_uri"], "response_type": "code", "scope": app["scope"]}
    back = consent(f"{app['authorize_url']}?{urllib.parse.urlencode(asked)}")
    code = urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["code"][0]
    form = {"client_id": app["client_id"], "client_secret": app["client_secret"], "redirect_uri": app["redirect_uri"], "code": code}
    with urllib.request.urlopen(f"{app['token_url']}?{urllib.parse.urlencode(form)}") as answer:
        return json.load(answer)["access_token"]


web = httpx2.Client(
    base_url=app["scim_url"], headers={"Authorization": f"Bearer {access_token()}", "User-Agent": "scim2-client"}
)
schemas = [Schema.model_validate(schema) for schema in web.get("/Schemas").json()["Resources"]]
extensions = [Extension.from_schema(schema) for schema in schemas if ":extension:" in schema.id]
of_users = [SchemaExtension(schema_=extension.__schema__, required=False) for extension in extensions]
users = ResourceType(name="User", endpoint="/Users", schema_=User.__schema__, schema_extensions=of_users)
provider = ScimProvider(models=[User, *extensions], resource_types=[users])
scim = SyncSCIMClient(web, provider=provider)
Account = provider.model_for("User")
first = scim.query(Account, query_parameters=SearchRequest(count=5))
rest = scim.query(Account, query_parameters=SearchRequest(start_index=6, count=100))
names = [user.user_name for page in (first, rest) for user in page.resources]
check("every account comes once", len(set(names)) == len(names) == first.total_results >= 12, names)
found = scim.query(Account, query_parameters=SearchRequest(filter=f'userName eq "{names[3]}"'))
check("a filter finds the one", [user.user_name for user in found.resources] == [names[3]], found)

account = scim.query(Account, found.resources[0].id)
account.active = False
check("a PUT deactivates", scim.replace(account).active is False)
check("and it stays so", scim.query(Account, account.id).active is False)
other = rest.resources[-1]
claimed = refused(UnexpectedStatusCodeException, lambda: scim.delete(other))
check("who was claimed is not deleted", "412" in str(claimed), claimed)
[Status] = [extension for extension in extensions if "accountstatusdetails" in extension.__schema__]
other[Status].claimed = False
scim.replace(other)
# Workplace's documentation has no 204.
scim.delete(other, expected_status_codes=[200])
refused(UnexpectedStatusCodeException, lambda: scim.query(Account, other.id))
print(f"{len(names)} accounts, one deactivated, one taken back and deleted, 412, 404")
