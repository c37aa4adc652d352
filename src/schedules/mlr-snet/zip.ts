import { MlrSnetError } from "../../errors.ts";
import { show } from "../show.ts";
import { inflate } from "./inflate.ts";

/** Bytes that an entry may have when it is unpacked: far more than any schedule. */
const largest = 1 << 28;
/** Deflate makes nothing shorter than by this factor. */
const tightest = 1032;

type Entry = { name: string; method: number; crc: number; packed: Uint8Array; size: number };

/**
 * Reads a zip file as `torch.save` writes it: entries that are stored or deflated, with or without data descriptors, and the
 * zip64 record that says nothing new. Every length is compared with the bytes there are before anything is allocated, entries
 * must not overlap, and each that is read must have the checksum that the directory gives.
 *
 * @returns how to read an entry, by its name.
 * @throws {MlrSnetError} `FILE_CORRUPT`; `UNSUPPORTED_FORMAT` for encryption, other compressions, several disks, 4 GiB.
 * @see PKWARE's APPNOTE.TXT, 4.3
 */
export function readZip(bytes: Uint8Array): Map<string, () => Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start, end } = findDirectory(view);
  const found: (Entry & { from: number; to: number })[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw corrupt("an entry of its directory");
    const u16 = (offset: number): number => view.getUint16(at + offset, true);
    const u32 = (offset: number): number => view.getUint32(at + offset, true);
    const [flags, method, crc, packed, size, disk, from] = [
      u16(8),
      u16(10),
      u32(16),
      u32(20),
      u32(24),
      u16(34),
      u32(42),
    ];
    const next = at + 46 + u16(28) + u16(30) + u16(32);
    if (next > end) throw corrupt("an entry of its directory");
    const name = text(bytes.subarray(at + 46, at + 46 + u16(28)));
    if ([packed, size, from].includes(0xffffffff) || disk !== 0)
      throw unsupported("zip64 sizes or several disks");
    if (flags & 0x2041) throw unsupported(`${show(name)} encrypted`);
    if (method !== 0 && method !== 8) throw unsupported(`${show(name)} compressed by method ${method}`);
    if (size > largest || (method === 0 ? size !== packed : size > tightest * packed))
      throw corrupt(`a length of ${show(name)} that can be`);
    const data = dataOf(view, { name, method, flags, from, packed }, start);
    found.push({
      name,
      method,
      crc,
      packed: data,
      size,
      from,
      to: data.byteOffset - bytes.byteOffset + packed,
    });
    at = next;
  }
  if (at !== end) throw corrupt("the end of its directory");
  found.sort((a, b) => a.from - b.from);
  for (const [index, { to }] of found.entries())
    if (to > (found[index + 1]?.from ?? start)) throw corrupt("entries that lie apart");
  const entries = new Map(found.map((entry) => [entry.name, () => unpack(entry)]));
  if (entries.size !== count) throw corrupt("names that differ");
  return entries;
}

/** The end of the file says where the directory is; between the two only a zip64 record may stand. */
function findDirectory(view: DataView): { count: number; start: number; end: number } {
  const least = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= least; at--) {
    if (
      view.getUint32(at, true) !== 0x06054b50 ||
      at + 22 + view.getUint16(at + 20, true) !== view.byteLength
    )
      continue;
    const [disk, directoryDisk, here, count] = [4, 6, 8, 10].map((offset) =>
      view.getUint16(at + offset, true),
    );
    const [size, start] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
    if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) throw unsupported("zip64 sizes");
    if (disk !== 0 || directoryDisk !== 0 || here !== count) throw unsupported("several disks");
    const end = start + size;
    if (end !== at && !(end === at - 76 && isZip64(view, end, { count: count!, start, size })))
      throw corrupt("its directory before its end");
    return { count: count!, start, end };
  }
  throw corrupt("the end of a zip file");
}

/** The record and its locator, 56 and 20 bytes, which PyTorch writes always. They must say what the end of the file says. */
function isZip64(view: DataView, at: number, said: { count: number; start: number; size: number }): boolean {
  const is = (offset: number, value: number): boolean =>
    view.getBigUint64(at + offset, true) === BigInt(value);
  return (
    view.getUint32(at, true) === 0x06064b50 &&
    view.getUint32(at + 56, true) === 0x07064b50 &&
    is(4, 44) &&
    is(32, said.count) &&
    is(40, said.size) &&
    is(48, said.start) &&
    is(64, at)
  );
}

/** The packed bytes, behind a local header that says the same as the directory. */
function dataOf(
  view: DataView,
  entry: { name: string; method: number; flags: number; from: number; packed: number },
  limit: number,
): Uint8Array {
  const { name, method, flags, from, packed } = entry;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (from + 30 > limit || view.getUint32(from, true) !== 0x04034b50)
    throw corrupt(`the header of ${show(name)}`);
  const [ownFlags, ownMethod, nameLength, extra] = [6, 8, 26, 28].map((offset) =>
    view.getUint16(from + offset, true),
  );
  const start = from + 30 + nameLength! + extra!;
  if (start + packed > limit || ownFlags !== flags || ownMethod !== method)
    throw corrupt(`the header of ${show(name)}`);
  if (text(bytes.subarray(from + 30, from + 30 + nameLength!)) !== name)
    throw corrupt(`the name of ${show(name)}`);
  return bytes.subarray(start, start + packed);
}

function unpack({ name, method, crc, packed, size }: Entry): Uint8Array {
  const content = method === 0 ? packed : inflate(packed, size);
  if (crc32(content) !== crc) throw corrupt(`${show(name)} with its checksum`);
  return content;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw corrupt("names in UTF-8");
  }
}

function corrupt(expected: string): MlrSnetError {
  return new MlrSnetError("FILE_CORRUPT", `The zip file is damaged: expected ${expected}.`);
}

function unsupported(found: string): MlrSnetError {
  return new MlrSnetError(
    "UNSUPPORTED_FORMAT",
    `Expected a zip file as \`torch.save\` writes it, got ${found}.`,
  );
}
