import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "./built-cli.ts";

describe("a task file in a folder outside the package", () => {
  let folder: string;
  let main: string;
  beforeAll(async () => {
    main = builtCli();
    folder = await mkdtemp(join(tmpdir(), "mlr-snet-outside-"));
    for (const name of ["custom-task.mjs", "custom-task.ts"])
      await copyFile(fileURLToPath(new URL(`../examples/${name}`, import.meta.url)), join(folder, name));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const transfer = (task: string, steps: number) => {
    const schedule = ["--schedule", "cosine", "--base-rate", "0.1"];
    return runCli(main, ["transfer", ...schedule, "--task", task, "--steps", `${steps}`, "--json"], {
      cwd: folder,
    });
  };

  it("imports the running package by its name, and its network learns", async () => {
    const { code, stdout, stderr } = await transfer("./custom-task.mjs", 300);
    expect(code, stderr).toBe(0);
    const { task, last } = JSON.parse(stdout) as { task: string; last: { accuracy: number } };
    expect(task).toBe("rings/mlp");
    expect(last.accuracy).toBeGreaterThan(0.95);
  });

  it("shares the package with the modules that it imports itself, and its errors are the package's", async () => {
    await writeFile(
      join(folder, "model.mjs"),
      `import { linearLayer } from "mlr-snet/nn";
       export const model = (scope, x) => linearLayer(scope.child("fc"), x, 2, { initialize: 1 });`,
    );
    await writeFile(
      join(folder, "parts.mjs"),
      `import task from "./custom-task.mjs"; import { model } from "./model.mjs"; export default { ...task, model };`,
    );
    const { code, stdout } = await transfer("./parts.mjs", 1);
    expect(code).toBe(2);
    // A second copy of the package would have thrown an error of another class, of code TASK_INVALID.
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/^In linearLayer at `fc`: .*Did you mean `initialise`\?/),
      },
    });
  });

  it("is read in TypeScript where Node reads it, and otherwise refused with both remedies", async () => {
    const { code, stdout } = await transfer("./custom-task.ts", 1);
    const answer = JSON.parse(stdout);
    if ((process.features as { typescript?: unknown }).typescript)
      expect(answer).toMatchObject({ task: "spirals/mlp", status: "done" });
    else {
      expect(code).toBe(1);
      const remedies =
        /does not read TypeScript: use Node 22\.18 or later, or save it as \.mjs without the types/;
      expect(answer.error).toMatchObject({ code: "TASK_INVALID", message: expect.stringMatching(remedies) });
    }
  });
});
