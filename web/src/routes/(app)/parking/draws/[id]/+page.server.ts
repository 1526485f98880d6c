import { apiClient, required, unwrap } from '$lib/api.ts';
import type { PageServerLoad } from './$types';

/** What is published of a draw, for anybody. */
export const load: PageServerLoad = async ({ fetch, locals, params }) => {
  const api = apiClient(fetch, locals.lang);
  const [drawn, resources] = await Promise.all([
    unwrap(api.parking.rounds[':id'].draw.$get({ param: { id: params.id } })),
    unwrap(api.resources.$get({ query: { kind: 'parking', limit: '200' } })),
  ]);
  const draw = required(drawn);
  return { draw, lot: required(resources).items.find(({ id }) => id === draw.resourceId) ?? null };
};
