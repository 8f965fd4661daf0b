"""scim2-client against GitHub's SCIM, which publishes no description of itself: pages, a filter, somebody provisioned,
patched, replaced and deprovisioned; refusals."""

import httpx2
from desk import APPS, check, refused, token
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Email, Name, PatchOp, PatchOperation, SCIMException, ScimProvider, SearchRequest, UniquenessException, User

app = APPS["github"]
base = f"{app['base_url']}/scim/v2/organizations/{app['organization']}"


def client(secret: str) -> SyncSCIMClient:
    headers = {"Authorization": f"Bearer {secret}", "Accept": "application/scim+json"}
    return SyncSCIMClient(httpx2.Client(base_url=base, headers=headers), provider=ScimProvider(models=[User]))


scim = client(token(app, "admin:org"))
first = scim.query(User, query_parameters=SearchRequest(count=5))
rest = scim.query(User, query_parameters=SearchRequest(start_index=6, count=100))
names = [user.user_name for page in (first, rest) for user in page.resources]
check("every identity comes once", len(set(names)) == len(names) == first.total_results >= 12, names)
found = scim.query(User, query_parameters=SearchRequest(filter=f'userName eq "{names[3]}"'))
check("a filter finds the one", [user.user_name for user in found.resources] == [names[3]], found)

address = "new.colleague@partner.example"
person = User(user_name=address, name=Name(given_name="New", family_name="Colleague"), emails=[Email(value=address, primary=True)])
made = scim.create(person)
check("the id is GitHub's", made.id and made.meta.location.endswith(made.id), made)
check("who was provisioned is there", scim.query(User, made.id).user_name == address)
refused(UniquenessException, lambda: scim.create(person))
rename = PatchOp[User](operations=[PatchOperation(op="replace", path="displayName", value="Another Name")])
patched = scim.modify(User, made.id, rename)
check("a PATCH changes a name", patched.display_name == "Another Name", patched)
patched.external_id = "an id of ours"
check("a PUT changes an id", scim.replace(patched).external_id == "an id of ours")
scim.delete(User, made.id)
refused(SCIMException, lambda: scim.query(User, made.id))
refused(SCIMException, lambda: client("nobodys").query(User))
print(f"{len(names)} identities, one made, patched, replaced and deleted, 409, 404, 401")
