import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { oddReport } from "../../test/odd-report.ts";
import { sampleReport } from "../../test/report-sample.ts";
import type { Figures, ReportComparison } from "./report-data.ts";
import { writeReport } from "./write-report.ts";

const executablePath = "/usr/bin/chromium";
const missing = !existsSync(executablePath);
const name = missing ? `the report in Chromium (skipped: no ${executablePath})` : "the report in Chromium";

// Where CI lacks the browser, starting it fails, and so does the test.
describe.skipIf(missing && process.env.CI !== "true")(name, () => {
  const sample = sampleReport();
  const regression = asRegression(sample.comparisons[0]!);
  const data = { ...sample, comparisons: [...sample.comparisons, regression] };
  const visible = data.comparisons[0]!.summary.length;
  let folder: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let requests: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "report-"));
    const configFile = fileURLToPath(new URL("./page/vite.config.ts", import.meta.url));
    await build({ configFile, logLevel: "silent", build: { outDir: folder } });
    await writeReport(data, join(folder, "report.html"), { template: join(folder, "page.html") });
    await writeReport(oddReport(), join(folder, "odd.html"), { template: join(folder, "page.html") });
    const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"];
    browser = await chromium.launch({
      executablePath,
      timeout: 0, // as below: the test's own limit is the one that counts
      args: ["--no-sandbox", "--disable-gpu", "--disable-component-update", ...quiet],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(0);
    complaints = [];
    requests = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(join(folder, "report.html")).href);
    await page.locator("#comparison-0 .plot svg").first().waitFor();
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
  });

  const lines = (chart: number) => page.locator("#comparison-0 .plot").nth(chart).locator("g.line");

  it("asks for nothing but itself.", () => {
    const others = requests.filter((url) => !url.startsWith("data:"));
    expect(others).toEqual([pathToFileURL(join(folder, "report.html")).href]);
  });

  it("shows every verdict, better or behind.", async () => {
    expect(await page.locator("h1").textContent()).toBe(data.title);
    for (const { text } of data.verdicts) expect(await page.getByText(text).count()).toBe(1);
  });

  it("draws a line for each schedule in each chart of a comparison.", async () => {
    for (const chart of [0, 1, 2]) expect(await lines(chart).count()).toBe(visible);
    expect(await page.locator("#learned g.line").count()).toBe(data.response.curves.length);
  });

  it("hides a line by its button in the legend, by the keyboard too, and shows all again.", async () => {
    const button = page.locator("#comparison-0 .key").first();
    await button.click();
    expect(await button.getAttribute("aria-pressed")).toBe("false");
    for (const chart of [0, 1, 2]) expect(await lines(chart).count()).toBe(visible - 1);
    expect(await page.locator("#comparison-0 .dim").count()).toBe(0);
    await page.locator("#comparison-0 .key").nth(1).press("Enter");
    expect(await lines(0).count()).toBe(visible - 2);
    await page.locator("#comparison-0 .link").click();
    expect(await lines(0).count()).toBe(visible);
  });

  it("highlights the schedule under the pointer.", async () => {
    await page.locator("#comparison-0 .key").nth(2).hover();
    const dim = page.locator("#comparison-0 .plot").first().locator("g.line.dim");
    await dim.nth(visible - 2).waitFor({ state: "attached" });
    expect(await dim.count()).toBe(visible - 1);
  });

  it("reads the values of a step with the arrow keys, one row for each line that goes so far.", async () => {
    const chart = page.locator("#comparison-0 .plot").first();
    await chart.focus();
    await chart.press("End");
    const reading = chart.locator(".reading");
    expect(await reading.isVisible()).toBe(true);
    expect(await reading.locator(".reading-row").count()).toBe(visible - 1);
    await chart.press("Escape");
    expect(await reading.isVisible()).toBe(false);
  });

  it("sorts the table by a click on a title.", async () => {
    const names = () => page.locator("#comparison-0 tbody .name").allTextContents();
    const before = await names();
    await page.locator("#comparison-0 thead button", { hasText: "last accuracy" }).click();
    expect(await names()).not.toEqual(before);
  });

  it("shows a regression by its losses alone, the smallest first.", async () => {
    const section = page.locator(`#comparison-${data.comparisons.length - 1}`);
    const text = (await section.textContent())!;
    expect(text).not.toMatch(/ccuracy|NaN|undefined|Infinity/);
    expect(await section.locator("figcaption").allTextContents()).toEqual([
      expect.stringMatching(/^Test loss/),
      expect.stringMatching(/^Training loss/),
      expect.stringMatching(/^Learning rate/),
    ]);
    expect(await section.locator(".plot").first().locator("g.line").count()).toBe(visible);
    const titles = ["seeds", "last loss", "best", "base rate", "tuning runs", "diverged"];
    expect(await section.locator("thead th").allTextContents()).toEqual(["schedule", ...titles]);
    const means = await section.locator("tbody tr td:nth-of-type(2)").allTextContents();
    const numbers = means.map((mean) => Number.parseFloat(mean));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    for (const mean of means) expect(mean).toMatch(/^\d\.\d+ ± 0\.\d+$/);
  });

  it("never scrolls sideways, down to 360 pixels.", async () => {
    for (const width of [360, 390, 820, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    }
  });

  describe("with losses and rates of any sign, and with nothing", () => {
    const caption = (comparison: number, chart: number) =>
      page.locator(`#comparison-${comparison} figcaption .detail`).nth(chart).textContent();
    const drawn = (comparison: number, chart: number) =>
      page.locator(`#comparison-${comparison} .plot`).nth(chart).locator("g.line path");

    beforeEach(async () => {
      await page.goto(pathToFileURL(join(folder, "odd.html")).href);
      await page.locator("#comparison-0 .plot svg").first().waitFor();
    });

    it("says which axis it has, and draws every line on it.", async () => {
      expect(await caption(0, 1)).toMatch(
        /^linear scale, since there are losses below 0, mean of \d+ steps$/,
      );
      expect(await caption(1, 1)).toMatch(/^linear scale/);
      expect(await caption(2, 1)).toMatch(
        /^symmetric log scale, since there are losses of 0, mean of \d+ steps$/,
      );
      expect(await caption(3, 2)).toBe("linear scale, since all rates are 0");
      for (const [comparison, chart] of [
        [0, 1],
        [1, 1],
        [2, 1],
        [3, 2],
      ] as const) {
        expect(await drawn(comparison, chart).count()).toBe(visible);
        for (const path of await drawn(comparison, chart).all())
          expect((await path.getAttribute("d"))?.length).toBeGreaterThan(100);
      }
    });

    it("says of a chart without values that it has none, and nothing of infinities anywhere.", async () => {
      expect(await page.locator("#comparison-4 .plot").allTextContents()).toEqual(
        Array(3).fill(expect.stringContaining("no run has a value")),
      );
      // A run that diverged in its first step is no mean of anything.
      expect(await caption(5, 1)).toBe("log scale");
      expect(await page.locator("#comparison-6").textContent()).toMatch(/No run has ended/);
      expect(await page.locator("#meta-training .plot").first().textContent()).toMatch(/Nothing to show/);
      expect(await page.locator("#learned").textContent()).toMatch(/Nothing to show/);
      const whole = (await page.evaluate("document.querySelector('main').outerHTML")) as string;
      expect(whole.match(/.{30}(?:Infinity|NaN|undefined).{30}/g) ?? []).toEqual([]);
    });

    it("is read with the arrow keys on every axis.", async () => {
      for (const comparison of [0, 2]) {
        const chart = page.locator(`#comparison-${comparison} .plot`).nth(1);
        await chart.focus();
        await chart.press("Home");
        expect(await chart.locator(".reading-row").count()).toBe(visible);
        expect(await chart.locator(".reading-marks circle").count()).toBe(visible);
      }
    });
  });
});

/** The same losses, as if there were nothing else. */
function asRegression(comparison: ReportComparison): ReportComparison {
  const lossOf = ({ loss }: Figures): Figures => ({ loss: loss ?? 1 });
  return {
    ...comparison,
    task: "friedman/mlp",
    title: "A regression",
    note: "Every schedule made by hand took the rate with the least validation loss.",
    runs: comparison.runs.map((run) => ({
      ...run,
      last: lossOf(run.last),
      best: lossOf(run.best),
      curve: run.curve.map(({ testAccuracy: _, ...point }) => point),
    })),
    summary: comparison.summary.map((row) => ({
      ...row,
      judgedBy: "loss",
      mean: row.lastLossMean,
      bestMean: row.lastLossMean,
    })),
  };
}
