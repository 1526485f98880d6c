/** A point on the map; null where nobody has said yet. */
export interface Place {
  lat: number | null;
  lng: number | null;
}

/** Whether somebody has said where a place is. */
export function isKnown(place: Place | null | undefined): place is { lat: number; lng: number } {
  return typeof place?.lat === 'number' && typeof place.lng === 'number';
}

const earthMetres = 6_371_000;
/** Streets are longer than the straight line, by about so much in a town. */
const detour = 1.3;

/** How far it is to walk, to ten metres, and for how long at the site's pace; null when one of the places is unknown. */
export function walkBetween(
  from: Place | null,
  to: Place | null,
  metresPerMinute: number,
): { metres: number; minutes: number } | null {
  const metres = metresBetween(from, to);
  if (metres === null) return null;
  return { metres: Math.round(metres / 10) * 10, minutes: Math.max(1, Math.round(metres / metresPerMinute)) };
}

function metresBetween(from: Place | null, to: Place | null): number | null {
  if (!isKnown(from) || !isKnown(to)) return null;
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [dLat, dLng] = [radians(to.lat - from.lat), radians(to.lng - from.lng)];
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(dLng / 2) ** 2;
  return 2 * earthMetres * Math.asin(Math.sqrt(a)) * detour;
}

/** Nearest first; those whose distance is unknown come last, in their own order. */
export function byWalk<Item extends { place: Place | null }>(items: readonly Item[], from: Place | null): Item[] {
  const metres = (item: Item) => metresBetween(from, item.place) ?? Number.POSITIVE_INFINITY;
  return items
    .map((item, index) => ({ item, index, far: metres(item) }))
    .toSorted((a, b) => (a.far === b.far ? a.index - b.index : a.far - b.far))
    .map(({ item }) => item);
}
