import { expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee } from '../support/person.ts';
import { aSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';
import { sweep } from '../../api/sweep.ts';

test('the sweep forgets where people were once it is over, and nothing that is still ahead', async () => {
  // By the database's clock as well: so both rides are of the past and the future of whoever runs this.
  const site = await aSite([aRun()], { now: '2020-01-06T06:00:00+08:00' });
  const [past, ahead] = [await site.person(anEmployee()), await site.person(anEmployee())];
  const booked = await past.post('/bookings', aRide({ serviceDate: '2020-01-06' }));
  await ahead.post('/bookings', aRide({ serviceDate: '2020-01-07' }));
  const claimants = async () => {
    const rows = await site.db.query<{ id: string }>(
      'SELECT claimant_id AS id FROM claim WHERE site_id = $1 ORDER BY lower(during)',
      [site.id],
    );
    return rows.map(({ id }) => id);
  };
  expect(await claimants()).toEqual([past.id, ahead.id]);
  site.clock.set('2020-01-06T08:25:00+08:00');
  await sweep(site.db, site.clock, site.code);
  expect(await claimants()).toEqual([ahead.id]);
  expect((await past.get(`/bookings/${booked.body.id}`)).body.state).toBe('no_show');
  expect(problemOf(await ahead.post('/bookings', aRide({ serviceDate: '2020-01-07' })))).toBe('overlap');
});
