import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Db } from '../../db/db.ts';
import type { Answer } from './racing.ts';
import { randomFrom, type Random } from './seeded-random.ts';
import { callServer } from './service-client.ts';
import { waitUntil } from './wait-until.ts';

/** Something that somebody asked for; it keeps its key however often it is repeated. */
type Wish = {
  what: 'book' | 'cancel' | 'accept' | 'decline';
  path: string;
  body: object;
  key: string;
  bookingId: string;
};

/** One who books, cancels, waits in line and answers offers, one thing after the other. */
type Rider = { token: string; random: Random; bookings: string[]; open: Wish | null };

/** Twenty-two seats each, and none at the same time as another. */
const runs = ['run-1', 'run-2', 'run-3', 'run-4', 'run-6'];
const dates = ['2026-11-24', '2026-11-25'];

export type Churn = ReturnType<typeof createChurn>;

/**
 * A stream of bookings, cancellations, places in queues and answers to offers by many at once, with a record of what the service has said:
 * after a crash, that and nothing else has to be in the database. What each rider does follows from the seed and the answers.
 */
export function createChurn(tokens: readonly string[], seed: number) {
  const riders = tokens.map((token, index): Rider => ({
    token,
    random: randomFrom(seed + index),
    bookings: [],
    open: null,
  }));
  /** What was acknowledged: the state of each booking, and what became of each place in a queue. */
  const bookings = new Map<string, 'confirmed' | 'cancelled'>();
  const entries = new Map<string, 'open' | 'accepted' | 'declined'>();
  let acknowledged = 0;
  let repeated = 0;

  function note(rider: Rider, wish: Wish, { status, body }: Answer): void {
    if (status >= 300) return;
    acknowledged++;
    const id = String(body['id']);
    if (wish.what === 'book' && status === 202) entries.set(id, 'open');
    else if (wish.what === 'book' || wish.what === 'accept') {
      const bookingId = wish.what === 'book' ? id : wish.bookingId;
      if (wish.what === 'accept') entries.set(id, 'accepted');
      bookings.set(bookingId, 'confirmed');
      rider.bookings.push(bookingId);
    } else if (wish.what === 'cancel') {
      bookings.set(wish.bookingId, 'cancelled');
      rider.bookings = rider.bookings.filter((kept) => kept !== wish.bookingId);
    } else entries.set(id, 'declined');
  }

  /** Sends the rider's open wish. Whether it was answered; a broken connection and 503 leave it open, and so does its twin under way. */
  async function send(url: string, rider: Rider): Promise<boolean> {
    const wish = rider.open!;
    const answer = await callServer(url, wish.path, { ...wish, token: rider.token }).catch(() => null);
    if (answer === null || answer.status === 503 || answer.body['type'] === '/problems/in-flight') return false;
    if (answer.status >= 500) throw new Error(`${wish.path} answered ${JSON.stringify(answer.body)}`);
    rider.open = null;
    note(rider, wish, answer);
    return true;
  }

  return {
    /** Everybody goes on until their wish stays unanswered; `onAnswer` hears of each answer. */
    async run(url: string, onAnswer: () => void): Promise<void> {
      await Promise.all(
        riders.map(async (rider) => {
          for (;;) {
            rider.open = await nextWish(url, rider).catch(() => null);
            if (rider.open === null || !(await send(url, rider))) return;
            onAnswer();
          }
        }),
      );
    },
    /** Repeats what was not answered, each with its key, until it is. */
    async repeatUnanswered(url: string): Promise<void> {
      const left = riders.filter(({ open }) => open !== null);
      const repeat = (rider: Rider) =>
        waitUntil('a repeated request is answered', async () => (await send(url, rider)) || null, 60_000);
      await Promise.all(left.map(repeat));
      repeated += left.length;
    },
    counts: () => ({ acknowledged, repeated, bookings: bookings.size, entries: entries.size }),
    /** Fails unless the database holds what was acknowledged, and nothing that nobody was told of. */
    async expectKept(db: Db): Promise<void> {
      const kept = await db.query<{ id: string; state: string; isOffer: boolean }>(
        `SELECT b.id, b.state, EXISTS (
           SELECT 1 FROM waitlist_entry e WHERE e.site_id = b.site_id AND e.offer_booking_id = b.id) AS "isOffer"
         FROM booking b`,
      );
      const states = new Map(kept.map(({ id, state }) => [id, state]));
      const lost = [...bookings].filter(([id, state]) => states.get(id) !== state);
      expect(lost.map(([id, state]) => `${id}: ${state} was acknowledged, but it is ${states.get(id)}`)).toEqual([]);
      // One that is no offer was asked for by one key, and every key has been answered by now.
      expect(kept.filter(({ id, isOffer }) => !isOffer && !bookings.has(id))).toEqual([]);

      const queued = await db.query<{ id: number; state: string }>('SELECT id, state FROM waitlist_entry');
      expect(queued.map(({ id }) => String(id)).toSorted()).toEqual([...entries.keys()].toSorted());
      const meant = { open: ['waiting', 'offered'], accepted: ['accepted'], declined: ['declined', 'withdrawn'] };
      expect(queued.filter(({ id, state }) => !meant[entries.get(String(id))!].includes(state))).toEqual([]);
    },
  };
}

/** Throws when the service does not say what is on offer. */
async function nextWish(url: string, { token, random, bookings }: Rider): Promise<Wish> {
  const dice = random.next();
  if (dice < 0.35 && bookings.length > 0) {
    const bookingId = random.pick(bookings);
    return wishFor('cancel', `/bookings/${bookingId}/cancel`, {}, bookingId);
  }
  if (dice > 0.7) {
    type Offered = { items: { id: string; offer: { booking: { id: string } } }[] };
    const { status, body } = await callServer<Offered>(url, '/waitlist?state=offered', { token });
    if (status !== 200) throw new Error(`/waitlist answered ${status}`);
    const entry = body.items.length > 0 ? random.pick(body.items) : null;
    const what = random.next() < 0.6 ? 'accept' : 'decline';
    if (entry) return wishFor(what, `/waitlist/${entry.id}/${what}`, {}, entry.offer.booking.id);
  }
  const ride = { runId: random.pick(runs), serviceDate: random.pick(dates), seats: 1 + random.whole(2) };
  const way = { boardStopId: 'metro-l9', alightStopId: 'guangqi', joinWaitlist: random.next() < 0.7 };
  return wishFor('book', '/bookings', { kind: 'shuttle', ...ride, ...way }, '');
}

const wishFor = (what: Wish['what'], path: string, body: object, bookingId: string): Wish => ({
  what,
  path,
  body,
  key: randomUUID(),
  bookingId,
});
