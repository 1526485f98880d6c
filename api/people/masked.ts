import { and, eq, inArray } from '../../db/orm.ts';
import type { Db } from '../../db/db.ts';
import { person } from '../../db/schema/index.ts';
import { maskPhone } from './phone.ts';

/** A person as staff see them who have to tell people apart, not to know them. */
export type MaskedPerson = { name: string; phone: string };

/** What others see of a name: its first character (docs/domain.md, mask by default). A phone that stands for a name is masked already. */
export function maskName(name: string): string {
  if (name.includes('*')) return name;
  const [first = '', ...rest] = new Intl.Segmenter().segment(name.trim());
  return `${first === '' ? '' : first.segment}${'*'.repeat(Math.min(2, Math.max(1, rest.length)))}`;
}

/** Some people, masked, by id. */
export async function maskedPeople(db: Db, siteId: number, ids: Iterable<string>): Promise<Map<string, MaskedPerson>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const people = await db.orm
    .select({ id: person.id, name: person.name, phone: person.phone })
    .from(person)
    .where(and(eq(person.siteId, siteId), inArray(person.id, wanted)));
  return new Map(people.map(({ id, name, phone }) => [id, { name: maskName(name), phone: maskPhone(phone) }]));
}
