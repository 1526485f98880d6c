import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../api/engine/doctor.ts';
import type { Db, OpenDb } from '../../db/db.ts';
import { aScene, type Scene } from './doctor-scene.ts';
import { cancelWithoutPromotion, headsThatFit, plantedRows, withPlanted } from './planted-rows.ts';

/** What the doctor says of a database, e.g. `1 slot 7`; of keys and transfers, whose ids no test knows, the kind alone. */
async function findings(db: Db): Promise<string[]> {
  const { broken } = await examine(db);
  return broken.map(({ invariant, row }) => `${invariant} ${row.replace(/^(key|transfer) .*/, '$1')}`).toSorted();
}

/** The doctor's tests, the same over both databases; `open` gives one that holds the demo site. */
export function testDoctorOver(open: () => Promise<OpenDb>): void {
  let db: OpenDb;
  let scene: Scene;
  beforeAll(async () => {
    db = await open();
    scene = await aScene(db);
  });
  afterAll(() => db.close());

  test('a site that is in use is sound', async () => {
    expect(await examine(db)).toEqual({ broken: [], cutRules: [] });
  });

  test.each(plantedRows)('%s is found, and nothing else', async (_name, plant, found) => {
    expect(await withPlanted(db, plant(scene), findings)).toEqual(found(scene).toSorted());
  });

  describe('a seat comes free and nobody is offered it', () => {
    test.each(headsThatFit)('%s: the head is named if it could have it', async (_name, plant, isReported) => {
      const found = await withPlanted(db, [...cancelWithoutPromotion(scene), ...plant(scene)], findings);
      expect(found).toEqual(isReported ? [`5 entry ${scene.entry}`] : []);
    });
  });

  test('of many broken rows it names as many as asked for, and says that there are more', async () => {
    const diagnosis = await withPlanted(db, ['UPDATE slot SET version = 9'], (tx) => examine(tx, 3));
    expect(diagnosis.broken.map(({ invariant }) => invariant)).toEqual([6, 6, 6]);
    expect(diagnosis.cutRules).toEqual(['the events of a slot come to its capacity and state']);
  });
}
