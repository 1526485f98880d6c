import { v7 as uuidv7 } from 'uuid';
import type { RoleName } from '../../api/people/schemas.ts';
import type { Db } from '../../db/db.ts';
import * as schema from '../../db/schema/index.ts';

/** Who a test needs; an organisation of null is the whole site. */
export type PersonSketch = {
  phone?: string;
  name?: string;
  roles?: readonly { role: RoleName; organisationId: string | null }[];
  vehicles?: readonly { verified: boolean }[];
  children?: readonly { grade: number | null; verified: boolean }[];
};

export type Person = { id: string; phone: string; token: string; vehicleIds: string[]; childIds: string[] };

/** A resident of a compound with a verified vehicle. */
export function aResident(organisationId = 'hongxing'): PersonSketch {
  return { name: '王阿姨', roles: [{ role: 'resident', organisationId }], vehicles: [{ verified: true }] };
}

/** An employee of a company in the park. */
export function anEmployee(): PersonSketch {
  return { name: '小林', roles: [{ role: 'employee', organisationId: 'demo-ic' }] };
}

/** A parent with verified children of these grades. */
export function aParent(...grades: (number | null)[]): PersonSketch {
  const children = (grades.length === 0 ? [2] : grades).map((grade) => ({ grade, verified: true }));
  return { name: '陈爸爸', roles: [{ role: 'parent', organisationId: null }], children };
}

/** Somebody who holds one role in an organisation. */
export function staff(role: RoleName, organisationId: string | null = 'park'): PersonSketch {
  return { name: '工作人员', roles: [{ role, organisationId }] };
}

let lastNumber = 0;

/** Writes a person down with what they have. Phones and plates are never used twice. */
export async function newPerson(db: Db, siteId: number, sketch: PersonSketch): Promise<Omit<Person, 'token'>> {
  const number = String(++lastNumber).padStart(5, '0');
  const id = uuidv7();
  const phone = sketch.phone ?? `139000${number}`;
  const now = Date.UTC(2026, 0, 1);
  await db.orm
    .insert(schema.person)
    .values({ siteId, id, phone: `+86${phone}`, name: sketch.name ?? '路人', createdAt: now });
  for (const role of sketch.roles ?? [])
    await db.orm.insert(schema.personRole).values({ siteId, personId: id, ...role });
  const vehicleIds = await inserted(sketch.vehicles ?? [], ({ verified }, vehicleId, index) =>
    db.orm.insert(schema.vehicle).values({
      siteId,
      id: vehicleId,
      personId: id,
      plate: `沪${'ABCDEFGH'[index]}${number}`,
      plateClass: 'ordinary',
      verifiedAt: verified ? now : null,
    }),
  );
  const childIds = await inserted(sketch.children ?? [], ({ grade, verified }, childId, index) =>
    db.orm.insert(schema.child).values({
      siteId,
      id: childId,
      guardianId: id,
      name: `孩子${index + 1}`,
      grade,
      verifiedAt: verified ? now : null,
    }),
  );
  return { id, phone, vehicleIds, childIds };
}

async function inserted<Sketch>(
  sketches: readonly Sketch[],
  insert: (sketch: Sketch, id: string, index: number) => PromiseLike<unknown>,
): Promise<string[]> {
  const ids = sketches.map(() => uuidv7());
  for (const [index, sketch] of sketches.entries()) await insert(sketch, ids[index]!, index);
  return ids;
}
