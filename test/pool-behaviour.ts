import { describe, expect, it } from "vitest";
import { type PoolEvent, type Transport, WorkerPool } from "../src/workers/index.ts";
import type { TestData, TestRequest } from "./pool-worker.d.mts";

type Progress = { of: number } | "waiting";
type Pool = WorkerPool<TestRequest, number, Progress>;

/**
 * What every transport must do, by the worker of pool-worker.mjs.
 *
 * @param setUp the transport, and where its workers find their error class; called when a test begins.
 * @param canDie whether a worker can end without its caller.
 */
export function poolBehaviour(
  name: string,
  setUp: () => { transport: Transport; errors: string },
  canDie: boolean,
): void {
  async function withPool(workers: number, use: (pool: Pool) => Promise<void>, fails = false): Promise<void> {
    const { transport, errors } = setUp();
    const data: TestData = { base: 100, errors, fails };
    const module = new URL("./pool-worker.mjs", import.meta.url);
    const pool: Pool = await WorkerPool.open({ name: "the test", module, data, workers, transport });
    try {
      await use(pool);
    } finally {
      await pool.close();
    }
  }

  async function eventsOf(pool: Pool, jobs: readonly TestRequest[], options = {}) {
    const events: PoolEvent<number, Progress>[] = [];
    for await (const event of pool.drain(jobs, options)) events.push(event);
    return events;
  }

  const answersOf = (events: readonly PoolEvent<number, Progress>[]) =>
    events.flatMap((event) => ("answer" in event ? [[event.job, event.answer]] : []));
  const adding = Array.from({ length: 7 }, (_, add) => ({ add }));

  describe(`a pool on ${name}`, () => {
    it("does the jobs in their order, and tells how far each is before its answer.", async () => {
      await withPool(1, async (pool) => {
        const expected = adding.flatMap(({ add }) => [
          { job: add, progress: { of: add } },
          { job: add, answer: 100 + add },
        ]);
        expect(await eventsOf(pool, adding)).toEqual(expected);
      });
    });

    it("gives the same answers with any number of workers, more than there are jobs too.", async () => {
      for (const workers of [1, 2, 9])
        await withPool(workers, async (pool) => {
          const answers = answersOf(await eventsOf(pool, adding));
          expect(answers.sort(([a], [b]) => a! - b!)).toEqual(adding.map(({ add }) => [add, 100 + add]));
          expect(await eventsOf(pool, [])).toEqual([]);
        });
    });

    it("sends jobs to the workers that they belong to, and asks one or all of them.", async () => {
      await withPool(2, async (pool) => {
        const counts = [0, 1, 2, 3, 4].map(() => ({ count: true }) as const);
        const workerOf = (job: number) => (job === 3 ? 1 : 0);
        const answers = answersOf(await eventsOf(pool, counts, { workerOf }));
        expect(Object.fromEntries(answers)).toEqual({ 0: 1, 1: 2, 2: 3, 3: 1, 4: 4 });
        expect(await pool.request(1, { count: true })).toBe(2);
        expect(await pool.requestAll((worker) => ({ add: worker }))).toEqual([100, 101]);
        expect(await pool.requestAll(() => ({ count: true }))).toEqual([6, 4]);
      });
    });

    it("stops what is under way at an abort, tells what had ended, and is free again.", async () => {
      await withPool(2, async (pool) => {
        const controller = new AbortController();
        const told: unknown[] = [];
        const drain = async () => {
          const jobs = [{ add: 1 }, { wait: true } as const, { wait: true } as const, { add: 2 }];
          for await (const event of pool.drain(jobs, { signal: controller.signal })) {
            told.push(event);
            if (told.filter((each) => (each as { progress?: unknown }).progress === "waiting").length === 2)
              controller.abort();
          }
        };
        await expect(drain()).rejects.toMatchObject({
          code: "INTERRUPTED",
          message: "stopped while it waited",
        });
        expect(told).toContainEqual({ job: 0, answer: 101 });
        expect(told).not.toContainEqual(expect.objectContaining({ job: 3 }));
        expect(answersOf(await eventsOf(pool, adding))).toHaveLength(7);
        const none = eventsOf(pool, adding, { signal: controller.signal });
        await expect(none).rejects.toMatchObject({ code: "INTERRUPTED" });
      });
    });

    it("stops what is under way where the caller leaves the loop.", async () => {
      await withPool(2, async (pool) => {
        for await (const event of pool.drain([{ wait: true }, { add: 1 }, { wait: true }]))
          if ("answer" in event) break;
        expect(await pool.requestAll(() => ({ add: 5 }))).toEqual([105, 105]);
      });
    });

    it("throws the error that a job is answered with, by its code, and stops the other workers.", async () => {
      await withPool(2, async (pool) => {
        const failing = eventsOf(pool, [{ wait: true }, { refuse: "Expected a task." }, { add: 1 }]);
        await expect(failing).rejects.toMatchObject({
          name: "MlrSnetError",
          code: "TASK_INVALID",
          message: "Expected a task.",
        });
        expect(await pool.request(0, { add: 1 })).toBe(101);
      });
    });

    it("hands on an error that nobody expected with the place where it was thrown.", async () => {
      await withPool(1, async (pool) => {
        const error = await pool.request(0, { fail: "a bug" }).catch((error: unknown) => error as Error);
        expect(error).toMatchObject({ name: "Error", message: "a bug" });
        expect((error as Error).stack).toContain("pool-worker.mjs");
        await expect(pool.request(0, { uncopyable: 0 })).rejects.toThrow("could not be cloned");
        await expect(pool.request(0, { uncopyable: () => 0 })).rejects.toThrow("could not be cloned");
        expect(await pool.request(0, { add: 1 })).toBe(101);
      });
    });

    it("says what its workers cannot start for.", async () => {
      const opening = withPool(2, async () => {}, true);
      await expect(opening).rejects.toMatchObject({ code: "ENGINE_MISSING", message: "no engine here" });
    });

    it("refuses a second request to a worker that is at one.", async () => {
      await withPool(1, async (pool) => {
        const first = pool.request(0, { add: 1 });
        await expect(pool.request(0, { add: 2 })).rejects.toThrow("a worker of the test that is free");
        expect(await first).toBe(101);
      });
    });

    it.skipIf(!canDie)(
      "takes the death of a worker for the error of its job, and of later ones.",
      async () => {
        await withPool(2, async (pool) => {
          const died = { code: "ENGINE_FAILED", message: "A worker of the test ended without an answer." };
          await expect(eventsOf(pool, [{ die: true }, { wait: true }])).rejects.toMatchObject(died);
          await expect(pool.request(0, { add: 1 })).rejects.toMatchObject(died);
          expect(await pool.request(1, { add: 1 })).toBe(101);
        });
      },
    );
  });
}
