import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

const pageSize = '10';
/** Of these all are wanted at once: a lot has few spaces. */
const lateSize = '50';

/** For those who run parking: who is late now, which appeals wait, and all overstays, latest first. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const cursor = url.searchParams.get('cursor');
  const { overstays } = apiClient(fetch, locals.lang).parking;
  const managed = { managed: 'true' } as const;
  const late = await unwrap(overstays.$get({ query: { ...managed, late: 'true', limit: lateSize } }));
  if (!late.ok && late.problem.status === 404) error(403);
  const [appeals, all] = await Promise.all([
    unwrap(overstays.$get({ query: { ...managed, state: 'appealed', limit: lateSize } })).then(required),
    unwrap(overstays.$get({ query: { ...managed, limit: pageSize, ...(cursor !== null && { cursor }) } })).then(
      required,
    ),
  ]);
  const { items, nextCursor } = required(late);
  return {
    late: items,
    hasMoreLate: nextCursor !== null,
    appeals: appeals.items,
    all: all.items,
    nextCursor: all.nextCursor,
    isFirstPage: cursor === null,
    decides: locals.me.roles.some(({ role }) => role === 'site-administrator'),
    /** Which of them is being waived or commented. */
    waiving: url.searchParams.get('waive'),
    commenting: url.searchParams.get('comment'),
    done: doneIn(url.searchParams.get('done')),
    key: crypto.randomUUID(),
  };
};

const steps = ['granted', 'upheld', 'waived', 'commented'] as const;
const doneIn = (text: string | null) => steps.find((step) => step === text) ?? null;

export const actions: Actions = {
  decide: async (event) => {
    const form = await event.request.formData();
    const granted = textOf(form, 'granted') === 'true';
    return said(event, form, granted ? 'granted' : 'upheld');
  },
  waive: async (event) => said(event, await event.request.formData(), 'waived'),
  comment: async (event) => said(event, await event.request.formData(), 'commented'),
};

async function said({ fetch, locals, url }: RequestEvent, form: FormData, step: (typeof steps)[number]) {
  if (locals.me === null) redirect(303, signInPath(url));
  const [id, text, version] = [textOf(form, 'overstay'), wordsOf(form, 'text'), textOf(form, 'version')];
  if (text === '') return fail(422, { step: 'fault' as const, id });
  const { headers } = idempotency(form);
  const options = { headers: { ...headers, ...(version !== '' && { 'if-match': `"${version}"` }) } };
  const overstay = apiClient(fetch, locals.lang).parking.overstays[':id'];
  const call = { param: { id } };
  const answers = {
    granted: () => overstay.decision.$post({ ...call, json: { granted: true, reason: text } }, options),
    upheld: () => overstay.decision.$post({ ...call, json: { granted: false, reason: text } }, options),
    waived: () => overstay.waiver.$post({ ...call, json: { reason: text } }, options),
    commented: () => overstay.comment.$post({ ...call, json: { text } }, options),
  };
  const answer = await unwrap(answers[step]());
  if (answer.ok) redirect(303, `/desk/overstays?done=${step}`);
  return fail(answer.problem.status, { step: 'refused' as const, id, problem: answer.problem });
}
