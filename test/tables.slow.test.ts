import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { protocolVersion } from "../src/benchmark/index.ts";
import { fileHash } from "../src/benchmark/internal.ts";
import { MlrSnet, zooNames } from "../src/schedules/index.ts";
import {
  controlRows,
  currentHash,
  isGenerated,
  type Recorded,
  recorded,
  recordedTasks,
  root,
  zooHash,
} from "./recorded.ts";

describe("the tables of the pages", () => {
  it("are those that results/ gives.", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/tables.mjs"), "--check"], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

/** Every unit that has a version of the protocol: all of a file, of the ablation those that are not from before. */
const units: Record<string, (result: Recorded) => Recorded[]> = {
  dev: ({ units }) => units,
  zoo: ({ seeds }) => seeds,
  demo: ({ table }) => table,
  "guard-cost": ({ results }) => results,
  "mnist1d-reference": ({ results }) => results,
  ablation: controlRows,
};
const files = Object.keys(units);

describe("the recorded figures", () => {
  it.each(files)("of %s are made by today's protocol, at a commit that is said.", (name) => {
    const own = units[name]!(recorded(name));
    expect(own.length, "units").toBeGreaterThan(0);
    expect([...new Set(own.map((unit) => unit.protocolVersion))]).toEqual([protocolVersion]);
    expect(own.filter(({ commit }) => !/^([0-9a-f]{40}( with changes)?|unknown)$/.test(commit))).toEqual([]);
  });

  it.each(["dev", "demo", "ablation"])("of %s are of the schedules that the zoo has today.", (name) => {
    const own = units[name]!(recorded(name)).filter(({ schedule }) => /^zoo:/.test(schedule));
    expect(own.length, "units of the zoo").toBeGreaterThan(0);
    for (const { schedule, sha256 } of own) expect([schedule, sha256]).toEqual([schedule, zooHash(schedule)]);
  });

  it("of zoo have a row for each schedule of the zoo, whatever its model card says.", async () => {
    const { seeds } = recorded("zoo");
    for (const name of zooNames) {
      const { cell, snapshots } = await MlrSnet.load(`zoo:${name}`);
      const own = seeds.filter((row: Recorded) => row.name === `zoo:${name}`);
      expect(own.map(({ parameters }: Recorded) => parameters)).toContain(
        fileHash({ cell, snapshots, provenance: {} }),
      );
    }
  });

  it.each(["dev", "zoo", "ablation"] as const)(
    "of %s are of generated tasks as they are today (those with data: recorded-units.slow.test.ts).",
    async (name) => {
      const own = recordedTasks(name).filter(({ task }) => isGenerated(task));
      expect(own.length, "tasks").toBeGreaterThan(0);
      for (const { task, taskHash } of own)
        expect([task, taskHash]).toEqual([task, await currentHash(task, "dev")]);
    },
  );

  it.each(["demo", "guard-cost", "mnist1d-reference"])(
    "of %s are of tasks as they are today.",
    async (name) => {
      const rows = units[name]!(recorded(name)).map(({ task, network, taskHash }) => ({
        task: task ?? `mnist1d/${network}`,
        taskHash,
      }));
      const own = new Map(rows.map(({ task, taskHash }) => [`${task} ${taskHash}`, { task, taskHash }]));
      for (const { task, taskHash } of own.values()) {
        // The published recipe has Adam in the place of the task's optimizer.
        const optimizer = name === "mnist1d-reference" ? ({ kind: "adam" } as const) : undefined;
        expect([task, taskHash]).toEqual([task, await currentHash(task, "built-in", optimizer)]);
      }
    },
  );
});
