import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A PyTorch process that times a workload when asked to. */
export type PyTorch = {
  version: string;
  /** Seconds of an iteration, the median of `iterations`. */
  time(name: string, iterations: number, threads: number): Promise<number>;
  close(): void;
};

const script = fileURLToPath(new URL("./pytorch.py", import.meta.url));

/**
 * Starts PyTorch: `$PYTHON`, Debian's python3, or the first python3 on the path, whichever has torch.
 *
 * @returns undefined where none has.
 */
export async function startPyTorch(): Promise<PyTorch | undefined> {
  const interpreters = [process.env.PYTHON, "/usr/bin/python3", "python3"].filter(
    (path) => path !== undefined,
  );
  for (const interpreter of interpreters) {
    const pytorch = await start(interpreter);
    if (pytorch) return pytorch;
  }
  return undefined;
}

async function start(interpreter: string): Promise<PyTorch | undefined> {
  const child: ChildProcess = spawn(interpreter, [script], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  child.on("error", () => {}); // no such program: the lines end at once
  const first = await lines.next();
  if (first.done) return undefined;
  return {
    version: first.value,
    async time(name, iterations, threads) {
      child.stdin!.write(`${name} ${iterations} ${threads}\n`);
      const { value, done } = await lines.next();
      return done ? Number.NaN : Number(value);
    },
    close: () => child.kill(),
  };
}
