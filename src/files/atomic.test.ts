import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkWritable, writeFileAtomic } from "./atomic.ts";

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

  it.skipIf(process.platform === "win32")("keeps the mode of the file that it replaces.", async () => {
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    const [file, link, fresh] = [join(folder, "file"), join(folder, "link"), join(folder, "fresh")];
    await symlink(file, link);
    for (const kept of [0o600, 0o640, 0o666, 0o755]) {
      await writeFile(file, "old");
      await chmod(file, kept);
      for (const path of [file, link]) {
        await writeFileAtomic(path, "new");
        expect(await mode(file)).toBe(kept.toString(8));
      }
    }
    await writeFile(join(folder, "usual"), "");
    await writeFileAtomic(fresh, "new");
    expect(await mode(fresh)).toBe(await mode(join(folder, "usual")));
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
