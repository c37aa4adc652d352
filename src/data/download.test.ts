import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FileServer, serve } from "../../test/file-server.ts";
import { type DownloadProgress, downloadFile } from "./download.ts";

const content = Buffer.from("0123456789".repeat(20_000));
const expected = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };

/** What is said of a server that is silent for the 0.1 s that it may be here. */
const silence = "no data for 0.1 s";

let folder: string;
let server: FileServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-download-"));
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function addressOf(answer: RequestListener): Promise<string> {
  server = await serve(answer);
  return `${server.address}file`;
}

describe("downloadFile", () => {
  it("stores the file in a new folder, reports the progress to its end and leaves nothing else", async () => {
    const path = join(folder, "deep", "file");
    const seen: DownloadProgress[] = [];
    await downloadFile(await addressOf((_, response) => response.end(content)), path, expected, {
      onProgress: (progress) => seen.push(progress),
    });
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(await readdir(join(folder, "deep"))).toEqual(["file"]);
    expect(seen.at(-1)).toMatchObject({ path, received: content.length, total: content.length });
    expect(seen.map(({ received }) => received)).toEqual(
      seen.map(({ received }) => received).sort((a, b) => a - b),
    );
  });

  it("does not count the time that storing takes as the server's silence", async () => {
    const path = join(folder, "file");
    // The first piece keeps this process busy for longer than the server may be silent; the rest comes only then.
    let sendRest = (): unknown => undefined;
    const address = await addressOf((_, response) => {
      response.write(content.subarray(0, 10));
      sendRest = () => response.end(content.subarray(10));
    });
    const onProgress = ({ received }: DownloadProgress): void => {
      if (received !== 10) return;
      for (const start = performance.now(); performance.now() - start < 1100; );
      setImmediate(sendRest);
    };
    await downloadFile(address, path, expected, { idleTimeout: 1000, onProgress });
    expect((await readFile(path)).equals(content)).toBe(true);
  });

  const failures: [title: string, code: string, words: string, answer: RequestListener][] = [
    [
      "a file with another checksum",
      "FILE_CORRUPT",
      expected.sha256,
      (_, response) => response.end(Buffer.alloc(content.length)),
    ],
    ["a file that is too long", "FILE_CORRUPT", "another file", (_, response) => response.end(`${content}!`)],
    ["a file that is too short", "FILE_CORRUPT", "another file", (_, response) => response.end("0123")],
    [
      "a missing file",
      "DATA_NOT_FOUND",
      "HTTP 404",
      (_, response) => {
        response.writeHead(404).end("no such file");
      },
    ],
    [
      "a connection that is cut in the middle",
      "DATA_NOT_FOUND",
      "got ",
      (_, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write(content.subarray(0, 70_000), () => response.destroy());
      },
    ],
    ["a server that stays silent", "DATA_NOT_FOUND", silence, () => {}],
    [
      "a server that falls silent in the middle",
      "DATA_NOT_FOUND",
      silence,
      (_, response) => {
        response.write("0123");
      },
    ],
  ];
  it.each(failures)("refuses %s and leaves the folder as it was", async (_, code, words, answer) => {
    const path = join(folder, "file");
    await writeFile(path, "what was there before");
    const address = await addressOf(answer);
    // Short only for those who are silent: the others answer when a busy machine lets them.
    const attempt = downloadFile(address, path, expected, {
      idleTimeout: words === silence ? 100 : undefined,
    });
    await expect(attempt).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
    await expect(attempt).rejects.toThrow(address);
    expect(await readdir(folder)).toEqual(["file"]);
    expect(await readFile(path, "utf8")).toBe("what was there before");
  });

  it("names the address of a server that cannot be reached and makes no folder", async () => {
    const address = await addressOf(() => {});
    await server?.close();
    await expect(downloadFile(address, join(folder, "new", "file"), expected)).rejects.toMatchObject({
      code: "DATA_NOT_FOUND",
      message: expect.stringMatching(/^Expected to download http:\/\/127\.0\.0\.1:.*ECONNREFUSED/),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("says which file could not be stored where the folder is none", async () => {
    await writeFile(join(folder, "taken"), "");
    const path = join(folder, "taken", "file");
    const address = await addressOf((_, response) => response.end(content));
    await expect(downloadFile(address, path, expected)).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
      message: expect.stringContaining(path),
    });
  });
});
