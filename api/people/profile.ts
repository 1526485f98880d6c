import { and, asc, eq } from 'drizzle-orm';
import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import { child, organisation, person, personRole, vehicle } from '../../db/schema/index.ts';
import type { Instant } from '../calendar/time.ts';
import { mealCardOf } from '../ledger/accounts.ts';
import { maskPlate } from './plate.ts';
import { maskPhone } from './phone.ts';
import type { Me, RoleName } from './schemas.ts';

/** Finds the person of a phone on a site, or makes one without roles: who has just proved the phone is who they are. */
export async function findOrCreatePerson(db: Db, siteId: number, phone: string): Promise<{ id: string; name: string }> {
  const known = { id: person.id, name: person.name };
  const isPhone = and(eq(person.siteId, siteId), eq(person.phone, phone));
  const [existing] = await db.orm.select(known).from(person).where(isPhone);
  if (existing) return existing;
  const fresh = { siteId, id: newId(), phone, name: maskPhone(phone) };
  await db.orm.insert(person).values(fresh).onConflictDoNothing();
  const [made] = await db.orm.select(known).from(person).where(isPhone);
  return made ?? fresh;
}

/** Everything that the service knows of a person and shows to them. */
export async function profileOf(
  db: Db,
  site: { id: number; currency: string },
  personId: string,
  now: Instant,
): Promise<Me> {
  const [people, roles, vehicles, children, card] = await Promise.all([
    db.orm
      .select()
      .from(person)
      .where(and(eq(person.siteId, site.id), eq(person.id, personId))),
    db.orm
      .select({ role: personRole.role, organisationId: personRole.organisationId, organisationName: organisation.name })
      .from(personRole)
      .leftJoin(
        organisation,
        and(eq(organisation.siteId, personRole.siteId), eq(organisation.id, personRole.organisationId)),
      )
      .where(and(eq(personRole.siteId, site.id), eq(personRole.personId, personId))),
    db.orm
      .select()
      .from(vehicle)
      .where(and(eq(vehicle.siteId, site.id), eq(vehicle.personId, personId)))
      .orderBy(asc(vehicle.id)),
    db.orm
      .select()
      .from(child)
      .where(and(eq(child.siteId, site.id), eq(child.guardianId, personId)))
      .orderBy(asc(child.id)),
    mealCardOf(db, site.id, personId, now),
  ]);
  const [self] = people;
  if (!self) throw new Error('the session names a person who is gone');
  return {
    id: self.id,
    name: self.name,
    phoneMasked: maskPhone(self.phone),
    locale: self.locale,
    roles: roles.map((held) => ({ ...held, role: held.role as RoleName })),
    vehicles: vehicles.map(({ id, plate, plateClass, verifiedAt }) => ({
      id,
      plate,
      plateMasked: maskPlate(plate),
      plateClass,
      verified: verifiedAt !== null,
    })),
    children: children.map(({ id, name, grade, verifiedAt }) => ({ id, name, grade, verified: verifiedAt !== null })),
    mealCard: card && { balanceFen: card.balanceFen, currency: site.currency },
  };
}

/** Changes what a person may change of themselves. */
export async function changeProfile(
  db: Db,
  siteId: number,
  personId: string,
  change: { name?: string | undefined; locale?: 'zh-CN' | 'en' | undefined },
): Promise<void> {
  if (change.name === undefined && change.locale === undefined) return;
  await db.orm
    .update(person)
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.locale ? { locale: change.locale } : {}),
    })
    .where(and(eq(person.siteId, siteId), eq(person.id, personId)));
}
