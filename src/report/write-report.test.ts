import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleReport } from "../../test/report-sample.ts";
import type { ReportData } from "./report-data.ts";
import { injectData, writeReport } from "./write-report.ts";

const page = '<title>t</title><script type="application/json" id="data">null</script><p>after</p>';

/** What the page's own parser would read. */
const embedded = (html: string): string => html.match(/id="data">([\s\S]*?)<\/script>/)![1]!;

const sample = sampleReport();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("injectData", () => {
  const nasty = { task: "</script><script>alert(1)</script><!-- <script>", note: "a\u2028b\u2029c $& $' $1" };

  it("lets no text end the script element, begin a comment or a line.", () => {
    const html = injectData(page, nasty);
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html).not.toMatch(/<!--|[\u2028\u2029]/);
    expect(html.endsWith("</script><p>after</p>")).toBe(true);
  });

  it("gives the page the same text back.", () => {
    expect(JSON.parse(embedded(injectData(page, nasty)))).toEqual(nasty);
  });

  it("writes six significant digits, and null for what JSON does not have.", () => {
    expect(embedded(injectData(page, [1 / 3, 1234567, Number.NaN]))).toBe("[0.333333,1234567,null]");
  });

  it("says so where the page has no place for data.", () => {
    expect(() => injectData("<p></p>", {})).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringContaining("npm run build"),
      }),
    );
  });
});

describe("writeReport", () => {
  const template = () => join(folder, "page.html");
  beforeEach(() => writeFile(template(), page));

  it("makes the folder, writes one file with thinned curves and leaves nothing beside it.", async () => {
    const file = join(folder, "new", "deep", "report.html");
    await writeReport(sample, file, { template: template() });
    const data = JSON.parse(embedded(await readFile(file, "utf8"))) as ReportData;
    const lengths = data.comparisons.flatMap(({ runs }) => runs.map(({ curve }) => curve.length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(400);
    expect(data.metaTraining.records).toHaveLength(sample.metaTraining.records.length);
    expect(data.verdicts).toEqual(sample.verdicts);
    expect(await readdir(join(folder, "new", "deep"))).toEqual(["report.html"]);
  });

  it("replaces an older report as a whole.", async () => {
    const file = join(folder, "report.html");
    await writeFile(file, "x".repeat(10_000_000));
    await writeReport(sample, file, { template: template() });
    expect((await readFile(file, "utf8")).startsWith("<title>t</title>")).toBe(true);
  });

  it("leaves nothing behind and names the file where it cannot be stored.", async () => {
    const file = join(template(), "report.html");
    await expect(writeReport(sample, file, { template: template() })).rejects.toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE", message: expect.stringContaining(file) }),
    );
    expect(await readdir(folder)).toEqual(["page.html"]);
  });

  it("leaves nothing behind where the name is that of a folder.", async () => {
    await expect(writeReport(sample, folder, { template: template() })).rejects.toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE" }),
    );
    expect((await readdir(join(folder, ".."))).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("says how to build the page where there is none.", async () => {
    const missing = writeReport(sample, join(folder, "r.html"), {
      template: join(folder, "none.html"),
    });
    await expect(missing).rejects.toThrow(
      expect.objectContaining({ code: "FILE_NOT_FOUND", message: expect.stringContaining("npm run build") }),
    );
    expect(await readdir(folder)).toEqual(["page.html"]);
  });
});
