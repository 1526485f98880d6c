import { expect, test } from 'vitest';
import { readEvents } from '../support/event-stream.ts';
import { aRun } from '../support/offers.ts';
import { aSite } from '../support/site.ts';

/** As after a database was restored from a backup, or a client was sent to another deployment: nothing is known to have been missed or not. */
test.each(['999999999', '9'.repeat(15), '9'.repeat(30), 'abc'])(
  'who comes back to the stream of events with %s, a position that was never given here, is told to start afresh',
  async (position) => {
    const site = await aSite([aRun()]);
    const request = new Request('http://chaoxi.test/api/v1/events', { headers: { 'Last-Event-ID': position } });
    const events = readEvents(await site.app.fetch(request));
    expect((await events.upTo('ready')).map(({ event }) => event)).toEqual(['reset', 'ready']);
    await events.close();
  },
);
