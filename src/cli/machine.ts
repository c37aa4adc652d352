import { cpus, loadavg } from "node:os";
import { sourceCommit } from "../benchmark/index.ts";
import { packageVersion } from "./package-version.ts";

/** Where figures were measured. */
export type Machine = {
  cpu: string;
  cores: number;
  platform: string;
  node: string;
  /** Of this package; the commit as `sourceCommit` says it. */
  version: string;
  commit: string;
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
    commit: sourceCommit(),
    runtime,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
