import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importPyTorch } from "../../src/schedules/import.ts";
import { MlrSnet, presets, zooFile, zooNames } from "../../src/schedules/index.ts";
import { encodeSchedule, initialiseParameters, parameterLayout } from "../../src/schedules/internal.ts";
import { type BuiltPackage, buildPackage } from "../built-package.ts";
import { type FileServer, serve } from "../file-server.ts";
import golden from "../golden/meta-step.json" with { type: "json" };
import official from "../golden/official-forward.json" with { type: "json" };

type Step = Record<"p" | "pAfter" | "learningRate", number> &
  Record<"metaGradient" | "theta" | "weights", number[]>;
/** `page/reproduce.js` */
type Reproduce = {
  outputs(entry: unknown, file: Uint8Array, losses: readonly number[]): Promise<number[]>;
  metaSteps(entry: unknown, fixture: unknown): Step[][];
};

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const executablePath = "/usr/bin/chromium";
const checkpoints = path("../../../shared/data/mlr-snet-official");
/** What is missing on a developer's machine is skipped; in CI nothing may be missing. */
const mayMiss = process.env.CI !== "true";
const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
};

describe.skipIf(mayMiss && !existsSync(executablePath))(
  `the built entry in a page, without a bundler (needs ${executablePath})`,
  () => {
    let built: BuiltPackage;
    let server: FileServer;
    let browser: Browser;
    let page: Page;
    let inNode: { entry: unknown; reproduce: Reproduce };
    const requests: string[] = [];
    const pageErrors: Error[] = [];

    const ownFiles: Readonly<Record<string, string>> = {
      "": path("page/index.html"),
      "reproduce.js": path("page/reproduce.js"),
      "meta-step.json": path("../golden/meta-step.json"),
      "examples/browser.html": path("../../examples/browser.html"),
    };
    const served = (name: string): Uint8Array | undefined => {
      if (/^\d+\.safetensors$/.test(name)) return scheduleFile(name.split(".")[0]!);
      const file = ownFiles[name] ?? join(built.folder, name);
      return existsSync(file) ? readFileSync(file) : undefined;
    };

    beforeAll(async () => {
      built = await buildPackage();
      const reproduce: Reproduce = await import(path("page/reproduce.js"));
      const core = await import(pathToFileURL(join(built.folder, "dist", "index.js")).href);
      inNode = { entry: { ...core, parameterLayout }, reproduce };
      server = await serve(({ url }, response) => {
        const name = url!.slice(1);
        const content = served(name);
        response.writeHead(content ? 200 : 404, { "content-type": types[extname(name || "x.html")] ?? "" });
        response.end(content);
      });
      browser = await chromium.launch({ executablePath, args: flags.split(" "), timeout: 0 });
      page = await browser.newPage();
      page.setDefaultTimeout(0); // the test's own limit is the one that counts
      page.on("request", (request) => requests.push(request.url()));
      page.on("pageerror", (error) => pageErrors.push(error));
      await page.goto(server.address);
      await page.waitForFunction("globalThis.page");
    });

    afterAll(async () => {
      await browser?.close();
      await server?.close();
      await built?.remove();
    });

    it.skipIf(mayMiss && !existsSync(checkpoints)).each(["1", "100", "200"] as const)(
      "gives p of the authors' checkpoint %s, and the rates of Node (needs ../shared/data/mlr-snet-official)",
      async (snapshot) => {
        const { losses, p } = official;
        const inPage = (await page.evaluate(
          `page.outputs("./${snapshot}.safetensors", ${JSON.stringify(losses)})`,
        )) as number[];
        expectClose(inPage, p[snapshot], 1e-5);
        expectClose(
          inPage,
          await inNode.reproduce.outputs(inNode.entry, scheduleFile(snapshot), losses),
          1e-6,
        );
      },
    );

    it("follows the authors' meta-training through all eight updates, and the rates of Node", async () => {
      const inPage = (await page.evaluate("page.metaSteps()")) as Step[][];
      for (const [index, example] of golden.cases.entries()) {
        expect(inPage[index]).toHaveLength(example.steps.length);
        for (const [t, expected] of example.steps.entries()) {
          const step = inPage[index]![t]!;
          expectClose([step.p], [expected.p]);
          expectClose(step.metaGradient, flatten(expected.metaGradient));
          expectClose(step.theta, flatten(expected.thetaAfter));
          expectClose([step.pAfter, step.learningRate], [expected.pAfter, expected.learningRate]);
          expectClose(step.weights, expected.weightsAfter.flat(2) as number[]);
        }
      }
      const rates = (cases: Step[][]) => cases.flat().map(({ learningRate }) => learningRate);
      expectClose(rates(inPage), rates(inNode.reproduce.metaSteps(inNode.entry, golden)), 1e-6);
    });

    it("runs examples/browser.html on a file that its user chooses", async () => {
      const other = await browser.newPage();
      other.on("pageerror", (error) => pageErrors.push(error));
      await other.goto(`${server.address}examples/browser.html`);
      const cell = { ...presets["meta-test"], hidden: 4, middle: 3 };
      const snapshots = {
        switchRule: "fractions",
        fractions: [0],
        thetas: [initialiseParameters(cell, 1)],
      } as const;
      const buffer = Buffer.from(encodeSchedule({ cell, snapshots, provenance: {} }));
      await other.setInputFiles("input", { name: "s.safetensors", mimeType: "", buffer });
      await other.waitForFunction("document.querySelector('pre').textContent !== ''");
      expect(await other.textContent("pre")).toMatch(/^(loss [\d.]+ {3}learning rate 0\.\d{4}\n?){8}$/);
    });

    it.skipIf(!existsSync(zooFile("zoo:default")))(
      "loads the schedules of the zoo as Node does (skipped where zoo/ is missing)",
      async () => {
        const load = `import("./dist/index.js").then(({ MlrSnet, zooNames }) =>
          Promise.all(zooNames.map((name) => MlrSnet.load("zoo:" + name)))
        ).then((all) => all.map(({ snapshots }) => snapshots.thetas.map((theta) => [...theta])))`;
        const inNode = await Promise.all(zooNames.map((name) => MlrSnet.load(`zoo:${name}`)));
        const expected = inNode.map(({ snapshots }) => snapshots.thetas.map((theta) => [...theta]));
        expect(await page.evaluate(load)).toEqual(expected);
      },
    );

    it("asks for nothing but the core of the package and the page's own files", () => {
      expect(pageErrors).toEqual([]);
      const names = requests.map((address) => address.replace(server.address, ""));
      expect(names).toContain("dist/index.js");
      const core = /^dist\/(index|errors|random|schedules\/.+)\.js$/;
      const own = /^(|reproduce\.js|meta-step\.json|\d+\.safetensors|zoo\/\w+\.safetensors)$/;
      expect(names.filter((name) => !core.test(name) && !own.test(name))).toEqual([]);
      expect(names.filter((name) => name.includes("pickle"))).toEqual([]);
    });
  },
);

/** An official checkpoint as a schedule file. */
function scheduleFile(snapshot: string): Uint8Array {
  const { cell, theta } = importPyTorch(readFileSync(join(checkpoints, `mlr_snet_${snapshot}.pth`)));
  const snapshots = { switchRule: "epoch-thirds", fractions: [0], thetas: [theta] } as const;
  return encodeSchedule({ cell, snapshots, provenance: { file: `mlr_snet_${snapshot}.pth` } });
}

function flatten(named: Readonly<Record<string, unknown>>): number[] {
  const cell = { ...presets["image-meta-train"], hidden: 6, middle: 3 };
  return parameterLayout(cell).flatMap(({ name }) => (named[name] as number[][]).flat());
}

/** |a - b| ≤ tolerance |b| + 1e-8; 1e-6 between two runtimes, whose exp and tanh may differ in the last bit. */
function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-4): void {
  expect(actual).toHaveLength(expected.length);
  for (const [k, value] of expected.entries())
    expect(Math.abs(actual[k]! - value), `number ${k}`).toBeLessThanOrEqual(
      tolerance * Math.abs(value) + 1e-8,
    );
}
