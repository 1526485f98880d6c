import { connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a database, or to the service, that a test can cut, as when the server is restarted or the network fails. */
export type CuttableLink = {
  /** The address over the link. */
  url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Leaves connections open and says nothing more on them. */
  freeze(): void;
  /** Forgets the connections that there are without a word to either side, as a failed router does; new ones work. */
  swallow(): void;
  /** Takes connections again, and lets frozen ones go on. */
  restore(): Promise<void>;
  close(): Promise<void>;
};

/** Puts a link before what listens at an address. */
export async function cuttableLink(address: string): Promise<CuttableLink> {
  const target = new URL(address);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const accept = (near: Socket) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      if (isFrozen) socket.pause();
    }
  };
  let server = await listen(0, accept);
  const { port } = server.address() as { port: number };
  const url = new URL(address);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  const cut = async (): Promise<void> => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: url.href,
    cut,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    swallow: () => {
      for (const socket of sockets) socket.removeAllListeners('data').resume();
    },
    restore: async () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) server = await listen(port, accept);
    },
    close: async () => {
      if (server.listening) await cut();
    },
  };
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer(accept).once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}
