import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, type CliOptions, type CliResult, runCli } from "../../test/built-cli.ts";
import { presets } from "../schedules/index.ts";
import { encodeSchedule, initialiseParameters } from "../schedules/internal.ts";

let main: string;
let folder: string;
let schedule: Uint8Array;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-failures-"));
  const cell = presets["meta-test"];
  const snapshots = {
    switchRule: "fractions" as const,
    fractions: [0],
    thetas: [initialiseParameters(cell, 0, "fan-in")],
  };
  schedule = encodeSchedule({ cell, snapshots, provenance: {} });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a command that must fail: one clear line, and the same as one JSON object with --json. */
async function fail(args: string[], code: string, options: Partial<CliOptions> = {}): Promise<string> {
  const plain = await runCli(main, args, { cwd: folder, ...options });
  const asJson = await runCli(main, [...args, "--json"], { cwd: folder, ...options });
  expectOneLine(plain);
  expect(plain.stdout).toBe("");
  expectOneLine(asJson);
  const { error } = JSON.parse(asJson.stdout);
  expect(error.code).toBe(code);
  expect(asJson.stderr).toBe(`mlr-snet: ${error.message}\n`);
  return error.message;
}

function expectOneLine({ code, stderr }: CliResult): void {
  expect([1, 2]).toContain(code);
  expect(stderr).toMatch(/^mlr-snet: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\n +at |undefined|\[object/);
}

/** A task module; `body` may use what it imports of the build. */
async function taskFile(name: string, body: string): Promise<string> {
  const entry = (floor: string): string => JSON.stringify(join(dirname(main), "..", floor, "index.js"));
  const imports = [
    `import { loadDataset, generateMnist1d } from ${entry("data")};`,
    `import { loadTask } from ${entry("training")};`,
    `import { multiply } from ${entry("graph")};`,
  ];
  await writeFile(
    join(folder, name),
    `${imports.join("\n")}\nconst task = await loadTask("mnist1d/logistic");\n${body}`,
  );
  return `./${name}`;
}

describe("a damaged schedule file", () => {
  it("is refused by every command that reads one.", async () => {
    const damaged = schedule.slice();
    damaged.set([0xff, 0xff, 0xff, 0x7f], damaged.length - 4); // a weight that is not a number
    for (const [name, bytes, code] of [
      ["cut.safetensors", schedule.subarray(0, schedule.length - 1), "FILE_CORRUPT"],
      ["nan.safetensors", damaged, "FILE_CORRUPT"],
      ["empty.safetensors", new Uint8Array(), "FILE_CORRUPT"],
    ] as const) {
      await writeFile(join(folder, name), bytes);
      await fail(["inspect", name], code);
      await fail(["replay", "--schedule", name, "--losses", "1", "--classes", "10"], code);
      await fail(["export", name, "--format", "json", "--out", "out.json"], code);
      await fail(["transfer", "--schedule", `./${name}`, "--task", "mnist1d/logistic", "--steps", "1"], code);
      await fail(["compare", "--schedules", `./${name}`, "--task", "mnist1d/logistic", "--steps", "1"], code);
    }
    expect(await readdir(folder)).not.toContain("out.json");
  });
});

describe("a pickle that calls a function", () => {
  it("is refused without being executed.", async () => {
    const call = `cos\nsystem\n(S'touch ${join(folder, "executed")}'\ntR.`;
    const prelude = Buffer.from("80028a0a6cfc9c46f9206aa850192e8002" + "4de9032e", "hex"); // magic number, protocol
    for (const [name, bytes] of [
      ["bare.pth", Buffer.from(call)],
      ["dressed.pth", Buffer.concat([prelude, Buffer.from(call)])],
    ] as const) {
      await writeFile(join(folder, name), bytes);
      await fail(["import", name, "--out", "imported.safetensors"], "UNSUPPORTED_FORMAT");
    }
    const names = await readdir(folder);
    expect(names).not.toContain("executed");
    expect(names).not.toContain("imported.safetensors");
  });
});

describe("wrong names", () => {
  it("of tasks, schedules and data sets end with exit status 2 and the names there are.", async () => {
    expect(
      await fail(["transfer", "--schedule", "cosine", "--task", "mnist1d/mlpp"], "UNKNOWN_NAME"),
    ).toMatch(/mnist1d\/mlp/);
    expect(
      await fail(["compare", "--schedules", "cosinus", "--task", "mnist1d/mlp"], "UNKNOWN_NAME"),
    ).toMatch(/cosine/);
    expect(await fail(["data", "fetch", "mnits"], "UNKNOWN_NAME")).toMatch(/mnist/);
    await fail(["transfer", "--schedule", "cosine", "--task", "./none.mjs"], "FILE_NOT_FOUND");
    await fail(["inspect", "none.safetensors"], "FILE_NOT_FOUND");
  });
});

describe("tasks of others", () => {
  it("with an empty data folder name the file that is missing.", async () => {
    await mkdir(join(folder, "empty"), { recursive: true });
    const task = await taskFile(
      "no-data.mjs",
      `export default async ({ dataDirectory }) => ({ ...task, data: await loadDataset("mnist", { dataDir: dataDirectory, download: false, env: {} }) });`,
    );
    const args = ["transfer", "--schedule", "cosine", "--task", task, "--data", "empty"];
    expect(await fail(args, "DATA_NOT_FOUND", { env: { HOME: folder } })).toMatch(/empty.*train-images/);
  });

  it("with wrong shapes or a wrong field are refused before any work.", async () => {
    const shapes = await taskFile(
      "shapes.mjs",
      "task.data.train.inputs = task.data.train.inputs.subarray(1);\nexport default task;",
    );
    expect(await fail(["transfer", "--schedule", "cosine", "--task", shapes], "SHAPE_MISMATCH")).toMatch(
      /160000.*159999/,
    );
    const field = await taskFile("field.mjs", "export default { ...task, batchSize: 0 };");
    expect(await fail(["compare", "--schedules", "cosine", "--task", field], "TASK_INVALID")).toMatch(
      /batchSize/,
    );
    await writeFile(join(folder, "syntax.mjs"), "export default {");
    await fail(["transfer", "--schedule", "cosine", "--task", "./syntax.mjs"], "TASK_INVALID");
  });

  it("whose loss becomes NaN diverge: a result for transfer, a failure for meta-train.", async () => {
    const nan = await taskFile(
      "nan.mjs",
      `const { softmaxCrossEntropy } = await import(${JSON.stringify(join(dirname(main), "..", "graph", "index.js"))});
       export default { ...task, name: "nan", loss: (outputs, labels) => multiply(softmaxCrossEntropy(outputs, labels), 1e30) };`,
    );
    const { code, stdout } = await runCli(
      main,
      ["transfer", "--schedule", "cosine", "--task", nan, "--steps", "5", "--json"],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "diverged", last: { loss: null } });
    await fail(["meta-train", "--task", nan, "--steps", "5", "--out", "diverged.safetensors"], "NOT_FINITE");
    expect(await readdir(folder)).not.toContain("diverged.safetensors");
  });
});

