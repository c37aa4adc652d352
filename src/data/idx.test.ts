import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { encodeIdx, parseIdx, readIdx } from "./idx.ts";

/** [2, 3] bytes 1 to 6, as the format's description has it. */
const sixBytes = Uint8Array.from([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);

describe("parseIdx", () => {
  it("reads the shape, big endian, and the data", () => {
    expect(parseIdx(sixBytes, "six")).toEqual({ shape: [2, 3], data: Uint8Array.from([1, 2, 3, 4, 5, 6]) });
  });

  it("reads the same from a gzip file and from the middle of a larger buffer", () => {
    expect(parseIdx(gzipSync(sixBytes), "six")).toEqual(parseIdx(sixBytes, "six"));
    const larger = Uint8Array.from([9, ...sixBytes, 9]);
    expect(parseIdx(larger.subarray(1, -1), "six")).toEqual(parseIdx(sixBytes, "six"));
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["half a header", sixBytes.subarray(0, 9)],
    ["a byte too few", sixBytes.subarray(0, 17)],
    ["a byte too many", Uint8Array.from([...sixBytes, 7])],
    ["another magic number", Uint8Array.from([1, ...sixBytes.subarray(1)])],
    ["an unknown element type", Uint8Array.from([0, 0, 7, 1, 0, 0, 0, 1, 0])],
    ["no dimension", Uint8Array.from([0, 0, 8, 0])],
    ["too many dimensions", Uint8Array.from([0, 0, 8, 5, ...new Uint8Array(20)])],
    ["a side of zero", Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 0])],
    [
      "sides whose product is beyond any memory",
      Uint8Array.from([0, 0, 8, 4, ...new Uint8Array(16).fill(255)]),
    ],
    ["half a gzip file", gzipSync(sixBytes).subarray(0, 20)],
    ["a gzip file with a wrong checksum", gzipSync(sixBytes).fill(0, 30)],
  ])("refuses %s, names the file and says that it was left alone", (_, bytes) => {
    expect(() => parseIdx(bytes, "some/file")).toThrow(
      expect.objectContaining({
        code: "FILE_CORRUPT",
        message: expect.stringMatching(/^Expected some\/file to .*left as it is/),
      }),
    );
  });

  it("says what a file is that is no IDX file but another whole one", () => {
    const page = new TextEncoder().encode("\n<html><body>404</body></html>");
    expect(() => parseIdx(page, "some/file")).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringContaining(
          "the two zero bytes of an IDX file, got a web page. It is another file",
        ),
      }),
    );
  });

  it("says which element type it does not read", () => {
    expect(() => parseIdx(Uint8Array.from([0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0]), "floats")).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FORMAT", message: expect.stringContaining("float32") }),
    );
  });
});

describe("encodeIdx", () => {
  it("writes what parseIdx reads", () => {
    expect(encodeIdx(parseIdx(sixBytes, "six"))).toEqual(sixBytes);
  });
});

describe("readIdx", () => {
  it("tells a missing file from one that cannot be read", async () => {
    await expect(readIdx("/nowhere/file")).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(readIdx("/")).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });
});
