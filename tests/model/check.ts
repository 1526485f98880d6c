import * as fc from 'fast-check';
import type { History } from './history.ts';
import { play } from './play.ts';
import type { Service } from './service.ts';

const usualSeed = '20261124';

/** How often a history that has failed before is played while it is made smaller: what is a matter of luck shows in one of them. */
const playsOfSmaller = 4;

/**
 * Plays `runs` random histories; throws with the smallest that was found to fail. `MODEL_RUNS` is a factor for the number of runs, and
 * `MODEL_SEED` replays: the seed of a failure's message, with its path if it has one. Without it the histories are the same each time, so that a
 * red run tells of the change that was made; `MODEL_SEED=random` looks for what nobody has thought of.
 */
export async function checkHistories(
  service: Service,
  arbitrary: fc.Arbitrary<History>,
  { runs, isShrinking = true }: { runs: number; isShrinking?: boolean },
): Promise<void> {
  const [seed = '', path] = (process.env['MODEL_SEED'] ?? usualSeed).split('@');
  let hasFailed = false;
  const property = fc.asyncProperty(arbitrary, async (history) => {
    for (let plays = hasFailed ? playsOfSmaller : 1; plays > 0; plays--) {
      try {
        await play(service, history);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  });
  const result = await fc.check(property, {
    numRuns: Math.ceil(runs * Number(process.env['MODEL_RUNS'] ?? 1)),
    endOnFailure: !isShrinking,
    ...(seed === 'random' ? {} : { seed: Number(seed) }),
    ...(path ? { path } : {}),
  });
  if (!result.failed) return;
  const replay = `MODEL_SEED=${result.seed}@${result.counterexamplePath ?? ''}`;
  const reason = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  throw new Error(
    `after ${result.numRuns} histories and ${result.numShrinks} smaller ones, this failed (${replay} replays it):\n${reason}`,
  );
}
