import { readFileSync } from 'node:fs';
import { and, eq } from '../orm.ts';
import { parseCalendarCsv } from '../../api/calendar/csv.ts';
import type { Instant } from '../../api/calendar/time.ts';
import { postTransfer } from '../../api/ledger/accounts.ts';
import { transactionWithRetry, type Db } from '../db.ts';
import * as schema from '../schema/index.ts';
import { lots, organisations, resources, shuttleLines, shuttleStops, siteRow } from './caohejing.ts';
import { demoPeople, demoRoster, loadTesters } from './demo-people.ts';

/**
 * Loads the Caohejing site, its calendar and the demo people. What is there already is left as it is, so that it can run at every
 * start. Slots are published separately, since they depend on today.
 */
export async function loadSeed(db: Db, now: Instant): Promise<void> {
  const siteId = siteRow.id;
  await transactionWithRetry(db, async (tx) => {
    await tx.orm.insert(schema.site).values(siteRow).onConflictDoNothing();
    await insertMissing(
      tx,
      schema.organisation,
      organisations().map((row) => ({ siteId, ...row })),
    );
    await insertMissing(tx, schema.calendarDay, calendarRows(siteId));
    await insertMissing(
      tx,
      schema.parkingLot,
      lots().map((row) => ({ siteId, ...row })),
    );
    await insertMissing(
      tx,
      schema.shuttleLine,
      shuttleLines().map((row) => ({ siteId, ...row })),
    );
    await insertMissing(
      tx,
      schema.shuttleStop,
      shuttleStops().map((row) => ({ siteId, ...row })),
    );
    const seeds = resources();
    await insertMissing(
      tx,
      schema.resource,
      seeds.map(({ schedule: _schedule, ...row }, sort) => ({ siteId, sort, ...row })),
    );
    await insertMissing(
      tx,
      schema.schedule,
      seeds.flatMap(({ id, schedule }) => (schedule ? [{ siteId, id, resourceId: id, ...schedule }] : [])),
    );
    await loadPeople(tx, siteId, now);
  });
}

function calendarRows(siteId: number) {
  const text = readFileSync(new URL('./calendar-2026.csv', import.meta.url), 'utf8');
  const parsed = parseCalendarCsv(text);
  if (!parsed.ok) throw new Error(`calendar-2026.csv, row ${parsed.problems[0]?.row}: ${parsed.problems[0]?.name}`);
  return parsed.days.map((day) => ({ siteId, ...day }));
}

async function loadPeople(tx: Db, siteId: number, now: Instant): Promise<void> {
  const everybody = [...demoPeople, ...loadTesters];
  const createdAt = now;
  await insertMissing(
    tx,
    schema.person,
    everybody.map(({ id, phone, name }) => ({ siteId, id, phone: `+86${phone}`, name, createdAt })),
  );
  await insertMissing(tx, schema.personRole, [
    ...demoPeople.flatMap(({ id, roles }) => roles.map((held) => ({ siteId, personId: id, ...held }))),
    ...loadTesters.map(({ id }) => ({ siteId, personId: id, role: 'employee', organisationId: 'demo-games' })),
  ]);
  await insertMissing(
    tx,
    schema.vehicle,
    demoPeople.flatMap(({ id, vehicles = [] }) =>
      vehicles.map((vehicle) => ({ siteId, personId: id, verifiedAt: now, ...vehicle })),
    ),
  );
  await insertMissing(
    tx,
    schema.rosterVehicle,
    demoRoster.map((row) => ({ siteId, addedAt: now, ...row })),
  );
  await insertMissing(
    tx,
    schema.child,
    demoPeople.flatMap(({ id, children = [] }) =>
      children.map((child) => ({ siteId, guardianId: id, verifiedAt: now, ...child })),
    ),
  );
  await fundMealCards(tx, siteId, now);
}

/** Employers credit the demo's meal cards, once. */
async function fundMealCards(tx: Db, siteId: number, now: Instant): Promise<void> {
  for (const person of demoPeople) {
    const employer = person.roles.find(({ role }) => role === 'employee')?.organisationId;
    if (!employer || person.mealSubsidyFen === undefined) continue;
    const employerAccount = await openAccount(tx, siteId, 'employer', employer, null);
    const card = await openAccount(tx, siteId, 'meal-subsidy', person.id, 0);
    if (!card.isNew) continue;
    await postTransfer(tx, {
      siteId,
      at: now,
      reason: 'employer subsidy',
      bookingId: null,
      entries: [
        { accountId: employerAccount.id, amountFen: -person.mealSubsidyFen },
        { accountId: card.id, amountFen: person.mealSubsidyFen },
      ],
    });
  }
}

async function openAccount(
  tx: Db,
  siteId: number,
  kind: 'employer' | 'meal-subsidy',
  owner: string,
  floorFen: number | null,
) {
  const id = crypto.randomUUID();
  const made = await tx.orm
    .insert(schema.account)
    .values({ siteId, id, kind, owner, floorFen })
    .onConflictDoNothing()
    .returning({ id: schema.account.id });
  if (made[0]) return { id: made[0].id, isNew: true };
  const [known] = await tx.orm
    .select({ id: schema.account.id })
    .from(schema.account)
    .where(and(eq(schema.account.siteId, siteId), eq(schema.account.kind, kind), eq(schema.account.owner, owner)));
  if (!known) throw new Error(`account of ${owner} is not there`);
  return { id: known.id, isNew: false };
}

/** Inserts in chunks, since a statement has at most 65,535 parameters. */
async function insertMissing<Table extends Parameters<Db['orm']['insert']>[0]>(
  tx: Db,
  table: Table,
  rows: readonly Table['$inferInsert'][],
): Promise<void> {
  const chunk = 500;
  for (let start = 0; start < rows.length; start += chunk) {
    await tx.orm
      .insert(table)
      .values([...rows.slice(start, start + chunk)] as never)
      .onConflictDoNothing();
  }
}
