import type { Command } from "commander";
import { textTable } from "../../report/index.ts";
import type { Define } from "../define.ts";
import { prose } from "../prose.ts";

/** `mlr-snet data list` and `mlr-snet data fetch NAME` */
export function addData(program: Command, define: Define): void {
  const data = program
    .command("data")
    .summary("list data sets, or download one")
    .description(
      prose(`Data sets are looked for in --data DIR, then in the folder named by MLR_SNET_DATA, then in the user's cache.
        What none has is downloaded to the first of them and checked. MNIST-1D needs no file: it is generated.`),
    );
  addList(data, define);
  addFetch(data, define);
}

function addList(data: Command, define: Define): void {
  const command = data
    .command("list")
    .summary("the data sets, and where each was found")
    .description(
      "Lists the data sets that can be loaded by name, and where each was found. Downloads nothing.",
    )
    .addHelpText("after", "\nExample:\n  mlr-snet data list --data ~/datasets");
  define(command, async (options) => {
    const { listDatasets } = await import("../../data/index.ts");
    const datasets = listDatasets({ dataDir: options.data });
    return {
      json: { datasets },
      text: textTable({
        columns: ["data set", "what it is", "where"].map((title) => ({ title, align: "left" })),
        rows: datasets.map(({ name, summary, embedded, found }) => [
          name,
          summary,
          embedded ? "generated" : (found ?? `not on this machine: mlr-snet data fetch ${name}`),
        ]),
      }),
    };
  });
}

function addFetch(data: Command, define: Define): void {
  const command = data
    .command("fetch")
    .argument("<name>", "a data set of `mlr-snet data list`")
    .summary("download what is missing of a data set")
    .description(
      prose(`Makes sure that the files of a data set are on this machine: downloads what is missing from its official
        address, checks length and SHA-256, and says where the files are.`),
    )
    .addHelpText("after", "\nExample:\n  mlr-snet data fetch fashion-mnist --data ~/datasets");
  define(command, async (options, session, name) => {
    const { fetchDataset } = await import("../../data/index.ts");
    let file = "";
    let progress: ReturnType<typeof session.progress> | undefined;
    const files = await fetchDataset(name!, {
      dataDir: options.data,
      onProgress: ({ path, received, total }) => {
        if (path !== file) progress = session.progress(total, "bytes");
        file = path;
        progress?.update(received, path);
      },
    });
    const text = files.length > 0 ? files.join("\n") : `${name} is generated and needs no file.`;
    return { json: { name, files }, text };
  });
}
