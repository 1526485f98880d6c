import type { Context } from '../../service.ts';
import { todayOf } from '../run-days.ts';

/** Forgets where buses were once their day is over: it tells where their drivers were as well. Index: the primary key's beginning. */
export async function forgetPositions(context: Context): Promise<void> {
  await context.db.query('DELETE FROM vehicle_position WHERE site_id = $1 AND service_date < $2', [
    context.site.id,
    todayOf(context),
  ]);
}
