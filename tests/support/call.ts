import type { ProblemDocument } from '../../api/http/schemas.ts';

/** What a route answered, with the body read. */
export type Answer<Body> = { status: number; headers: Headers; body: Body };

export type RequestHeaders = Readonly<Record<string, string>>;

/** Any JSON body: answers are read as problem documents when they are refusals. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test says itself what it expects to find
export type AnyBody = any;

/** An answer's text; of a stream that does not end, what it says first. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return first?.value ?? '';
}

/** The ways to call the API; paths are below `/api/v1`. */
export type Call = ReturnType<typeof callerOver>;

/**
 * Calls an app directly, without a socket. An answer of 500 throws with what was logged: no request of a caller's may bring the
 * service down, so no test expects one.
 */
export function callerOver(fetch: (request: Request) => Response | Promise<Response>, logged: readonly string[]) {
  async function send<Body = AnyBody>(
    method: string,
    path: string,
    body: BodyInit | null,
    headers: RequestHeaders,
  ): Promise<Answer<Body>> {
    const init = { method, headers, body, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) };
    const response = await fetch(new Request(`http://chaoxi.test/api/v1${path}`, init));
    const text = await textOf(response);
    if (response.status === 500) throw new Error(`${method} ${path} answered 500\n${logged.join('\n')}`);
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
  }

  function calls(always: RequestHeaders) {
    const withJson = (headers: RequestHeaders) => ({ 'content-type': 'application/json', ...always, ...headers });
    return {
      get: <Body = AnyBody>(path: string, headers: RequestHeaders = {}) =>
        send<Body>('GET', path, null, { ...always, ...headers }),
      post: <Body = AnyBody>(path: string, body: unknown, headers: RequestHeaders = {}) =>
        send<Body>('POST', path, JSON.stringify(body), withJson(headers)),
      patch: <Body = AnyBody>(path: string, body: unknown, headers: RequestHeaders = {}) =>
        send<Body>('PATCH', path, JSON.stringify(body), withJson(headers)),
      delete: <Body = AnyBody>(path: string, headers: RequestHeaders = {}) =>
        send<Body>('DELETE', path, null, { ...always, ...headers }),
      /** Any method and any bytes. */
      raw: <Body = AnyBody>(method: string, path: string, body: BodyInit | null, headers: RequestHeaders = {}) =>
        send<Body>(method, path, body, { ...always, ...headers }),
      with: (more: RequestHeaders) => calls({ ...always, ...more }),
    };
  }
  return calls({});
}

/** The short name of the problem that an answer is: `overlap` for `/problems/overlap`; with the rule's name for a rule. */
export function problemOf(answer: Answer<ProblemDocument>): string {
  const name = answer.body.type?.replace('/problems/', '') ?? `no problem, status ${answer.status}`;
  return answer.body.rule === undefined ? name : `${name}: ${answer.body.rule}`;
}
