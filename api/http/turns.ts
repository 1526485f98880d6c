/** Requests that begin in one turn: few enough to take much less than a millisecond. */
const requestsPerTurn = 4;
/** They have all begun in a tenth of a second. */
const mostRequestsWaiting = 1_000;

/**
 * Lets no more than `most` pieces of work begin in one turn of the event loop; the others begin in the next turns, in their order. Between
 * two turns the loop hears of everything else: of a hundred requests that arrive at once, the last would otherwise begin before the first
 * hears from its database, which has nothing to do meanwhile. Where more wait than `mostWaiting` the others begin at once, to be turned away.
 */
export function createTurns(most = requestsPerTurn, mostWaiting = mostRequestsWaiting): (begin: () => void) => void {
  const waiting: (() => void)[] = [];
  let begun = 0;
  let isTurnAhead = false;

  function aheadOfTurn(): void {
    if (isTurnAhead) return;
    isTurnAhead = true;
    setImmediate(nextTurn);
  }

  function nextTurn(): void {
    isTurnAhead = false;
    const now = waiting.splice(0, most);
    begun = now.length;
    if (begun > 0) aheadOfTurn();
    for (const begin of now) begin();
  }

  return (begin) => {
    aheadOfTurn();
    const waits = begun >= most || waiting.length > 0;
    if (waits && waiting.length < mostWaiting) return void waiting.push(begin);
    begun++;
    begin();
  };
}
