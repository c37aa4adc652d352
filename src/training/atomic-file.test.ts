import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkWritable, RecordFile, writeFileAtomic } from "./atomic-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-atomic-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("writeFileAtomic", () => {
  it("writes the content in the place of what was there, and leaves nothing else behind.", async () => {
    const path = join(folder, "file");
    await writeFile(path, "old");
    await writeFileAtomic(path, "new");
    await writeFileAtomic(join(folder, "bytes"), Uint8Array.of(1, 2, 3));
    expect(await readFile(path, "utf8")).toBe("new");
    expect([...(await readFile(join(folder, "bytes")))]).toEqual([1, 2, 3]);
    expect((await readdir(folder)).sort()).toEqual(["bytes", "file"]);
  });

  it("replaces the file that a link leads to, and leaves the link.", async () => {
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    await writeFile(file, "old");
    await symlink(file, link);
    await writeFileAtomic(link, "new");
    expect(await readFile(file, "utf8")).toBe("new");
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
  });

  it.skipIf(process.platform === "win32")("refuses a pipe or a device, which it would destroy.", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const refusal = { code: "FILE_UNWRITABLE", message: expect.stringMatching(/a device or a pipe/) };
    await expect(writeFileAtomic(pipe, "x")).rejects.toMatchObject(refusal);
    await expect(checkWritable(pipe)).rejects.toMatchObject(refusal);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  it("says in one line why it cannot write.", async () => {
    await writeFile(join(folder, "file"), "");
    const attempts: [path: string, reason: RegExp][] = [
      [join(folder, "missing", "file"), /no such folder; make it first/],
      [folder, /it is a folder/],
      [join(folder, "file", "below"), /a part of the path is a file/],
    ];
    for (const [path, message] of attempts) {
      await expect(writeFileAtomic(path, "x")).rejects.toMatchObject({
        code: "FILE_UNWRITABLE",
        message: expect.stringMatching(message),
      });
      await expect(checkWritable(path)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
    }
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it.skipIf(process.getuid?.() === 0)("names a folder without permission (not as root).", async () => {
    chmodSync(folder, 0o500);
    await expect(writeFileAtomic(join(folder, "file"), "x")).rejects.toThrow(/permission denied/);
    chmodSync(folder, 0o700);
  });
});

describe("checkWritable", () => {
  it("touches nothing where writing would succeed.", async () => {
    await writeFile(join(folder, "file"), "old");
    await checkWritable(join(folder, "file"));
    await checkWritable(join(folder, "other"));
    expect(await readdir(folder)).toEqual(["file"]);
    expect(await readFile(join(folder, "file"), "utf8")).toBe("old");
  });
});

describe("RecordFile", () => {
  it("writes one line of JSON for each record.", async () => {
    const path = join(folder, "r.jsonl");
    const records = RecordFile.create(path);
    records.append({ step: 0, loss: 0.1 });
    records.sync();
    expect(await readFile(path, "utf8")).toBe('{"step":0,"loss":0.1}\n');
    records.append({ step: 1, loss: 1 / 3 });
    records.close();
    expect(await readFile(path, "utf8")).toBe(
      '{"step":0,"loss":0.1}\n{"step":1,"loss":0.3333333333333333}\n',
    );
  });

  it("cuts an interrupted file back to the checkpoint's step, a torn last line with it.", async () => {
    const path = join(folder, "r.jsonl");
    await writeFile(path, '{"step":0,"γ":"é"}\n{"step":1}\n{"step":2}\n{"st');
    const records = RecordFile.continueAt(path, 2);
    records.append({ step: 2, again: true });
    records.close();
    expect(await readFile(path, "utf8")).toBe('{"step":0,"γ":"é"}\n{"step":1}\n{"step":2,"again":true}\n');
  });

  it("refuses to continue where a record before the checkpoint is missing, and leaves the file as it was.", async () => {
    const path = join(folder, "r.jsonl");
    for (const text of [
      "",
      '{"step":0}\n{"step":2}\n{"step":3}\n',
      '{"step":0}\nnull\n{"step":2}\n',
      '{"step":0}\n{"st',
    ]) {
      await writeFile(path, text);
      expect(() => RecordFile.continueAt(path, 3)).toThrow(expect.objectContaining({ code: "FILE_CORRUPT" }));
      expect(await readFile(path, "utf8")).toBe(text);
    }
    expect(() => RecordFile.continueAt(join(folder, "none"), 1)).toThrow(
      expect.objectContaining({ code: "FILE_NOT_FOUND" }),
    );
  });

  it("says that a folder is no file.", async () => {
    await mkdir(join(folder, "sub"));
    expect(() => RecordFile.create(join(folder, "sub"))).toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE" }),
    );
  });
});
