import { randomUUID } from 'node:crypto';
import type { Answer } from './racing.ts';
import { callServer } from './service-client.ts';

/** A seat that somebody wants, with the key that the wish keeps however often it is repeated. */
export type Wish = { token: string; key: string; body: object };

/** What became of a wish: the answer, or null when there was none. */
export type Outcome = { wish: Wish; answer: Answer | null; milliseconds: number };

/** Everybody wants a seat on every run of a day; in an order that mixes runs. */
export function seatWishes(tokens: readonly string[], serviceDate: string): Wish[] {
  const inbound = ['run-1', 'run-2', 'run-3', 'run-4', 'run-6'];
  return tokens.flatMap((token, person) =>
    inbound.map((_, index) => {
      const runId = inbound[(index + person) % inbound.length]!;
      const body = { kind: 'shuttle', runId, serviceDate, boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 };
      return { token, key: randomUUID(), body };
    }),
  );
}

/**
 * Sends wishes to a server, `lanes` at a time, and tells how each ended. A broken connection is an answer that did not come;
 * `onAcknowledged` hears of every 201 as it arrives.
 */
export async function sendWishes(
  url: string,
  wishes: readonly Wish[],
  options: { lanes?: number; onAcknowledged?: (count: number) => void } = {},
): Promise<Outcome[]> {
  const { lanes = 20, onAcknowledged = () => {} } = options;
  const outcomes: Outcome[] = [];
  const queue = [...wishes];
  let acknowledged = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let wish = queue.shift(); wish; wish = queue.shift()) {
        const outcome = await send(url, wish);
        outcomes.push(outcome);
        if (outcome.answer?.status === 201) onAcknowledged(++acknowledged);
      }
    }),
  );
  return outcomes;
}

async function send(url: string, wish: Wish): Promise<Outcome> {
  const startedAt = performance.now();
  const answer = await callServer(url, '/bookings', wish).catch(() => null);
  return { wish, answer, milliseconds: performance.now() - startedAt };
}

/** The ids of the bookings that were acknowledged. */
export function acknowledged(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ answer }) => (answer?.status === 201 ? [String(answer.body['id'])] : []));
}

/** The wishes that were neither granted nor refused: nobody knows whether they were done. */
export function unanswered(outcomes: readonly Outcome[]): Wish[] {
  return outcomes.flatMap(({ wish, answer }) => (answer === null || answer.status >= 500 ? [wish] : []));
}
