import { randomUUID } from 'node:crypto';
import type { Rider } from './people.ts';

/** A POST as it goes over the wire, with a retry key of its own. */
export function post(path: string, { token }: Rider, body: object): string {
  const json = JSON.stringify(body);
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Idempotency-Key: ${randomUUID()}`,
    `Content-Length: ${Buffer.byteLength(json)}`,
    '',
    json,
  ].join('\r\n');
}

/** A GET as it goes over the wire. */
export function get(path: string, { token }: Rider): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

/** The first stops of an inbound run. */
const stops = ['metro-l9', 'innovation', 'hq'];
export const legs = stops.length - 1;

/** A seat on one leg of an inbound run: one slot. */
export function aSeat({ leg, ...run }: { runId: string; serviceDate: string; leg: number }) {
  return { kind: 'shuttle', ...run, boardStopId: stops[leg], alightStopId: stops[leg + 1], seats: 1 };
}
