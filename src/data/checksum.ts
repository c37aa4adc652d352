import { startSha256 } from "../files/internal.ts";
import type { Dataset } from "./dataset.ts";
import { inputChunks } from "./examples.ts";

/** SHA-256 of the examples, as the network takes them, and labels of data sets, one after the other: 64 hexadecimal digits. */
export function checksumOf(datasets: readonly Dataset[]): string {
  const hash = startSha256();
  for (const dataset of datasets) {
    for (const inputs of inputChunks(dataset)) hash.update(inputs);
    hash.update(dataset.labels);
  }
  return hash.digest("hex");
}
