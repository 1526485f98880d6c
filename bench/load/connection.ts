import { connect, type Socket } from 'node:net';

/** An answer as far as a load generator looks at it. */
export type Response = { status: number; body: Buffer };

/**
 * One HTTP/1.1 connection that sends prepared requests one after the other. It understands just what the service answers with: a length, or
 * chunks. Lean on purpose: what the generator spends, on the same two cores, the service cannot have.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (response: Response) => void; reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  static open(url: URL): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname);
      socket.once('connect', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  send(request: Buffer): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const response = wholeResponse(this.#received);
    if (!response) return;
    this.#received = Buffer.alloc(0);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(response);
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }
}

/** The response if all of it has arrived. */
function wholeResponse(bytes: Buffer): Response | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const bodyStart = headEnd + 4;
  if (length !== undefined) {
    const bodyEnd = bodyStart + Number(length);
    return bytes.length >= bodyEnd ? { status, body: bytes.subarray(bodyStart, bodyEnd) } : null;
  }
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) return { status, body: Buffer.alloc(0) };
  return bytes.subarray(-5).equals(lastChunk) ? { status, body: bytes.subarray(bodyStart) } : null;
}

const lastChunk = Buffer.from('0\r\n\r\n');
