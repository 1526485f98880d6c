import * as fc from 'fast-check';
import { decodeQR } from 'qr/decode.js';
import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import type { Manifest, ScanAnswer } from '../api.ts';
import { linkIn, outdatedKeys } from './driver-token.ts';
import {
  emptyStore,
  judge,
  pieceSize,
  stopsNow,
  textsOf,
  untoldCounts,
  untoldScans,
  withAnswers,
  withCount,
  withManifest,
  withScan,
  withToldCounts,
  type RunStore,
  type StoredScan,
} from './run-store.ts';

const at = (time: string) => `2026-11-24T${time}+08:00`;
const moment = (time: string) => Date.parse(at(time));
const people = { expected: 0, boarded: 0, withoutTicket: 0, alighted: 0 };
const name = { zh: '站', en: 'stop' };

function aRider(bookingId: string, change: Partial<Manifest['riders'][number]> = {}): Manifest['riders'][number] {
  return {
    ...{ bookingId, name: '林*', seats: 1, wheelchair: false, boardStopId: 'a', alightStopId: 'b' },
    ...{ state: 'expected', boardedAt: null, checkInFrom: at('08:00:00'), checkInUntil: at('08:03:00') },
    codes: [0, 1, 2].map((turn) => ({ turn, qr: `${bookingId}-qr-${turn}`, digits: `${bookingId}-digits-${turn}` })),
    ...change,
  };
}
function aManifest(riders = [aRider('one'), aRider('two', { seats: 2 })], change: Partial<Manifest> = {}): Manifest {
  return {
    ...{ runId: 'run-2', serviceDate: '2026-11-24', title: name, direction: 'inbound', state: 'running' },
    ...{ departsAt: at('08:00:00'), arrivesAt: at('08:25:00'), now: at('08:00:00'), salt: 'salt' },
    ...{ positionFrom: at('07:30:00'), positionUntil: at('08:55:00') },
    stops: ['a', 'b'].map((stopId) => ({ stopId, name, at: at('08:00:00'), ...people })),
    tally: people,
    riders,
    turns: ['08:00', '08:01', '08:02'].map((from, turn) => ({
      from: at(`${from}:00`),
      until: at(`08:0${turn + 2}:00`),
    })),
    ...change,
  };
}
const aStore = (manifest = aManifest()): RunStore => withManifest(emptyStore, manifest, moment('08:00:00'));
const seen = (digest: string, time: string, code = 'CHAOXI1.x') => ({ code, at: moment(time), digests: [digest] });
const aScan = (nonce: string, bookingId: string | null = 'one'): StoredScan => ({
  ...{ nonce, code: '123456', at: at('08:01:00'), bookingId, verdict: 'accepted', text: null, isTold: false },
});

describe('a code that is scanned with the network down', () => {
  test('is looked for in the turns whose codes are good then', () => {
    expect(textsOf(aManifest(), 'CHAOXI1.x', moment('08:01:30'))).toEqual(['salt|CHAOXI1.x']);
    expect(textsOf(aManifest(), '123456', moment('08:01:30'))).toEqual(['salt|0|123456', 'salt|1|123456']);
    expect(textsOf(aManifest(), '123456', moment('07:59:59'))).toEqual([]);
  });

  test('is accepted once, then said to be scanned before', () => {
    const store = aStore();
    const first = judge(store, seen('one-qr-1', '08:01:30'));
    expect(first).toEqual({ verdict: 'accepted', rule: null, bookingId: 'one' });
    const after = withScan(store, aScan('n1'));
    expect(judge(after, seen('one-digits-1', '08:01:40', '123456')).verdict).toBe('twice');
    expect(judge(after, seen('two-qr-1', '08:01:40')).verdict).toBe('accepted');
  });

  test('is refused when it is a former one, of two riders, too early or too late; what is not on the list stays open', () => {
    const store = aStore(aManifest([aRider('one'), aRider('two'), aRider('late', { checkInFrom: at('08:02:00') })]));
    const rules = [
      judge(store, seen('one-qr-0', '08:02:00')),
      judge(store, { ...seen('one-digits-1', '08:01:00', '123456'), digests: ['one-digits-1', 'two-digits-0'] }),
      judge(store, seen('late-qr-1', '08:01:59')),
      judge(store, seen('one-qr-2', '08:03:00')),
      judge(store, seen('nobody', '08:01:00')),
      judge(emptyStore, seen('one-qr-1', '08:01:00')),
    ].map(({ verdict, rule }) => [verdict, rule]);
    expect(rules).toEqual([
      ['refused', 'code-expired'],
      ['refused', 'code-ambiguous'],
      ['refused', 'check-in-not-open'],
      ['refused', 'check-in-closed'],
      ['unsure', 'not-on-list'],
      ['unsure', 'not-on-list'],
    ]);
  });

  test('is by the clock of the service, however wrong the phone’s is', () => {
    expect(withManifest(emptyStore, aManifest(), moment('08:03:20')).clockAheadMs).toBe(-200_000);
  });
});

