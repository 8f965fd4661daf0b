// The page of stacks side by side, opened from a file as its readers do.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Text that would be markup, a script or an escape if it were believed. */
const HOSTILE = "<img src=x onerror=\"window.broken = 1\"> </script><!-- &amp;";

const finding = (check, verdict = "fail") => ({ check, verdict, line: 7, expected: "what was owed", observed: `what was seen ${HOSTILE}`,
  story: ["day 1 09:00:00 alice sign_in"], evidence: ["day 1 09:05:00 #3 miro.audit_log GET -> 200"] });
const scenario = (id, verdict, more = {}) => ({ id, title: `The story of ${id}`, file: `scenarios/${id}.yaml`, verdict, findings: [], ...more });
const report = (stack, summary, scenarios) => ({ version: 1, conformance: "0.1.0+0", seed: null, stack, summary, scenarios });

/** Two whole reports, and one that was cut down. */
const REPORTS = [
  report("mine", { pass: 2, inconclusive: 0, fail: 2, error: 0, skipped: 0 }, [
    scenario("paging/ties", "fail", { findings: Array.from({ length: 9 }, () => finding("ingest/lost-event")) }),
    scenario("rates/wait", "pass", { known: [{ scenario: "rates/wait", check: "rate/retry-after-ignored", title: "a request before the pause was over", why: `nothing is kept ${HOSTILE}`, until: "2027-06-30" }] }),
    scenario("travel/abroad", "fail", { findings: [finding("alert/missing")] }),
    scenario("travel/at-home", "pass"),
  ]),
  report("other", { pass: 2, inconclusive: 1, fail: 0, error: 0, skipped: 1 }, [
    scenario("paging/ties", "pass"),
    scenario("rates/wait", "inconclusive", { findings: [finding("fault/never-bit", "inconclusive")] }),
    scenario("travel/abroad", "pass", { skipped: "not claimed: detection.travel" }),
    scenario("travel/at-home", "pass"),
  ]),
  report("kept", { pass: 3, inconclusive: 0, fail: 1, error: 0, skipped: 0 }, [{ id: "travel/abroad", findings: [{ check: "alert/late", verdict: "fail" }] }]),
];

/** Writes the reports and makes the page of them; gives back its address. */
export async function arrange({ program, folder, execFileSync }) {
  const house = join(folder, "compare");
  mkdirSync(house, { recursive: true });
  const files = REPORTS.map((report) => `${report.stack}.json`);
  REPORTS.forEach((report, i) => writeFileSync(join(house, files[i]), JSON.stringify(report)));
  const page = join(house, "stacks.html");
  execFileSync(program("conformance"), ["compare", ...files, "--report", `html=${page}`], { cwd: house, encoding: "utf8", stdio: "pipe" });
  return { url: pathToFileURL(page).href, page };
}

const rows = (page) => page.locator("tr[data-row]");
const ids = (page) => page.locator("tr[data-row] .id").allTextContents();
const cell = (page, id, stack) => page.locator(`td a[aria-label^="${id} in ${stack}:"]`);
const open = async (page, id, stack) => {
  await cell(page, id, stack).click();
  await page.locator("article.scenario h2", { hasText: id }).waitFor();
};

