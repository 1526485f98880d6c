import { apiClient, unwrap, type Localized } from '../api.ts';
import type { Lang } from '../i18n/lang.ts';
import { outdatedKeys, type LinkSays } from './driver-token.ts';
import {
  emptyStore,
  judge,
  textsOf,
  untoldCounts,
  untoldScans,
  withAnswers,
  withCount,
  withManifest,
  withScan,
  withToldCounts,
  type LocalRule,
  type RunStore,
  type Verdict,
} from './run-store.ts';

/** What the driver is shown of the last scan. */
export type Shown = {
  nonce: string;
  verdict: Verdict;
  rule: LocalRule | null;
  text: Localized | null;
  bookingId: string | null;
};

/** A position that takes longer to be told is not worth waiting for. */
const positionWithinMs = 10_000;

/** A driver's run on this phone: kept in its storage after every change, told to the service when there is a network. */
export class RunSession {
  store: RunStore = $state.raw(emptyStore);
  isOnline = $state(true);
  /** The service does not take the link any more; what was scanned stays. */
  isLinkBad = $state(false);
  last: Shown | null = $state.raw(null);

  readonly #link: LinkSays;
  readonly #client;
  #isSyncing = false;

  constructor(link: LinkSays, lang: Lang) {
    this.#link = link;
    this.#client = apiClient(fetch, lang).driver;
    for (const key of outdatedKeys(localStorage, Object.keys(localStorage), Date.now())) localStorage.removeItem(key);
    this.store = this.#kept();
  }

  /** Another tab may have written meanwhile, so each change is made to what is kept. */
  #change(change: (store: RunStore) => RunStore): void {
    this.store = change(this.#kept());
    localStorage.setItem(this.#link.key, JSON.stringify({ ...this.store, savedAt: Date.now() }));
  }

  #kept(): RunStore {
    const text = localStorage.getItem(this.#link.key);
    return text === null ? emptyStore : (JSON.parse(text) as RunStore);
  }

  /** By the clock of the service, as far as it is known. */
  get now(): number {
    return Date.now() + this.store.clockAheadMs;
  }

  /** Takes a code: says at once what the phone knows, keeps it, and tells it when it can. */
  async scan(code: string): Promise<Shown> {
    const at = this.now;
    const { manifest } = this.store;
    const digests = manifest === null ? [] : await Promise.all(textsOf(manifest, code, at).map(digestOf));
    const judged = judge(this.#kept(), { code, at, digests });
    const shown: Shown = { nonce: crypto.randomUUID(), text: null, ...judged };
    // Whoever is on the bus, and whoever is refused for certain, need not be told of.
    if (judged.verdict === 'accepted' || judged.verdict === 'unsure') {
      const scan = { ...{ nonce: shown.nonce, code, at: new Date(at).toISOString(), text: null, isTold: false } };
      this.#change((store) => withScan(store, { ...scan, verdict: judged.verdict, bookingId: judged.bookingId }));
    }
    this.last = shown;
    void this.sync();
    return shown;
  }

  /** Counts people at a stop. */
  count(stopId: string, part: 'withoutTicket' | 'alighted', by: 1 | -1): void {
    const count = { nonce: crypto.randomUUID(), stopId, withoutTicket: 0, alighted: 0, isTold: false, [part]: by };
    this.#change((store) => withCount(store, { ...count, at: new Date(this.now).toISOString() }));
    void this.sync();
  }

  /** Tells what is to be told and asks for the list anew. Without a network nothing happens; it is tried again. */
  async sync(): Promise<void> {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    try {
      if (await this.#tellAll()) await this.#refresh();
      this.isOnline = true;
    } catch {
      // No answer at all: the network is down, or the service. Everything is kept.
      this.isOnline = false;
    } finally {
      this.#isSyncing = false;
    }
  }

  /** Says where the bus is; what cannot be said now is not kept. @returns after how many seconds to say it again; null when nobody heard it. */
  async tellPosition({ coords, timestamp }: Pick<GeolocationPosition, 'coords' | 'timestamp'>): Promise<number | null> {
    const { latitude: lat, longitude: lng, heading, speed } = coords;
    const json = {
      ...{ lat, lng, at: new Date(timestamp + this.store.clockAheadMs).toISOString() },
      // A phone that stands still has no heading.
      ...(heading !== null && !Number.isNaN(heading) && { bearing: heading }),
      ...(speed !== null && { metresPerSecond: speed }),
    };
    const init = { signal: AbortSignal.timeout(positionWithinMs) };
    try {
      const answer = await unwrap(this.#client.position.$post({ json }, { ...this.#options, init }));
      if (answer.ok) return answer.value.everySeconds;
      this.#refused(answer.problem.status);
    } catch {
      // No network: the next one says more than this one.
    }
    return null;
  }

  get #options() {
    return { headers: { authorization: `Bearer ${this.#link.token}` } };
  }

  /** @returns whether everything was told. */
  async #tellAll(): Promise<boolean> {
    for (let scans = untoldScans(this.#kept()); scans.length > 0; scans = untoldScans(this.#kept())) {
      const json = { scans: scans.map(({ code, at, nonce }) => ({ code, at, nonce })) };
      const answer = await unwrap(this.#client['check-ins'].$post({ json }, this.#options));
      if (!answer.ok) return this.#refused(answer.problem.status);
      const { items } = answer.value;
      this.#change((store) => withAnswers(store, items));
      this.#correct();
    }
    for (let counts = untoldCounts(this.#kept()); counts.length > 0; counts = untoldCounts(this.#kept())) {
      const json = { counts: counts.map(({ isTold: _isTold, ...count }) => count) };
      const answer = await unwrap(this.#client.tally.$post({ json }, this.#options));
      if (!answer.ok) return this.#refused(answer.problem.status);
      this.#change((store) =>
        withToldCounts(
          store,
          counts.map(({ nonce }) => nonce),
        ),
      );
    }
    return true;
  }

  async #refresh(): Promise<void> {
    const answer = await unwrap(this.#client.run.$get({}, this.#options));
    if (!answer.ok) {
      this.#refused(answer.problem.status);
      return;
    }
    this.isLinkBad = false;
    this.#change((store) => withManifest(store, answer.value, Date.now()));
  }

  #refused(status: number): false {
    if (status === 401) this.isLinkBad = true;
    else if (status >= 500) throw new Error(`the service answers ${status}`);
    return false;
  }

  /** What is on the screen follows the service's word. */
  #correct(): void {
    const scan = this.store.scans.find(({ nonce }) => nonce === this.last?.nonce);
    if (!scan || !this.last || scan.verdict === this.last.verdict) return;
    const { nonce, verdict, text, bookingId } = scan;
    this.last = { nonce, verdict, text, bookingId, rule: verdict === 'twice' ? 'already' : null };
  }
}

/** As the service makes them: the first 16 characters of base64url(SHA-256). */
async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 16);
}
