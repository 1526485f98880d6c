import type { z } from 'zod';
import { toText } from '../calendar/time.ts';
import type { ChangeReceipt, KeptChange } from '../engine/capacity-change-rows.ts';
import type { Undone } from '../engine/undo-capacity-change.ts';
import { maskedPeople, type MaskedPerson } from '../people/masked.ts';
import type { RoleName } from '../people/schemas.ts';
import type { capacityChangeReceipt, CapacityChangeAnswer, undoPlan } from './capacity-schemas.ts';
import {
  nobody,
  peopleOf,
  presentDisplaced,
  presentPromoted,
  presentSlotChange,
  type TitleOf,
} from './present-plan.ts';
import { serviceOfKind } from './registry.ts';
import type { Context } from './service.ts';

/** What the service of a booking calls it. */
export const titleIn =
  ({ site }: Context): TitleOf =>
  (draft) =>
    serviceOfKind(draft.kind)?.presentBooking(draft, site.timeZone).title ?? { zh: '', en: '' };

/** What taking a change back does, as the API shows it. */
export async function presentUndo(context: Context, undone: Undone): Promise<z.infer<typeof undoPlan>> {
  const { applied, changeId, undoes, changes, restored, notRestored, promoted } = undone;
  const people = await peopleOf(context, [...restored, ...notRestored]);
  const personOf = (id: string): MaskedPerson => people.get(id) ?? nobody;
  return {
    applied,
    changeId: applied ? changeId : null,
    undoes,
    changes: changes.map((slot) => presentSlotChange(context, slot)),
    restored: restored.map(({ bookingId, personId }) => ({ bookingId, person: personOf(personId) })),
    notRestored: notRestored.map(({ bookingId, personId, why }) => ({ bookingId, person: personOf(personId), why })),
    promoted: promoted.map((offer) => presentPromoted(context, offer, applied)),
  };
}

/** Some changes of the record. */
export async function presentChanges(
  context: Context,
  changes: readonly KeptChange[],
): Promise<CapacityChangeAnswer[]> {
  const ids = changes.map(({ actorId }) => actorId);
  const people = await maskedPeople(context.db, context.site.id, ids);
  return changes.map(({ id, at, actorId, actorRole, reason, resourceIds, summary, undoes, undoneBy }) => ({
    id,
    at: toText(at, context.site.timeZone),
    actor: { role: actorRole as RoleName, person: people.get(actorId) ?? nobody },
    reason,
    resourceIds,
    ...summary,
    undoes,
    undoneBy,
  }));
}

/** One change with its receipt. */
export async function presentReceipt(
  context: Context,
  change: KeptChange & { receipt: ChangeReceipt },
): Promise<z.infer<typeof capacityChangeReceipt>> {
  const { changes, displaced, promoted } = change.receipt;
  const [[answer], people] = await Promise.all([presentChanges(context, [change]), peopleOf(context, displaced)]);
  if (!answer) throw new Error('a change is presented as nothing');
  return {
    ...answer,
    receipt: {
      changes: changes.map((slot) => presentSlotChange(context, slot)),
      displaced: displaced.map((each) =>
        presentDisplaced(context, each, { people, titleOf: titleIn(context), isMade: true }),
      ),
      promoted: promoted.map((offer) => presentPromoted(context, offer, true)),
    },
  };
}
