// Puts the figures of results/*.json into README.md and docs/*.md, between <!-- table:NAME --> and <!-- end -->.
// With --check it changes nothing and fails where a page is behind. Usage: npm run tables [-- --check]
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { comparisons } from "./tables/comparisons.mjs";
import { guards } from "./tables/guards.mjs";
import { rates } from "./tables/rates.mjs";
import { speed } from "./tables/speed.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** From a record's `result` to the rows of each table, the head first. */
const tables = { ...comparisons, ...guards, ...rates, ...speed };

/** Tables whose figures are in a file of another name. */
const fileOf = { "dev-overall": "dev" };
/** Tables of a protocol: figures of another version are no measure of today's. */
const ofProtocol = ["dev", "dev-overall", "zoo", "demo"];
const source = readFileSync(join(root, "src", "benchmark", "task-settings.ts"), "utf8");
const protocolVersion = Number(/protocolVersion = (\d+);/.exec(source)[1]);

function render(table) {
  const name = fileOf[table] ?? table;
  const record = JSON.parse(readFileSync(join(root, "results", `${name}.json`), "utf8"));
  const version = record.result.protocolVersion ?? record.result.table?.[0].protocolVersion;
  if (ofProtocol.includes(table) && version !== protocolVersion)
    throw new Error(
      `Expected results/${name}.json to be made by version ${protocolVersion} of the protocol, got ${version ?? "none"}: record it anew (${name === "zoo" ? "npm run zoo -- judge" : `npm run results -- ${name}`}).`,
    );
  const [head, ...rows] = tables[table](record.result);
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const { cpu, cores } = record.machine;
  const origin = `*\`${record.command}\`, ${record.date.slice(0, 10)}, ${cpu}, ${cores} cores, ${record.seconds} s: [results/${name}.json](RELATIVEresults/${name}.json)*`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), "", origin].join("\n");
}

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`)];
const isCheck = process.argv.includes("--check");
const problems = new Set();
for (const page of pages.filter((file) => file.endsWith(".md"))) {
  const text = readFileSync(join(root, page), "utf8");
  const fresh = text.replaceAll(
    /(<!-- table:([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (whole, start, name, end) => {
      try {
        return `${start}${render(name).replace("RELATIVE", page.includes("/") ? "../" : "")}\n${end}`;
      } catch (error) {
        problems.add(error.message);
        return whole;
      }
    },
  );
  if (fresh === text) continue;
  if (isCheck) problems.add(`${page} is behind results/: run npm run tables.`);
  else writeFileSync(join(root, page), fresh);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.size > 0) process.exit(1);
