import { MlrSnetError } from "../errors.ts";
import { startSha256 } from "../files/internal.ts";

/** Arrays and plain data of a run; numbers keep every bit. */
export type Checkpoint = {
  /** What kind of run: a reader refuses another. */
  kind: string;
  /** JSON-safe. */
  data: unknown;
  arrays: Readonly<Record<string, Float32Array>>;
};

const magic = "MLRSCKPT";
const formatVersion = 1;
const hashLength = 32;
const headerStart = magic.length + 4;

/**
 * The bytes of a checkpoint:
 *
 *     "MLRSCKPT"   length of the header, uint32    header, JSON    float32 arrays one after the other    SHA-256 of all before
 *
 * Plain numbers are written as JavaScript prints them, which is exact for float64. Little-endian.
 */
export function encodeCheckpoint({ kind, data, arrays }: Checkpoint): Uint8Array {
  const layout = Object.entries(arrays).map(([name, { length }]) => ({ name, length }));
  const header = new TextEncoder().encode(JSON.stringify({ formatVersion, kind, data, arrays: layout }));
  const size =
    headerStart + header.length + layout.reduce((sum, { length }) => sum + length * 4, 0) + hashLength;
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(bytes.buffer).setUint32(magic.length, header.length, true);
  bytes.set(header, headerStart);
  let offset = headerStart + header.length;
  for (const { buffer, byteOffset, byteLength } of Object.values(arrays)) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  bytes.set(hashOf(bytes.subarray(0, offset)), offset);
  return bytes;
}

/**
 * Reads a checkpoint, strictly; bytes from anyone may be given.
 *
 * @throws {MlrSnetError} `FILE_CORRUPT` if it is damaged or cut short, `UNSUPPORTED_FORMAT` if it is something else or of a
 * later format, `STATE_MISMATCH` if it is a checkpoint of another kind of run; nothing else.
 */
export function decodeCheckpoint(bytes: Uint8Array, kind: string): Checkpoint {
  const text = (part: Uint8Array) => new TextDecoder().decode(part);
  if (text(bytes.subarray(0, magic.length)) !== magic)
    throw new MlrSnetError(
      "UNSUPPORTED_FORMAT",
      "Expected a checkpoint of mlr-snet, got a file that does not begin like one.",
    );
  const body = bytes.subarray(0, Math.max(0, bytes.length - hashLength));
  const hash = bytes.subarray(body.length);
  if (body.length < headerStart || !hashOf(body).every((byte, index) => byte === hash[index]))
    throw damaged();
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  const header = parseHeader(text(body.subarray(headerStart, headerStart + headerLength)));
  if (header.kind !== kind)
    throw new MlrSnetError("STATE_MISMATCH", `Expected a checkpoint of ${kind}, got one of ${header.kind}.`);
  const arrays: Record<string, Float32Array> = {};
  let offset = headerStart + headerLength;
  for (const { name, length } of header.arrays) {
    if (!(length >= 0 && offset + length * 4 <= body.length)) throw damaged();
    // A copy: a view would need an offset that is a multiple of four, and the slice of a Buffer is a view.
    arrays[name] = new Float32Array(new Uint8Array(body.subarray(offset, offset + length * 4)).buffer);
    offset += length * 4;
  }
  if (offset !== body.length) throw damaged();
  return { kind, data: header.data, arrays };
}

type Header = { kind: string; data: unknown; arrays: { name: string; length: number }[] };

function parseHeader(json: string): Header {
  let header: Partial<Header> & { formatVersion?: unknown };
  try {
    header = JSON.parse(json);
  } catch {
    throw damaged();
  }
  if (typeof header !== "object" || header === null) throw damaged();
  if (header.formatVersion !== formatVersion)
    throw new MlrSnetError(
      "UNSUPPORTED_FORMAT",
      `Expected a checkpoint of format ${formatVersion}, got ${String(header.formatVersion)}: it needs another release of mlr-snet.`,
    );
  const { kind, data, arrays } = header;
  if (typeof kind !== "string" || !Array.isArray(arrays)) throw damaged();
  if (!arrays.every((entry) => typeof entry?.name === "string" && Number.isSafeInteger(entry.length)))
    throw damaged();
  return { kind, data, arrays };
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return startSha256([bytes]).digest();
}

function damaged(): MlrSnetError {
  return new MlrSnetError(
    "FILE_CORRUPT",
    "Expected a whole checkpoint, got one that is damaged or cut short: its checksum is wrong. Delete it to start afresh.",
  );
}
