import { checkInAll, checkInTimes, type CheckedIn } from '../../../engine/check-in.ts';
import type { HalfOpen, Instant } from '../../../calendar/time.ts';
import { transactionWithRetry } from '../../../../db/db.ts';
import { scanRules } from '../../check-in-rules.ts';
import type { Passes } from '../../pass.ts';
import type { Context } from '../../service.ts';
import { ridesOf, runsOfBookings, type RunKey } from './rides.ts';

/** What a driver's phone saw: the text of a QR code or six digits, when, and its own name of the scan. */
export type SeenCode = { code: string; at: Instant; nonce: string };

/** What became of a scan. */
export type ScanOutcome =
  | { outcome: 'boarded'; bookingId: string; at: Instant }
  | { outcome: 'already'; bookingId: string }
  | { outcome: 'refused'; bookingId: string | null; rule: string };

/** Whose code it is, or why that cannot be said. */
type Found = { bookingId: string } | { rule: string };

/**
 * Checks in those whose passes were scanned on a run, in the order of the scans, each answered by itself. A ticket counts once, whichever
 * phone is first to tell; the others are told so. Told again, a scan has no second effect. A bounded number of statements.
 */
export async function recordScans(
  context: Context,
  passes: Passes,
  told: { runId: string; serviceDate: string; driverLinkId: string; scans: readonly SeenCode[] },
): Promise<ScanOutcome[]> {
  const { db, site, now } = context;
  const { driverLinkId, scans } = told;
  const key = { siteId: site.id, runId: told.runId, serviceDate: told.serviceDate };
  const found = await holdersOf(context, passes, key, scans);
  const known = scans.flatMap(({ at, nonce }, index) => {
    const holder = found[index];
    return holder && 'bookingId' in holder
      ? [{ bookingId: holder.bookingId, nonce, at: Math.min(at, now), by: { driverLinkId } }]
      : [];
  });
  const answers = await transactionWithRetry(db, (tx) => checkInAll(tx, { siteId: site.id, now }, known));
  const inOrder = answers.values();
  return found.map((holder) => {
    if ('rule' in holder) return { outcome: 'refused', bookingId: null, rule: holder.rule };
    const answer = inOrder.next().value;
    if (!answer) throw new Error('a scan was not answered');
    return outcomeOf(holder.bookingId, answer);
  });
}

function outcomeOf(bookingId: string, answer: CheckedIn): ScanOutcome {
  if (answer.ok) return { outcome: 'boarded', bookingId, at: answer.at };
  if (answer.problem === 'already-checked-in') return { outcome: 'already', bookingId };
  return { outcome: 'refused', bookingId, rule: answer.problem === 'rule' ? answer.rule : 'unknown-code' };
}

/** Whose codes were seen, each at its time. */
async function holdersOf(context: Context, passes: Passes, key: RunKey, scans: readonly SeenCode[]): Promise<Found[]> {
  const { db, now } = context;
  const rides = (await ridesOf(db, key)).map(({ bookingId }) => bookingId);
  const times = await checkInTimes(db, key.siteId, rides);
  const found = scans.map(({ code, at }): Found => {
    if (at > now + scanRules.clockAheadSeconds * 1000) return { rule: 'scan-in-future' };
    if (at < now - scanRules.uploadHours * 3_600_000) return { rule: 'scan-too-old' };
    if (/^\d{6}$/.test(code)) return holderOfDigits(passes, key.siteId, { code, at }, times);
    const read = passes.read(key.siteId, code, at);
    if (read === null) return { rule: 'unknown-code' };
    return read === 'expired' ? { rule: 'code-expired' } : read;
  });
  const others = found.flatMap((holder) =>
    'bookingId' in holder && !times.has(holder.bookingId) ? [holder.bookingId] : [],
  );
  const runs = others.length === 0 ? new Map() : await runsOfBookings(db, key.siteId, others);
  return found.map((holder) => {
    if ('rule' in holder || times.has(holder.bookingId)) return holder;
    const run = runs.get(holder.bookingId);
    const isOfThisRun = run?.runId === key.runId && run.serviceDate === key.serviceDate;
    return isOfThisRun ? holder : { rule: 'wrong-run' };
  });
}

/** Among those who may be checked in then; else, so that they are told so, among all of the run. */
function holderOfDigits(
  passes: Passes,
  siteId: number,
  { code, at }: Pick<SeenCode, 'code' | 'at'>,
  times: ReadonlyMap<string, HalfOpen>,
): Found {
  const inTime = [...times].filter(([, { startsAt, endsAt }]) => startsAt <= at && at < endsAt).map(([id]) => id);
  for (const candidates of [inTime, [...times.keys()]]) {
    const [bookingId, another] = passes.ofDigits(siteId, code, candidates, at);
    if (another !== undefined) return { rule: 'code-ambiguous' };
    if (bookingId !== undefined) return { bookingId };
  }
  return { rule: 'unknown-code' };
}
