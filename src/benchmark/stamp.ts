import type { Task } from "../training/index.ts";
import { sourceCommit } from "./source-commit.ts";
import { hashOf, protocolVersion, settingsOf } from "./task-settings.ts";

/** What every recorded figure carries, so that a later one can tell whether it is the same measurement. */
export type Stamp = { protocolVersion: number; taskHash: string; commit: string };

export function stampOf(task: Task): Stamp {
  return { protocolVersion, taskHash: hashOf(settingsOf(task)), commit: sourceCommit() };
}
