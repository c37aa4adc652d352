import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordFile } from "./record-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-records-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
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
