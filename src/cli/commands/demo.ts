import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import type { Define } from "../program.ts";

/** `mlr-snet demo` */
export function addDemo(program: Command, define: Define): void {
  const command = program
    .command("demo")
    .summary("the whole story")
    .option("--out <dir>", "folder of the report", "./mlr-snet-demo");
  define(command, async () => {
    throw new MlrSnetError("USAGE", "not yet");
  });
}
