import type { Command } from "commander";
import type { ReferenceNetwork } from "../../benchmark/index.ts";
import { textTable } from "../../report/index.ts";
import { unknownName } from "../../schedules/internal.ts";
import type { Define } from "../define.ts";
import { drain } from "../drain.ts";
import { integer, names } from "../parse.ts";
import { prose } from "../prose.ts";
import { createEngine } from "../session.ts";

type Options = { networks?: string[]; seeds: number; steps: number; out?: string };

const about = `Trains the networks of MNIST-1D by their published recipe (Adam, constant rate 0.01, batches of 100, 6000 steps) and
prints the test accuracy beside the published one (arXiv 2011.14439): a check that data, networks and training are right.`;

const examples = `
Examples:
  mlr-snet reference
  mlr-snet reference --networks logistic,mlp --seeds 1 --json`;

/** `mlr-snet reference` */
export function addReference(program: Command, define: Define): void {
  const command = program
    .command("reference")
    .summary("check accuracies on MNIST-1D against the published ones")
    .description(prose(about))
    .option("--networks <a,b,...>", "of logistic, mlp, cnn, gru (default: all)", names("--networks"))
    .option("--seeds <n>", "runs of each network", integer("--seeds", 1), 3)
    .option("--steps <n>", "updates of each run", integer("--steps", 1), 6000)
    .option("--out <file>", "write the figures as JSON, with machine and versions")
    .addHelpText("after", examples);
  define<Options>(command, async ({ networks, seeds, steps, out, ...options }, session) => {
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    const { reference } = await import("../../benchmark/index.ts");
    const { referenceNetworks } = await import("../../benchmark/internal.ts");
    const wrong = networks?.find((name) => !referenceNetworks.includes(name as ReferenceNetwork));
    if (wrong !== undefined) throw unknownName("network", wrong, referenceNetworks);
    if (out) await checkWritable(out);
    const chosen = (networks as ReferenceNetwork[] | undefined) ?? referenceNetworks;
    const engine = await createEngine(options, { session });
    const progress = session.progress(chosen.length * seeds * steps, "steps");
    const { signal } = session;
    const result = await drain(reference({ engine, networks: chosen, seeds, steps, signal }), (record) =>
      progress.update(record.run * steps + record.step + 1, `${record.network}, seed ${record.seed}`),
    );
    const { describeMachine } = await import("../machine.ts");
    const json = { ...result, seeds, machine: describeMachine(engine.version) };
    if (out) await writeFileAtomic(out, `${JSON.stringify(json, null, 1)}\n`);
    const titles = ["network", "published", "last step", "± s.e.", "best", "difference"];
    return {
      json,
      text: textTable({
        columns: titles.map((title, index) => ({ title, align: index === 0 ? "left" : "right" })),
        rows: result.results.map((row) => [
          row.network,
          `${row.published} %`,
          `${row.last} %`,
          String(row.standardError ?? "–"),
          `${row.best} %`,
          String(row.difference),
        ]),
      }),
    };
  });
}