describe("a folder that cannot be written", () => {
  const nobody = 65_534;
  it("is found out at the door, and nothing in it changes.", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o755 });
    await writeFile(join(closed, "s.safetensors"), schedule);
    // Root may write everywhere, so root tries as nobody; others cannot write where root owns the folder.
    const isRoot = process.getuid?.() === 0;
    const target = isRoot ? closed : "/";
    const options = { ...(isRoot && { uid: nobody }), cwd: "/" };
    const path = join(target, "s.safetensors");
    for (const args of [
      ["meta-train", "--task", "mnist1d/logistic", "--steps", "5", "--out", path],
      [
        "transfer",
        "--schedule",
        "cosine",
        "--task",
        "mnist1d/logistic",
        "--steps",
        "5",
        "--out",
        join(target, "r.jsonl"),
      ],
      ["demo", "--out", join(target, "demo")],
    ])
      expect(await fail(args, "FILE_UNWRITABLE", options)).toMatch(/permission denied/i);
    expect(await readdir(closed)).toEqual(["s.safetensors"]);
    expect((await readFile(join(closed, "s.safetensors"))).equals(schedule)).toBe(true);
    await fail(
      ["transfer", "--schedule", "cosine", "--task", "mnist1d/logistic", "--out", "no/such/r.jsonl"],
      "FILE_UNWRITABLE",
    );
  });
});

describe("a full disk", () => {
  it("ends meta-train with one line, and what was there stays whole.", async (context) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    // A mount of its own, which only this process tree sees and which goes with it.
    const own = ["--user", "--map-root-user", "--mount"];
    const probe = spawnSync("unshare", [...own, "mount", "-t", "tmpfs", "tmpfs", disk]);
    if (probe.status !== 0) {
      expect(process.env.CI, "CI must be able to mount a small disk").toBeUndefined();
      context.skip("this machine does not let a user mount a small disk");
    }
    await writeFile(join(folder, "old.safetensors"), schedule);
    // 400 KB take a schedule and a checkpoint or two, but not the records of the whole run.
    const script = `
      mount -t tmpfs -o size=400k tmpfs ${disk} && cp old.safetensors ${disk}/s.safetensors
      "$@"; code=$?
      cp ${disk}/s.safetensors after.safetensors; ls ${disk} > listing; exit $code`;
    const through = ["unshare", ...own, "bash", "-c", script, "bash"];
    const args = [
      "meta-train",
      "--task",
      "mnist1d/logistic",
      "--steps",
      "20000",
      "--checkpoint-every",
      "10000",
    ];
    const failed = await runCli(main, [...args, "--out", join(disk, "s.safetensors")], {
      cwd: folder,
      through,
    });
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/mlr-snet: Cannot write .*s\.jsonl: the disk is full[^\n]*\n$/),
    });
    expect((await readFile(join(folder, "after.safetensors"))).equals(schedule)).toBe(true);
    expect((await readFile(join(folder, "listing"), "utf8")).trim().split("\n")).toEqual([
      "s.jsonl",
      "s.safetensors",
    ]);
  });

  it.skipIf(process.platform !== "linux")("under standard output is one line too.", async () => {
    const { code, stderr } = await runCli(main, ["tasks"], {
      cwd: folder,
      through: ["bash", "-c", '"$@" > /dev/full', "bash"],
    });
    expect({ code, lines: stderr.split("\n").length - 1 }).toEqual({ code: 1, lines: 1 });
  });
});
