import { eq } from '../../../../db/orm.ts';
import { shuttleLine } from '../../../../db/schema/index.ts';
import { dateOf } from '../../../calendar/time.ts';
import type { Context } from '../../service.ts';
import type { Wishes } from '../../wishes.ts';
import { advisorRule } from './advisor-rules.ts';
import { forgetOldWishes, writeWishes } from './ride-wishes.ts';

/** Writes down what this process has counted, and forgets what no line of the site looks back to. */
export async function sweepWishes({ db, site, now }: Context, wishes: Wishes): Promise<void> {
  await writeWishes(db, site.id, wishes);
  const lines = await db.orm
    .select({ advisor: shuttleLine.advisor })
    .from(shuttleLine)
    .where(eq(shuttleLine.siteId, site.id));
  const keepDays = Math.max(...lines.map(({ advisor }) => advisorRule.parse(advisor).keepDays));
  if (lines.length > 0) await forgetOldWishes(db, site.id, dateOf(now, site.timeZone), keepDays);
}
