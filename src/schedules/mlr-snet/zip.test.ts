import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { writeZip } from "../../../test/write-zip.ts";
import { Random } from "../../random.ts";
import { inflate } from "./inflate.ts";
import { readZip } from "./zip.ts";

const text = (content: string): Buffer => Buffer.from(content);
const two = [
  { name: "a", content: text("first") },
  { name: "b", content: text("second ".repeat(50)), deflate: true },
];

describe("readZip", () => {
  it("reads entries that are stored and deflated, and a file with a comment", () => {
    for (const comment of ["", "a comment"]) {
      const bytes = Buffer.concat([writeZip(two), text(comment)]);
      bytes.writeUInt16LE(comment.length, bytes.length - comment.length - 2);
      const entries = readZip(bytes);
      expect([...entries].map(([name, read]) => [name, Buffer.from(read()).toString()])).toEqual(
        two.map(({ name, content }) => [name, content.toString()]),
      );
    }
    expect(readZip(writeZip([])).size).toBe(0);
  });

  /** Where something stands in the file of `two`: in the local header, the directory, the end. */
  const local = 0;
  const directory = writeZip(two).indexOf("PK\x01\x02");
  const end = writeZip(two).length - 22;
  const damaged: [string, string, (bytes: Buffer) => Buffer][] = [
    ["nothing", "FILE_CORRUPT", () => Buffer.alloc(0)],
    ["a file that is cut", "FILE_CORRUPT", (bytes) => bytes.subarray(0, -1)],
    ["a byte too many", "FILE_CORRUPT", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ["a byte before the directory's end", "FILE_CORRUPT", (bytes) => put(bytes, end + 12, 1, 1)],
    ["a count that is too large", "FILE_CORRUPT", (bytes) => put(put(bytes, end + 8, 3, 2), end + 10, 3, 2)],
    ["a count that is too small", "FILE_CORRUPT", (bytes) => put(put(bytes, end + 8, 1, 2), end + 10, 1, 2)],
    ["entries on several disks", "UNSUPPORTED_FORMAT", (bytes) => put(bytes, end + 4, 1, 2)],
    ["zip64 sizes", "UNSUPPORTED_FORMAT", (bytes) => put(bytes, end + 12, 0xffffffff, 4)],
    ["a zip64 size of an entry", "UNSUPPORTED_FORMAT", (bytes) => put(bytes, directory + 24, 0xffffffff, 4)],
    ["an encrypted entry", "UNSUPPORTED_FORMAT", (bytes) => put(bytes, directory + 8, 0x801, 2)],
    ["another compression", "UNSUPPORTED_FORMAT", (bytes) => put(bytes, directory + 10, 12, 2)],
    ["a size that the bytes do not have", "FILE_CORRUPT", (bytes) => put(bytes, directory + 24, 6, 4)],
    [
      "an entry longer than the file",
      "FILE_CORRUPT",
      (bytes) => put(put(bytes, directory + 20, 9999, 4), directory + 24, 9999, 4),
    ],
    [
      "an entry that reaches into the next",
      "FILE_CORRUPT",
      (bytes) => put(put(bytes, directory + 20, 7, 4), directory + 24, 7, 4),
    ],
    ["an entry outside the file", "FILE_CORRUPT", (bytes) => put(bytes, directory + 42, 9999, 4)],
    ["two names of one entry", "FILE_CORRUPT", (bytes) => put(bytes, local + 30, 0x63, 1)],
    ["other flags in an entry's own header", "FILE_CORRUPT", (bytes) => put(bytes, local + 6, 0, 2)],
    ["a checksum that differs", "FILE_CORRUPT", (bytes) => put(bytes, local + 31, 0x46, 1)],
    ["a name that is no text", "FILE_CORRUPT", (bytes) => put(bytes, directory + 46, 0xff, 1)],
  ];
  it.each(damaged)("refuses %s with %s", (_, code, change) => {
    const read = () => {
      for (const content of readZip(change(writeZip(two))).values()) content();
    };
    expect(read).toThrow(expect.objectContaining({ name: "MlrSnetError", code }));
  });

  it("refuses two entries of one name", () => {
    expect(() => readZip(writeZip([two[0]!, two[0]!]))).toThrow(/names that differ/);
  });

  it("allocates nothing for an entry that claims to be far longer than its bytes can be", () => {
    const bytes = writeZip([{ name: "b", content: text("b"), deflate: true }]);
    const claim = put(bytes, bytes.indexOf("PK\x01\x02") + 24, 1 << 27, 4);
    expect(() => readZip(claim)).toThrow(/a length of "b" that can be/);
  });
});

function put(bytes: Buffer, at: number, value: number, width: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUIntLE(value, at, width);
  return changed;
}

describe("inflate", () => {
  it("undoes what zlib did, at every level and strategy", () => {
    const random = new Random(3, "inflate");
    const noise = Uint8Array.from({ length: 40_000 }, () => random.integer(256));
    const words = Buffer.from(Array.from({ length: 9000 }, () => `w${random.integer(300)} `).join(""));
    const strategies = [
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
    ];
    for (const content of [Buffer.alloc(0), text("a"), Buffer.alloc(100_000), noise, words])
      for (const level of [0, 1, 6, 9])
        for (const strategy of strategies) {
          const packed = deflateRawSync(content, { level, strategy });
          expect(Buffer.compare(inflate(packed, content.length), content)).toBe(0);
        }
  });

  it("refuses data of another size, and any that are cut or damaged, in one way", () => {
    const content = Buffer.from("the same again and again, the same again".repeat(20));
    const packed = deflateRawSync(content);
    for (const size of [0, content.length - 1, content.length + 1])
      expect(() => inflate(packed, size)).toThrow(expect.objectContaining({ code: "FILE_CORRUPT" }));
    const random = new Random(4, "inflate");
    for (let attempt = 0; attempt < 3000; attempt++) {
      const damaged = packed.subarray(0, 1 + random.integer(packed.length)).slice();
      for (let change = random.integer(3); change >= 0; change--)
        damaged[random.integer(damaged.length)] = random.integer(256);
      try {
        expect(inflate(damaged, content.length).length).toBe(content.length);
      } catch (error) {
        expect(error).toMatchObject({ name: "MlrSnetError", code: "FILE_CORRUPT" });
      }
    }
  });
});
