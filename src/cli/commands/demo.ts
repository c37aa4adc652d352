import type { Command } from "commander";
import type { Define } from "../define.ts";
import { prose } from "../prose.ts";

const about = `
The whole story in one or two minutes, on data that the package generates (MNIST-1D):

it learns a schedule on a small MLP by the paper's recipe; lets the file drive another architecture and a run twice as
long, untuned; compares it there with schedules made by hand, each with the same small search for its base rate on
validation data, over three seeds, and with its own three levels as a plain staircase; prints the tables, says plainly
where the paper's recipe loses, and writes one HTML report beside the schedule file.`;

/** `mlr-snet demo` */
export function addDemo(program: Command, define: Define): void {
  const command = program
    .command("demo")
    .summary("learn a schedule, transfer it, compare it, report: a minute or two")
    .description(prose(about))
    .option("--out <dir>", "folder for report.html, schedule.safetensors and results.json", "./mlr-snet-demo")
    .option("--quick", "seconds instead: to see that everything works, too short to say anything")
    .addHelpText("after", "\nExample:\n  mlr-snet demo --out /tmp/demo");
  define<{ out: string; quick?: true }>(command, async ({ out, ...options }, session) => {
    const { runDemo } = await import("../demo.ts");
    return await runDemo(out, options, session);
  });
}
