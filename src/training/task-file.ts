import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MlrSnetError } from "../errors.ts";
import { traceNetwork } from "./step-graphs.ts";
import { checkTask, type Task } from "./task.ts";
import { findTask } from "./tasks.ts";
import { definitionOf } from "./train.ts";

const isFile = /\.[cm]?[jt]s$/;

/**
 * A task by its name, or from a module whose default export is a `Task`, a promise of one, or a function that gives
 * either. The network of a file is built once, so that a mistake in it shows before any work.
 *
 * @param reference `mnist1d/mlp`, `./task.mjs`, ...
 * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_NOT_FOUND`, or `TASK_INVALID` with what is wrong.
 */
export async function loadTask(reference: string, options: { dataDirectory?: string } = {}): Promise<Task> {
  if (!isFile.test(reference)) return await findTask(reference).load(options);
  const path = resolve(reference);
  if (!existsSync(path))
    throw new MlrSnetError("FILE_NOT_FOUND", `Expected a task module, found no file ${path}.`);
  try {
    const module: { default?: unknown } = await import(pathToFileURL(path).href);
    const exported = await module.default;
    const task = checkTask((typeof exported === "function" ? await exported(options) : exported) as Task);
    checkNetwork(task);
    return task;
  } catch (cause) {
    if (cause instanceof MlrSnetError) throw cause;
    const said = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    const unread = (cause as { code?: string } | null)?.code === "ERR_UNKNOWN_FILE_EXTENSION";
    const reason = unread
      ? `Node ${process.versions.node} does not read TypeScript: use Node 22.18 or later, or save it as .mjs without the types`
      : said;
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected a module whose default export is a task, ${reference} fails: ${reason}`,
      { cause },
    );
  }
}

function checkNetwork(task: Task): void {
  const definition = definitionOf(task);
  const { outputs } = traceNetwork(definition, "train", task.batchSize);
  traceNetwork(definition, "eval", task.batchSize);
  const { classes } = task.data.train;
  if (classes !== undefined && typeof task.loss !== "function" && outputs.shape.at(-1)! < classes)
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected the task's \`model\` to give logits for ${classes} classes, got [${outputs.shape}].`,
    );
}
