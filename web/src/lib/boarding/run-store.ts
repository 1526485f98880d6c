import type { Localized, Manifest, ScanAnswer } from '../api.ts';

/** What a driver's phone knows of its run, network or not. Pure: a new value for every change, so that it can be kept as it is. */
export interface RunStore {
  manifest: Manifest | null;
  /** How far the clock of the service is ahead of the phone's: scans are told by the service's. */
  clockAheadMs: number;
  scans: readonly StoredScan[];
  counts: readonly StoredCount[];
}

/** What is to be said of a scan, at once or after the service has answered. */
export type Verdict = 'accepted' | 'twice' | 'refused' | 'unsure';

/** A scan that is told of until it is answered, however often that takes; its nonce makes that harmless. */
export interface StoredScan {
  nonce: string;
  code: string;
  at: string;
  bookingId: string | null;
  verdict: Verdict;
  text: Localized | null;
  isTold: boolean;
}

/** What was counted at a stop, under a name of its own. */
export interface StoredCount {
  nonce: string;
  stopId: string;
  withoutTicket: number;
  alighted: number;
  at: string;
  isTold: boolean;
}

/** Why a code is not accepted, as far as a phone can tell. */
export type LocalRule =
  'not-on-list' | 'code-expired' | 'code-ambiguous' | 'check-in-not-open' | 'check-in-closed' | 'already';

export type Judgement = { verdict: Verdict; rule: LocalRule | null; bookingId: string | null };

export const emptyStore: RunStore = { manifest: null, clockAheadMs: 0, scans: [], counts: [] };

/** Scans and counts are told in pieces, of a size that the service takes. */
export const pieceSize = 50;

const isDigits = (code: string): boolean => /^\d{6}$/.test(code);

/** The texts whose digests tell whose code this is: digits are good in some turns only, a QR text says its own. */
export function textsOf(manifest: Manifest, code: string, at: number): string[] {
  if (!isDigits(code)) return [`${manifest.salt}|${code}`];
  return goodTurns(manifest, at).map((turn) => `${manifest.salt}|${turn}|${code}`);
}

const goodTurns = ({ turns }: Manifest, at: number): number[] =>
  turns.flatMap(({ from, until }, turn) => (Date.parse(from) <= at && at < Date.parse(until) ? [turn] : []));

/** Judges a code by the digests of its texts; `at` by the service's clock. What is not on the list may be new: that only the service can say. */
export function judge(
  { manifest, scans }: RunStore,
  { code, at, digests }: { code: string; at: number; digests: readonly string[] },
): Judgement {
  const unsure: Judgement = { verdict: 'unsure', rule: 'not-on-list', bookingId: null };
  if (manifest === null) return unsure;
  const part = isDigits(code) ? 'digits' : 'qr';
  const matches = manifest.riders.flatMap((rider) => {
    const match = rider.codes.find((codes) => digests.includes(codes[part]));
    return match ? [{ rider, turn: match.turn }] : [];
  });
  const [match] = matches;
  if (!match) return unsure;
  const { rider, turn } = match;
  const refused = (rule: LocalRule): Judgement => ({ verdict: 'refused', rule, bookingId: rider.bookingId });
  if (matches.length > 1) return { ...refused('code-ambiguous'), bookingId: null };
  if (!goodTurns(manifest, at).includes(turn)) return refused('code-expired');
  if (hasBoarded(rider, scans)) return { verdict: 'twice', rule: 'already', bookingId: rider.bookingId };
  if (at < Date.parse(rider.checkInFrom)) return refused('check-in-not-open');
  if (at >= Date.parse(rider.checkInUntil)) return refused('check-in-closed');
  return { verdict: 'accepted', rule: null, bookingId: rider.bookingId };
}

/** Whether somebody is on the bus, as far as this phone knows. */
export const hasBoarded = (
  { bookingId, state }: Pick<Manifest['riders'][number], 'bookingId' | 'state'>,
  scans: readonly StoredScan[],
): boolean =>
  state === 'boarded' ||
  scans.some((scan) => scan.bookingId === bookingId && (scan.verdict === 'accepted' || scan.verdict === 'twice'));

/** Takes a newer manifest; `phoneNow` is the phone's clock when it came. */
export const withManifest = (store: RunStore, manifest: Manifest, phoneNow: number): RunStore => ({
  ...store,
  manifest,
  clockAheadMs: Date.parse(manifest.now) - phoneNow,
  // What the service has counted is in its tally from now on.
  counts: store.counts.filter(({ isTold }) => !isTold),
});

export const withScan = (store: RunStore, scan: StoredScan): RunStore => ({ ...store, scans: [...store.scans, scan] });

export const withCount = (store: RunStore, count: StoredCount): RunStore => ({
  ...store,
  counts: [...store.counts, count],
});

/** What is still to be told, oldest first. */
export const untoldScans = ({ scans }: RunStore): StoredScan[] =>
  scans.filter(({ isTold }) => !isTold).slice(0, pieceSize);
export const untoldCounts = ({ counts }: RunStore): StoredCount[] =>
  counts.filter(({ isTold }) => !isTold).slice(0, pieceSize);

const verdicts = { boarded: 'accepted', already: 'twice', refused: 'refused' } as const;

/** Takes the service's word on scans: the last one. */
export function withAnswers(store: RunStore, answers: readonly ScanAnswer[]): RunStore {
  const answered = new Map(answers.map((answer) => [answer.nonce, answer]));
  return {
    ...store,
    scans: store.scans.map((scan) => {
      const answer = answered.get(scan.nonce);
      if (!answer) return scan;
      const { outcome, bookingId, text } = answer;
      return { ...scan, isTold: true, verdict: verdicts[outcome], bookingId: bookingId ?? scan.bookingId, text };
    }),
  };
}

/** Counts that the service has taken. */
export function withToldCounts(store: RunStore, nonces: readonly string[]): RunStore {
  const told = new Set(nonces);
  return {
    ...store,
    counts: store.counts.map((count) => (told.has(count.nonce) ? { ...count, isTold: true } : count)),
  };
}

/** People at each stop as this phone knows: what the service has, and what it has not been told yet. */
export function stopsNow({ manifest, scans, counts }: RunStore) {
  if (manifest === null) return [];
  return manifest.stops.map((stop) => {
    const boarding = manifest.riders.filter(({ boardStopId }) => boardStopId === stop.stopId);
    const alighting = manifest.riders.filter(({ alightStopId }) => alightStopId === stop.stopId);
    const here = counts.filter(({ stopId }) => stopId === stop.stopId);
    return {
      ...stop,
      boarding: boarding.map((rider) => ({ ...rider, isBoarded: hasBoarded(rider, scans) })),
      alighting: seatsOf(alighting),
      boarded: seatsOf(boarding.filter((rider) => hasBoarded(rider, scans))),
      withoutTicket: here.reduce((sum, count) => sum + count.withoutTicket, stop.withoutTicket),
      alighted: here.reduce((sum, count) => sum + count.alighted, stop.alighted),
    };
  });
}

const seatsOf = (riders: readonly { seats: number }[]): number => riders.reduce((sum, { seats }) => sum + seats, 0);
