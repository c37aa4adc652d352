import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MlrSnetError } from "../errors.ts";
import { checkTask, type Task } from "./task.ts";
import { findTask } from "./tasks.ts";

const isFile = /\.[cm]?[jt]s$/;

/**
 * A task by its name, or from a module whose default export is a `Task` (or a function that gives one).
 *
 * @param reference `mnist1d/mlp`, `./task.mjs`, ...
 * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_NOT_FOUND`, or `TASK_INVALID` with what is wrong.
 */
export async function loadTask(reference: string, options: { dataDirectory?: string } = {}): Promise<Task> {
  if (!isFile.test(reference)) return await findTask(reference).load(options);
  const path = resolve(reference);
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    if (
      cause instanceof Error &&
      "code" in cause &&
      cause.code === "ERR_MODULE_NOT_FOUND" &&
      reason?.includes(path)
    )
      throw new MlrSnetError("FILE_NOT_FOUND", `Expected a task module, found no file ${path}.`, { cause });
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected a module whose default export is a task, ${reference} fails to load: ${reason}`,
      { cause },
    );
  }
  const exported = typeof module.default === "function" ? await module.default(options) : module.default;
  return checkTask(exported as Task);
}
