import { signedHeaders } from '../../api/gates/signature.ts';

/** What gates of the tests sign with. */
export const gateSecret = 'the-secret-of-the-gates-0123456789abcdef';

/** What a gate tells of one car. */
export type ToldEvent = { serial: string; event: string; kind: 'entry' | 'exit'; plate: string; at: string };

/** A message of a lot's gate, signed at an instant. */
export function gateMessage(
  lotId: string,
  events: readonly ToldEvent[],
  now: number,
  secret = gateSecret,
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify({ lotId, events });
  return { body, headers: { 'content-type': 'application/json', ...signedHeaders(secret, body, now) } };
}
