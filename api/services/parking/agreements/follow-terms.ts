import type { Db } from '../../../../db/db.ts';
import { datesBetween, plusDays, type IsoDate } from '../../../calendar/time.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { changeCapacity, type PlannedChange } from '../../../engine/plan-capacity-change.ts';
import { publishSlots } from '../../../engine/publish-slots.ts';
import { renewSlots } from '../../../engine/renew-slots.ts';
import type { Slot } from '../../../engine/types.ts';
import { validWithin } from '../../horizon.ts';
import type { Context, PublishedSlot, Schedule } from '../../service.ts';
import { madeOrRefused, stayDisplacement } from './agreement-command.ts';
import type { Agreement } from './agreements.ts';
import { planRenewal, type KeptNight } from './renewal-plan.ts';
import { agreementTimes, staysOf } from '../rules.ts';

/** Who changes what of an agreement, and why. */
export type AgreementChange = { reason: string; actorId: string; actorRole: string; dryRun: boolean };

/** What became of the nights of an agreement. */
export type Followed = { published: number; renewed: number; kept: KeptNight[]; change: PlannedChange | null };

/** Shown on nights that the terms do not lend any more. It also tells them from what somebody closed for another reason. */
export const notLent = '协议不含这一晚 · Not lent under the agreement';

/**
 * Lets the published nights of an agreement follow its new schedule from a date on, in the caller's transaction. Numbers first: through
 * the engine's change of capacity, which locks all of them, and with its displacement; what was withdrawn or added stays so. Then the
 * times and prices of nights that nobody has.
 * @throws Refusing when a booking must stay
 */
export async function followTerms(
  tx: Db,
  context: Context,
  { agreement, after, from }: { agreement: Agreement; after: Schedule; from: IsoDate },
  change: AgreementChange,
): Promise<Followed> {
  const { site, now } = context;
  const to = after.publishedTo ?? plusDays(from, -1);
  const dates = datesBetween(from, to);
  const drafts = draftsOf(context, after, from, to);
  const published = await slotsOfResources(tx, site.id, [agreement.id], [plusDays(from, -1), ...dates]);
  const isFixed = ({ serviceDate, startsAt }: Slot) => serviceDate < from || startsAt <= now;
  const ids = published.filter((slot) => !isFixed(slot)).map(({ id }) => id);
  const numbers = await changeNumbers(tx, context, { agreement, after, ids, drafts }, change);
  const slots = ids.length === 0 ? [] : await slotsOfResources(tx, site.id, [agreement.id], dates);
  const plan = planRenewal({
    slots: slots.filter((slot) => !isFixed(slot)),
    drafts: new Map([...drafts].filter(([, { startsAt }]) => startsAt > now)),
    waitedFor: await waitedFor(tx, site.id, ids),
    fixed: published.filter((slot) => isFixed(slot) && slot.state === 'active'),
  });
  const renewed = await renewSlots(tx, { siteId: site.id, at: now, ...change }, plan.renewed);
  const made = await publishSlots(
    tx,
    site.id,
    plan.published.map((draft) => ({ ...draft, resourceId: agreement.id, kind: 'parking' })),
    now,
  );
  return { published: made, renewed: renewed.length, kept: plan.kept, change: numbers };
}

/** What a schedule calls for on some dates within its validity, by date. */
export function draftsOf(
  { calendar, site }: Context,
  schedule: Schedule,
  from: IsoDate,
  to: IsoDate,
): Map<IsoDate, PublishedSlot> {
  const range = from <= to ? validWithin(schedule, { from, to }) : null;
  const stays = range ? staysOf(schedule, range, calendar, site.timeZone) : [];
  return new Map(stays.map((stay) => [stay.serviceDate, stay]));
}

type Numbers = {
  agreement: Agreement;
  after: Schedule;
  ids: readonly number[];
  drafts: ReadonlyMap<IsoDate, PublishedSlot>;
};

/** Changes how many spaces the nights have, and closes or reopens those that the terms stop or begin to lend. */
async function changeNumbers(
  tx: Db,
  context: Context,
  { agreement, after, ids, drafts }: Numbers,
  change: AgreementChange,
): Promise<PlannedChange | null> {
  if (ids.length === 0) return null;
  const more = after.capacity - agreement.schedule.capacity;
  const outcome = await changeCapacity(tx, {
    ...change,
    siteId: context.site.id,
    slotIds: ids,
    targetOf: (slot) => {
      const capacity = Math.max(0, slot.capacity + more);
      if (!drafts.has(slot.serviceDate))
        return slot.state === 'closed'
          ? { capacity, state: 'closed', closedReason: slot.closedReason }
          : { capacity, state: 'closed', closedReason: notLent };
      return slot.closedReason === notLent
        ? { capacity, state: 'active', closedReason: null }
        : { capacity, state: slot.state, closedReason: slot.closedReason };
    },
    at: context.now,
    expectedTag: null,
    displacement: stayDisplacement(context, agreementTimes.parse(after.rule)),
  });
  const made = madeOrRefused(outcome);
  return made.changeId === null ? null : made;
}

/** Which of some slots somebody waits for. Index: the primary key of waitlist_slot. */
async function waitedFor(tx: Db, siteId: number, ids: readonly number[]): Promise<Set<number>> {
  const rows = await tx.query<{ slotId: number }>(
    'SELECT DISTINCT slot_id AS "slotId" FROM waitlist_slot WHERE site_id = $1 AND slot_id = ANY($2::bigint[])',
    [siteId, ids],
  );
  return new Set(rows.map(({ slotId }) => slotId));
}
