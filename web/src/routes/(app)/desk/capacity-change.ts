import { unwrap, type Answer, type ApiClient, type CapacityPlan } from '$lib/api.ts';
import { changeOf, type Restoration, type Wanted } from './capacity-form.ts';

type ChangeBody = Parameters<ApiClient['capacity-changes']['$post']>[0]['json'];

/** A plan and the tag of what it was made from (`ETag`), to send back as `If-Match`. */
export type Tagged = { answer: Answer<CapacityPlan>; tag: string };

/** What a change would do. */
export const planned = (api: ApiClient, wanted: Wanted): Promise<Tagged> => post(api, changeOf(wanted, true), {});

/** Makes the change if nobody has changed those slots since the plan with this tag. */
export const made = (api: ApiClient, wanted: Wanted, tag: string, key: string): Promise<Tagged> =>
  post(api, changeOf(wanted, false), { 'if-match': tag, 'idempotency-key': key });

/**
 * Gives slots their former capacities back, unless somebody has changed them since: `stale` then, and nothing is done. `expected`
 * is the capacity that they have now as far as the administrator knows.
 */
export async function restored(
  api: ApiClient,
  restorations: readonly Restoration[],
  { expected, reason, key }: { expected: number; reason: string; key: string },
): Promise<{ ok: true } | { ok: false; isStale: boolean; problem: Answer<CapacityPlan> | null }> {
  const tags: string[] = [];
  for (const { slotIds, capacity } of restorations) {
    const { answer, tag } = await post(api, bodyOf(slotIds, capacity, reason, true), {});
    if (!answer.ok) return { ok: false, isStale: false, problem: answer };
    const isUntouched = answer.value.changes.every(({ before }) => before === expected);
    if (!isUntouched) return { ok: false, isStale: true, problem: null };
    tags.push(tag);
  }
  for (const [index, { slotIds, capacity }] of restorations.entries()) {
    const headers = { 'if-match': tags[index] ?? '', 'idempotency-key': `${key}-${index}` };
    const { answer } = await post(api, bodyOf(slotIds, capacity, reason, false), headers);
    if (!answer.ok) return { ok: false, isStale: answer.problem.name === 'stale', problem: answer };
  }
  return { ok: true };
}

const bodyOf = (slotIds: string[], capacity: number, reason: string, dryRun: boolean): ChangeBody => ({
  slotIds,
  capacity,
  reason,
  onExcess: 'refuse',
  dryRun,
});

async function post(api: ApiClient, json: ChangeBody, headers: Record<string, string>): Promise<Tagged> {
  const response = await api['capacity-changes'].$post({ json }, { headers });
  const tag = response.headers.get('etag') ?? '';
  return { answer: await unwrap(Promise.resolve(response)), tag };
}
