"""msgraph-sdk: users by its page iterator, an update, sign-in sessions, the sign-in log, a refusal, a 429 waited out."""

import asyncio
import time
import urllib.parse

from azure.identity.aio import ClientSecretCredential
from desk import APPS, OWN_ADDRESS, check, statuses
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.user import User
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.tasks.page_iterator import PageIterator
from kiota_abstractions.base_request_configuration import RequestConfiguration

app = APPS["entra"]
login, graph_at = urllib.parse.urlparse(app["token_url"]), urllib.parse.urlparse(app["base_url"])


def client(credential: ClientSecretCredential) -> GraphServiceClient:
    if not OWN_ADDRESS:
        return GraphServiceClient(credential, [app["scope"]])
    provider = AzureIdentityAuthenticationProvider(credential, scopes=[app["scope"]], allowed_hosts=[graph_at.hostname])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{app['base_url']}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def main() -> None:
    options = {"authority": login.netloc, "disable_instance_discovery": True} if OWN_ADDRESS else {}
    async with ClientSecretCredential(app["tenant_id"], app["client_id"], app["client_secret"], **options) as credential:
        graph = client(credential)
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=5)
        page = await graph.users.get(RequestConfiguration(query_parameters=query))
        users: list[User] = []
        await PageIterator(page, graph.request_adapter).iterate(lambda user: users.append(user) or True)
        ids = [user.id for user in users]
        check("every user comes once", len(ids) >= 12 and len(set(ids)) == len(ids), ids)

        began = time.monotonic()
        user = await graph.users.by_user_id(ids[0]).get()
        check("the user is the one asked for", user.id == ids[0], user)
        seen, waited = statuses("entra.user"), time.monotonic() - began
        check("a 429 was waited out", seen == [429, 200] and waited >= 1, (seen, waited))

        await graph.users.by_user_id(ids[0]).patch(User(account_enabled=False))
        await graph.users.by_user_id(ids[0]).revoke_sign_in_sessions.post()
        sign_ins = await graph.audit_logs.sign_ins.get()
        check("there are sign-ins", len(sign_ins.value) > 10 and sign_ins.value[0].created_date_time is not None)
        try:
            await graph.users.by_user_id("nobody@nowhere.example").get()
            check("nobody is not found", False)
        except ODataError as error:
            check("nobody is not found", error.error.code == "Request_ResourceNotFound", error)
        print(f"{len(ids)} users, an update, {len(sign_ins.value)} sign-ins, 404, 429 waited out")


asyncio.run(main())
