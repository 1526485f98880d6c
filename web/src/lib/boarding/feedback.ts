import type { Verdict } from './run-store.ts';

/** What is heard and felt of a verdict, in milliseconds: high and short for yes, twice for scanned before, low and long for no. */
const signals: Record<Verdict, { tones: readonly (readonly [hertz: number, milliseconds: number])[]; buzz: number[] }> =
  {
    accepted: { tones: [[1_320, 120]], buzz: [80] },
    twice: {
      tones: [
        [880, 90],
        [880, 90],
      ],
      buzz: [60, 60, 60],
    },
    refused: { tones: [[220, 450]], buzz: [400] },
    unsure: {
      tones: [
        [660, 120],
        [440, 200],
      ],
      buzz: [150, 80, 150],
    },
  };

/** Sounds and shakes for a verdict, where the phone can; browsers allow sound only after something was pressed. */
export function createSignal(): (verdict: Verdict) => void {
  let audio: AudioContext | null = null;
  return (verdict) => {
    const { tones, buzz } = signals[verdict];
    // Not every browser has it, whatever its types say.
    if ('vibrate' in navigator) navigator.vibrate(buzz);
    if (!('AudioContext' in globalThis)) return;
    audio ??= new AudioContext();
    void audio.resume();
    let from = audio.currentTime;
    for (const [hertz, milliseconds] of tones) {
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(audio.destination);
      tone.start(from);
      tone.stop(from + milliseconds / 1000);
      from += milliseconds / 1000 + 0.08;
    }
  };
}

/** Keeps the screen awake while the page is seen, where the phone can. @returns how to let it sleep again. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (!('wakeLock' in navigator) || document.visibilityState !== 'visible') return;
    try {
      lock = await navigator.wakeLock.request('screen');
    } catch {
      // The battery is low: the phone may sleep, nothing is lost.
    }
  };
  const onSeen = () => void ask();
  document.addEventListener('visibilitychange', onSeen);
  void ask();
  return () => {
    document.removeEventListener('visibilitychange', onSeen);
    void lock?.release();
  };
}
