import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap, type Answer, type ApiClient, type RunPlan } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';
import { addDays, datesIn, type IsoDate } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

const shownDays = 14;

/** For the dispatcher: the runs of a day, how full each leg is, and what was changed. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const { shuttle } = apiClient(fetch, locals.lang);
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  const date = dateIn(url.searchParams.get('date')) ?? today;
  const [runs, changes, lines] = await Promise.all([
    unwrap(shuttle.runs.$get({ query: { date } })),
    unwrap(shuttle['run-changes'].$get({ query: { date } })),
    unwrap(shuttle.timetables.$get({ query: {} })),
  ]);
  if (!changes.ok && changes.problem.status === 404) error(403);
  const own = required(lines).items.map(({ lineId }) => lineId);
  return {
    today,
    date,
    dates: Array.from({ length: shownDays }, (_, index) => addDays(date < today ? date : today, index)),
    lineId: own[0] ?? '',
    runs: required(runs).items.filter(({ lineId }) => own.includes(lineId)),
    changes: required(changes).items,
    /** Which run is being changed, or that one is added. */
    changing: url.searchParams.get('run'),
    isAdding: url.searchParams.has('add'),
    done: url.searchParams.get('done'),
    key: crypto.randomUUID(),
  };
};

const dateIn = (text: string | null): IsoDate | null =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text)) ? text : null;

const kinds = ['retimed', 'flipped', 'cancelled'] as const;

const wantedIn = (form: FormData) => ({
  date: textOf(form, 'date'),
  run: textOf(form, 'run'),
  kind: kinds.find((kind) => kind === textOf(form, 'kind')) ?? ('retimed' as const),
  departs: textOf(form, 'departs'),
  direction: textOf(form, 'direction') === 'outbound' ? ('outbound' as const) : ('inbound' as const),
  line: textOf(form, 'line'),
  reason: wordsOf(form, 'reason'),
  isNew: textOf(form, 'new') !== '',
});
type Wanted = ReturnType<typeof wantedIn>;

function faultOf({ reason, kind, departs, isNew }: Wanted): 'reason' | 'departs' | null {
  if ((isNew || kind === 'retimed') && !/^([01]\d|2[0-3]):[0-5]\d$/.test(departs)) return 'departs';
  return reason === '' ? 'reason' : null;
}

/** What a change would do or does, and the tag of what it was made from. */
async function sent(
  api: ApiClient,
  wanted: Wanted,
  dryRun: boolean,
  headers: Record<string, string>,
): Promise<{ answer: Answer<RunPlan>; tag: string }> {
  const { date, run, kind, departs, direction, line, reason } = wanted;
  const call = () => {
    if (wanted.isNew) {
      const json = { serviceDate: date, departs, direction, lineId: line, reason, dryRun };
      return api.shuttle.runs.$post({ json }, { headers });
    }
    const json =
      kind === 'cancelled'
        ? { kind, reason, dryRun }
        : kind === 'retimed'
          ? { kind, departs, reason, dryRun }
          : { kind, reason, dryRun, ...(departs !== '' && { departs }) };
    return api.shuttle.runs[':runId'].days[':date'].changes.$post({ param: { runId: run, date }, json }, { headers });
  };
  const response = await call();
  const tag = response.headers.get('etag') ?? '';
  return { answer: await unwrap(Promise.resolve(response)), tag };
}

export const actions: Actions = {
  plan: async ({ fetch, locals, request }) => {
    const wanted = wantedIn(await request.formData());
    const fault = faultOf(wanted);
    if (fault !== null) return fail(422, { step: 'fault' as const, wanted, fault });
    const { answer, tag } = await sent(apiClient(fetch, locals.lang), wanted, true, {});
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    return { step: 'plan' as const, wanted, plan: answer.value, tag, key: crypto.randomUUID() };
  },

  apply: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const wanted = wantedIn(form);
    const tag = textOf(form, 'tag');
    const headers = { ...idempotency(form).headers, ...(tag !== '' && { 'if-match': tag }) };
    const { answer } = await sent(apiClient(fetch, locals.lang), wanted, false, headers);
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    redirect(303, `/desk/shuttle?date=${wanted.date}&done=changed`);
  },

  planUndo: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    return undone(apiClient(fetch, locals.lang), form, true);
  },

  undo: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    return undone(apiClient(fetch, locals.lang), form, false);
  },
};

async function undone(api: ApiClient, form: FormData, dryRun: boolean) {
  const id = textOf(form, 'change');
  const answer = await unwrap(
    api.shuttle['run-changes'][':id'].undo.$post({ param: { id }, json: { dryRun } }, idempotency(form)),
  );
  if (!answer.ok) return fail(answer.problem.status, { step: 'not-undone' as const, id, problem: answer.problem });
  if (!dryRun) redirect(303, `/desk/shuttle?date=${textOf(form, 'date')}&done=undone`);
  return { step: 'undo' as const, id, plan: answer.value, key: crypto.randomUUID() };
}
