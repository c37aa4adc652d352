import { expect, it } from "vitest";
import { poolBehaviour } from "../../test/pool-behaviour.ts";
import { start } from "../../test/pool-worker.mjs";
import { inThisThread } from "./in-this-thread.ts";
import { WorkerPool } from "./worker-pool.ts";

const errors = new URL("../errors.ts", import.meta.url).href;

poolBehaviour("this thread", () => ({ transport: inThisThread(start), errors }), false);

it("lets a worker in this thread end what it is at before it frees what it has made.", async () => {
  const told: string[] = [];
  const transport = inThisThread(() => ({
    async answer(_request: unknown, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      told.push("stopped");
    },
    async close() {
      told.push("freed");
    },
  }));
  const source = { module: new URL(import.meta.url), data: undefined };
  const pool = await WorkerPool.open({ name: "the test", workers: 1, transport, ...source });
  const asked = pool.request(0, {});
  const refused = expect(asked).rejects.toMatchObject({ code: "ENGINE_FAILED" });
  await new Promise((resolve) => setImmediate(resolve));
  await pool.close();
  await pool.close();
  await refused;
  expect(told).toEqual(["stopped", "freed"]);
});
