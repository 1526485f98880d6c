/** Says where it is; null when nobody heard, else after how many seconds to say it again. */
type Tell<Position> = (position: Position) => Promise<number | null>;

/** What came of it, for the driver. */
export type Following = 'searching' | 'told' | 'unheard' | 'refused' | 'unavailable';

/** Until the service has said how often. */
const firstSeconds = 15;

/** Tells the newest of what it is given, one at a time and as often as the answers ask for; those between are forgotten. */
export function createTeller<Position>(tell: Tell<Position>, ontold: (isHeard: boolean) => void) {
  let newest: Position | null = null;
  let isResting = false;
  let isOver = false;
  let seconds = firstSeconds;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function next() {
    isResting = newest !== null;
    if (newest === null) return;
    const position = newest;
    newest = null;
    const answer = await tell(position);
    if (isOver) return;
    ontold(answer !== null);
    seconds = answer ?? seconds;
    timer = setTimeout(() => void next(), seconds * 1000);
  }

  return {
    see(position: Position) {
      newest = position;
      if (!isResting) void next();
    },
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** Asks the phone where it is and tells it, until it is stopped. @returns how to stop it. */
export function followPosition(tell: Tell<GeolocationPosition>, onchange: (following: Following) => void): () => void {
  // Browsers have it on safe origins only, whatever their types say.
  if (!('geolocation' in navigator)) {
    onchange('refused');
    return () => undefined;
  }
  onchange('searching');
  const teller = createTeller(tell, (isHeard) => onchange(isHeard ? 'told' : 'unheard'));
  const watch = navigator.geolocation.watchPosition(
    (position) => teller.see(position),
    ({ code, PERMISSION_DENIED }) => onchange(code === PERMISSION_DENIED ? 'refused' : 'unavailable'),
    { enableHighAccuracy: true },
  );
  return () => {
    navigator.geolocation.clearWatch(watch);
    teller.stop();
  };
}
