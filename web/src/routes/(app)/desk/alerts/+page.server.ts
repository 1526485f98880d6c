import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap, type ResourceOf } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import { faultOf, requestOf, wantedIn } from './alert-form.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

const pageSize = '20';

/** For those who dispatch: what riders are told, what they were told, and a form for more. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const cursor = url.searchParams.get('cursor');
  const api = apiClient(fetch, locals.lang);
  const query = { managed: 'true' as const, limit: pageSize, ...(cursor !== null && { cursor }) };
  const [listed, resources] = await Promise.all([
    unwrap(api.shuttle.alerts.$get({ query })),
    unwrap(api.resources.$get({ query: { kind: 'shuttle', limit: '200' } })),
  ]);
  if (!listed.ok && listed.problem.status === 404) error(403);
  const { items, nextCursor } = required(listed);
  const runs = required(resources).items.filter((run): run is ResourceOf<'shuttle'> => run.kind === 'shuttle');
  const isLive = ({ state }: (typeof items)[number]) => state === 'current' || state === 'upcoming';
  return {
    live: items.filter(isLive),
    past: items.filter((alert) => !isLive(alert)),
    nextCursor,
    isFirstPage: cursor === null,
    lineIds: [...new Set(runs.map(({ facts }) => facts.lineId))],
    runs: runs.map(({ id, name }) => ({ id, name })),
    stops: [
      ...new Map(runs.flatMap(({ facts }) => facts.stops.map(({ stopId, name }) => [stopId, name] as const))),
    ].map(([id, name]) => ({ id, name })),
    done: doneIn(url.searchParams.get('done')),
    /** The alert that was just ended: its ending can be taken back at once. */
    doneId: url.searchParams.get('alert'),
    key: crypto.randomUUID(),
  };
};

const dones = ['published', 'ended', 'resumed'] as const;
const doneIn = (text: string | null) => dones.find((done) => done === text) ?? null;

export const actions: Actions = {
  /** Shows what riders would see, or what is missing. */
  review: async ({ request }) => {
    const wanted = wantedIn(await request.formData());
    const fault = faultOf(wanted);
    if (fault !== null) return fail(422, { step: 'fault' as const, wanted, fault });
    return { step: 'review' as const, wanted, key: crypto.randomUUID() };
  },

  edit: async ({ request }) => ({ step: 'edit' as const, wanted: wantedIn(await request.formData()) }),

  publish: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const wanted = wantedIn(form);
    const { alerts } = apiClient(fetch, locals.lang).shuttle;
    const answer = await unwrap(alerts.$post({ json: requestOf(wanted) }, idempotency(form)));
    if (answer.ok) redirect(303, '/desk/alerts?done=published');
    return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
  },

  end: (event) => stepped(event, 'end'),
  undo: (event) => stepped(event, 'undo'),
};

async function stepped({ fetch, locals, request, url }: RequestEvent, step: 'end' | 'undo') {
  if (locals.me === null) redirect(303, signInPath(url));
  const form = await request.formData();
  const [id, version] = [textOf(form, 'alert'), textOf(form, 'version')];
  const { headers } = idempotency(form);
  const options = { headers: { ...headers, ...(version !== '' && { 'if-match': `"${version}"` }) } };
  const alert = apiClient(fetch, locals.lang).shuttle.alerts[':id'];
  const answer = await unwrap(alert[step].$post({ param: { id } }, options));
  if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
  redirect(303, `/desk/alerts?done=${step === 'end' ? 'ended' : 'resumed'}&alert=${id}`);
}
