import { resources, type SeedResource } from '../../db/seed/caohejing.ts';

/** The Caohejing site's resources, to be varied by the builders below. */
const seeds = new Map(resources().map((resource) => [resource.id, resource]));

function seed(id: string): SeedResource {
  const found = seeds.get(id);
  if (!found) throw new Error(`the seed has no ${id}`);
  return found;
}

function withCapacity(resource: SeedResource, capacity: number | undefined): SeedResource {
  if (capacity === undefined || resource.schedule === null) return resource;
  return { ...resource, schedule: { ...resource.schedule, capacity } };
}

/** A shuttle run: inbound at 08:10 unless another of the ten is named. */
export function aRun({ seats, id = 'run-2' }: { seats?: number; id?: string } = {}): SeedResource {
  return withCapacity(seed(id), seats);
}

/** A night lot: 18:30–08:00 for Hongxing's residents, ¥15 a night and ¥300 a month, unless another agreement is named. */
export function aLot({ spaces, id = 'guangqi-night' }: { spaces?: number; id?: string } = {}): SeedResource {
  return withCapacity(seed(id), spaces);
}

/**
 * A canteen with its dishes: nine pick-up windows from 11:00. A dish on every day first, then one on Mondays, Wednesdays and Fridays
 * (`innovation-hongshao`, `innovation-qingzhengyu`).
 */
export function aCanteen({ perWindow, portions }: { perWindow?: number; portions?: number } = {}): SeedResource[] {
  return [
    withCapacity(seed('innovation'), perWindow),
    withCapacity(seed('innovation-hongshao'), portions),
    withCapacity(seed('innovation-qingzhengyu'), portions),
  ];
}

/** A summer class with two sessions for grades 1 to 5. */
export function aClass({ places, id = 'summer-1-a' }: { places?: number; id?: string } = {}): SeedResource {
  return withCapacity(seed(id), places);
}

/** A nursery takes intents, not bookings: it has no slots. */
export const aNursery = (): SeedResource => seed('nursery-1-a');

/** The whole site, as it is seeded. */
export const wholeSite = (): SeedResource[] => resources();

/** A lot whose agreement says something else, e.g. that its months are drawn. */
export function aLotWith(facts: Readonly<Record<string, unknown>>, lot: Parameters<typeof aLot>[0] = {}): SeedResource {
  const resource = aLot(lot);
  return { ...resource, facts: { ...resource.facts, ...facts } };
}
