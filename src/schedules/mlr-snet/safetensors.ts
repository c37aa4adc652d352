import { MlrSnetError } from "../../errors.ts";
import { refuse } from "../checks.ts";
import { show } from "../show.ts";
import type { NamedTensors } from "./parameters.ts";
import { corrupt, parseRecord } from "./strict-json.ts";

/** Far more than any schedule needs, and little enough to parse at once. */
const longestHeader = 1 << 20;

export type Safetensors = { tensors: NamedTensors; metadata: ReadonlyMap<string, string> };

/**
 * Writes float32 tensors: header length (u64), JSON header, the numbers, little-endian; the numbers start at a
 * multiple of 8.
 *
 * @see https://github.com/huggingface/safetensors, "Format".
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  let size = 0;
  const entries: [string, unknown][] = [["__metadata__", Object.fromEntries(metadata)]];
  for (const [name, { shape, data }] of tensors) {
    entries.push([name, { dtype: "F32", shape, data_offsets: [size, size + 4 * data.length] }]);
    size += 4 * data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  if (json.length > longestHeader)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected a header of at most ${longestHeader} bytes, got ${json.length}.`,
    );
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + size).fill(0x20, 8, start);
  bytes.set(json, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  let at = start;
  for (const { data } of tensors.values())
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  return bytes;
}

/**
 * Reads a safetensors file of float32 tensors, strictly: the tensors lie in the file without gap or overlap, no
 * name is given twice. Allocates no more than the file's own size.
 *
 * @throws {MlrSnetError} `FILE_CORRUPT`, or `UNSUPPORTED_FORMAT` for another number type.
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const most = Math.min(longestHeader, bytes.length - 8);
  const length = most < 0 ? 0 : Number(view.getBigUint64(0, true));
  if (length > most || most < 0) corrupt("a header that fits into it", `${bytes.length} bytes`);
  const start = 8 + length;
  const text = new TextDecoder().decode(bytes.subarray(8, start));
  const { __metadata__: metadata = {}, ...header } = parseRecord(text, "header");
  if (typeof metadata !== "object" || Object.values(metadata!).some((value) => typeof value !== "string"))
    corrupt("__metadata__ to be an object of texts", show(metadata));
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  let end = start;
  for (const [name, entry] of Object.entries(header).toSorted(([, a], [, b]) => endOf(a) - endOf(b))) {
    const { dtype, shape, data_offsets, ...rest } = Object(entry);
    const from = end;
    end += isCounts(shape) ? shape.reduce((size, length) => size * length, 4) : Number.NaN;
    const isPlaced = JSON.stringify(data_offsets) === `[${from - start},${end - start}]`;
    if (!isPlaced || end > bytes.length || Object.keys(rest).length > 0)
      corrupt(`${show(name)} to have a shape, and its place after byte ${from - start}`, show(entry));
    if (dtype !== "F32") refuse(`${show(name)} to be "F32"`, show(dtype), "UNSUPPORTED_FORMAT");
    const number = (_: unknown, k: number): number => view.getFloat32(from + 4 * k, true);
    tensors.set(name, { shape, data: Float32Array.from({ length: (end - from) / 4 }, number) });
  }
  if (end !== bytes.length) corrupt(`${end} bytes`, `${bytes.length}`);
  return { tensors, metadata: new Map(Object.entries(metadata as Record<string, string>)) };
}

/** Where a tensor ends, whatever its entry is. */
function endOf(entry: unknown): number {
  return Number(Object(Object(entry).data_offsets)[1]);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
