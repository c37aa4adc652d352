import type { Command } from "commander";
import type { BenchReport } from "../../benchmark/bench/index.ts";
import { textTable } from "../../report/index.ts";
import type { Define } from "../define.ts";
import { prose } from "../prose.ts";
import { createEngine } from "../session.ts";

const about = `
Measures the schedule and the engine on this machine beside PyTorch, where a python3 has it, in turns and with the same
number of threads: medians, PyTorch's time over ours (above 1 we are faster), and the share of the measured peak of a
matrix product. Let nothing else run meanwhile.`;

/** `mlr-snet bench` */
export function addBench(program: Command, define: Define): void {
  const command = program
    .command("bench")
    .summary("measure speed on this machine, beside PyTorch where it is installed")
    .description(prose(about))
    .option("--only <name>", "one benchmark, such as schedule-call or step/cnn-small")
    .option("--out <file>", "write the figures as JSON")
    .addHelpText("after", "\nExamples:\n  mlr-snet bench\n  mlr-snet bench --only schedule-call --json");
  define<{ only?: string; out?: string }>(command, async ({ only, out, ...options }, session) => {
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    const { runBench } = await import("../../benchmark/bench/index.ts");
    if (out) await checkWritable(out);
    const engine = await createEngine(options, { session });
    const progress = session.progress(1, "");
    const json = await runBench({
      engine,
      ...(only && { only }),
      onProgress: (name, done, total) => progress.update(done / total, name),
    });
    if (out) await writeFileAtomic(out, `${JSON.stringify(json, null, 1)}\n`);
    return { json, text: describe(json) };
  });
}

function describe({ machine, results }: BenchReport): string {
  const optional = (value: number | null | undefined): string => value?.toFixed(2) ?? "–";
  const titles = ["benchmark", "median", "", "PyTorch / ours", "ours / plain", "share of peak"];
  return [
    `${machine.cpu}, ${machine.threads} threads, ${machine.runtime}, PyTorch ${machine.pytorch ?? "not found"}`,
    textTable({
      columns: titles.map((title, index) => ({
        title,
        align: index === 0 || index === 2 ? "left" : "right",
      })),
      rows: results.map((result) => [
        result.name,
        result.median.toPrecision(3),
        result.unit,
        optional(result.ratioToPyTorch),
        optional(result.ratioToPlain),
        optional(result.shareOfPeak),
      ]),
    }),
  ].join("\n");
}
