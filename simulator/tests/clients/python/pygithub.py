"""PyGithub: web flow, a GitHub App's installation, pages of members, repositories and teams, a membership, a hook, 404;
a limit that it waits out."""

import time
import urllib.parse

from desk import APPS, OWN_ADDRESS, check, consent, refused, statuses
from github import Auth, Github, GithubIntegration, UnknownObjectException

app = APPS["github"]
base = {"base_url": app["base_url"]} if OWN_ADDRESS else {}

oauth = Github(**base).get_oauth_application(app["client_id"], app["client_secret"])
back = consent(oauth.get_login_url(redirect_uri=app["redirect_uri"]) + "&scope=admin:org+admin:org_hook+repo")
code = urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["code"][0]
token = oauth.get_access_token(code)
github = Github(auth=Auth.Token(token.token), per_page=5, **base)

check("the administrator is known", github.get_user().login, github.get_user())
organisation = github.get_organization(app["organization"])
began = time.monotonic()
github.get_organization(app["organization"])
seen, waited = statuses("github.organization"), time.monotonic() - began
check("a limit was waited out", seen[:3] == [200, 403, 200] and waited >= 1, (seen, waited))
members = [member.login for member in organisation.get_members()]
check("every member comes once", len(members) >= 12 and len(set(members)) == len(members), members)
check("a member is one", organisation.has_in_members(github.get_user(members[0])))
repositories = [repository.full_name for repository in organisation.get_repos()]
teams = [team.slug for team in organisation.get_teams()]
check("there are repositories and teams", bool(repositories and teams), (repositories, teams))
check("a repository has branches", next(iter(github.get_repo(repositories[0]).get_branches())).commit.sha)
refused(UnknownObjectException, lambda: github.get_repo(f"{app['organization']}/nothing-here"))

organisation.add_to_members(github.get_user(members[0]), role="admin")
check("the role has changed", github.get_user(members[0]).get_organization_membership(app["organization"]).role == "admin")
hook = organisation.create_hook("web", {"url": "http://127.0.0.1:9/", "content_type": "json"}, ["repository"], active=False)
hook.ping()
check("the hook is listed", [h.id for h in organisation.get_hooks()] == [hook.id])
hook.delete()
budget = github.get_rate_limit().resources.core
check("the budget shrinks", budget.remaining < budget.limit, budget)

own = app["github_app"]
integration = GithubIntegration(auth=Auth.AppAuth(int(own["app_id"]), own["private_key"]), **base)
check("the app is installed here", integration.get_org_installation(app["organization"]).id == int(own["installation_id"]))
installation = Github(auth=integration.auth.get_installation_auth(int(own["installation_id"])), per_page=5, **base)
installed = [member.login for member in installation.get_organization(app["organization"]).get_members()]
check("the installation sees the same people", set(installed) == set(members), installed)
print(f"{len(members)} members, {len(repositories)} repositories, a role, a hook, 404, 403 waited out, an installation")
