// What a process of process-transport.ts runs: the worker's module behind the process's messages.
const [workers, module] = process.argv.slice(2);
process.once("message", async ({ data }) => {
  // Before anything is loaded, so that no message is missed.
  let hear = (message) => early.push(message);
  const early = [];
  process.on("message", (message) => hear(message));
  process.on("disconnect", () => process.exit());
  const [{ serve }, { start }] = await Promise.all([import(workers), import(module)]);
  serve(start, data, {
    send: (message) => process.send(message),
    listen(listener) {
      hear = listener;
      early.forEach(listener);
    },
  });
});
