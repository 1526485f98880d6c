import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** For those who run a line: today's timetable beside the one that would serve most. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { advice } = apiClient(fetch, locals.lang).shuttle;
  const chosen = periodIn(url);
  const asked = await unwrap(advice.$get({ query: chosen }));
  if (!asked.ok && asked.problem.status === 404) error(403);
  const refused = asked.ok || chosen.from === undefined ? null : asked.problem;
  const done = url.searchParams.get('done');
  return {
    // Dates that the advisor refuses are said so, above what it says of the usual ones.
    advice: required(refused ? await unwrap(advice.$get({ query: {} })) : asked),
    refused,
    accepted: isDate(done) ? done : null,
    key: crypto.randomUUID(),
  };
};

const isDate = (text: string | null): text is string => text !== null && /^20\d\d-\d\d-\d\d$/.test(text);

/** The dates of the demand; both or none. */
function periodIn({ searchParams }: URL): { from?: string; to?: string } {
  const [from, to] = [searchParams.get('from'), searchParams.get('to')];
  return isDate(from) && isDate(to) ? { from, to } : {};
}

export const actions: Actions = {
  /** Shows what the proposal would mean for riders from a date on. */
  plan: async (event) => {
    const { wanted, send } = await proposalIn(event);
    if (!isDate(wanted.validFrom)) return fail(422, { step: 'fault' as const, fault: 'date' as const, wanted });
    if (wanted.reason === '') return fail(422, { step: 'fault' as const, fault: 'reason' as const, wanted });
    const response = await send(true, {});
    const tag = response.headers.get('etag') ?? '';
    const plan = await unwrap(Promise.resolve(response));
    if (!plan.ok) return fail(plan.problem.status, { step: 'refused' as const, problem: plan.problem, wanted });
    return { step: 'planned' as const, plan: plan.value, tag, wanted };
  },
  /** Does exactly that, if nothing has changed meanwhile. */
  accept: async (event) => {
    const { form, wanted, send } = await proposalIn(event);
    const made = await unwrap(send(false, { ...idempotency(form).headers, 'if-match': textOf(form, 'tag') }));
    if (made.ok) redirect(303, `/desk/advisor?done=${wanted.validFrom}`);
    return fail(made.problem.status, { step: 'refused' as const, problem: made.problem, wanted });
  },
};

type ProposedRun = { runId: string; departs: string; direction: 'inbound' | 'outbound' };

/** What was proposed when the page was made, which is what is accepted: by now the advisor may say something else. */
async function proposalIn({ request, fetch, locals, url }: RequestEvent) {
  if (locals.me === null) redirect(303, signInPath(url));
  const form = await request.formData();
  const wanted = {
    ...{ validFrom: textOf(form, 'validFrom'), reason: wordsOf(form, 'reason') },
    ...{ lineId: textOf(form, 'lineId'), runs: textOf(form, 'runs') },
  };
  const runs = wanted.runs.split(',').map((text): ProposedRun => {
    const [runId = '', departs = '', direction = ''] = text.split(' ');
    return { runId, departs, direction: direction === 'inbound' ? 'inbound' : 'outbound' };
  });
  const { validFrom, reason, lineId } = wanted;
  const { timetables } = apiClient(fetch, locals.lang).shuttle;
  const send = (dryRun: boolean, headers: Record<string, string>) =>
    timetables.$post({ json: { lineId, validFrom, reason, runs, dryRun } }, { headers });
  return { form, wanted, send };
}
