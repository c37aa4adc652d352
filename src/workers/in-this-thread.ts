import type { ToWorker } from "./messages.ts";
import { type StartWorker, serve } from "./serve.ts";
import type { Transport } from "./transport.ts";

/**
 * A worker in the caller's own thread, for no workers at all, and for code that is not built. It shares the thread and
 * nothing else: messages are copied and come later, as they do from elsewhere.
 *
 * @param start of the worker's module, which is not loaded by its address here.
 */
export function inThisThread<Data, Request, Answer, Progress>(
  start: StartWorker<Data, Request, Answer, Progress>,
): Transport {
  return ({ data }, listener) => {
    let hear: (message: ToWorker) => void = () => {};
    let isClosed = false;
    /** Copies now, so that what cannot be copied is the sender's error. */
    const deliver = <Message>(message: Message, to: (message: Message) => void): void => {
      const copy = structuredClone(message);
      setImmediate(() => {
        if (!isClosed) to(copy);
      });
    };
    const served = serve(start, structuredClone(data) as Data, {
      send: (message) => deliver(message, listener.message),
      listen: (listener) => {
        hear = listener;
      },
    });
    return {
      send: (message) => deliver(message, (copy) => hear(copy)),
      async close() {
        if (isClosed) return;
        isClosed = true;
        await served.close();
        listener.ended();
      },
    };
  };
}
