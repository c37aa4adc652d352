import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { reached } from "../../test/data-tasks-table.ts";
import { dataTasks } from "./data-tasks.ts";

describe("the tasks on real data", () => {
  it("are all tried by a short training, in data-tasks.slow.test.ts", () => {
    expect(dataTasks.map(({ name }) => name)).toEqual(Object.keys(reached));
  });
});

describe("a task on data that are not on this machine", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlr-snet-tasks-"));
    vi.stubEnv("XDG_CACHE_HOME", folder);
    vi.stubEnv("MLR_SNET_DATA", "");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it.each(dataTasks)(
    "says in one line where the data belong and where they come from ($name)",
    async (task) => {
      const [dataset] = task.name.split("/");
      await expect(task.load({ dataDirectory: join(folder, "mine") })).rejects.toMatchObject({
        code: "DATA_NOT_FOUND",
        message: expect.stringMatching(
          new RegExp(`^Expected [^\n]* in ${folder}/mine/${dataset} [^\n]*https?://[^\n]*\\.$`),
        ),
      });
    },
  );
});
