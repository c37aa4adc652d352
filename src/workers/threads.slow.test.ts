import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { type BuiltPackage, buildPackage } from "../../test/built-package.ts";
import { poolBehaviour } from "../../test/pool-behaviour.ts";
import { processes } from "../../test/process-transport.ts";
import type { Transport } from "./transport.ts";

let built: BuiltPackage;
let address: (file: string) => string;
let threads: Transport;
beforeAll(async () => {
  built = await buildPackage();
  address = (file) => pathToFileURL(join(built.folder, "dist", file)).href;
  // Workers are files of the built package.
  ({ threads } = await import(address("workers/index.js")));
});
afterAll(async () => {
  await built.remove();
});

poolBehaviour("threads", () => ({ transport: threads, errors: address("errors.js") }), true);
poolBehaviour(
  "processes",
  () => ({ transport: processes(address("workers/index.js")), errors: address("errors.js") }),
  true,
);
