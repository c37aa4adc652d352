import { resolve } from "node:path";
import { MlrSnetError } from "../errors.ts";

export type MetaTrainPaths = { out: string; records: string; checkpoint: string };

/**
 * The three files of a meta-training.
 *
 * @throws {MlrSnetError} `USAGE` where two of them are one.
 */
export function metaTrainPaths({ out, checkpoint }: { out: string; checkpoint?: string }): MetaTrainPaths {
  const paths = {
    out,
    records: beside(out, "jsonl"),
    checkpoint: checkpoint ?? beside(out, "ckpt"),
  };
  if (new Set(Object.values(paths).map((path) => resolve(path))).size < 3)
    throw new MlrSnetError(
      "USAGE",
      `Expected three files for schedule, records and checkpoint, got ${Object.values(paths).join(", ")}: give another \`--out\` or \`--checkpoint\`.`,
    );
  return paths;
}

/** `runs/s.safetensors` and `jsonl` to `runs/s.jsonl`. */
function beside(path: string, extension: string): string {
  return `${path.replace(/\.(safetensors|jsonl|json|ckpt)$/, "")}.${extension}`;
}
