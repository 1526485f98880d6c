import { unwrap, type ApiClient, type ServiceAlert } from './api.ts';

/** What riders should know of now. A page that cannot get it goes without. */
export async function currentAlerts(api: Pick<ApiClient, 'shuttle'>): Promise<ServiceAlert[]> {
  const answer = await unwrap(api.shuttle.alerts.$get({ query: {} }));
  return answer.ok ? answer.value.items : [];
}
