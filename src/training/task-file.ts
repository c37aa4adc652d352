import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MlrSnetError } from "../errors.ts";
import { isFile } from "../files/internal.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { checkNetwork } from "./check-run.ts";
import { resolveRunningPackage } from "./package-resolver.ts";
import { checkTask, type Task } from "./task.ts";
import { definitionOf } from "./task-run.ts";
import { findTask } from "./tasks.ts";

const isModule = /\.[cm]?[jt]s$/;

/**
 * A task by its name, or from a module whose default export is a `Task`, a promise of one, or a function that gives
 * either. The network of a file is built once, so that a mistake in it shows before any work.
 *
 * @param reference `mnist1d/mlp`, `./task.mjs`, ...
 * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, or `TASK_INVALID` with what is wrong.
 */
export async function loadTask(reference: string, options: { dataDirectory?: string } = {}): Promise<Task> {
  checkOptionNames("`loadTask`", options, { dataDirectory: true });
  if (!isModule.test(reference)) return await findTask(reference).load(options);
  const path = resolve(reference);
  if (!isFile(path))
    throw new MlrSnetError("FILE_NOT_FOUND", `Expected a task module, found no file ${path}.`);
  resolveRunningPackage();
  try {
    const module: { default?: unknown } = await import(pathToFileURL(path).href);
    const exported = await module.default;
    const task = checkTask((typeof exported === "function" ? await exported(options) : exported) as Task);
    checkNetwork(task, definitionOf(task));
    return task;
  } catch (cause) {
    if (cause instanceof MlrSnetError) throw cause;
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected a module whose default export is a task, ${reference} fails: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

/** One line; with the remedy where Node is too old for what the file does. */
function reasonOf(cause: unknown): string {
  const { code } = Object(cause) as { code?: unknown };
  const node = `Node ${process.versions.node}`;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION")
    return `${node} does not read TypeScript: use Node 22.18 or later, or save it as .mjs without the types`;
  const said = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
  const isRequired = code === "MODULE_NOT_FOUND" && said.includes("'mlr-snet");
  return isRequired
    ? `${said}, by \`require\`, in ${node}: use Node 22.15 or later, or \`import\` in a module saved as .mjs`
    : said;
}
