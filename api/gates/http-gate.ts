import { z } from 'zod';
import type { Config } from '../config.ts';
import { allOf, type Gate, type GateChange, type PushResult } from './gate.ts';
import { signedHeaders } from './signature.ts';

const maxAnswerCharacters = 256 * 1024;

/** What a gate answers; what it does not name was not taken. */
const gateAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      result: z.enum(['accepted', 'refused']),
      /** A slug: an answer's own words could name a plate, and errors are shown. */
      reason: z
        .string()
        .regex(/^[a-z][a-z-]{0,39}$/)
        .optional()
        .catch(undefined),
    }),
  ),
});

/**
 * A gate that is reached by HTTP: `POST {lotId, changes}`, signed over time and body, answered by `{results: [{id, result, reason?}]}`. No
 * redirect is followed, and no answer in time is a failure.
 */
export function httpGate({
  url,
  secret,
  timeoutMilliseconds = 5_000,
}: {
  url: string;
  secret: string;
  timeoutMilliseconds?: number;
}): Gate {
  return {
    async push(lotId, changes, now) {
      const body = JSON.stringify({ lotId, changes });
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...signedHeaders(secret, body, now) },
          body,
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMilliseconds),
        });
        const text = await textOf(response);
        if (!response.ok) return allOf(changes, 'failed', `HTTP ${response.status}`);
        return resultsOf(changes, text);
      } catch (error) {
        return allOf(changes, 'failed', reasonOf(error));
      }
    },
  };
}

/** The way to the gated lots that is configured. */
export function httpGateOf({ gate: { secret, pushUrl } }: Pick<Config, 'gate'>): Gate | null {
  return secret === null || pushUrl === null ? null : httpGate({ url: pushUrl, secret });
}

/** Reads an answer to the end that it may have; a longer one is cut, and then is no JSON. */
async function textOf(response: Response): Promise<string> {
  let text = '';
  if (response.body === null) return text;
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.length > maxAnswerCharacters) break;
  }
  return text;
}

function resultsOf(changes: readonly GateChange[], text: string): PushResult[] {
  const parsed = gateAnswer.safeParse(jsonOf(text));
  if (!parsed.success) return allOf(changes, 'failed', 'unreadable answer');
  const results = new Map(parsed.data.results.map((result) => [result.id, result]));
  return changes.map(({ id }) => {
    const result = results.get(id);
    if (!result) return { id, outcome: 'failed', error: 'no answer for it' };
    return { id, outcome: result.result, error: result.result === 'refused' ? (result.reason ?? 'refused') : null };
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says that it is none.
    return null;
  }
}

/** Why there was no answer, in a few words; never the words of the network, which name addresses. */
function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  return name === 'TimeoutError' ? 'no answer in time' : 'not reached';
}
