import { and, asc, eq } from '../../db/orm.ts';
import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import { child, organisation, person, personRole } from '../../db/schema/index.ts';
import type { Instant } from '../calendar/time.ts';
import { mealCardOf } from '../ledger/accounts.ts';
import { maskPlate } from './plate.ts';
import { maskPhone } from './phone.ts';
import type { Me, RoleName, Vehicle } from './schemas.ts';

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
    vehiclesOf(db, site.id, personId),
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
    vehicles,
    children: children.map(({ id, name, grade, verifiedAt }) => ({ id, name, grade, verified: verifiedAt !== null })),
    mealCard: card && { balanceFen: card.balanceFen, currency: site.currency },
  };
}

/** The vehicles on a person's list, in the order in which they came. */
export async function vehiclesOf(db: Db, siteId: number, personId: string): Promise<Vehicle[]> {
  const rows = await db.query<Omit<Vehicle, 'plateMasked'>>(
    `SELECT v.id, v.plate, v.plate_class AS "plateClass", v.verified_at IS NOT NULL AS verified,
       nullif(s.plate, v.plate) AS "accessPlate",
       CASE WHEN v.verified_at IS NOT NULL THEN NULL
         WHEN EXISTS (SELECT 1 FROM person_role pr WHERE pr.site_id = v.site_id AND pr.person_id = v.person_id AND pr.role = 'resident')
         THEN 'not-on-roster' ELSE 'no-residence' END AS "waitsFor"
     FROM vehicle v LEFT JOIN vehicle_plate s ON s.site_id = v.site_id AND s.vehicle_id = v.id AND s.valid_to IS NULL
     WHERE v.site_id = $1 AND v.person_id = $2 AND v.removed_at IS NULL ORDER BY v.id`,
    [siteId, personId],
  );
  return rows.map((row) => ({ ...row, plateMasked: maskPlate(row.plate) }));
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
