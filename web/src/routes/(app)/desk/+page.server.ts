import { error, fail, redirect } from '@sveltejs/kit';
import { allPages } from '$lib/all-pages.ts';
import { apiClient, required, unwrap, type Slot } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn, weekStart, type IsoDate } from '$lib/i18n/dates.ts';
import { en } from '$lib/i18n/en.ts';
import { zhCN } from '$lib/i18n/zh-CN.ts';
import { signInPath } from '$lib/page-paths.ts';
import { serviceOrder } from '$lib/services.ts';
import { faultOf, wantedIn, type Wanted } from './capacity-form.ts';
import { made, planned, undone } from './capacity-change.ts';
import type { Actions, PageServerLoad } from './$types';

/** What one manages, and a week of it. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const managed = await allPages((cursor) =>
    unwrap(api.resources.$get({ query: { managed: 'true', ...(cursor && { cursor }) } })),
  );
  const resources = managed.filter(
    ({ kind, facts }) => kind !== 'childcare' || !('type' in facts) || facts.type === 'summer',
  );
  const resource = resources.find(({ id }) => id === url.searchParams.get('resource')) ?? resources[0];
  // A committee manages no resource: its desk is its agreements.
  if (resource === undefined && me.roles.some(({ role }) => role === 'committee')) redirect(303, '/desk/agreements');
  if (resource === undefined) error(403);

  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  const monday = weekStart(dateIn(url.searchParams.get('week')) ?? today);
  const week = { from: monday, to: addDays(monday, 6) };
  // A session lasts weeks and there are few: they are shown all at once.
  const range = resource.kind === 'childcare' ? {} : week;
  const [slots, calendar, changes] = await Promise.all([
    allPages((cursor) =>
      unwrap(
        api.slots.$get({
          query: { kind: resource.kind, resourceId: resource.id, ...range, ...(cursor && { cursor }) },
        }),
      ),
    ),
    unwrap(api.calendar.days.$get({ query: week })),
    unwrap(api['capacity-changes'].$get({ query: { resourceId: resource.id, limit: '5' } })),
  ]);
  const kinds = serviceOrder.filter((kind) => resources.some((each) => each.kind === kind));
  return {
    kinds,
    resources,
    resource,
    today,
    week,
    slots: slots satisfies Slot[],
    days: required(calendar).items,
    changes: required(changes).items,
    mode: url.searchParams.get('mode') === 'pattern' ? ('pattern' as const) : ('slots' as const),
    key: crypto.randomUUID(),
  };
};

const dateIn = (text: string | null): IsoDate | null =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text)) ? text : null;

export const actions: Actions = {
  plan: async ({ fetch, locals, request }) => {
    const wanted = wantedIn(await request.formData());
    const fault = faultOf(wanted);
    if (fault !== null) return fail(422, { step: 'fault' as const, wanted, fault });
    return shownPlan(fetch, locals.lang, wanted, false);
  },

  apply: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const wanted = wantedIn(form);
    const fault = faultOf(wanted);
    if (fault !== null) return fail(422, { step: 'fault' as const, wanted, fault });
    const api = apiClient(fetch, locals.lang);
    const { answer } = await made(api, wanted, textOf(form, 'tag'), textOf(form, 'key') || crypto.randomUUID());
    if (answer.ok) return { step: 'applied' as const, wanted, plan: answer.value, key: crypto.randomUUID() };
    // Somebody was faster, or has booked since: the plan as it is now says more than a refusal.
    if (answer.problem.name === 'stale' || answer.problem.name === 'below-booked') {
      return shownPlan(fetch, locals.lang, wanted, answer.problem.name === 'stale');
    }
    return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
  },

  undo: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const t = locals.lang === 'en' ? en : zhCN;
    const answer = await undone(apiClient(fetch, locals.lang), textOf(form, 'change'), {
      reason: t.desk.undoReason(textOf(form, 'reason')).slice(0, 200),
      key: textOf(form, 'key') || crypto.randomUUID(),
    });
    if (answer.ok) return { step: 'undone' as const, undone: answer.value };
    return fail(answer.problem.status, { step: 'refused' as const, wanted: null, problem: answer.problem });
  },
};

async function shownPlan(fetch: typeof globalThis.fetch, lang: App.Locals['lang'], wanted: Wanted, isStale: boolean) {
  const { answer, tag } = await planned(apiClient(fetch, lang), wanted);
  if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
  return { step: 'plan' as const, wanted, plan: answer.value, tag, isStale, key: crypto.randomUUID() };
}
