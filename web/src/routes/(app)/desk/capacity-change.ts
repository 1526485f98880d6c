import { unwrap, type Answer, type ApiClient, type CapacityPlan, type UndoPlan } from '$lib/api.ts';
import { changeOf, type Wanted } from './capacity-form.ts';

type ChangeBody = Parameters<ApiClient['capacity-changes']['$post']>[0]['json'];

/** A plan and the tag of what it was made from (`ETag`), to send back as `If-Match`. */
export type Tagged = { answer: Answer<CapacityPlan>; tag: string };

/** What a change would do. */
export const planned = (api: ApiClient, wanted: Wanted): Promise<Tagged> => post(api, changeOf(wanted, true), {});

/** Makes the change if nobody has changed those slots since the plan with this tag. */
export const made = (api: ApiClient, wanted: Wanted, tag: string, key: string): Promise<Tagged> =>
  post(api, changeOf(wanted, false), { 'if-match': tag, 'idempotency-key': key });

/** Takes a change back, if nothing depends on it yet. */
export const undone = (
  api: ApiClient,
  changeId: string,
  { reason, key }: { reason: string; key: string },
): Promise<Answer<UndoPlan>> =>
  unwrap(
    api['capacity-changes'][':id'].undo.$post(
      { param: { id: changeId }, json: { reason, dryRun: false } },
      { headers: { 'idempotency-key': key } },
    ),
  );

async function post(api: ApiClient, json: ChangeBody, headers: Record<string, string>): Promise<Tagged> {
  const response = await api['capacity-changes'].$post({ json }, { headers });
  const tag = response.headers.get('etag') ?? '';
  return { answer: await unwrap(Promise.resolve(response)), tag };
}
