import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MlrSnetError } from "../errors.ts";
import { makeFolder, readTextIfThere, writeFileAtomic } from "../files/internal.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import type { ReportData } from "./report-data.ts";
import { thinCurve } from "./thin-curve.ts";

export type WriteReportOptions = {
  /** The built page; default: `report/page.html` of this package's `dist`. */
  template?: string | undefined;
};

const optionNames: OptionNames<WriteReportOptions> = { template: true };

/**
 * Writes the report: one HTML file that holds page and data and asks no network for anything.
 * Long curves are thinned. The folder is made where it is missing, and the file is whole or, where writing fails, as it was.
 *
 * @throws {MlrSnetError} `FILE_NOT_FOUND` where the page was not built, `FILE_UNWRITABLE` where the file cannot be stored.
 */
export async function writeReport(
  data: ReportData,
  file: string,
  options: WriteReportOptions = {},
): Promise<void> {
  checkOptionNames("`writeReport`", options, optionNames);
  const template = await readTemplate(options.template ?? builtPage());
  await writeWhole(file, injectData(template, thinned(data)));
}

/** From source as from `dist`, the page is the one that vite put into `dist`. */
function builtPage(): string {
  const here = fileURLToPath(new URL(".", import.meta.url));
  return resolve(here, "..", "..", "dist", "report", "page.html");
}

async function readTemplate(path: string): Promise<string> {
  const page = await readTextIfThere(path);
  if (page !== undefined) return page;
  throw new MlrSnetError(
    "FILE_NOT_FOUND",
    `Expected the report's page in ${path}, got none; run \`npm run build\`.`,
  );
}

function thinned(data: ReportData): ReportData {
  return {
    ...data,
    comparisons: data.comparisons.map((comparison) => ({
      ...comparison,
      runs: comparison.runs.map((run) => ({ ...run, curve: thinCurve(run.curve, comparison.steps) })),
    })),
  };
}

const slot = /(<script type="application\/json" id="data">)[^<]*(<\/script>)/;

/**
 * The page with the data in its `<script type="application/json" id="data">`.
 *
 * @throws {MlrSnetError} `UNSUPPORTED_FORMAT` if the page has no such element.
 */
export function injectData(page: string, data: unknown): string {
  if (!slot.test(page))
    throw new MlrSnetError(
      "UNSUPPORTED_FORMAT",
      'Expected the page to have a <script type="application/json" id="data">, got none; run `npm run build`.',
    );
  // A function, since a replacement text would read `$&` in the data as a pattern.
  return page.replace(slot, (_, start: string, end: string) => start + embeddedJson(data) + end);
}

/**
 * JSON that no text in it can break out of a script element: `<` is written as `\u003c`, so there is neither
 * `</script>` nor `<!--`, and the line ends that older scripts do not allow are escaped too. Six significant digits.
 */
function embeddedJson(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => (typeof value === "number" ? rounded(value) : value))
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

const rounded = (value: number): number =>
  Number.isFinite(value) && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFileAtomic(path, text);
  } catch (cause) {
    throw new MlrSnetError(
      "FILE_UNWRITABLE",
      `Expected to write ${path}, got: ${(cause as Error).message}; choose another with --out.`,
      { cause },
    );
  }
}
