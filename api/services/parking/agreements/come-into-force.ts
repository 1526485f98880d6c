import type { Db } from '../../../../db/db.ts';
import { plusDays } from '../../../calendar/time.ts';
import { publishSlots } from '../../../engine/publish-slots.ts';
import { horizon } from '../../horizon.ts';
import type { Context, Schedule } from '../../service.ts';
import type { Agreement, Lot } from './agreements.ts';
import { draftsOf, followTerms, type AgreementChange, type Followed } from './follow-terms.ts';
import { refuseOverfilledNights } from './lot-nights.ts';
import type { Wanted, Weighed } from './weigh-terms.ts';

/** Makes weighed terms hold, in the caller's transaction: a new agreement with its nights, or a change that its nights follow. */
export async function comeIntoForce(
  tx: Db,
  context: Context,
  wanted: Wanted & { weighed: Weighed },
  change: AgreementChange,
): Promise<{ resourceId: string; followed: Followed }> {
  const { before, lot } = wanted.weighed;
  const made =
    before === null
      ? await begin(tx, context, wanted)
      : { resourceId: before.id, followed: await alter(tx, context, { ...wanted, before }, change) };
  await refuseOverfilledNights(tx, context, lot, made.resourceId);
  return made;
}

/** A new agreement: a resource with its schedule, published as far as everything else. */
async function begin(tx: Db, context: Context, { terms, weighed }: Wanted & { weighed: Weighed }) {
  const { site, now } = context;
  const { lot, settled } = weighed;
  const isOvernight = terms.window.to < terms.window.from;
  const id = await insertResource(tx, site.id, `${lot.id}-${isOvernight ? 'night' : 'day'}`, lot, {
    name: terms.name,
    facts: settled.facts,
  });
  const dates = horizon(now, site.timeZone);
  const schedule: Schedule = { id, ...settled.schedule, publishedFrom: dates.from, publishedTo: dates.to };
  await tx.query(
    `INSERT INTO schedule (site_id, id, resource_id, basis, valid_from, valid_to, capacity, price_fen, published_from, published_to, rule)
     VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb)`,
    [
      ...[site.id, id, schedule.basis, schedule.validFrom, schedule.validTo, schedule.capacity, schedule.priceFen],
      ...[dates.from, dates.to, JSON.stringify(schedule.rule)],
    ],
  );
  const drafts = [...draftsOf(context, schedule, dates.from, dates.to).values()];
  const published = await publishSlots(
    tx,
    site.id,
    drafts.map((draft) => ({ ...draft, resourceId: id, kind: 'parking' })),
    now,
  );
  return { resourceId: id, followed: { published, renewed: 0, kept: [], change: null } };
}

const maxOfOneName = 50;

/** Writes the resource under the first id of its kind that is free. */
async function insertResource(
  tx: Db,
  siteId: number,
  wanted: string,
  lot: Lot,
  { name, facts }: { name: object; facts: object },
): Promise<string> {
  const place = { name: lot.name, lat: lot.lat, lng: lot.lng };
  for (let number = 1; number <= maxOfOneName; number++) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    const made = await tx.query(
      `INSERT INTO resource (site_id, id, kind, organisation_id, name, place, facts, sort)
       SELECT $1, $2, 'parking', $3, $4::jsonb, $5::jsonb, $6::jsonb,
         (SELECT coalesce(max(sort), 0) FROM resource WHERE site_id = $1 AND kind = 'parking')
       ON CONFLICT DO NOTHING RETURNING id`,
      [siteId, id, lot.lenderId, JSON.stringify(name), JSON.stringify(place), JSON.stringify(facts)],
    );
    if (made.length > 0) return id;
  }
  throw new Error(`there are ${maxOfOneName} agreements called ${wanted}`);
}

/** A changed agreement: what its nights do not say themselves holds at once, they follow from the date on. */
async function alter(
  tx: Db,
  context: Context,
  { terms, effectiveFrom, weighed, before }: Wanted & { weighed: Weighed; before: Agreement },
  change: AgreementChange,
): Promise<Followed> {
  const { facts, schedule } = weighed.settled;
  await tx.query('UPDATE resource SET name = $3::jsonb, facts = $4::jsonb WHERE site_id = $1 AND id = $2', [
    context.site.id,
    before.id,
    JSON.stringify(terms.name),
    JSON.stringify(facts),
  ]);
  const after: Schedule = { ...before.schedule, ...schedule };
  await tx.query(
    `UPDATE schedule SET basis = $3, valid_from = $4, valid_to = $5, capacity = $6, price_fen = $7, rule = $8::jsonb
     WHERE site_id = $1 AND id = $2`,
    [
      ...[context.site.id, after.id, after.basis, after.validFrom, after.validTo, after.capacity, after.priceFen],
      JSON.stringify(after.rule),
    ],
  );
  if (after.publishedTo === null || after.publishedTo < plusDays(effectiveFrom, -1))
    return { published: 0, renewed: 0, kept: [], change: null };
  return followTerms(tx, context, { agreement: before, after, from: effectiveFrom }, change);
}
