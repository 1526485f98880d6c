/** A ride over neighbouring legs, `to` excluded. */
type Interval = { from: number; to: number; seats: number };

/**
 * The most seat-legs that can be sold of what is asked for, `capacity` seats by leg: exact, written without regard to the service's own code. Each
 * seat of a party is an interval of weight length; intervals with at most so many over each leg are a flow along the line of stops, whose
 * optimum is whole. Parties may be split here, so the true best of whole parties is never more.
 */
export function mostSeatLegsOf(capacity: readonly number[], asked: readonly Interval[]): number {
  const stops = capacity.length + 1;
  const most = Math.max(0, ...capacity);
  // Costs are what is lost: a leg travelled empty costs nothing, a ride earns its length.
  const edges: { from: number; to: number; room: number; cost: number }[] = [];
  const join = (from: number, to: number, room: number, cost: number) =>
    edges.push({ from, to, room, cost }, { from: to, to: from, room: 0, cost: -cost });
  const must = 10_000;
  for (const [leg, seats] of capacity.entries()) {
    join(leg, leg + 1, most - seats, -must);
    join(leg, leg + 1, seats, 0);
  }
  for (const { from, to, seats } of asked) join(from, to, seats, from - to);
  let cost = 0;
  for (let sent = 0; sent < most;) {
    const distance = Array<number>(stops).fill(Infinity);
    const by = Array<number>(stops).fill(-1);
    distance[0] = 0;
    for (let round = 0; round < stops; round++)
      for (const [index, edge] of edges.entries())
        if (edge.room > 0 && distance[edge.from]! + edge.cost < distance[edge.to]!) {
          distance[edge.to] = distance[edge.from]! + edge.cost;
          by[edge.to] = index;
        }
    let room = most - sent;
    for (let stop = stops - 1; stop > 0; stop = edges[by[stop]!]!.from) room = Math.min(room, edges[by[stop]!]!.room);
    for (let stop = stops - 1; stop > 0; stop = edges[by[stop]!]!.from) {
      edges[by[stop]!]!.room -= room;
      edges[by[stop]! ^ 1]!.room += room;
    }
    cost += room * distance[stops - 1]!;
    sent += room;
  }
  return 0 - cost - must * capacity.reduce((sum, seats) => sum + most - seats, 0);
}
