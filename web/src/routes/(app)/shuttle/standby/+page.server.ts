import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import { runOfDay } from './choice.ts';
import type { Actions, PageServerLoad } from './$types';

/** As many days as seats are sold ahead, today included. */
const daysShown = 8;
const pageSize = '10';

/** The runs of a day to stand by for, the chosen one, and the reader's places, latest first. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  const asked = url.searchParams.get('date') ?? '';
  const days = Array.from({ length: daysShown }, (_, index) => addDays(today, index));
  const date = days.includes(asked) ? asked : today;
  const cursor = url.searchParams.get('cursor');
  const [runs, places] = await Promise.all([
    unwrap(api.shuttle.runs.$get({ query: { date } })).then(required),
    me === null
      ? null
      : unwrap(api.shuttle.standby.$get({ query: { limit: pageSize, ...(cursor !== null && { cursor }) } })).then(
          required,
        ),
  ]);
  const running = runs.items.filter((run) => run.state === 'running');
  const choice = runOfDay(running, url.searchParams, Date.parse(site.now));
  return {
    today,
    date,
    days,
    runs: running.filter((run) => run.stops.some(({ closesAt, at }) => closesAt !== null && at > site.now)),
    hasRuns: running.length > 0,
    choice,
    places: places?.items ?? [],
    nextCursor: places?.nextCursor ?? null,
    isFirstPage: cursor === null,
    done: url.searchParams.get('done'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  join: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const joined = await unwrap(
      apiClient(fetch, locals.lang).shuttle.standby.$post(
        {
          json: {
            runId: textOf(form, 'run'),
            serviceDate: textOf(form, 'date'),
            boardStopId: textOf(form, 'from'),
            alightStopId: textOf(form, 'to'),
            seats: Number(textOf(form, 'seats')),
          },
        },
        idempotency(form),
      ),
    );
    if (joined.ok) redirect(303, `/shuttle/standby?done=${joined.value.state === 'admitted' ? 'admitted' : 'joined'}`);
    return fail(joined.problem.status, { step: 'join' as const, problem: joined.problem });
  },

  leave: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const left = await unwrap(
      apiClient(fetch, locals.lang).shuttle.standby[':id'].$delete({ param: { id: textOf(form, 'place') } }),
    );
    if (left.ok) redirect(303, '/shuttle/standby?done=left');
    return fail(left.problem.status, { step: 'leave' as const, problem: left.problem });
  },
};
