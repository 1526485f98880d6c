import { examine } from '../../api/engine/doctor.ts';
import type { History } from './history.ts';
import { moveOf, type Move, type Turn } from './moves.ts';
import { copyOf, type State } from './oracle-state.ts';
import { createLabels, seenState } from './seen-state.ts';
import { serialOrder, shownState, type Sent, type Tried } from './serial-orders.ts';
import type { Service } from './service.ts';

/**
 * Plays a history against the service and the model; throws when no serial order of the commands that were sent at once explains what was
 * answered and what is there, or when the doctor finds a broken row at the end.
 */
export async function play(service: Service, history: History): Promise<void> {
  await service.reset();
  const told: string[] = [];
  const labels = createLabels();
  const turn: Turn = { service, state: { ...copyOf(service.start), idOf: labels.idOf }, labels, sent: new Map() };
  for (const [index, step] of [...history, { together: [{ do: 'sweep' as const }], over: 1 }].entries()) {
    if ('minutes' in step) {
      service.moveTo((turn.state.now += step.minutes * 60_000));
      told.push(`${index}: ${step.minutes} minutes later`);
    } else if ('passed' in step) {
      told.push(await havePassed(turn, step.passed, step.times));
    } else {
      const moves = step.together.flatMap((command, place) => moveOf(turn, command, `${index}${'abcd'[place]}`) ?? []);
      turn.state = await playTogether(turn, moves, told, step.over ?? 1);
    }
  }
  const { broken } = await examine(service.processes[0]!.db);
  if (broken.length > 0) throw new Error(`${told.join('\n')}\nthe doctor found:\n${JSON.stringify(broken, null, 2)}`);
}

async function playTogether(turn: Turn, moves: readonly Move[], told: string[], over: number): Promise<State> {
  const { labels } = turn;
  const processes = turn.service.processes.slice(0, over);
  const raw = await Promise.all(moves.map(({ send }, index) => send(processes[index % processes.length]!.call)));
  const seen = await seenState(processes[0]!.db, turn.state.world, labels);
  // One answer may name what another one tells of, so it is named when all have come.
  const answers = raw.map((text) =>
    text
      .replaceAll(/#(\d+)/g, (_, id) => labels.entryLabelOf(Number(id)))
      .replaceAll(/@([\da-f-]+)/g, (_, id) => labels.bookingLabelOf(id)),
  );
  told.push(...moves.map(({ said }, index) => `${said} → ${answers[index]}`));
  const sent = moves.map((move, index): Sent => {
    // A process that is still working on the same key does nothing for a repeat.
    const isTold = answers[index] === 'in-flight' && moves.some((other) => other !== move && other.key === move.key);
    return { ops: isTold ? [] : move.ops, answer: answers[index]! };
  });
  const found = serialOrder(turn.state, sent, seen);
  if (!('tried' in found)) return found;
  throw new Error(
    [
      ...told,
      'No serial order explains the last of these:',
      ...found.tried.map(shownOrder),
      'Before it:',
      ...shownState(turn.state).filter((line) => !shownState(turn.service.start).includes(line)),
    ].join('\n'),
  );
}

const shownOrder = ({ order, differs }: Tried) => `  ${order.join(', ')}: ${differs}`;

/** Arranges that somebody who waits has been passed already, as if by people of whom nothing is left. */
async function havePassed({ service, state }: Turn, pick: number, times: number): Promise<string> {
  const waiting = state.entries.filter((entry) => entry.state === 'waiting');
  const entry = waiting[pick % waiting.length];
  if (!entry) return 'nobody waits to be passed';
  entry.passes = times;
  const place = state.entries.indexOf(entry);
  await service.processes[0]!.db.query(
    'UPDATE waitlist_entry SET bypassed = $1 WHERE id = (SELECT id FROM waitlist_entry ORDER BY id OFFSET $2 LIMIT 1)',
    [times, place],
  );
  return `${entry.label} has been passed ${times} times`;
}
