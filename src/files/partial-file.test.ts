import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "./folder.ts";
import { PartialFile } from "./partial-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-partial-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("PartialFile", () => {
  it("takes the target's place once it is whole, and not before.", async () => {
    const target = join(folder, "file");
    await writeFile(target, "old");
    const partial = await PartialFile.create(target);
    await partial.write("ne");
    await partial.write(Uint8Array.from(Buffer.from("w")));
    expect(await readFile(target, "utf8")).toBe("old");
    await partial.replace();
    expect(await readFile(target, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("leaves nothing behind where it is given up.", async () => {
    const partial = await PartialFile.create(join(folder, "file"));
    await partial.write("half");
    await partial.discard();
    await partial.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it("never writes into what has its name already: a file, a link to one, a link to nothing.", async () => {
    const victim = join(folder, "victim");
    await writeFile(victim, "precious");
    await writeFile(join(folder, "file.0.part"), "left over");
    await symlink(victim, join(folder, "file.1.part"));
    await symlink(join(folder, "nothing"), join(folder, "file.2.part"));
    const partial = await PartialFile.create(join(folder, "file"), String);
    expect(partial.path).toBe(join(folder, "file.3.part"));
    await partial.write("new");
    await partial.replace();
    expect(await readFile(victim, "utf8")).toBe("precious");
    expect(await readFile(join(folder, "file.0.part"), "utf8")).toBe("left over");
    expect(await readFile(join(folder, "file"), "utf8")).toBe("new");
    expect((await lstat(join(folder, "file"))).isFile()).toBe(true);
    expect(await readdir(folder)).not.toContain("nothing");
    await expect(PartialFile.create(join(folder, "file"), () => "1")).rejects.toMatchObject({
      code: "EEXIST",
    });
  });

  it("has another random name each time.", async () => {
    const files = await Promise.all([0, 1, 2].map(() => PartialFile.create(join(folder, "file"))));
    expect(new Set(files.map(({ path }) => path)).size).toBe(3);
    for (const file of files) await file.discard();
  });

  it.skipIf(process.platform === "win32")(
    "is as private as the file that it replaces from the start.",
    async () => {
      await writeFile(join(folder, "file"), "secret", { mode: 0o600 });
      const partial = await PartialFile.create(join(folder, "file"));
      expect((await stat(partial.path)).mode & 0o777).toBe(0o600);
      await partial.discard();
    },
  );
});

describe("makeFolder", () => {
  it("makes the folders above too, leaves what is there, and may run many times at once.", async () => {
    const deep = join(folder, "a", "b", "c");
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(deep)));
    await writeFile(join(deep, "file"), "kept");
    await makeFolder(deep);
    expect(await readFile(join(deep, "file"), "utf8")).toBe("kept");
  });

  it("says what is wrong where a part of the path is a file.", async () => {
    await mkdir(join(folder, "a"));
    await writeFile(join(folder, "a", "file"), "");
    await expect(makeFolder(join(folder, "a", "file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(join(folder, "a", "file", "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it.skipIf(process.platform !== "linux")("ends where the system takes no folder, as /proc.", async () => {
    await expect(makeFolder("/proc/mlr-snet")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(makeFolder("/proc/mlr-snet/data/mnist")).rejects.toMatchObject({ code: "ENOENT" });
  });
});
