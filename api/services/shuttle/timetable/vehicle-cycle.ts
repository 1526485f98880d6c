import { minutesAfter, type Instant } from '../../../calendar/time.ts';

/**
 * The first departure for which no bus is back yet; null when there is a bus for each. A bus can depart again so many minutes after its
 * last departure, whichever way it went (domain.md, Tidal advisor: vehicle-cycle constraint). Pure.
 */
export function departureWithoutBus(
  departures: readonly Instant[],
  { buses, cycleMinutes }: { buses: number; cycleMinutes: number },
): Instant | null {
  const inOrder = departures.toSorted((a, b) => a - b);
  return (
    inOrder.find((departure, index) => {
      // The bus that left so many departures before is the first to be back.
      const before = inOrder[index - buses];
      return before !== undefined && departure < minutesAfter(before, cycleMinutes);
    }) ?? null
  );
}
