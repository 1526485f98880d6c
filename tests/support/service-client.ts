import type { Answer } from './racing.ts';

type Options = { token?: string; body?: object; key?: string; timeoutMs?: number };

/** Calls the API of a running server over the network. Throws when no answer comes in `timeoutMs`, or the connection breaks. */
export async function callServer<Body = Record<string, unknown>>(
  url: string,
  path: string,
  { token, body, key, timeoutMs = 15_000 }: Options = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(key ? { 'idempotency-key': key } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

/** Signs somebody in with the code that demo mode shows. */
export async function signInAt(url: string, phone: string): Promise<string> {
  const { body: sent } = await callServer<{ demoCode: string }>(url, '/auth/otp', { body: { phone } });
  const { body } = await callServer<{ token: string }>(url, '/auth/session', { body: { phone, code: sent.demoCode } });
  return body.token;
}
