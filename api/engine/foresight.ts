import { unitsOf } from './drafts.ts';
import type { Line, Slot } from './types.ts';

/** Expectations that are kept at most; a process books few slots at a time. */
const maxSlots = 1_000;
/**
 * How many batches do not rely on expectations after one that was wrong: somebody else books there too. Twice as many each time, since a batch
 * that was sent in vain costs as much as any.
 */
const batchesOfDoubt = { first: 8, most: 256 };

/**
 * What a process expects slots to be when its next batch gets their locks: as its last batch left them. A batch that is decided on that is
 * sent as a whole, and no lock is held while the service thinks. Only an expectation: the batch writes nothing unless its slots are so, nobody
 * waits for them, and no units of them are kept for a group (`writeForeseen`).
 */
export class Foresight {
  readonly #slots = new Map<number, Slot>();
  #doubt = 0;
  #nextDoubt = batchesOfDoubt.first;

  /** The slots of a batch as they are expected to be; null unless all of them are known and there is no reason to doubt. */
  of(slotIds: readonly number[]): Map<number, Slot> | null {
    if (this.#doubt > 0) {
      this.#doubt--;
      return null;
    }
    const known = slotIds.flatMap((slotId) => this.#slots.get(slotId) ?? []);
    return known.length === slotIds.length ? new Map(known.map((slot) => [slot.id, slot])) : null;
  }

  /** Slots are told to become as bookings with these lines leave them. */
  expect(slots: ReadonlyMap<number, Slot>, bookings: readonly { draft: { lines: readonly Line[] } }[]): void {
    if (this.#slots.size + slots.size > maxSlots) this.#slots.clear();
    const units = unitsOf(bookings.map(({ draft }) => draft));
    for (const slot of slots.values())
      this.#slots.set(slot.id, { ...slot, taken: slot.taken + (units.get(slot.id) ?? 0) });
  }

  forget(slotIds: readonly number[]): void {
    for (const slotId of slotIds) this.#slots.delete(slotId);
  }

  /** Something was not as it was expected. */
  doubt(slotIds: readonly number[]): void {
    this.forget(slotIds);
    this.#doubt = this.#nextDoubt;
    this.#nextDoubt = Math.min(2 * this.#nextDoubt, batchesOfDoubt.most);
  }

  /** All was as it was expected. */
  trust(): void {
    this.#nextDoubt = batchesOfDoubt.first;
  }
}
