import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, parseSnapshot, positionOf, startMark, wantsNumber, type LogMark, type Snapshot } from './log-mark.ts';

type Row = { id: number; number: number };
type Transaction = { number: number; rows: Row[] };

/** As much of PostgreSQL as matters: numbers and ids are drawn in order, transactions end in any order. */
function aLog() {
  let lastNumber = 100;
  let lastEnded = 100;
  let lastId = 0;
  const running: Transaction[] = [];
  const committed: Row[] = [];
  const end = ({ number }: Transaction) => void (lastEnded = Math.max(lastEnded, number));
  const chosen = (choice: number) => running[choice % Math.max(1, running.length)];
  const snapshot = (): Snapshot => {
    // What is not below the last that ended counts as running, and PostgreSQL does not list it.
    const listed = running.map(({ number }) => number).filter((number) => number < lastEnded);
    return parseSnapshot(`1:${lastEnded + 1}:${listed.join(',')}`);
  };
  return {
    committed,
    snapshot,
    newest: () => committed.reduce((newest, { id }) => Math.max(newest, id), 0),
    begin: () => void running.push({ number: ++lastNumber, rows: [] }),
    write(choice: number) {
      const transaction = chosen(choice);
      transaction?.rows.push({ id: ++lastId, number: transaction.number });
    },
    end(choice: number, isCommit: boolean) {
      const [transaction] = running.splice(choice % Math.max(1, running.length), 1);
      if (!transaction) return;
      end(transaction);
      if (isCommit) committed.push(...transaction.rows);
    },
    /** A statement of its own that draws a number. */
    draw: () => (lastEnded = ++lastNumber),
  };
}
type Log = ReturnType<typeof aLog>;

const isVisibleIn = ({ xmax, running }: Snapshot, { number }: Row) => number < xmax && !running.has(number);

type Step = { kind: 'begin' | 'write' | 'commit' | 'roll back' | 'look'; choice: number };
const aStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('begin', 'write', 'write', 'commit', 'commit', 'roll back', 'look', 'look'),
  choice: fc.nat(7),
});
const someSteps = fc.array(aStep, { maxLength: 120, size: 'max' });
const someSpans = fc.record({ leaveBehind: fc.integer({ min: 1, max: 30 }), draw: fc.integer({ min: 1, max: 6 }) });
type Spans = { leaveBehind: number; draw: number };

function follow(log: Log, { kind, choice }: Step): void {
  if (kind === 'begin') log.begin();
  if (kind === 'write') log.write(choice);
  if (kind === 'commit') log.end(choice, true);
  if (kind === 'roll back') log.end(choice, false);
}

function startedMark(log: Log): LogMark {
  const newest = log.newest();
  const drawn = log.draw();
  return startMark(newest, drawn, log.snapshot());
}

function lookAt(log: Log, mark: LogMark, spans: Spans) {
  const rows = log.committed.filter((row) => row.id > mark.low && !isVisibleIn(mark.snapshot, row));
  const snapshot = log.snapshot();
  const drawn = wantsNumber(mark, spans) ? log.draw() : null;
  const newest = rows.length > 0 ? Math.max(...rows.map(({ id }) => id)) : null;
  return { rows, ...advance(mark, { snapshot, newest, drawn }, spans) };
}

describe('a reader of the log', () => {
  test('misses no event, whatever the order in which transactions end, and sees none twice', () => {
    fc.assert(
      fc.property(someSteps, someSteps, someSpans, (before, steps, spans) => {
        const log = aLog();
        for (const step of before) follow(log, step);
        let mark = startedMark(log);
        const seen = new Set(log.committed.map(({ id }) => id));
        for (const step of [...steps, { kind: 'look', choice: 0 } as const]) {
          follow(log, step);
          if (step.kind !== 'look') continue;
          const { rows, mark: next, isGap } = lookAt(log, mark, spans);
          mark = next;
          expect(rows.filter(({ id }) => seen.has(id))).toEqual([]);
          // A gap says that anything may have changed.
          for (const { id } of isGap ? log.committed : rows) seen.add(id);
          expect(log.committed.filter(({ id }) => !seen.has(id))).toEqual([]);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('gives positions from which whatever comes later can be found', () => {
    fc.assert(
      fc.property(someSteps, someSteps, someSpans, (before, steps, spans) => {
        const log = aLog();
        for (const step of before) follow(log, step);
        let mark = startedMark(log);
        const positions = [{ position: positionOf(mark), committed: log.committed.length }];
        for (const step of steps) {
          follow(log, step);
          if (step.kind !== 'look') continue;
          ({ mark } = lookAt(log, mark, spans));
          positions.push({ position: positionOf(mark), committed: log.committed.length });
        }
        for (const { position, committed } of positions)
          expect(log.committed.slice(committed).filter(({ id }) => id <= position)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  test('control: one that goes on after the last id that it saw misses events', () => {
    const missesNothing = fc.property(someSteps, (steps) => {
      const log = aLog();
      const seen = new Set<number>();
      for (const step of [...steps, { kind: 'look', choice: 0 } as const]) {
        follow(log, step);
        const last = Math.max(0, ...seen);
        if (step.kind === 'look') for (const { id } of log.committed) if (id > last) seen.add(id);
      }
      return log.committed.every(({ id }) => seen.has(id));
    });
    expect(fc.check(missesNothing, { numRuns: 2000 }).failed).toBe(true);
  });

  test('control: one that takes the end of a snapshot for the next number to be drawn misses events', () => {
    const missesNothing = fc.property(someSteps, (steps) => {
      const log = aLog();
      let mark = startMark(0, 0, log.snapshot());
      const seen = new Set<number>();
      for (const step of [...steps, { kind: 'look', choice: 0 } as const]) {
        follow(log, step);
        if (step.kind !== 'look') continue;
        const rows = log.committed.filter((row) => row.id > mark.low && !isVisibleIn(mark.snapshot, row));
        for (const { id } of rows) seen.add(id);
        const snapshot = log.snapshot();
        const newest = rows.length > 0 ? Math.max(...rows.map(({ id }) => id)) : null;
        // One below the end, so that it counts as passed at once when nobody runs below it.
        mark = advance(mark, { snapshot, newest, drawn: snapshot.xmax - 1 }, { leaveBehind: 1000, draw: 1 }).mark;
      }
      return log.committed.every(({ id }) => seen.has(id));
    });
    expect(fc.check(missesNothing, { numRuns: 5000 }).failed).toBe(true);
  });

  test('its search does not grow while one transaction stays open', () => {
    const log = aLog();
    log.begin();
    log.write(0);
    const spans = { leaveBehind: 50, draw: 10 };
    let mark = startedMark(log);
    for (let round = 0; round < 100; round++) {
      log.begin();
      for (let row = 0; row < 10; row++) log.write(1);
      log.end(1, true);
      ({ mark } = lookAt(log, mark, spans));
      expect(mark.newest - mark.low).toBeLessThanOrEqual(70);
    }
    expect(positionOf(mark)).toBe(0);
    log.end(0, true);
    const last = lookAt(log, mark, spans);
    expect(last.isGap).toBe(true);
    expect(positionOf(last.mark)).toBe(last.mark.low);
  });
});

describe('a snapshot', () => {
  test('is read as PostgreSQL writes it', () => {
    expect(parseSnapshot('738:742:738,740')).toEqual({
      text: '738:742:738,740',
      xmax: 742,
      running: new Set([738, 740]),
    });
    expect(parseSnapshot('742:742:')).toEqual({ text: '742:742:', xmax: 742, running: new Set() });
    expect(() => parseSnapshot('')).toThrow('not a snapshot');
  });
});
