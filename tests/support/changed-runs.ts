import { staff } from './person.ts';
import type { TestSite } from './site.ts';

type Change = { kind: 'retimed'; departs: string } | { kind: 'cancelled' } | { kind: 'flipped' };

async function dispatch(site: TestSite, path: string, body: object) {
  const dispatcher = await site.person(staff('dispatcher'));
  const answer = await dispatcher.post(path, { reason: '车辆故障', ...body });
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  // What was added is a run of the catalogue.
  site.forgetSurroundings();
  return answer.body;
}

/** Lets the dispatcher change a run for a date. */
export const changeRun = (site: TestSite, runId: string, date: string, change: Change): Promise<unknown> =>
  dispatch(site, `/shuttle/runs/${runId}/days/${date}/changes`, change);

/** Lets the dispatcher add an inbound run for a date. @returns its id. */
export async function addRun(site: TestSite, serviceDate: string, departs: string): Promise<string> {
  const made = await dispatch(site, '/shuttle/runs', { serviceDate, departs, direction: 'inbound', lineId: 'tidal' });
  return made.after.runId as string;
}
