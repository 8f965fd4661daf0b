// The HTML report of a run that goes wrong in several ways.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A title that would like to be markup. */
const HOSTILE = `</script><script>window.broken = 1</script><img src=x onerror="window.broken = 1">`;

/** Two journeys of which the stack sees one too few, its twin, a fault that meets nobody, and the hostile one. */
function stories(workspace) {
  const travel = readFileSync(join(workspace, "scenarios/travel/london-madrid-84m.yaml"), "utf8");
  const twin = readFileSync(join(workspace, "scenarios/travel/london-madrid-85m.yaml"), "utf8");
  const title = (text, other) => text.replace(/^title: .*$/m, `title: ${JSON.stringify(other)}`);
  return {
    "travel/twin.yaml": title(twin.replace(/^twin_of: .*\n/m, ""), "Alice in London and Madrid, a minute slower"),
    "travel/owed-twice.yaml": title(travel.replace(/must: alert,/, "must: alert, times: 3,"), "Three alerts are owed for one journey"),
    "travel/too-slow.yaml": title(twin.replace(/^twin_of: .*\n/m, "").replace(/- \{ must_not: alert.*$/m, "- { must: suspend, target: alice }"), HOSTILE),
    "rates/nobody-met.yaml": `title: A fault that nobody meets\napps: { miro: {} }\nfaults:\n  - { route: miro.audit_log, nth: 900, fault: throttle, retry_after: 60s }\nexpect:\n  - { must: ingest, app: miro, within: 1h }\n`,
  };
}

/** Runs the stories; gives back the report's address. */
export async function arrange({ program, folder, workspace, execFileSync }) {
  const house = join(folder, "report");
  for (const [path, text] of Object.entries(stories(workspace))) {
    mkdirSync(join(house, "scenarios", path, ".."), { recursive: true });
    writeFileSync(join(house, "scenarios", path), text);
  }
  const page = join(house, "report.html");
  const words = ["run", "scenarios", "--stack", join(workspace, "stacks/reference"), "--report", `html=${page}`, "--run-dir", "run", "--quiet"];
  let said = "";
  try {
    execFileSync(program("conformance"), words, { cwd: house, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    said = `${error.stdout}${error.stderr}`;
    if (error.status !== 1) throw new Error(`the run was to fail and ended with ${error.status}:\n${said}`);
  }
  return { url: pathToFileURL(page).href, page };
}

const rows = (page) => page.locator("tr[data-row]");
const ids = (page) => page.locator("tr[data-row] .id").allTextContents();
const open = async (page, id) => {
  await page.locator("tr[data-row]", { hasText: id }).locator("a").first().click();
  await page.locator("article.scenario h2").waitFor();
};

export const tests = {
  "it stands alone: nothing is fetched": async ({ page, place }) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    assert.deepEqual(asked, [place.url]);
  },
  "what a stack or an author wrote is text": async ({ page }) => {
    assert.ok((await page.locator(".matrix .title").allTextContents()).some((title) => title.includes(HOSTILE)));
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.equal(await page.locator("img").count(), 0);
  },
  "a dot a scenario, and the troubled ones in the matrix": async ({ page, shot }) => {
    assert.equal(await page.locator(".dot").count(), 4);
    assert.deepEqual(await ids(page), ["travel/owed-twice", "travel/too-slow", "rates/nobody-met"]);
    await shot("report-light");
  },
  "chips, checks and words filter": async ({ page }) => {
    await page.locator(".chip.pass").click();
    assert.equal(await rows(page).count(), 4);
    await page.locator(".chip.fail").click();
    assert.deepEqual(await ids(page), ["rates/nobody-met", "travel/twin"]);
    await page.locator(".chip.fail").click();
    await page.locator("#search").fill("minute slower");
    assert.deepEqual(await ids(page), ["travel/twin"]);
    await page.locator("#search").fill("");
    await page.locator("#check").selectOption("fault/never-bit");
    assert.deepEqual(await ids(page), ["rates/nobody-met"]);
  },
  "a check's heading filters, and again takes it back": async ({ page }) => {
    const heading = page.locator("th.check button", { hasText: "fault/never-bit" });
    await heading.click();
    assert.deepEqual(await ids(page), ["rates/nobody-met"]);
    await heading.click();
    assert.equal(await rows(page).count(), 3);
  },
  "keys: search, down, up, open, back, help": async ({ page }) => {
    const shown = (id) => page.locator("article.scenario h2", { hasText: id }).waitFor();
    await page.keyboard.press("j");
    assert.match(await page.locator("tr.selected .id").textContent(), /too-slow/);
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await shown("owed-twice");
    await page.keyboard.press("j");
    await shown("too-slow");
    await page.keyboard.press("Escape");
    await rows(page).first().waitFor();
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    assert.ok(await page.locator("dialog[open]").isVisible());
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog[open]").count(), 0);
  },
  "a story has its timeline, told mark by mark": async ({ page, shot }) => {
    await open(page, "owed-twice");
    assert.ok((await page.locator(".timeline .mark.event").count()) >= 2);
    assert.ok((await page.locator(".timeline .mark.alert").count()) >= 1);
    await page.locator(".room").focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await page.locator(".told").textContent(), /^day 1 09:00:00 alice: sign_in success in (entra|miro)\./);
    await shot("story-light");
  },
  "places are on a map, with the journey's speed": async ({ page }) => {
    await open(page, "owed-twice");
    assert.deepEqual((await page.locator(".map .city text").allTextContents()).sort(), ["London", "Madrid"]);
    assert.match(await page.locator(".journeys").textContent(), /London to Madrid, 1,26\d km in 84 min, 90\d km\/h/);
  },
  "requests unfold and can be searched": async ({ page }) => {
    await open(page, "owed-twice");
    const first = page.locator(".exchange").first();
    await first.locator("summary").click();
    assert.match(await first.locator("dl").textContent(), /request(GET|POST) \//);
    const before = await page.locator(".exchange:visible").count();
    await page.locator(".journal input").fill("token");
    const after = await page.locator(".exchange:visible").count();
    assert.ok(after > 0 && after < before, `${after} of ${before}`);
  },
  "the command that repeats it can be copied": async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await open(page, "too-slow");
    await page.locator(".copy").click();
    await page.locator(".copy", { hasText: "copied" }).waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^conformance run .*too-slow\.yaml --stack /);
  },
  "a finding leads to the line of the scenario and explains its check": async ({ page }) => {
    await open(page, "nobody-met");
    assert.match(await page.locator(".finding").first().textContent(), /scenarios\/rates\/nobody-met\.yaml:4/);
    await page.locator(".finding .page summary").first().click();
    assert.match(await page.locator(".finding .page p").first().textContent(), /\w+/);
    await page.locator("summary", { hasText: "as written" }).click();
    assert.match(await page.locator(".source .hung").first().textContent(), /nth: 900/);
  },
  "what passed says how its story is had": async ({ page }) => {
    await page.locator(".dot.pass").click();
    assert.match(await page.locator("article.scenario").textContent(), /--report-detail all/);
  },
  "it is dark where the reader is": async ({ page, shot }) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await paper(), light);
    await shot("report-dark");
    await open(page, "owed-twice");
    await shot("story-dark");
  },
  "it fits a narrow window": async ({ page, shot }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await wide()) <= 0, "overview");
    await shot("report-narrow");
    await open(page, "owed-twice");
    assert.ok((await wide()) <= 0, "story");
    await shot("story-narrow");
  },
  "on paper the troubled stories follow the matrix": async ({ page }) => {
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator(".printed > article").count(), 3);
    assert.ok(!(await page.locator(".filters").isVisible()));
    assert.ok((await page.pdf()).length > 20_000);
  },
  "everything that can be pressed has a name": async ({ page }) => {
    await open(page, "owed-twice");
    const nameless = () => page.evaluate(() => [...document.querySelectorAll("a, button, input, select, [role=img], summary")]
      .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.title)).map((e) => e.outerHTML));
    assert.deepEqual(await nameless(), []);
    await page.keyboard.press("Escape");
    await rows(page).first().waitFor();
    assert.deepEqual(await nameless(), []);
  },
};
