import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The built command line: `dist` where it is newer than the source, else a build of its own in `.cache`.
 *
 * @returns the path of main.js.
 */
export function builtCli(): string {
  const main = join("cli", "main.js");
  const changed = newest(join(root, "src"));
  const dist = join(root, "dist");
  if (isNewer(join(dist, main), changed) && isNewer(join(dist, "report", "page.html"), changed))
    return join(dist, main);
  // package.json and zoo/ beside it, as in the package: the build reads them.
  const home = join(root, ".cache", `build-${Math.round(changed)}`);
  if (!existsSync(home)) {
    const partial = `${home}-${process.pid}`;
    mkdirSync(partial, { recursive: true });
    copyFileSync(join(root, "package.json"), join(partial, "package.json"));
    symlinkSync(join(root, "zoo"), join(partial, "zoo"), "junction");
    const outDir = join(partial, "dist");
    build("tsc", "-p", "tsconfig.build.json", "--outDir", outDir);
    const pytorch = join("benchmark", "bench", "pytorch.py");
    copyFileSync(join(root, "src", pytorch), join(outDir, pytorch));
    const page = ["--config", "src/report/page/vite.config.ts", "--logLevel", "error"];
    build("vite", "build", ...page, "--outDir", join(outDir, "report"), "--emptyOutDir", "false");
    try {
      renameSync(partial, home);
    } catch {
      rmSync(partial, { recursive: true }); // another test file was faster
    }
  }
  return join(home, "dist", main);
}

function build(program: string, ...args: string[]): void {
  const bin = join(root, "node_modules", ".bin", program);
  const { status, stdout } = spawnSync(bin, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed:\n${stdout}`);
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const product = files.filter((path) => !path.endsWith(".test.ts"));
  return Math.max(...product.map((path) => statSync(join(folder, path)).mtimeMs));
}

function isNewer(path: string, than: number): boolean {
  return existsSync(path) && statSync(path).mtimeMs >= than;
}

/** How a run of the command line ended; `stderr` is without the lines of progress, of which a busy machine writes more. */
export type CliResult = { code: number | null; signal: string | null; stdout: string; stderr: string };

export type CliOptions = {
  cwd: string;
  /** Another user to run as; needs root. */
  uid?: number;
  env?: Record<string, string>;
  /** What to put before `node main.js ...`: a program and its arguments. */
  through?: readonly string[];
  /** Is given the running process, to send it signals. */
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
};

/** `cosine, seed 1  25 %  1,250 steps/s  0:01 left` */
const progressLine = /^.* {2}\d+ %(?: {2}[^\n]*left)?\n/gm;

/** Runs `mlr-snet ...args` as a process of its own. */
export function runCli(main: string, args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { cwd, uid, through = [], onStart } = options;
  const [program, ...rest] = [...through, process.execPath, main, ...args];
  const cache = join(root, ".cache", "tests");
  mkdirSync(cache, { recursive: true }); // ONNX Runtime would make it, and .cache above it, for its user alone
  const env = { ...process.env, XDG_CACHE_HOME: cache, ...options.env };
  const child = spawn(program!, rest, { cwd, env, ...(uid !== undefined && { uid }) });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (piece) => {
    texts.stdout += piece;
  });
  child.stderr.on("data", (piece) => {
    texts.stderr += piece;
  });
  onStart?.((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({ code, signal, stdout: texts.stdout, stderr: texts.stderr.replace(progressLine, "") }),
    );
  });
}
