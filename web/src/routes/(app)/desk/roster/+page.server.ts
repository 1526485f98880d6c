import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import { chosenFile, imported, keptFile } from './roster-file.ts';
import type { Actions, PageServerLoad } from './$types';

/** A roster with its imports; `?org=`, `?tail=`, `?after=` choose what is shown, `?import=` the report of one import. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const rosters = required(await unwrap(api.rosters.$get())).items;
  const roster = rosters.find(({ organisationId }) => organisationId === url.searchParams.get('org')) ?? rosters[0];
  if (roster === undefined) error(403);
  const { organisationId } = roster;
  const tail = (url.searchParams.get('tail') ?? '').normalize('NFKC').trim().toUpperCase().slice(0, 4);
  const after = url.searchParams.get('after');
  const shownImport = url.searchParams.get('import');
  const [vehicles, imports, report] = await Promise.all([
    unwrap(
      api.rosters[':organisationId'].vehicles.$get({
        param: { organisationId },
        query: { limit: '50', ...(tail && { tail }), ...(after && { cursor: after }) },
      }),
    ),
    unwrap(api.rosters[':organisationId'].imports.$get({ param: { organisationId }, query: { limit: '10' } })),
    shownImport === null
      ? null
      : unwrap(api.rosters[':organisationId'].imports[':id'].$get({ param: { organisationId, id: shownImport } })),
  ]);
  return {
    rosters,
    roster,
    tail,
    // Nonsense in the search box finds nothing; it is no error.
    vehicles: vehicles.ok ? vehicles.value : { items: [], nextCursor: null },
    isFirstPage: after === null,
    imports: required(imports).items,
    report: report?.ok ? report.value : null,
    done: (['added', 'undone'] as const).find((name) => url.searchParams.has(name)) ?? null,
    takenOff: url.searchParams.get('off'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  preview: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const file = await chosenFile(form);
    if (file === null) return fail(422, { step: 'no-file' as const });
    const answer = await imported(fetch, locals.lang, textOf(form, 'org'), file, { isDryRun: true, key: '' });
    if (!answer.ok && answer.problem.status === 401) redirect(303, signInPath(url));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
    return { step: 'preview' as const, report: answer.value, file: keptFile(file) };
  },

  import: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const file = await chosenFile(form);
    if (file === null) return fail(422, { step: 'no-file' as const });
    const org = textOf(form, 'org');
    const key = textOf(form, 'key') || crypto.randomUUID();
    const answer = await imported(fetch, locals.lang, org, file, { isDryRun: false, key });
    if (!answer.ok && answer.problem.status === 401) redirect(303, signInPath(url));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
    redirect(303, `/desk/roster?${new URLSearchParams({ org, import: answer.value.id ?? '' })}#report`);
  },

  add: async ({ request, fetch, locals }) => {
    const form = await request.formData();
    const organisationId = textOf(form, 'org');
    const typed = { plate: textOf(form, 'plate'), phone: textOf(form, 'phone'), note: textOf(form, 'note') };
    const answer = await unwrap(
      apiClient(fetch, locals.lang).rosters[':organisationId'].vehicles.$post(
        { param: { organisationId }, json: typed },
        idempotency(form),
      ),
    );
    if (!answer.ok) return fail(answer.problem.status, { step: 'add' as const, typed, problem: answer.problem });
    redirect(303, `/desk/roster?${new URLSearchParams({ org: organisationId, added: '1' })}`);
  },

  remove: async ({ request, fetch, locals }) => {
    const form = await request.formData();
    const organisationId = textOf(form, 'org');
    const param = { organisationId, id: textOf(form, 'vehicle') };
    const answer = await unwrap(
      apiClient(fetch, locals.lang).rosters[':organisationId'].vehicles[':id'].$delete({ param }),
    );
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
    const { unverified } = answer.value;
    redirect(303, `/desk/roster?${new URLSearchParams({ org: organisationId, off: String(unverified) })}`);
  },

  undo: async ({ request, fetch, locals }) => {
    const form = await request.formData();
    const organisationId = textOf(form, 'org');
    const answer = await unwrap(
      apiClient(fetch, locals.lang).rosters[':organisationId'].imports[':id'].undo.$post(
        { param: { organisationId, id: textOf(form, 'import') } },
        idempotency(form),
      ),
    );
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
    redirect(303, `/desk/roster?${new URLSearchParams({ org: organisationId, undone: '1' })}`);
  },
};
