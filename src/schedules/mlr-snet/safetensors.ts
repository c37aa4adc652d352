import { MlrSnetError } from "../../errors.ts";
import { show } from "../show.ts";
import type { NamedTensors } from "./parameters.ts";
import { parseStrictJson } from "./strict-json.ts";

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
  if (bytes.length < 8) throw corrupt("at least 8 bytes", `${bytes.length}`);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > Math.min(longestHeader, bytes.length - 8))
    throw corrupt(`a header that fits into the file of ${bytes.length} bytes`, `a length of ${headerLength}`);
  const start = 8 + Number(headerLength);
  const { __metadata__: metadata = {}, ...header } = parseHeader(bytes.subarray(8, start));

  const entries = Object.entries(header).map(([name, entry]) => ({ name, ...checkEntry(name, entry) }));
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) throw corrupt(`${show(name)} to start at byte ${covered}`, `${begin}`);
    covered = end;
  }
  if (covered !== bytes.length - start)
    throw corrupt(`${covered} bytes of numbers`, `${bytes.length - start}`);

  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const { name, shape, begin, end } of entries) {
    const data = new Float32Array((end - begin) / 4);
    for (let k = 0; k < data.length; k++) data[k] = view.getFloat32(start + begin + 4 * k, true);
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata: checkMetadata(metadata) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseStrictJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw corrupt("a JSON header", show((cause as Error).message));
  }
  if (isRecord(header)) return header;
  throw corrupt("a JSON object as header", show(header));
}

type Entry = { shape: readonly number[]; begin: number; end: number };

function checkEntry(name: string, entry: unknown): Entry {
  const { dtype, shape, data_offsets: offsets, ...rest } = isRecord(entry) ? entry : {};
  if (!(isCounts(shape) && isCounts(offsets) && offsets.length === 2 && Object.keys(rest).length === 0))
    throw corrupt(`${show(name)} to have dtype, shape and two data_offsets`, show(entry));
  if (dtype !== "F32")
    throw new MlrSnetError("UNSUPPORTED_FORMAT", `Expected ${show(name)} to be "F32", got ${show(dtype)}.`);
  const [begin, end] = offsets as [number, number];
  const size = 4 * shape.reduce((product, length) => product * length, 1);
  if (end - begin !== size) throw corrupt(`${size} bytes for ${show(name)}`, `${end - begin}`);
  return { shape, begin, end };
}

function checkMetadata(metadata: unknown): ReadonlyMap<string, string> {
  const pairs = isRecord(metadata) ? Object.entries(metadata) : [];
  if (!isRecord(metadata) || pairs.some(([, text]) => typeof text !== "string"))
    throw corrupt("__metadata__ to be an object of texts", show(metadata));
  return new Map(pairs as [string, string][]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function corrupt(expected: string, got: string): MlrSnetError {
  return new MlrSnetError(
    "FILE_CORRUPT",
    `The safetensors file is damaged: expected ${expected}, got ${got}.`,
  );
}