export const tests = {
  "it stands alone: nothing is fetched": async ({ page, place }) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    assert.deepEqual(asked, [place.url]);
  },
  "a column a stack, a cell a scenario in it, and known failures are marked": async ({ page, shot }) => {
    assert.deepEqual(await page.locator("th.stack .id").allTextContents(), ["mine", "other", "kept"]);
    assert.deepEqual(await ids(page), ["paging/ties", "rates/wait", "travel/abroad"]);
    const words = await page.locator("tr[data-row] td").evaluateAll((cells) => cells.map((cell) => cell.className));
    assert.deepEqual(words, ["fail", "pass", "absent", "known", "inconclusive", "absent", "fail", "skipped", "fail"]);
    await shot("compare-light");
  },
  "chips, checks, words and what differs filter": async ({ page }) => {
    await page.locator(".chip.pass").click();
    assert.equal(await rows(page).count(), 4);
    await page.locator("#check").selectOption("alert/late");
    assert.deepEqual(await ids(page), ["travel/abroad"]);
    await page.locator("#check").selectOption("");
    await page.locator("#search").fill("nothing is kept");
    assert.deepEqual(await ids(page), ["rates/wait"]);
    await page.locator("#search").fill("");
    for (const word of ["fail", "inconclusive", "known"]) await page.locator(`.chip.${word}`).click();
    assert.deepEqual(await ids(page), ["paging/ties", "travel/at-home"]);
    await page.locator("#differ").click();
    assert.deepEqual(await ids(page), ["paging/ties"]);
    assert.equal(await page.locator("#differ").getAttribute("aria-pressed"), "true");
  },
  "a cell leads to what was found in it, and from there to the other stacks": async ({ page, shot }) => {
    await open(page, "paging/ties", "mine");
    assert.equal(await page.locator(".finding").count(), 5);
    assert.match(await page.locator("article.scenario").textContent(), /and 4 more ingest\/lost-event/);
    assert.match(await page.locator(".finding").first().textContent(), /scenarios\/paging\/ties\.yaml:7/);
    await page.locator(".finding .page summary").first().click();
    assert.match(await page.locator(".finding .page p").first().textContent(), /\w+/);
    await shot("compare-cell");
    await page.locator(".tabs a", { hasText: "other" }).click();
    await page.locator("article.scenario h3", { hasText: "other" }).waitFor();
    assert.match(await page.locator("article.scenario").textContent(), /Nothing was found/);
    await page.locator(".tabs a", { hasText: "kept" }).click();
    await page.locator("article.scenario h3", { hasText: "kept" }).waitFor();
    assert.match(await page.locator("article.scenario").textContent(), /was cut down/);
  },
  "what is known says why and until when, and what was skipped says why": async ({ page }) => {
    await open(page, "rates/wait", "mine");
    assert.match(await page.locator(".notice.known").textContent(), /rate\/retry-after-ignored.*nothing is kept.*until 2027-06-30/);
    await page.keyboard.press("Escape");
    await rows(page).first().waitFor();
    await open(page, "travel/abroad", "other");
    assert.match(await page.locator("article.scenario").textContent(), /Skipped: not claimed: detection\.travel/);
  },
  "what a stack wrote is text": async ({ page }) => {
    await open(page, "paging/ties", "mine");
    assert.ok((await page.locator(".finding").first().textContent()).includes(HOSTILE));
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.equal(await page.locator("img").count(), 0);
  },
  "keys: search, rows, columns, open, back, help": async ({ page }) => {
    await page.keyboard.press("j");
    assert.match(await page.locator("tr.selected .id").textContent(), /rates\/wait/);
    await page.keyboard.press("l");
    await page.keyboard.press("Enter");
    await page.locator("article.scenario h2", { hasText: "rates/wait" }).waitFor();
    await page.locator("article.scenario h3", { hasText: "other" }).waitFor();
    await page.keyboard.press("h");
    await page.locator("article.scenario h3", { hasText: "mine" }).waitFor();
    await page.keyboard.press("j");
    await page.locator("article.scenario h2", { hasText: "travel/abroad" }).waitFor();
    await page.keyboard.press("Escape");
    await rows(page).first().waitFor();
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  },
  "it is dark where the reader is": async ({ page, shot }) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await paper(), light);
    await shot("compare-dark");
  },
  "it fits a narrow window": async ({ page, shot }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await wide()) <= 0, "matrix");
    await shot("compare-narrow");
    await open(page, "paging/ties", "mine");
    assert.ok((await wide()) <= 0, "cell");
  },
  "on paper what is behind the cells follows the matrix": async ({ page }) => {
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator(".printed > article").count(), 5);
    assert.ok(!(await page.locator(".filters").isVisible()));
    assert.ok((await page.pdf()).length > 10_000);
  },
  "everything that can be pressed has a name": async ({ page }) => {
    const nameless = () => page.evaluate(() => [...document.querySelectorAll("a, button, input, select, [role=img], summary")]
      .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.title)).map((e) => e.outerHTML));
    assert.deepEqual(await nameless(), []);
    await open(page, "paging/ties", "mine");
    assert.deepEqual(await nameless(), []);
  },
};
