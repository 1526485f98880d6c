import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap, type ApiClient, type LineTimetables } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** For the dispatcher: the timetables of a line, and a form for a new one that begins as the last one is. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const { shuttle } = apiClient(fetch, locals.lang);
  const answer = await unwrap(shuttle.timetables.$get({ query: {} }));
  if (!answer.ok && answer.problem.status === 404) error(403);
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  return {
    lines: required(answer).items,
    today,
    tomorrow: addDays(today, 1),
    done: url.searchParams.get('done'),
    key: crypto.randomUUID(),
  };
};

type Run = LineTimetables['versions'][number]['runs'][number];

/** Each run of the line stands in the form with its time and direction; those that are ticked run. */
function wantedIn(form: FormData) {
  const runs = form.getAll('run').flatMap((value): (Run & { isOn: boolean })[] => {
    if (typeof value !== 'string') return [];
    return [
      {
        runId: value,
        departs: textOf(form, `departs-${value}`),
        direction: textOf(form, `direction-${value}`) === 'outbound' ? 'outbound' : 'inbound',
        isOn: textOf(form, `on-${value}`) !== '',
      },
    ];
  });
  return { lineId: textOf(form, 'line'), validFrom: textOf(form, 'from'), reason: wordsOf(form, 'reason'), runs };
}
type Wanted = ReturnType<typeof wantedIn>;

const isWhole = ({ validFrom, reason, runs }: Wanted): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(validFrom) &&
  reason !== '' &&
  runs.some(({ isOn }) => isOn) &&
  runs.every(({ isOn, departs }) => !isOn || /^([01]\d|2[0-3]):[0-5]\d$/.test(departs));

function sent(api: ApiClient, wanted: Wanted, dryRun: boolean, headers: Record<string, string>) {
  const { lineId, validFrom, reason } = wanted;
  const runs = wanted.runs
    .filter(({ isOn }) => isOn)
    .map(({ runId, departs, direction }) => ({ runId, departs, direction }));
  return api.shuttle.timetables.$post({ json: { lineId, validFrom, runs, reason, dryRun } }, { headers });
}

export const actions: Actions = {
  plan: async ({ fetch, locals, request }) => {
    const wanted = wantedIn(await request.formData());
    if (!isWhole(wanted)) return fail(422, { step: 'fault' as const, wanted });
    const response = await sent(apiClient(fetch, locals.lang), wanted, true, {});
    const tag = response.headers.get('etag') ?? '';
    const answer = await unwrap(Promise.resolve(response));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    return { step: 'plan' as const, wanted, plan: answer.value, tag, key: crypto.randomUUID() };
  },

  apply: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const wanted = wantedIn(form);
    const tag = textOf(form, 'tag');
    const headers = { ...idempotency(form).headers, ...(tag !== '' && { 'if-match': tag }) };
    const answer = await unwrap(sent(apiClient(fetch, locals.lang), wanted, false, headers));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    redirect(303, '/desk/shuttle/timetables?done=made');
  },

  planUndo: async ({ fetch, locals, request }) => undone(apiClient(fetch, locals.lang), await request.formData(), true),

  undo: async ({ fetch, locals, request }) => undone(apiClient(fetch, locals.lang), await request.formData(), false),
};

async function undone(api: ApiClient, form: FormData, dryRun: boolean) {
  const id = textOf(form, 'version');
  const answer = await unwrap(
    api.shuttle.timetables[':id'].undo.$post({ param: { id }, json: { dryRun } }, idempotency(form)),
  );
  if (!answer.ok) return fail(answer.problem.status, { step: 'not-undone' as const, id, problem: answer.problem });
  if (!dryRun) redirect(303, '/desk/shuttle/timetables?done=undone');
  return { step: 'undo' as const, id, plan: answer.value, key: crypto.randomUUID() };
}
