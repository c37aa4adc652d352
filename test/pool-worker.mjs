// A worker for the tests of worker pools: does as it is told. `data.errors` is where its error class is.
export async function start({ base, errors, fails }) {
  const { MlrSnetError } = await import(errors);
  if (fails) throw new MlrSnetError("ENGINE_MISSING", "no engine here");
  let asked = 0;
  return {
    async answer(request, { signal, progress }) {
      asked++;
      if ("add" in request) {
        progress({ of: request.add });
        return base + request.add;
      }
      if ("wait" in request) {
        progress("waiting");
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw new MlrSnetError("INTERRUPTED", "stopped while it waited");
      }
      if ("die" in request) process.exit(3);
      if ("refuse" in request) throw new MlrSnetError("TASK_INVALID", request.refuse);
      if ("fail" in request) throw new TypeError(request.fail);
      if ("uncopyable" in request) return () => asked;
      return asked;
    },
  };
}
