import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import type { Define } from "../program.ts";
import { prose } from "../prose.ts";

const about = `Measures the schedule and the engine on this machine: the median of interleaved repetitions, the ratio to
PyTorch where python3 has it (PyTorch's time over ours), the share of the measured peak of a matrix product.`;

/** `mlr-snet bench` */
export function addBench(program: Command, define: Define): void {
  const command = program
    .command("bench")
    .summary("measure speed on this machine, beside PyTorch where it is installed")
    .description(prose(about))
    .option("--only <name>", "one benchmark, such as schedule-call or step/cnn-small")
    .addHelpText("after", "\nExamples:\n  mlr-snet bench\n  mlr-snet bench --only schedule-call --json");
  define<{ only?: string }>(command, async (_options, _session) => {
    throw new MlrSnetError("USAGE", "This build has no benchmarks yet.");
  });
}
