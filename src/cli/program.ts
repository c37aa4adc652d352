import { Command, type OptionValues } from "commander";
import type { Device } from "../engine/index.ts";
import { addAblation } from "./commands/ablation.ts";
import { addBench } from "./commands/bench.ts";
import { addBenchmark } from "./commands/benchmark.ts";
import { addCalibration } from "./commands/calibration.ts";
import { addCompare } from "./commands/compare.ts";
import { addData } from "./commands/data.ts";
import { addDemo } from "./commands/demo.ts";
import { addExport } from "./commands/export.ts";
import { addGuardCost } from "./commands/guard-cost.ts";
import { addImport } from "./commands/import.ts";
import { addInspect } from "./commands/inspect.ts";
import { addSchedules, addTasks } from "./commands/lists.ts";
import { addMetaTrain } from "./commands/meta-train.ts";
import { addReference } from "./commands/reference.ts";
import { addReplay } from "./commands/replay.ts";
import { addTransfer } from "./commands/transfer.ts";
import type { Define } from "./define.ts";
import { packageVersion } from "./package-version.ts";
import { choice, integer } from "./parse.ts";
import { prose } from "./prose.ts";
import type { CommonOptions, Session } from "./session.ts";

/** Written out: importing the engine's list would load the engine for every command. */
const devices: readonly Device[] = ["cpu", "webgpu", "cuda"];

const about = `
Learned learning-rate schedules that transfer (MLR-SNet, arXiv 2007.14546).

Results go to standard output, progress to standard error. Exit status: 0 done, 1 failed, 2 wrong usage,
130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP.`;

const tour = `
A first tour:
  mlr-snet demo
  mlr-snet meta-train --task mnist1d/mlp --out s.safetensors
  mlr-snet transfer --schedule s.safetensors --task mnist1d/cnn
  mlr-snet compare --task mnist1d/cnn --schedules s.safetensors,cosine

\`mlr-snet COMMAND --help\` explains each.`;

/** All commands. They load what they need when they run: \`--help\` starts without ONNX Runtime. */
export function createProgram(session: Session): Command {
  const program = new Command("mlr-snet")
    .description(prose(about))
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => session.write(text),
      writeErr: () => {}, // said once, in one line, by `runCommandLine`
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .option("--json", "print one JSON object instead of text")
    .option("--seed <n>", "seed of all random numbers (default: 0)", integer("--seed", 0))
    .option("--device <name>", `${devices.join(", ")} (default: cpu)`, choice("--device", devices))
    .option("--threads <n>", "threads of the engine (default: the cores)", integer("--threads", 1, 1024))
    .option("--data <dir>", "folder of data sets, searched before MLR_SNET_DATA and the cache")
    .option("--debug", "show the stack of an error")
    .addHelpText("after", tour);
  const commands = [
    addDemo,
    addMetaTrain,
    addTransfer,
    addCompare,
    addBenchmark,
    addReplay,
    addInspect,
    addImport,
    addExport,
    addTasks,
    addSchedules,
    addData,
    addBench,
    addReference,
    addGuardCost,
    addAblation,
    addCalibration,
  ];
  const define: Define = (command, run) =>
    command.action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      const options = self.optsWithGlobals<CommonOptions & OptionValues>();
      session.answer(await run(options as never, session, ...(self.args as [])), options.json === true);
    });
  for (const add of commands) add(program, define);
  return program;
}
