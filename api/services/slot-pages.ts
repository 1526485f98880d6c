import type { Instant, IsoDate } from '../calendar/time.ts';
import type { EventLog, SlotChanges } from '../engine/event-log.ts';
import type { SlotSearch } from '../engine/find-slots.ts';
import { listSlots } from './list-slots.ts';
import type { Context } from './service.ts';

/** JSON in UTF-8, as it is sent. */
type Sent = { body: Uint8Array; isGzip: boolean };
/** A page, and the time in which it is true. */
type Page = { json: Uint8Array; gzip: Promise<Uint8Array> | null; since: Instant; until: Instant };
type Kept = { search: SlotSearch; page: Promise<Page>; bytes: number };

/** Pages of slots that one process keeps. */
export type SlotPages = ReturnType<typeof createSlotPages>;

/** How much is kept before what was least lately asked for goes. */
export type SlotPagesLimits = { pages: number; bytes: number };
const defaultLimits: SlotPagesLimits = { pages: 500, bytes: 64 * 1024 * 1024 };

/**
 * Keeps pages of slots as they are sent, and drops those that a change in the log concerns. The log is read before each answer, so that
 * an answer holds whatever was committed before it was asked for, in whichever process. A page is the same for everybody.
 */
export function createSlotPages(log: EventLog, limits: SlotPagesLimits = defaultLimits) {
  const pages = new Map<string, Kept>();
  let bytes = 0;

  function forget(key: string, kept: Kept): void {
    if (pages.get(key) !== kept) return;
    pages.delete(key);
    bytes -= kept.bytes;
  }

  /** Keeps a page from the moment when it is asked for, so that a change that is told while it is being read drops it. */
  function keep(key: string, context: Context, search: SlotSearch): Promise<Page> {
    const before = pages.get(key);
    if (before) forget(key, before);
    const kept: Kept = { search, page: pageNow(context, search), bytes: 0 };
    pages.set(key, kept);
    kept.page.then(
      ({ json }) => weigh(key, kept, json.byteLength),
      // Who asked hears of the failure; the next one asks again.
      () => forget(key, kept),
    );
    return kept.page;
  }

  function weigh(key: string, kept: Kept, weight: number): void {
    if (pages.get(key) !== kept) return;
    kept.bytes = weight;
    bytes += weight;
    for (const [oldKey, old] of pages) {
      if (pages.size <= limits.pages && bytes <= limits.bytes) return;
      forget(oldKey, old);
    }
  }

  function used(key: string, kept: Kept): void {
    if (pages.get(key) !== kept) return;
    pages.delete(key);
    pages.set(key, kept);
  }

  log.listen((changes) => {
    for (const [key, kept] of pages) if (concerns(kept.search, changes)) forget(key, kept);
  });

  return {
    /** A page of slots; gzip only for who takes it. @throws what the database throws. */
    async read(context: Context, search: SlotSearch, takesGzip: boolean): Promise<Sent> {
      await log.upToDate();
      const key = keyOf(context, search);
      const kept = pages.get(key);
      if (kept) {
        const page = await kept.page;
        used(key, kept);
        if (page.since <= context.now && context.now < page.until) return sent(page, takesGzip);
      }
      return { body: (await keep(key, context, search)).json, isGzip: false };
    },

    /** How many pages are kept, and how many bytes they have. */
    size: () => ({ pages: pages.size, bytes }),
  };
}

const minPackedBytes = 2_000;
const utf8 = new TextEncoder();

async function pageNow(context: Context, search: SlotSearch): Promise<Page> {
  const { list, since, until } = await listSlots(context, search);
  return { json: utf8.encode(JSON.stringify(list)), gzip: null, since, until };
}

/** Packs a page once, and not before somebody asks for it again: while a page changes all the time it is not worth it. */
async function sent(page: Page, takesGzip: boolean): Promise<Sent> {
  if (!takesGzip || page.json.byteLength < minPackedBytes) return { body: page.json, isGzip: false };
  return { body: await (page.gzip ??= pack(page.json)), isGzip: true };
}

async function pack(json: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([json as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** All that a page depends on but its slots and the time. */
function keyOf({ site }: Context, search: SlotSearch): string {
  return JSON.stringify([site.timeZone, site.currency, search]);
}

/** Whether a page could list a slot that changed, or that is new. */
export function concerns(search: SlotSearch, changes: SlotChanges): boolean {
  if (changes === 'anything') return true;
  return changes.some((slot) => couldList(search, slot));
}

function couldList(
  { kinds, resourceId, from, to }: SlotSearch,
  slot: { kind: string; resourceId: string; serviceDate: IsoDate },
): boolean {
  return (
    slot.serviceDate >= from &&
    slot.serviceDate <= to &&
    kinds.includes(slot.kind) &&
    (resourceId === null || resourceId === slot.resourceId)
  );
}
