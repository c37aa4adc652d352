import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { packageVersion } from "./package-version.ts";

/** Where figures were measured. */
export type Machine = {
  cpu: string;
  cores: number;
  platform: string;
  node: string;
  /** Of this package; the commit is null where it does not run from a clone. */
  version: string;
  commit: string | null;
  /** Name and version of the engine's runtime. */
  runtime: string;
  /** Mean number of waiting processes over the last minute: above `cores`, times are not to be trusted. */
  load: number;
};

export function describeMachine(runtime: string): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    version: packageVersion(),
    commit: commitOf(fileURLToPath(new URL(".", import.meta.url))),
    runtime,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function commitOf(folder: string): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return null;
  }
}
