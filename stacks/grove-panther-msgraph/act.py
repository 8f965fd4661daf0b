"""Suspends with msgraph-sdk, once for each alert, whom a policy wants suspended.

Usage: act.py STATE REPORT CONNECTIONS
"""

import asyncio
import json
import pathlib
import sys

from azure.identity.aio import ClientSecretCredential
from msgraph import GraphServiceClient
from msgraph.generated.models.user import User

SCOPES = ["https://graph.microsoft.com/.default"]


async def main(state: pathlib.Path, report: pathlib.Path, connections: dict) -> None:
    kept = state / "actor.json"
    done = json.loads(kept.read_text()) if kept.exists() else []
    alerts = json.loads((state / "detector.json").read_text())["alerts"]
    wanted = {policy for policy, how in connections["policies"].items() if "suspend" in how.get("action", [])}
    todo = [alert for alert in alerts if alert["rule"] in wanted and alert["id"] not in done]
    directory = next((app for app in connections["apps"].values() if app["vendor"] == "entra"), None)
    if not todo or directory is None:
        return
    secret = (directory["tenant_id"], directory["client_id"], directory["client_secret"])
    async with ClientSecretCredential(*secret) as credential:
        graph = GraphServiceClient(credentials=credential, scopes=SCOPES)
        for alert in todo:
            await graph.users.by_user_id(alert["email"]).patch(User(account_enabled=False))
            done.append(alert["id"])
            kept.write_text(json.dumps(done))
            with report.open("a") as lines:
                lines.write(json.dumps(line_of(alert)) + "\n")


def line_of(alert: dict) -> dict:
    """A deed as a line of the contract: OCSF 1.8.0, Remediation Activity."""
    return {
        "v": 1,
        "kind": "action",
        "body": {
            "class_uid": 7001,
            "category_uid": 7,
            "activity_id": 2,
            "type_uid": 700102,
            "severity_id": 1,
            "metadata": {"version": "1.8.0", "product": {"name": "msgraph-sdk"}},
            "command_uid": f"suspend:{alert['id']}",
            "status_id": 1,
            "unmapped": {"action": "suspend", "alert_uid": alert["id"], "target_user_uid": alert["user"]},
        },
    }


if __name__ == "__main__":
    state, report, connections = map(pathlib.Path, sys.argv[1:4])
    asyncio.run(main(state, report, json.loads(connections.read_text())))
