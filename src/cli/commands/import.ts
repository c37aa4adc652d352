import { basename } from "node:path";
import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import { named, readBytes, sha256 } from "../../files/internal.ts";
import { type PresetName, presets, type SwitchRule } from "../../schedules/index.ts";
import { encodeSchedule, equalFractions, importPyTorch } from "../../schedules/internal.ts";
import type { Define } from "../define.ts";
import { choice } from "../parse.ts";
import { prose } from "../prose.ts";

type Options = { out: string; switchRule: SwitchRule; preset: PresetName };

const about = `Turns checkpoints of the authors' code (.pth, PyTorch's zip or legacy format) into one schedule file. Nothing of a
.pth file is executed: it is read as data, and anything but a plain state dict is refused. Several files become
snapshots that take turns in the order given, as in the paper's transfer.`;

const examples = `
Examples:
  mlr-snet import mlr_snet_200.pth --out last.safetensors
  mlr-snet import mlr_snet_1.pth mlr_snet_100.pth mlr_snet_200.pth --out official.safetensors`;

/** `mlr-snet import A.pth [B.pth C.pth] --out F` */
export function addImport(program: Command, define: Define): void {
  const switchRules: readonly SwitchRule[] = ["epoch-thirds", "fractions"];
  const presetNames = Object.keys(presets) as PresetName[];
  const command = program
    .command("import")
    .argument("<files...>", "state dicts, in the order of their turns")
    .summary("turn released PyTorch checkpoints into a schedule file")
    .description(prose(about))
    .requiredOption("--out <file>", "the schedule file to write (.safetensors)")
    .option(
      "--switch-rule <rule>",
      "when the next snapshot takes over: epoch-thirds counts epochs as the released code, fractions steps",
      choice("--switch-rule", switchRules),
      "epoch-thirds",
    )
    .option(
      "--preset <name>",
      `gate order and forget shift, which the files lack: ${presetNames.join(", ")}`,
      choice("--preset", presetNames),
      "meta-test",
    )
    .addHelpText("after", examples);
  define<Options>(command, async ({ out, switchRule, preset }, _session, ...paths) => {
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    await checkWritable(out);
    const sources = await Promise.all(
      paths.map(async (path) => {
        const bytes = await readBytes(path);
        return { path, hash: sha256(bytes), ...named(path, () => importPyTorch(bytes, preset)) };
      }),
    );
    const { cell } = sources[0]!;
    for (const source of sources)
      if (JSON.stringify(source.cell) !== JSON.stringify(cell))
        throw new MlrSnetError(
          "SHAPE_MISMATCH",
          `Expected snapshots of one cell, but ${source.path} has other sizes than ${sources[0]!.path}.`,
        );
    const thetas = sources.map(({ theta }) => theta);
    const provenance = {
      importedFrom: sources.map(({ path, hash }) => ({ file: basename(path), sha256: hash })),
      preset,
    };
    const snapshots = { switchRule, fractions: equalFractions(thetas.length), thetas };
    await writeFileAtomic(out, encodeSchedule({ cell, snapshots, provenance }));
    const count = `${thetas.length} snapshot${thetas.length > 1 ? "s" : ""}`;
    return { json: { out, snapshots: thetas.length }, text: `${out}: ${count}` };
  });
}
