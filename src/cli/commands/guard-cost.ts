import type { Command } from "commander";
import type { GuardCostNetwork, GuardCostSummary } from "../../benchmark/index.ts";
import { textTable } from "../../report/index.ts";
import { formatPercent, formatRate } from "../../report/internal.ts";
import { unknownName } from "../../schedules/internal.ts";
import type { Define } from "../define.ts";
import { drain } from "../drain.ts";
import { integer, names } from "../parse.ts";
import { prose } from "../prose.ts";
import { createEngine } from "../session.ts";

type Options = { networks?: string[]; seeds: number; steps?: number };

const about = `Trains networks on MNIST-1D by a cosine from its tuned rate and from ten times that, each with and without the divergence guard
(\`--guard\` of transfer): what it saves where the rate is too large, and what it costs where it is right.`;

const examples = `
Examples:
  mlr-snet guard-cost
  mlr-snet guard-cost --networks mlp,cnn --seeds 1 --json`;

/** `mlr-snet guard-cost` */
export function addGuardCost(program: Command, define: Define): void {
  const command = program
    .command("guard-cost")
    .summary("show what the divergence guard saves at a rate ten times too large, and costs")
    .description(prose(about))
    .option("--networks <a,b,...>", "of mlp, cnn, cnn-bn, gru (default: all)", names("--networks"))
    .option("--seeds <n>", "runs of each", integer("--seeds", 1), 10)
    .option("--steps <n>", "updates of each run (default: 400, 200 for gru)", integer("--steps", 1))
    .addHelpText("after", examples);
  define<Options>(command, async ({ networks, seeds, steps, ...options }, session) => {
    const { guardCost } = await import("../../benchmark/index.ts");
    const { guardCostNetworks } = await import("../../benchmark/internal.ts");
    const wrong = networks?.find((name) => !guardCostNetworks.includes(name as GuardCostNetwork));
    if (wrong !== undefined) throw unknownName("network", wrong, guardCostNetworks);
    const engine = await createEngine(options, { session });
    let progress: ReturnType<typeof session.progress> | undefined;
    const result = await drain(
      guardCost({
        engine,
        seeds,
        signal: session.signal,
        ...(networks && { networks: networks as GuardCostNetwork[] }),
        ...(steps && { steps }),
      }),
      ({ network, baseRate, done, total }) => {
        progress ??= session.progress(total, "steps");
        progress.update(done, `${network} from ${formatRate(baseRate)}`);
      },
    );
    const accuracy = ({ mean, diverged }: GuardCostSummary): string =>
      `${formatPercent(mean)}${diverged > 0 ? `, ${diverged} diverged` : ""}`;
    const titles = ["task", "base rate", "without", "guarded", "acts", "µs a step", "guarded"];
    return {
      json: result,
      text: textTable({
        columns: titles.map((title, index) => ({ title, align: index === 0 ? "left" : "right" })),
        rows: result.results.map((row) => [
          row.task,
          `${formatRate(row.baseRate)} (${row.rate})`,
          accuracy(row.without),
          accuracy(row.guarded),
          row.guarded.acts.toFixed(1),
          String(row.without.stepMicroseconds),
          String(row.guarded.stepMicroseconds),
        ]),
      }),
    };
  });
}
