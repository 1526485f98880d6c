import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** My vehicles; `?change=` and `?remove=` name the one that is being dealt with. */
export const load: PageServerLoad = async ({ url, parent }) => {
  const { me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const named = (name: string) => me.vehicles.find(({ id }) => id === url.searchParams.get(name)) ?? null;
  return {
    vehicles: me.vehicles,
    changing: named('change'),
    removing: named('remove'),
    added: named('added'),
    done: (['changed', 'removed'] as const).find((name) => url.searchParams.has(name)) ?? null,
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  add: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const plate = textOf(form, 'plate').slice(0, 40);
    const added = await unwrap(apiClient(fetch, locals.lang).me.vehicles.$post({ json: { plate } }, idempotency(form)));
    if (added.ok) redirect(303, `/me/vehicles?added=${added.value.id}`);
    if (added.problem.status === 401) redirect(303, signInPath(url));
    return fail(added.problem.status, { step: 'add' as const, plate, problem: added.problem });
  },

  plan: async ({ request, fetch, locals, url }) => changed(await request.formData(), fetch, locals.lang, url, true),
  change: async ({ request, fetch, locals, url }) => changed(await request.formData(), fetch, locals.lang, url, false),

  remove: async ({ request, fetch, locals, url }) => {
    const id = textOf(await request.formData(), 'vehicle');
    const removed = await unwrap(apiClient(fetch, locals.lang).me.vehicles[':id'].$delete({ param: { id } }));
    if (removed.ok) redirect(303, '/me/vehicles?removed=1');
    if (removed.problem.status === 401) redirect(303, signInPath(url));
    return fail(removed.problem.status, { step: 'remove' as const, plate: '', problem: removed.problem });
  },
};

async function changed(
  form: FormData,
  fetch: typeof globalThis.fetch,
  lang: App.Locals['lang'],
  url: URL,
  isDryRun: boolean,
) {
  const plate = textOf(form, 'plate').slice(0, 40);
  const change = await unwrap(
    apiClient(fetch, lang).me.vehicles[':id'].$patch({
      param: { id: textOf(form, 'vehicle') },
      query: { dryRun: isDryRun ? 'true' : 'false' },
      json: { plate },
    }),
  );
  if (!change.ok && change.problem.status === 401) redirect(303, signInPath(url));
  if (!change.ok) return fail(change.problem.status, { step: 'change' as const, plate, problem: change.problem });
  if (!isDryRun) redirect(303, '/me/vehicles?changed=1');
  return { step: 'plan' as const, plan: change.value };
}
