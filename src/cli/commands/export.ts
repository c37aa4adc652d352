import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import type { Define } from "../define.ts";
import { choice } from "../parse.ts";
import { prose } from "../prose.ts";
import { readSchedule } from "../read-schedule.ts";

type Format = "json" | "table" | "onnx";
const formats: readonly Format[] = ["json", "table", "onnx"];

const about = `
Writes a schedule file in another format.

json: everything, for a reader in another language: cell, switch rule, every tensor by its PyTorch name.

table: CSV, for a look or a spreadsheet: where p comes to rest under a constant loss, for losses from 0.001 to 10 nats;
learning rate = gamma * p.`;

const examples = `
Examples:
  mlr-snet export s.safetensors --format json --out s.json
  mlr-snet export s.safetensors --format table --out s.csv`;

/** `mlr-snet export F --format json|table --out G` */
export function addExport(program: Command, define: Define): void {
  const command = program
    .command("export")
    .argument("<file>", "a schedule file (.safetensors), or zoo:NAME")
    .summary("write a schedule file as JSON or as a table")
    .description(prose(about))
    .requiredOption(
      "--format <format>",
      "json or table; onnx is not in this release",
      choice("--format", formats),
    )
    .requiredOption("--out <file>", "the file to write")
    .addHelpText("after", examples);
  define<{ format: Format; out: string }>(command, async ({ format, out }, _session, path) => {
    if (format === "onnx")
      throw new MlrSnetError(
        "UNSUPPORTED_FORMAT",
        "Expected --format json or table: this release does not write onnx yet.",
      );
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { exportJson, exportTable } = await import("../export-formats.ts");
    const file = await readSchedule(path!);
    await writeFileAtomic(out, format === "json" ? exportJson(file) : exportTable(file));
    return { json: { out }, text: out };
  });
}
