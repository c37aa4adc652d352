import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, type CliOptions, type CliResult, runCli } from "../../test/built-cli.ts";

let main: string;
let folder: string;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-signals-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const paper = ["meta-train", "--task", "mnist1d/logistic", "--steps", "5000", "--threads", "1"];
const longHorizon = ["meta-train", "--recipe", "long-horizon", "--workers", "2", "--pairs", "1"];

/** Sends signals as soon as the run's records are there. */
async function stop(
  name: string,
  signals: readonly NodeJS.Signals[],
  args: readonly string[],
  options: Partial<CliOptions> = {},
): Promise<CliResult> {
  let timer: NodeJS.Timeout | undefined;
  const result = await runCli(main, [...args, "--json", "--out", `${name}.safetensors`], {
    cwd: folder,
    ...options,
    onStart: (kill) => {
      timer = setInterval(() => {
        if (!existsSync(join(folder, `${name}.jsonl`))) return;
        clearInterval(timer);
        for (const signal of signals) kill(signal);
      }, 2);
    },
  });
  clearInterval(timer);
  return result;
}

const finish = (name: string, args: readonly string[]): Promise<CliResult> =>
  runCli(main, [...args, "--resume", "--out", `${name}.safetensors`], { cwd: folder });

/** All of the records but the times. */
async function records(name: string): Promise<unknown[]> {
  const lines = (await readFile(join(folder, `${name}.jsonl`), "utf8")).trim().split("\n");
  return lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }));
}

describe("a signal that asks to stop", () => {
  const statuses: [NodeJS.Signals, number][] = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ];
  it.each(statuses)(
    "%s leaves a checkpoint of the paper's recipe and the exit status %d.",
    async (signal, status) => {
      const { code, stdout } = await stop(signal, [signal], paper);
      expect(code).toBe(status);
      expect(JSON.parse(stdout).error.code).toBe("INTERRUPTED");
      expect(existsSync(join(folder, `${signal}.ckpt`))).toBe(true);
      expect((await finish(signal, paper)).code).toBe(0);
      if (signal === "SIGINT") return;
      expect(await records(signal)).toEqual(await records("SIGINT"));
    },
  );

  it("ends the workers of long-horizon training too, and the same training goes on.", async () => {
    const short = [...longHorizon, "--tasks", "2"];
    const stopped = await stop("long", ["SIGTERM"], [...short, "--budget", "10000gen"]);
    expect(stopped.code, stopped.stderr).toBe(143);
    expect(existsSync(join(folder, "long.ckpt"))).toBe(true);
    expect((await finish("long", [...short, "--budget", "2gen"])).code).toBe(0);
    expect((await records("long")).length).toBeGreaterThanOrEqual(1);
  });

  it("ends the process at once when a second one comes, in the middle of a step.", async () => {
    // A first generation of so many tasks takes far longer than two signals are apart.
    const args = [...longHorizon, "--tasks", "1000", "--budget", "1gen"];
    const { code, signal } = await stop("twice", ["SIGTERM", "SIGINT"], args);
    expect(signal).toBeNull();
    expect([130, 143]).toContain(code);
    expect(existsSync(join(folder, "twice.ckpt"))).toBe(false);
  });
});

describe("a run", () => {
  const transfer = ["transfer", "--schedule", "cosine", "--task", "mnist1d/logistic", "--steps", "5"];

  it.skipIf(process.platform !== "linux")(
    "goes on where the cache cannot be made, and says so once.",
    async () => {
      const { code, stderr, stdout } = await runCli(main, [...transfer, "--json"], {
        cwd: folder,
        env: { XDG_CACHE_HOME: "/proc" },
      });
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout).status).toBe("done");
      expect(stderr).toMatch(/^Note: Lowerings are not measured[^\n]*\/proc\/mlr-snet[^\n]*\n$/);
    },
  );

  it.skipIf(process.platform !== "linux")(
    "goes on where nobody reads its standard error any more.",
    async () => {
      // The note about the cache finds a pipe that is closed.
      const through = ["bash", "-c", 'set -o pipefail; exec 3>&1; "$@" 2>&1 >&3 3>&- | true', "bash"];
      const { code, stdout } = await runCli(main, [...transfer, "--json"], {
        cwd: folder,
        env: { XDG_CACHE_HOME: "/proc" },
        through,
      });
      expect(code).toBe(0);
      expect(JSON.parse(stdout).status).toBe("done");
    },
  );
});
