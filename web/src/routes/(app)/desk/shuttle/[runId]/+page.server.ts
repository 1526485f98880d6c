import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import { qrPicture } from '$lib/qr-picture.ts';
import type { Actions, PageServerLoad } from './$types';

/** The links that are shown are the latest: a run has few at a time. */
const linksShown = '20';

const dateIn = (url: URL, today: string) => {
  const date = url.searchParams.get('date') ?? '';
  return /^\d{4}-\d\d-\d\d$/.test(date) ? date : today;
};

/** For the dispatcher: one run on one date, who boards where and who has, and the links of its driver. */
export const load: PageServerLoad = async ({ fetch, locals, params, url, parent }) => {
  const { me, site } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const query = { runId: params.runId, serviceDate: dateIn(url, site.now.slice(0, 10)) };
  const { shuttle } = apiClient(fetch, locals.lang);
  const [manifest, links] = await Promise.all([
    unwrap(shuttle.manifest.$get({ query })),
    unwrap(shuttle['driver-links'].$get({ query: { ...query, limit: linksShown } })),
  ]);
  if (!links.ok && links.problem.status === 404) error(403);
  if (!manifest.ok && manifest.problem.name !== 'not-running') required(manifest);
  return {
    date: query.serviceDate,
    manifest: manifest.ok ? manifest.value : null,
    links: required(links).items,
    /** Which link is about to be revoked. */
    revoking: url.searchParams.get('revoke'),
    isRevoked: url.searchParams.has('revoked'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  make: async ({ fetch, locals, params, request, url }) => {
    if (locals.me === null || locals.site === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const json = { runId: params.runId, serviceDate: dateIn(url, locals.site.now.slice(0, 10)) };
    const links = apiClient(fetch, locals.lang).shuttle['driver-links'];
    const made = await unwrap(links.$post({ json }, idempotency(form)));
    if (!made.ok) return fail(made.problem.status, { step: 'refused' as const, problem: made.problem });
    const address = url.origin + made.value.path;
    return { step: 'made' as const, address, qr: qrPicture(address) };
  },
  revoke: async ({ fetch, locals, params, request, url }) => {
    if (locals.me === null || locals.site === null) redirect(303, signInPath(url));
    const id = textOf(await request.formData(), 'link');
    const links = apiClient(fetch, locals.lang).shuttle['driver-links'];
    const revoked = await unwrap(links[':id'].revoke.$post({ param: { id } }));
    if (!revoked.ok) return fail(revoked.problem.status, { step: 'refused' as const, problem: revoked.problem });
    redirect(303, `/desk/shuttle/${params.runId}?date=${dateIn(url, locals.site.now.slice(0, 10))}&revoked=1`);
  },
};
