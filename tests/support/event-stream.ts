import { waitUntil } from './wait-until.ts';

/** One message of a stream of server-sent events; `id` is the position that holds after it. */
export type StreamMessage = { event: string; data: Record<string, unknown>; id: string | null };

/** Reads a stream as a browser does. Throws when the answer is not a stream. */
export function readEvents(response: Response) {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body)
    throw new Error(`not a stream, but ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  let lastId: string | null = null;

  function take(): StreamMessage | null {
    for (let end = unread.indexOf('\n\n'); end >= 0; end = unread.indexOf('\n\n')) {
      const fields = fieldsOf(unread.slice(0, end));
      unread = unread.slice(end + 2);
      lastId = fields.get('id') ?? lastId;
      const data = fields.get('data');
      if (data !== undefined)
        return { event: fields.get('event') ?? 'message', data: JSON.parse(data) as {}, id: lastId };
    }
    return null;
  }

  return {
    /** The next message; null when the stream has ended. */
    async next(): Promise<StreamMessage | null> {
      for (;;) {
        const message = take();
        if (message) return message;
        const { value, done } = await reader.read();
        if (done) return null;
        unread += value;
      }
    },

    /** All messages up to the first of a kind, that one included. Throws when the stream ends before. */
    async upTo(event: string): Promise<StreamMessage[]> {
      const messages: StreamMessage[] = [];
      for (;;) {
        const message = await this.next();
        if (!message) throw new Error(`the stream ended before "${event}"`);
        messages.push(message);
        if (message.event === event) return messages;
      }
    },

    /** The position to resume from. */
    position: () => lastId,

    close: () => reader.cancel(),
  };
}

function fieldsOf(message: string): Map<string, string> {
  const lines = message.split('\n').filter((line) => !line.startsWith(':'));
  return new Map(lines.map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trimStart()]));
}

/**
 * A stream that is up to date, over a log that waits for no transaction from before it was begun: those of other databases of the server
 * count too, and when one ends, the listeners are told to ask again.
 */
export async function settledStream<Stream extends ReturnType<typeof readEvents>>(
  open: () => Promise<Stream>,
): Promise<Stream> {
  return waitUntil('nothing from before is waited for', async () => {
    const stream = await open();
    await stream.upTo('ready');
    if (Number(stream.position()) > 0) return stream;
    await stream.close();
    return null;
  });
}
