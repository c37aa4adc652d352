import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A real web server on this machine; `close` also ends connections that are still open. */
export type FileServer = { address: string; close: () => Promise<void> };

export async function serve(answer: RequestListener): Promise<FileServer> {
  const server: Server = createServer((request, response) => {
    // What cannot be answered must not leave a page waiting.
    try {
      answer(request, response);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
