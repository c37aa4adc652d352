import { type Command, Option } from "commander";
import type { Define } from "../define.ts";
import { prose } from "../prose.ts";

const about = `
The whole story in less than three minutes, on data that the package generates (MNIST-1D):

it learns a small schedule while you watch, by the long-horizon recipe: from how whole trainings of other networks end;
lets it, zoo:default and zoo:paper drive networks that long-horizon meta-training has not seen, untuned; compares them there with
schedules made by hand, each with a search for its base rate on validation data, over two or three seeds; prints the tables,
says plainly who wins and who loses, and writes one HTML report beside the schedule that it learned.

What does not fit into the time on this machine is cut, for all schedules of a comparison alike, and the report says what: fewer
generations to learn in, two seeds, shorter trainings, at last a comparison less. With --full all is done, however long it takes,
so that the same seed gives the same figures again.`;

/** `mlr-snet demo` */
export function addDemo(program: Command, define: Define): void {
  const command = program
    .command("demo")
    .summary("learn a schedule, compare it and the zoo's with tuned ones, report: under three minutes")
    .description(prose(about))
    .option("--out <dir>", "folder for report.html, schedule.safetensors and results.json", "./mlr-snet-demo")
    .addOption(
      new Option(
        "--quick",
        "seconds instead: to see that everything works, too short to say anything",
      ).conflicts("full"),
    )
    .option("--full", "all generations, steps and seeds, without a limit of time: for figures to be recorded")
    .addHelpText("after", "\nExample:\n  mlr-snet demo --out /tmp/demo");
  define<{ out: string; quick?: true; full?: true }>(command, async ({ out, ...options }, session) => {
    const { runDemo } = await import("../demo.ts");
    return await runDemo(out, options, session);
  });
}
