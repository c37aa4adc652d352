import * as nodeModule from "node:module";
import { pathToFileURL } from "node:url";

/*
 * A task file may lie anywhere, and imports `mlr-snet` and its entries. Node looks for a package in the folders above the
 * file, where it is only by chance, and where another version of it may be. Here these names stand for the package that
 * runs: its own import of itself, which Node knows from the package.json beside it.
 */

type Resolve = (specifier: string, context: object) => { url: string; shortCircuit?: boolean };

/** What Node 22.15 and 23.5 brought: hooks in the same thread, for `import` and `require`. */
type WithHooks = { registerHooks?: (hooks: { resolve: unknown }) => void };

const ours = /^mlr-snet(\/|$)/;

let isInstalled = false;

/** Makes `mlr-snet` and `mlr-snet/...` the running package, in all modules loaded from now on that are no package's. */
export function resolveRunningPackage(): void {
  if (isInstalled) return;
  isInstalled = true;
  const parent = import.meta.url;
  const { registerHooks } = nodeModule as WithHooks;
  if (!registerHooks) {
    // Node 20 runs hooks in a thread of their own, which loads them from an address.
    nodeModule.register(`data:text/javascript,${encodeURIComponent(hooksSource)}`, {
      parentURL: parent,
      data: parent,
    });
    return;
  }
  const own = nodeModule.createRequire(parent);
  registerHooks({
    resolve: (specifier: string, context: { parentURL?: string }, next: Resolve) => {
      if (context.parentURL === parent || !isAsked(specifier, context)) return next(specifier, context);
      // Whole, because `require` pays no heed to another parent.
      return { url: pathToFileURL(own.resolve(specifier)).href, shortCircuit: true };
    },
  });
}

function isAsked(specifier: string, { parentURL = "" }: { parentURL?: string }): boolean {
  return ours.test(specifier) && !parentURL.includes("/node_modules/");
}

/** The same for the thread of hooks, as the text of a module. */
const hooksSource = `
let parent;
export function initialize(data) { parent = data; }
export function resolve(specifier, context, next) {
  const isAsked = ${ours}.test(specifier) && !(context.parentURL ?? "").includes("/node_modules/");
  return next(specifier, isAsked ? { ...context, parentURL: parent } : context);
}
`;
