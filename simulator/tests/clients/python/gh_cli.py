"""gh, as Debian packages it: pages, a filter, a write, a conditional request, refusals."""

import json
import os
import subprocess
import tempfile
import urllib.parse

from desk import APPS, OWN_ADDRESS, check, token

app = APPS["github"]
org = app["organization"]
told = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"}
secret = token(app, "admin:org read:audit_log repo")
if OWN_ADDRESS:
    told |= {"GH_HOST": urllib.parse.urlparse(app["base_url"]).netloc, "GH_ENTERPRISE_TOKEN": secret}
else:
    told |= {"GH_TOKEN": secret}


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:
        environment = os.environ | told | more | {"GH_CONFIG_DIR": folder, "HOME": folder}
        return subprocess.run(["gh", *arguments], env=environment, capture_output=True, text=True)


def answer(*arguments: str) -> str:
    done = run(*arguments)
    check(f"gh {' '.join(arguments)} succeeds", done.returncode == 0, done.stdout + done.stderr)
    return done.stdout


logins = answer("api", "--paginate", f"orgs/{org}/members?per_page=5", "--jq", ".[].login").split()
check("every member comes once", len(logins) >= 12 and len(set(logins)) == len(logins), logins)
log = answer("api", "--paginate", "-X", "GET", f"orgs/{org}/audit-log", "-f", "phrase=created:>=2020-01-01", "-f", "include=all",
             "-F", "per_page=10", "--jq", ".[]._document_id").split()
check("every entry of the audit log comes once", len(log) > 20 and len(set(log)) == len(log), len(log))
changed = json.loads(answer("api", "-X", "PUT", f"orgs/{org}/memberships/{logins[0]}", "-f", "role=admin"))
check("a role is changed", changed["role"] == "admin", changed)
member = run("api", "-X", "PUT", f"orgs/{org}/blocks/{logins[1]}", "--silent")
check("no member can be blocked", "Validation Failed (HTTP 422)" in member.stderr, member.stderr)
answer("api", "-X", "DELETE", f"orgs/{org}/members/{logins[1]}", "--silent")
answer("api", "-X", "PUT", f"orgs/{org}/blocks/{logins[1]}", "--silent")
blocked = answer("api", f"orgs/{org}/blocks", "--jq", ".[].login").split()
check("who is blocked is listed", blocked == [logins[1]], blocked)
etag = next(line for line in answer("api", "-i", f"orgs/{org}").splitlines() if line.lower().startswith("etag:"))
same = run("api", f"orgs/{org}", "-H", f"If-None-Match: {etag.split(': ', 1)[1]}")
check("what has not changed is a 304", "304" in same.stderr, same.stdout + same.stderr)
missing = run("api", f"repos/{org}/nothing-here")
check("what is not there is a 404", missing.returncode == 1 and "Not Found (HTTP 404)" in missing.stderr, missing.stderr)
stranger = run("api", "user", **{"GH_ENTERPRISE_TOKEN" if OWN_ADDRESS else "GH_TOKEN": "gho_nobodys"})
check("a wrong token is a 401", "Bad credentials" in stranger.stderr, stranger.stderr)
check("the budget is told", int(answer("api", "rate_limit", "--jq", ".resources.core.remaining")) < 15_000)
print(f"{len(logins)} members, {len(log)} entries, a role, a block, 304, 404, 401")
