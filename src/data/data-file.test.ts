import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodingOf, readPublished } from "./data-file.ts";

const text = "Naïve lines,\nfor £5.\n";
const encode = (value: string) => new TextEncoder().encode(value);
const content = encode(text);
const published = {
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-file-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function read(bytes: Uint8Array): Promise<Uint8Array> {
  const path = join(folder, "file.txt");
  await writeFile(path, bytes);
  return readPublished(path, published, (found) => encodingOf(found, published));
}

describe("readPublished", () => {
  it("reads the published file, gzipped or not", async () => {
    for (const bytes of [content, gzipSync(content)])
      expect(Buffer.compare(await read(bytes), content)).toBe(0);
  });

  it.each([
    ["cut short", content.subarray(0, 9), /got 9 bytes, cut short: it is damaged/],
    [
      "of the right length with another letter",
      content.with(3, 65),
      /right length and another checksum: it is damaged/,
    ],
    ["half a gzip file", gzipSync(content).subarray(0, 20), /to be a whole gzip file: it is damaged/],
  ])("calls damaged a file that is %s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: "FILE_CORRUPT",
      message: expect.stringMatching(message),
    });
  });

  const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");
  it.each([
    ["UTF-16 with a byte order mark", utf16, "in UTF-16, little endian and with a byte order mark"],
    [
      "UTF-16 of the other order",
      Buffer.from(utf16).swap16(),
      "in UTF-16, big endian and with a byte order mark",
    ],
    ["Latin-1", Buffer.from(text, "latin1"), "in Latin-1"],
    ["UTF-8 with Windows' line ends", encode(text.replaceAll("\n", "\r\n")), "with other line ends"],
    ["UTF-8 without the last line end", encode(text.trimEnd()), "without its last line end"],
    ["a gzipped one with a byte order mark", gzipSync(encode(`\uFEFF${text}`)), "with a byte order mark"],
  ])("says of the same text in %s what it is and what to do", async (_, bytes, words) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining(
        `bytes: the same text ${words}; save it as UTF-8 with line ends LF. It is another file`,
      ),
    });
  });

  it.each([
    ["a web page", encode("<!DOCTYPE html><html>Not found</html>"), "a web page"],
    ["a zip archive", Uint8Array.from([80, 75, 3, 4, 20, 0]), "a zip archive; unpack it"],
    ["a pointer of Git LFS", encode("version https://git-lfs.github.com/spec/v1\n"), "a pointer of Git LFS"],
    ["a longer text", encode(text.repeat(2)), `got ${2 * content.length} bytes. It is another file`],
    [
      "a much longer text, gzipped",
      gzipSync(encode(text.repeat(200))),
      "bytes unpacked, got more. It is another file",
    ],
  ])("calls %s another file, with what was expected", async (_, bytes, words) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining(words),
    });
  });
});
