import { beforeEach } from 'vitest';
import { examine } from '../../api/engine/doctor.ts';
import type { AnyBody, Answer, Call } from './call.ts';
import { aRun } from './offers.ts';
import { anEmployee, staff, type Person } from './person.ts';
import { aSite, type TestSite } from './site.ts';
import { aRide } from './slots.ts';

export const day = '2026-11-24';

/** Whoever breaks an invariant on a site's database; other tests' sites keep theirs. */
export const broken = async (site: TestSite) =>
  (await examine(site.db)).broken.filter(({ siteId }) => siteId === site.id);

/** Before each test of a file or a group: run 2 with 3 seats, all booked one after the other, and 2 seats on run 3, which leaves next. */
export function useFullRun() {
  const scene = {} as {
    site: TestSite;
    dispatcher: Person & Call;
    riders: (Person & Call)[];
    bookings: AnyBody[];
    /** Changes how many seats run 2 has; who has to give way does. */
    cut: (capacity: number, more?: object) => Promise<Answer<AnyBody>>;
    /** A rider's booking as they see it now. */
    stateOf: (number: number) => Promise<AnyBody>;
  };
  beforeEach(async () => {
    const site = await aSite([aRun({ seats: 3 }), aRun({ id: 'run-3', seats: 2 }), aRun({ id: 'run-1', seats: 9 })]);
    const dispatcher = await site.person(staff('dispatcher'));
    const riders: (Person & Call)[] = [];
    const bookings: AnyBody[] = [];
    for (let count = 0; count < 3; count++) {
      const rider = await site.person({ ...anEmployee(), name: `林${count}号` });
      site.clock.advance(60);
      bookings.push((await rider.post('/bookings', aRide())).body);
      riders.push(rider);
    }
    Object.assign(scene, {
      site,
      dispatcher,
      riders,
      bookings,
      cut: (capacity: number, more: object = {}) =>
        dispatcher.post('/capacity-changes', {
          ...{ resourceId: 'run-2', from: day, to: day, capacity, reason: '车辆检修', onExcess: 'displace' },
          ...more,
        }),
      stateOf: async (number: number) => (await riders[number]!.get(`/bookings/${bookings[number].id}`)).body,
    });
  });
  return scene;
}
