import type { Command } from "commander";
import type { CalibrationCurve, CalibrationRow, CalibrationSettings } from "../../benchmark/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { textTable } from "../../report/index.ts";
import type { Define } from "../define.ts";
import { drain } from "../drain.ts";
import { integer } from "../parse.ts";
import { prose } from "../prose.ts";

type Options = { tasks: number; out?: string; resume?: true };
type Stored = { settings: CalibrationSettings; rows: CalibrationRow[] };

const about = `Fits the multiples of calibrated:linear, calibrated:cosine and calibrated:onecycle: trains generated tasks with SGD,
momentum and AdamW from 0.5 to 256 times the usual rate, and takes for each optimizer and shape the multiple with the least
mean value, that of meta-training. No data, no learned schedule.

--out is written after every task and optimizer; with --resume, what is there of the same settings is not run again.`;

const examples = `
Examples:
  mlr-snet calibration --out calibration.json --resume
  mlr-snet calibration --tasks 2`;

/** `mlr-snet calibration` */
export function addCalibration(program: Command, define: Define): void {
  const command = program
    .command("calibration")
    .summary("fit the multiples of the calibrated schedules")
    .description(prose(about))
    .option("--tasks <n>", "generated tasks, each with three optimizers", integer("--tasks", 1), 60)
    .option("--out <file>", "keep finished rows, and the result, as JSON")
    .option("--resume", "take what is in --out already from there")
    .addHelpText("after", examples);
  define<Options>(command, async ({ tasks, seed = 0, out, resume }, session) => {
    if (resume && !out) throw new MlrSnetError("USAGE", "Expected `--out` with `--resume`, got none.");
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    const { calibration } = await import("../../benchmark/index.ts");
    if (out) await checkWritable(out);
    const stored = out && resume ? await readStored(out) : undefined;
    /** What the file holds of the same settings stays in it. */
    const rows = new Map<string, CalibrationRow>();
    const keep = (row: CalibrationRow): unknown => rows.set(`${row.optimizer} ${row.index}`, row);
    let own: CalibrationSettings | undefined;
    const save = async (result: object | null): Promise<void> => {
      const content = { settings: own, rows: [...rows.values()], result };
      if (out) await writeFileAtomic(out, `${JSON.stringify(content)}\n`);
    };
    const progress = session.progress(3 * tasks, "rows");
    const result = await drain(
      calibration({ tasks, seed, signal: session.signal, ...(stored && { stored }) }),
      async ({ done, settings, row }) => {
        if (!own && JSON.stringify(stored?.settings) === JSON.stringify(settings)) stored!.rows.forEach(keep);
        own = settings;
        keep(row);
        progress.update(done, `${row.optimizer}: ${row.task}`);
        await save(null);
      },
    ).catch((error: unknown) => {
      if (!(error instanceof MlrSnetError && error.code === "INTERRUPTED")) throw error;
      const where = out ? `the finished rows are in ${out}, and --resume goes on` : "--out would keep rows";
      throw new MlrSnetError("INTERRUPTED", `Stopped: ${where}.`);
    });
    await save(result);
    const { describeMachine } = await import("../machine.ts");
    return { json: { ...result, machine: describeMachine(result.runtime) }, text: tableOf(result.curves) };
  });
}

/** @throws {MlrSnetError} `FILE_CORRUPT`, `FILE_UNREADABLE`; a file that is not there holds nothing. */
async function readStored(path: string): Promise<Stored | undefined> {
  const { readTextIfThere } = await import("../../files/internal.ts");
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const isStored = (value: unknown): value is Stored => Array.isArray((value as Stored | null)?.rows);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isStored(value)) return value;
  throw new MlrSnetError(
    "FILE_CORRUPT",
    `Expected ${path} to hold rows of a calibration, got something else.`,
  );
}

function tableOf(curves: readonly CalibrationCurve[]): string {
  return textTable({
    columns: ["optimizer", "shape", "multiple", "value", "diverged"].map((title, index) => ({
      title,
      align: index < 2 ? "left" : "right",
    })),
    rows: curves.map(({ optimizer, shape, multiples, chosen, values, diverged }) => {
      const at = multiples.indexOf(chosen);
      return [optimizer, shape, String(chosen), values[at]!.toFixed(3), String(diverged[at])];
    }),
  });
}
