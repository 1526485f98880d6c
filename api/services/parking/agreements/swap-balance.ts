import type { Db } from '../../../../db/db.ts';
import { dateOf, endOfMonth, plusDays } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import type { Context } from '../../service.ts';
import type { Refused } from './agreement-command.ts';
import type { Localized, SwapBalanceAnswer } from './agreement-schemas.ts';
import { areMirrored } from './agreement-terms.ts';
import { agreementsOf, partiesOf, sidesOf, type Agreement } from './agreements.ts';

const maxMonths = 24;
const monthsShown = 6;

/** Space-minutes of an agreement in a month. */
type Counted = { resourceId: string; month: string; lentMinutes: number; usedMinutes: number };

/**
 * What each side of a swap gave and took by month of the service date: for the parties of either of its agreements. Never netted
 * (domain.md, Parking).
 */
export async function swapBalanceOf(
  context: Context,
  caller: Caller,
  id: string,
  wanted: { from?: string | undefined; to?: string | undefined },
): Promise<{ ok: true; balance: SwapBalanceAnswer } | Refused> {
  const { db, site } = context;
  const all = await agreementsOf(db, site.id);
  const first = all.find((each) => each.id === id);
  const second = all.find((each) => each.id === first?.facts.swapOf);
  const isOwn = [first, second].some((each) => each && sidesOf(caller, partiesOf(each)).size > 0);
  if (!first || !isOwn) return { ok: false, problem: 'not-found' };
  if (first.facts.swapOf === null) return { ok: false, problem: 'rule', rule: 'no-swap' };
  if (!second || second.facts.swapOf !== first.id || !areMirrored(first.facts, second.facts))
    return { ok: false, problem: 'rule', rule: 'swap-not-mutual' };
  const months = monthsOf(context, wanted);
  if (months === null) return { ok: false, problem: 'rule', rule: 'months-range' };
  const counted = await countByMonth(db, site.id, [first.id, second.id], months);
  return { ok: true, balance: balanceOf(first, second, months, counted) };
}

/** Both ends of what is shown: half a year up to this month, unless it is said. */
function monthsOf(
  { now, site }: Context,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): string[] | null {
  const last = to ?? from ?? dateOf(now, site.timeZone).slice(0, 7);
  const first = from ?? monthsBefore(last, monthsShown - 1);
  const months = [first];
  while (months.length <= maxMonths && months.at(-1)! < last) months.push(nextMonth(months.at(-1)!));
  return first <= last && months.length <= maxMonths ? months : null;
}

const nextMonth = (month: string): string => plusDays(endOfMonth(`${month}-01`), 1).slice(0, 7);

function monthsBefore(month: string, count: number): string {
  let earlier = month;
  for (let step = 0; step < count; step++) earlier = plusDays(`${earlier}-01`, -1).slice(0, 7);
  return earlier;
}

/**
 * Space-minutes by agreement and month of the service date, counted over the slots as they are: what was withdrawn is not lent, what is
 * closed neither, and `taken` is what bookings hold (docs/domain.md, Capacity). One aggregate. Index: slot_once_per_part.
 */
function countByMonth(db: Db, siteId: number, resourceIds: readonly string[], months: readonly string[]) {
  return db.query<Counted>(
    `SELECT resource_id AS "resourceId", to_char(service_date, 'YYYY-MM') AS month,
       sum(capacity * (extract(epoch FROM ends_at - starts_at) / 60))::bigint AS "lentMinutes",
       sum(taken * (extract(epoch FROM ends_at - starts_at) / 60))::bigint AS "usedMinutes"
     FROM slot
     WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND service_date BETWEEN $3 AND $4 AND state = 'active'
     GROUP BY resource_id, to_char(service_date, 'YYYY-MM')`,
    [siteId, resourceIds, `${months[0]}-01`, endOfMonth(`${months.at(-1)}-01`)],
  );
}

const nothing = { lentMinutes: 0, usedMinutes: 0 };

function balanceOf(
  first: Agreement,
  second: Agreement,
  months: readonly string[],
  counted: readonly Counted[],
): SwapBalanceAnswer {
  const of = ({ id }: Agreement, month: string) => {
    const found = counted.find((each) => each.resourceId === id && each.month === month);
    return found ? { lentMinutes: found.lentMinutes, usedMinutes: found.usedMinutes } : nothing;
  };
  const rows = months.map((month) => ({ month, first: of(first, month), second: of(second, month) }));
  const total = (side: 'first' | 'second') =>
    rows.reduce(
      (sum, row) => ({
        lentMinutes: sum.lentMinutes + row[side].lentMinutes,
        usedMinutes: sum.usedMinutes + row[side].usedMinutes,
      }),
      nothing,
    );
  return {
    first: partyOf(first),
    second: partyOf(second),
    months: rows,
    total: { first: total('first'), second: total('second') },
  };
}

function partyOf({ id, name, lot }: Agreement): {
  agreementId: string;
  name: Localized;
  lender: { id: string; name: Localized };
} {
  return { agreementId: id, name, lender: { id: lot.lenderId, name: lot.lenderName } };
}
