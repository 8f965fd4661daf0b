"""taxii2-client and stix2: the server found, its collections, pages of one, what was added since, objects that stix2 reads;
and of the plain files the same addresses, once."""

import json
import os
import re
import urllib.error
import urllib.request

from desk import check, refused
from requests.exceptions import HTTPError
from stix2 import Filter, TAXIICollectionSource, parse
from taxii2client.v21 import Server, as_pages

with open(os.environ["SIMULATOR_CONNECTIONS"], encoding="utf-8") as document:
    FEEDS = json.load(document)["feeds"]
URLS = FEEDS["urls"]

server = Server(URLS["taxii2/"])
root = server.default
collections = {collection.alias: collection for collection in root.collections}
check("two collections that can be read", len(collections) == 2 and all(c.can_read for c in collections.values()), collections)
malicious = collections["malicious-addresses"]

pages = list(as_pages(malicious.get_objects, per_request=1))
objects = [parse(found, version="2.1") for page in pages for found in page.get("objects", [])]
check("a publisher and two indicators, a page each", [o["type"] for o in objects] == ["identity", "indicator", "indicator"], objects)
whole = malicious.get_objects()
check("the same without pages", [o["id"] for o in whole["objects"]] == [o["id"] for o in objects], whole)

manifest = malicious.get_manifest()["objects"]
check("the manifest lists them", [entry["id"] for entry in manifest] == [o["id"] for o in objects], manifest)
later = malicious.get_objects(added_after=manifest[1]["date_added"])
check("what was added later is the last one", [o["id"] for o in later["objects"]] == [objects[2]["id"]], later)
one = malicious.get_object(objects[1]["id"])
check("one object by its id", [o["id"] for o in one["objects"]] == [objects[1]["id"]], one)
versions = malicious.object_versions(objects[1]["id"])
check("it has one version", len(versions["versions"]) == 1, versions)
error = refused(HTTPError, lambda: malicious.get_objects(next="nowhere"))
check("a page that was not told of is refused", error.response.status_code == 400, error)

source = TAXIICollectionSource(malicious)
indicators = source.query([Filter("type", "=", "indicator")])
addresses = {re.fullmatch(r"\[ipv4-addr:value = '(.*)'\]", indicator.pattern)[1] for indicator in indicators}
check("stix2 reads two addresses", len(addresses) == 2, indicators)


def fetched(name: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(URLS[name], headers=headers))


with fetched("indicators.csv") as answer:
    tag, changed = answer.headers["ETag"], answer.headers["Last-Modified"]
    listed = {line.split("/")[0] for line in answer.read().decode().splitlines() if not line.startswith("#")}
check("the same addresses as CSV", listed == addresses, listed)
with open(FEEDS["indicators"], encoding="utf-8") as file:
    kept = {line.split("/")[0] for line in file if not line.startswith("#")}
check("the file says so too", kept == addresses, kept)
for header in ({"If-None-Match": tag}, {"If-Modified-Since": changed}):
    same = refused(urllib.error.HTTPError, lambda: fetched("indicators.csv", **header))
    check("what has not changed is a 304", same.code == 304, same)
with fetched("misp/manifest.json") as answer:
    events = list(json.load(answer))
values = set()
for event in events:
    with urllib.request.urlopen(URLS["misp/manifest.json"].replace("manifest", event)) as answer:
        values |= {attribute["value"] for attribute in json.load(answer)["Event"]["Attribute"]}
with fetched("tor-exits.txt") as answer:
    exits = set(answer.read().decode().split())
check("MISP has those and the exits", len(exits) == 1 and values == addresses | exits, values)
with fetched("stix.json") as answer:
    bundle = parse(answer.read().decode(), version="2.1", allow_custom=False)
check("the bundle has all of them", len(bundle.objects) == 4, bundle)
for name in ("city.mmdb", "country.mmdb", "asn.mmdb", "anonymous-ip.mmdb"):
    with fetched(name) as answer:
        check(f"{name} is a database", b"\xab\xcd\xefMaxMind.com" in answer.read())
print(f"2 collections, {len(pages)} pages, added_after, manifest, versions, 400, 304, CSV, MISP, STIX, Tor, mmdb")
