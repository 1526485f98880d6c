/** Sends one text message; rejects when the provider did not take it. The number is E.164. */
export type SmsSender = { send(phone: string, text: string): Promise<void> };

const timeoutMilliseconds = 10_000;

/** Hands messages to an HTTP gateway: `POST {phone, text}` with a bearer token; any 2xx counts as taken. */
export function smsByWebhook(gateway: { url: string; token: string | null }): SmsSender {
  return {
    async send(phone, text) {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(gateway.token ? { Authorization: `Bearer ${gateway.token}` } : {}),
        },
        body: JSON.stringify({ phone, text }),
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      if (!response.ok) throw new Error(`the SMS gateway answered ${response.status}`);
    },
  };
}
