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

/** A seat on the first leg of an inbound run: one slot. */
export function aSeat(run: { runId: string; serviceDate: string }) {
  return { kind: 'shuttle', ...run, boardStopId: 'metro-l9', alightStopId: 'innovation', seats: 1 };
}
