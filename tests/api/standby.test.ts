import { beforeEach, describe, expect, test } from 'vitest';
import { releaseUnscanned } from '../../api/services/shuttle/standby/release-unscanned.ts';
import { problemOf } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  aPerson,
  aRider,
  aStandby,
  at,
  day,
  passTime,
  placeOf,
  rideFrom,
  scan,
  seen,
  setNow,
  setScene,
  site,
  standBy,
  stateOf,
  statesOf,
  takenOf,
  tell,
} from '../support/standby-scene.ts';

beforeEach(() => setScene());

const release = async () => {
  const context = await site.deps.contextNow();
  return releaseUnscanned(context, 'run-2', day);
};

describe('standing by', () => {
  test('begins when the run is full, shows the place in the line, and ends when one leaves it', async () => {
    const early = await aPerson();
    expect(problemOf(await standBy(early, { from: 0, to: 6 }))).toBe('rule: standby-not-needed');
    await aRider({ from: 0, to: 6, seats: 2 });
    const first = await aStandby({ from: 0, to: 6 });
    const second = await aStandby({ from: 2, to: 4 });
    expect(await placeOf(second)).toMatchObject({
      state: 'waiting',
      position: 2,
      waiting: 2,
      decidedAt: at('08:12:00'),
      departsAt: at('08:14:00'),
      boardStop: { stopId: 'hq' },
      bookingId: null,
    });
    expect((await first.person.delete(`/shuttle/standby/${first.id}`)).status).toBe(204);
    expect((await first.person.delete(`/shuttle/standby/${first.id}`)).status).toBe(204);
    expect(await placeOf(second)).toMatchObject({ position: 1, waiting: 1 });
    expect(await placeOf(first)).toMatchObject({ state: 'left', position: null });
  });

  test('is refused to who stands there already, rides then, goes the wrong way, or comes when the bus is gone', async () => {
    const rider = await aRider({ from: 0, to: 6, seats: 2 });
    const waits = await aStandby({ from: 0, to: 6 });
    const tries = [
      standBy(waits.person, { from: 1, to: 2 }),
      standBy(rider.person, { from: 0, to: 6 }),
      standBy(await aPerson(), { from: 3, to: 1 }),
      standBy(await aPerson(), { from: 0, to: 6, date: '2026-11-28' }),
    ];
    expect((await Promise.all(tries)).map(problemOf)).toEqual([
      'rule: standby-joined',
      'rule: standby-own-ride',
      'rule: wrong-direction',
      'rule: not-running',
    ]);
    setNow('08:10:00');
    expect(problemOf(await standBy(await aPerson(), { from: 0, to: 6 }))).toBe('rule: standby-departed');
    const stranger = await aPerson();
    expect(problemOf(await stranger.delete(`/shuttle/standby/${waits.id}`))).toBe('not-found');
  });

  test('is open to everybody once booking has closed, and gets a free seat at once in the last minutes', async () => {
    setNow('08:06:00');
    const before = await aStandby({ from: 0, to: 6 });
    expect(await placeOf(before)).toMatchObject({ state: 'waiting', position: 1 });
    setNow('08:08:30');
    const late = await aStandby({ from: 0, to: 3 });
    expect(await statesOf([before, late])).toEqual(['admitted', 'admitted']);
    expect(await takenOf()).toEqual([2, 2, 2, 1, 1, 1]);
    const { bookingId } = await placeOf(late);
    expect((await scan({ person: late.person, id: bookingId })).status).toBe(201);
    expect(problemOf(await late.person.delete(`/shuttle/standby/${late.id}`))).toBe('rule: standby-admitted');
  });

  test('is one place however often the request is retried', async () => {
    await aRider({ from: 0, to: 6, seats: 2 });
    const person = await aPerson();
    const send = () =>
      person.post('/shuttle/standby', rideFrom({ from: 0, to: 6 }), { 'idempotency-key': 'standby-retry-1' });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    expect((await person.get('/shuttle/standby')).body.items).toHaveLength(1);
  });
});

