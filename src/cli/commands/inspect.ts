import type { Command } from "commander";
import { formatVersion } from "../../schedules/internal.ts";
import type { Define } from "../define.ts";
import { prose } from "../prose.ts";
import { readSchedule } from "../read-schedule.ts";

/** `mlr-snet inspect F` */
export function addInspect(program: Command, define: Define): void {
  const command = program
    .command("inspect")
    .argument("<file>", "a schedule file (.safetensors), or zoo:NAME")
    .summary("show what a schedule file holds")
    .description(
      prose(`Shows what a schedule file holds: the cell (units, gate order, inputs, range), how its snapshots take turns,
        and where it comes from. Checks the whole file and fails if anything in it is damaged.`),
    )
    .addHelpText("after", "\nExamples:\n  mlr-snet inspect s.safetensors\n  mlr-snet inspect zoo:default");
  define(command, async (_options, _session, path) => {
    const { cell, snapshots, provenance, sha256 } = await readSchedule(path!);
    const { switchRule, fractions, thetas } = snapshots;
    const parameters = thetas[0]!.length;
    const json = {
      formatVersion,
      cell,
      snapshots: { count: thetas.length, switchRule, fractions, parameters },
      provenance,
      sha256,
    };
    const many =
      thetas.length > 1 ? `${thetas.length} snapshots, taking turns by ${switchRule}` : "1 snapshot";
    const lines = [
      `${path}  (format version ${formatVersion})`,
      `cell        ${cell.layers} LSTM layer${cell.layers > 1 ? "s" : ""} of ${cell.hidden} units, middle layer ${cell.middle}, reads ${cell.inputs.join(", ")}`,
      `            gates ${cell.gateOrder.join(", ")}; forget shift ${cell.forgetShift}; range by ${cell.range}`,
      `snapshots   ${many}, ${parameters} parameters each`,
      `provenance  ${JSON.stringify(provenance)}`,
      `sha256      ${sha256}`,
    ];
    return { json, text: lines.join("\n") };
  });
}