describe('what a phone has to tell', () => {
  const outcomes = fc.constantFrom('boarded', 'already', 'refused');

  test('is told in pieces until each is answered, whatever is lost, repeated or reordered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 180 }),
        fc.infiniteStream(fc.tuple(fc.boolean(), outcomes)),
        (count, luck) => {
          let store = aStore();
          for (let index = 0; index < count; index++) store = withScan(store, aScan(`n${index}`, null));
          const answered: string[] = [];
          for (let tries = 0; untoldScans(store).length > 0 && tries < 1_000; tries++) {
            const piece = untoldScans(store);
            expect(piece.length).toBeLessThanOrEqual(pieceSize);
            // Of a piece some answers may be missing; all of them come twice and backwards.
            const answers = piece.flatMap(({ nonce }): ScanAnswer[] => {
              const [isLost, outcome] = luck.next().value as [boolean, ScanAnswer['outcome']];
              return isLost ? [] : [{ nonce, outcome, bookingId: null, at: null, rule: null, text: null }];
            });
            store = withAnswers(withAnswers(store, answers), answers.toReversed());
            answered.push(...answers.map(({ nonce }) => nonce));
          }
          expect(answered.toSorted()).toEqual(store.scans.map(({ nonce }) => nonce).toSorted());
          expect(store.scans).toHaveLength(count);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the service’s word is the last: a scan that was accepted here may have come second, or be refused', () => {
    const store = ['n1', 'n2'].reduce((before, nonce) => withScan(before, aScan(nonce)), aStore());
    const text = { zh: '不是这班车', en: 'another run' };
    const answer = { bookingId: 'one', at: null, rule: null, text: null };
    const after = withAnswers(store, [
      { ...answer, nonce: 'n1', outcome: 'already' },
      { ...answer, nonce: 'n2', outcome: 'refused', bookingId: null, rule: 'wrong-run', text },
    ]);
    expect(after.scans.map(({ verdict }) => verdict)).toEqual(['twice', 'refused']);
    expect(after.scans[1]?.text).toEqual(text);
    expect(untoldScans(after)).toEqual([]);
  });

  test('counts are added to the service’s once, before and after they are told', () => {
    const count = { nonce: 'c1', stopId: 'a', withoutTicket: 2, alighted: 1, at: at('08:01:00'), isTold: false };
    const counted = withCount(withScan(aStore(), aScan('n1', 'two')), count);
    const shown = (store: RunStore) =>
      stopsNow(store).map(({ boarded, withoutTicket, alighted, alighting }) => [
        boarded,
        withoutTicket,
        alighted,
        alighting,
      ]);
    const expected = [
      [2, 2, 1, 0],
      [0, 0, 0, 3],
    ];
    expect(shown(counted)).toEqual(expected);
    const told = withToldCounts(counted, ['c1']);
    expect([untoldCounts(counted).length, untoldCounts(told).length]).toEqual([1, 0]);
    expect(shown(told)).toEqual(expected);
    const [first, second] = aManifest().stops;
    const stops = [{ ...first!, withoutTicket: 2, alighted: 1 }, second!];
    expect(shown(withManifest(told, aManifest(undefined, { stops }), moment('08:02:00')))).toEqual(expected);
  });
});

test('a driver’s link says of which run it is; anything else is no link', () => {
  const payload = btoa(JSON.stringify({ run: 'run-2', date: '2026-11-24' })).replaceAll('=', '');
  expect(linkIn(`#h.${payload}.s`)).toEqual({ token: `h.${payload}.s`, key: 'chaoxi-boarding:run-2:2026-11-24' });
  for (const fragment of ['', '#', '#x', '#a.b.c', `#h.${btoa('7').replaceAll('=', '')}.s`])
    expect(linkIn(fragment)).toBeNull();
});

test('runs that nothing was done with for days are forgotten, and nothing else', () => {
  const day = 86_400_000;
  const kept = new Map([
    ['chaoxi-boarding:run-2:2026-11-20', { savedAt: 0 }],
    ['chaoxi-boarding:run-3:2026-11-24', { savedAt: day }],
    ['theme', { savedAt: 0 }],
  ]);
  const storage = { getItem: (key: string) => JSON.stringify(kept.get(key) ?? null) };
  expect(outdatedKeys(storage, [...kept.keys()], 3 * day)).toEqual([]);
  expect(outdatedKeys(storage, [...kept.keys()], 3 * day + 1)).toEqual(['chaoxi-boarding:run-2:2026-11-20']);
});

test('the decoder reads the pictures of passes', () => {
  const pass = `CHAOXI1.01a22424-d6d5-7282-ac39-d1ff06fef1cb.29431500.${'Ab_-'.repeat(5)}xy`;
  const { size, data } = encode(pass, { ecc: 'M', border: 4 });
  const scale = 6;
  const width = size * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).map((_, index) => {
    const [x, y] = [Math.floor(index / 4) % width, Math.floor(index / 4 / width)];
    const isDark = data[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true;
    return index % 4 === 3 || !isDark ? 255 : 0;
  });
  expect(decodeQR({ width, height: width, data: pixels })).toBe(pass);
});