describe('two minutes before a stop', () => {
  test('seats of who was not scanned go to the first in line, who is told and has a pass at once', async () => {
    const rider = await aRider({ from: 0, to: 6 });
    const scanned = await aRider({ from: 0, to: 6 });
    const waits = await aStandby({ from: 0, to: 6 });
    const behind = await aStandby({ from: 0, to: 6 });
    setNow('08:07:00');
    expect((await scan(scanned)).status).toBe(201);
    setNow('08:07:59');
    await passTime();
    expect(await statesOf([waits, behind])).toEqual(['waiting', 'waiting']);
    setNow('08:08:00');
    await passTime();
    await passTime();
    expect(await statesOf([waits, behind])).toEqual(['admitted', 'waiting']);
    const { bookingId } = await placeOf(waits);
    expect((await waits.person.get('/notices')).body.items).toMatchObject([
      { kind: 'standby', booking: { id: bookingId } },
    ]);
    expect((await scan({ person: waits.person, id: bookingId })).status).toBe(201);
    expect(await takenOf()).toEqual([2, 2, 2, 2, 2, 2]);
    expect(await stateOf(rider)).toBe('confirmed');
    setNow('08:12:00');
    await passTime();
    expect([await stateOf(rider), await stateOf(scanned)]).toEqual(['no_show', 'checked_in']);
    expect(await statesOf([behind])).toEqual(['lapsed']);
    await expectInvariants(site.db);
  });

  test('only riders of that stop give way, and the seat is sold from there on to anybody', async () => {
    await setScene(1);
    await aRider({ from: 0, to: 2 });
    await aRider({ from: 2, to: 4 });
    const through = await aStandby({ from: 0, to: 2 });
    setNow('08:08:00');
    await passTime();
    expect(await statesOf([through])).toEqual(['admitted']);
    expect(await takenOf()).toEqual([1, 1, 1, 1, 0, 0]);
    // The next stops are still sold: nobody has to stand by for what is free.
    const latecomer = await aPerson();
    setNow('08:09:00');
    expect((await latecomer.post('/bookings', { kind: 'shuttle', ...rideFrom({ from: 5, to: 6 }) })).status).toBe(201);
    await expectInvariants(site.db);
  });

  test('a seat that nobody takes is left unused by nobody who fits: who needs more is passed over', async () => {
    await setScene(2);
    await aRider({ from: 0, to: 3 });
    await aRider({ from: 0, to: 6 });
    await aRider({ from: 3, to: 6 });
    // Not scanned at the first stop: both seats are free up to the fourth stop, one beyond.
    const pair = await aStandby({ from: 0, to: 6, seats: 2 });
    const long = await aStandby({ from: 0, to: 6 });
    const short = await aStandby({ from: 0, to: 3 });
    setNow('08:08:00');
    expect((await release()).admitted).toHaveLength(2);
    expect(await statesOf([pair, long, short])).toEqual(['waiting', 'admitted', 'admitted']);
    expect(await takenOf()).toEqual([2, 2, 2, 2, 2, 2]);
  });

  test('seats of riders with accessible needs are never given away', async () => {
    await aRider({ from: 0, to: 6, seats: 2 }, { accessible: true });
    const waits = await aStandby({ from: 0, to: 6 });
    setNow('08:08:00');
    expect(await release()).toEqual({ yielded: [], admitted: [] });
    expect(await statesOf([waits])).toEqual(['waiting']);
  });

  test('whoever waits in the queue of a later stop is served before those who stand by there', async () => {
    await setScene(1);
    await aRider({ from: 0, to: 6 });
    const queued = await aPerson();
    const wish = { kind: 'shuttle', ...rideFrom({ from: 5, to: 6 }), joinWaitlist: true };
    expect((await queued.post('/bookings', wish)).status).toBe(202);
    const waits = await aStandby({ from: 5, to: 6 });
    setNow('08:08:00');
    await passTime();
    expect((await queued.get('/waitlist')).body.items[0].offer).not.toBeNull();
    expect(await statesOf([waits])).toEqual(['waiting']);
    await expectInvariants(site.db);
  });
});

describe('who turns up after all', () => {
  test('gets the seat back while it is free, and is told that it was given away when it is not', async () => {
    await setScene(2);
    const [lucky, late] = [await aRider({ from: 0, to: 6 }), await aRider({ from: 0, to: 6 })];
    const waits = await aStandby({ from: 0, to: 6 });
    setNow('08:08:00');
    await passTime();
    expect(await takenOf()).toEqual([1, 1, 1, 1, 1, 1]);
    setNow('08:09:00');
    expect((await scan(lucky)).status).toBe(201);
    expect(await takenOf()).toEqual([2, 2, 2, 2, 2, 2]);
    expect(problemOf(await scan(late))).toBe('rule: seat-given-away');
    expect(await statesOf([waits])).toEqual(['admitted']);
    expect(await stateOf(late)).toBe('confirmed');
    setNow('08:12:00');
    await passTime();
    expect(await stateOf(late)).toBe('no_show');
    await expectInvariants(site.db);
  });

  test('is taken at the scanner’s word when its scan, made in time, is told of too late', async () => {
    await setScene(1);
    const rider = await aRider({ from: 0, to: 6 });
    const waits = await aStandby({ from: 0, to: 6 });
    setNow('08:07:30');
    const scanned = await seen(rider);
    setNow('08:08:00');
    await passTime();
    expect(await statesOf([waits])).toEqual(['admitted']);
    setNow('08:09:00');
    expect((await tell(scanned)).status).toBe(201);
    expect(await takenOf()).toEqual([1, 1, 1, 1, 1, 1]);
    await expectInvariants(site.db);
  });
});
