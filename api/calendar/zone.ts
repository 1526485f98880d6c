import { IANAZone } from 'luxon';

const DAY_MILLISECONDS = 86_400_000;
const MAX_REMEMBERED_DAYS = 4_096;

/**
 * An IANA zone that remembers its offset per UTC day.
 *
 * luxon asks `Intl` for every offset, about 5 µs each, and an offset is needed for every instant of every slot that a list shows.
 * A day whose two ends have the same offset has that offset throughout, since no zone changes twice within a day; a day whose
 * ends differ holds a change and is never remembered. So the answers are luxon's own.
 */
class RememberingZone extends IANAZone {
  readonly #offsets = new Map<number, number>();

  /** Minutes east of UTC at an instant in epoch milliseconds. */
  override offset(instant: number): number {
    const day = Math.floor(instant / DAY_MILLISECONDS);
    const remembered = this.#offsets.get(day);
    if (remembered !== undefined) return remembered;

    const atStart = super.offset(day * DAY_MILLISECONDS);
    const atEnd = super.offset((day + 1) * DAY_MILLISECONDS);
    if (atStart !== atEnd) return super.offset(instant);

    if (this.#offsets.size >= MAX_REMEMBERED_DAYS) this.#offsets.clear();
    this.#offsets.set(day, atStart);
    return atStart;
  }
}

const zones = new Map<string, IANAZone>();

/** The zone of an IANA name such as `Asia/Shanghai`; throws `RangeError` for a name that is none. */
export function zoneNamed(name: string): IANAZone {
  const known = zones.get(name);
  if (known !== undefined) return known;

  if (!IANAZone.isValidZone(name)) throw new RangeError(`unknown time zone: ${name}`);
  const zone = new RememberingZone(name);
  zones.set(name, zone);
  return zone;
}
