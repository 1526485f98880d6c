/** A demo person at the API of a running service; every call throws when it is not answered as expected. */
export type DemoCaller = {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, data: object): Promise<Answer>;
};

/** Signs the demo person with this phone in. `url`: where the service is, without a slash at the end. */
export async function demoCaller(url: string, phone: string): Promise<DemoCaller> {
  const send = async <Answer>(method: string, path: string, data?: object, token?: string): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const { demoCode } = await send<{ demoCode: string }>('POST', '/auth/otp', { phone });
  const { token } = await send<{ token: string }>('POST', '/auth/session', { phone, code: demoCode });
  return {
    get: (path) => send('GET', path, undefined, token),
    post: (path, data) => send('POST', path, data, token),
  };
}
