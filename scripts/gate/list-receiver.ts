import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GateChange } from '../../api/gates/gate.ts';
import { isSigned, signatureHeader, timestampHeader } from '../../api/gates/signature.ts';

/** What a receiver does with a call: `mute` does what it is told and breaks the line, `hang` never answers. */
export type Manner = 'take' | 'fail' | 'garble' | 'hang' | 'mute' | 'twice' | 'refuse';

export type ListReceiver = {
  url: string;
  /** What is on the lists now: what was allowed and not revoked. */
  allowed: () => (GateChange & { lotId: string })[];
  /** How often each change was told, by id and action. */
  told: Map<string, number>;
  calls: () => number;
  close: () => Promise<void>;
};

type Options = { secret: string; now: () => number; port?: number; mannerOf: (call: number) => Manner };

/** A gate's side of the list: keeps it by id, as docs/gates.md asks for, and behaves as it is told to at each call. Loopback only. */
export async function startListReceiver({ secret, now, port = 0, mannerOf }: Options): Promise<ListReceiver> {
  const entries = new Map<string, GateChange & { lotId: string }>();
  const told = new Map<string, number>();
  let calls = 0;

  function take(lotId: string, changes: readonly GateChange[]): void {
    for (const change of changes) {
      told.set(`${change.action} ${change.id}`, (told.get(`${change.action} ${change.id}`) ?? 0) + 1);
      // What is revoked stays so, even when its allowing comes late.
      if (entries.get(change.id)?.action !== 'revoke') entries.set(change.id, { ...change, lotId });
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const header = (name: string) => request.headers[name.toLowerCase()] as string | undefined;
    const message = { timestamp: header(timestampHeader), signature: header(signatureHeader), body };
    const manner = mannerOf(calls++);
    if (!isSigned(secret, message, now())) return void response.writeHead(401).end();
    if (manner === 'hang') return;
    if (manner === 'fail') return void response.writeHead(500).end('out of order');
    const { lotId, changes } = JSON.parse(body.toString()) as { lotId: string; changes: GateChange[] };
    if (manner !== 'refuse') take(lotId, changes);
    if (manner === 'mute') return void request.socket.destroy();
    if (manner === 'garble') return void response.writeHead(200).end('<html>');
    const result = manner === 'refuse' ? { result: 'refused', reason: 'list-full' } : { result: 'accepted' };
    const results = changes.map(({ id }) => ({ id, ...result }));
    const text = JSON.stringify({ results: manner === 'twice' ? [...results, ...results] : results });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    allowed: () => [...entries.values()].filter(({ action }) => action === 'allow'),
    told,
    calls: () => calls,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
