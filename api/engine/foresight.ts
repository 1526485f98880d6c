import { unitsOf } from './drafts.ts';
import type { Line, Slot } from './types.ts';

/** Expectations that are kept at most; a process books few slots at a time. */
const maxSlots = 1_000;
/**
 * How many batches do not rely on expectations after one that was wrong: somebody else books there too. Twice as many each time, since a batch
 * that was sent in vain costs as much as any.
 */
const batchesOfDoubt = { first: 8, most: 256 };

/** A batch that was sent as a whole. It is settled when it was written, or was told anew under the locks. */
export type SentBatch = { slotIds: ReadonlySet<number>; settled: Promise<void>; settle: () => void };

/**
 * What a process expects slots to be when its next batch gets their locks: as its last batch left them. A batch that is decided on that is
 * sent as a whole, and no lock is held while the service thinks. Only an expectation: the batch writes nothing unless its slots are so, nobody
 * waits for them, and no units of them are kept for a group (`writeForeseen`).
 */
export class Foresight {
  readonly #slots = new Map<number, Slot>();
  /** Batches that were sent and may have to be decided anew, in the order in which they were sent. */
  readonly #sent = new Set<SentBatch>();
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

  /** A batch is sent; until `settle` is called, those that come after it for its slots and rely on nothing wait for it (`earlier`). */
  send(slotIds: readonly number[]): SentBatch {
    const { promise, resolve } = Promise.withResolvers<void>();
    const batch: SentBatch = {
      slotIds: new Set(slotIds),
      settled: promise,
      settle: () => {
        this.#sent.delete(batch);
        resolve();
      },
    };
    this.#sent.add(batch);
    return batch;
  }

  /** When all batches are settled that were sent before `own`, or until now, and want one of these slots. */
  async earlier(slotIds: readonly number[], own: SentBatch | null): Promise<void> {
    const before: Promise<void>[] = [];
    for (const batch of this.#sent) {
      if (batch === own) break;
      if (slotIds.some((slotId) => batch.slotIds.has(slotId))) before.push(batch.settled);
    }
    if (before.length > 0) await Promise.all(before);
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
