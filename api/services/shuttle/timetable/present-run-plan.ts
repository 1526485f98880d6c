import { toText } from '../../../calendar/time.ts';
import { maskedPeople } from '../../../people/masked.ts';
import type { RoleName } from '../../../people/schemas.ts';
import { nobody, peopleOf, presentDisplaced, presentPromoted, type TitleOf } from '../../present-plan.ts';
import type { Context } from '../../service.ts';
import type { RideDetails } from '../draft-seats.ts';
import { titleOf as runTitle } from '../run-rules.ts';
import type { RunChanged } from './change-run.ts';
import type { RunEffects } from './reshape-runs.ts';
import type { KeptRunChange } from './run-change-rows.ts';
import { maxListed, type EffectsAnswer, type RunChangeAnswer, type RunPlanAnswer } from './timetable-schemas.ts';

/** A ride that is offered instead, in words: who gives way from a run is offered runs only. */
const titleOf: TitleOf = ({ details }) => (details as RideDetails).title;

/** A change of a run's day as the API shows it; what a dry run did and undid has no ids. */
export async function presentRunPlan(context: Context, change: RunChanged, applied: boolean): Promise<RunPlanAnswer> {
  const { changeId, before, after } = change;
  return {
    applied,
    changeId: applied ? changeId : null,
    before,
    after,
    ...(await presentEffects(context, change, applied)),
  };
}

/** Who moves, who gives way and what is held instead, masked; the first of each, and how many there are. */
export async function presentEffects(context: Context, effects: RunEffects, applied: boolean): Promise<EffectsAnswer> {
  const zone = context.site.timeZone;
  const { displaced, leftQueue, leftStandby, waitOn, restored, notRestored, promoted } = effects;
  const shown = {
    moved: bookedOf(effects).slice(0, maxListed),
    displaced: displaced.slice(0, maxListed),
    leftQueue: leftQueue.slice(0, maxListed),
    restored: restored.slice(0, maxListed),
    notRestored: notRestored.slice(0, maxListed),
  };
  const people = await peopleOf(context, Object.values(shown).flat());
  const personOf = ({ personId }: { personId: string }) => people.get(personId) ?? nobody;
  return {
    counts: {
      ...countsOf(effects),
      leftStandby,
      waitOn,
      restored: restored.length,
      notRestored: notRestored.length,
      promoted: promoted.length,
    },
    moved: shown.moved.map((each) => ({
      bookingId: each.bookingId,
      person: personOf(each),
      units: each.units,
      from: toText(each.from, zone),
      to: toText(each.to, zone),
    })),
    displaced: shown.displaced.map((each) => presentDisplaced(context, each, { people, titleOf, isMade: applied })),
    leftQueue: shown.leftQueue.map((each) => ({ waitlistId: String(each.entryId), person: personOf(each) })),
    restored: shown.restored.map((each) => ({ bookingId: each.bookingId, person: personOf(each) })),
    notRestored: shown.notRestored.map((each) => ({
      bookingId: each.bookingId,
      person: personOf(each),
      why: each.why,
    })),
    promoted: promoted.slice(0, maxListed).map((offer) => presentPromoted(context, offer, applied)),
  };
}

/** Who has booked and moves along; what is only offered moves too, but its owner has nothing yet. */
const bookedOf = ({ moved }: Pick<RunEffects, 'moved'>) => moved.filter(({ state }) => state === 'confirmed');

/** How many a change touched, by what became of them. */
export function countsOf({ moved, displaced, leftQueue }: Pick<RunEffects, 'moved' | 'displaced' | 'leftQueue'>) {
  return {
    moved: bookedOf({ moved }).length,
    displaced: displaced.length,
    withAlternative: displaced.filter(({ alternative }) => alternative !== null).length,
    leftQueue: leftQueue.length,
  };
}

/** What was changed on a date, latest first. */
export async function presentRunChanges(
  context: Context,
  changes: readonly KeptRunChange[],
): Promise<RunChangeAnswer[]> {
  const zone = context.site.timeZone;
  const people = await maskedPeople(
    context.db,
    context.site.id,
    changes.map(({ actorId }) => actorId),
  );
  return changes.map((change) => {
    const { id, runId, serviceDate, kind, reason, at, actorId, actorRole, receipt, undoneAt } = change;
    const { departsBefore, directionBefore, departsAfter, directionAfter } = change;
    const latest = changes.find((other) => other.runId === runId && other.undoneAt === null);
    return {
      ...{ id, runId, serviceDate, kind, reason, departsBefore, directionBefore, departsAfter, directionAfter },
      title: runTitle(departsAfter ?? departsBefore ?? '', directionAfter ?? directionBefore ?? 'inbound'),
      at: toText(at, zone),
      actor: { role: actorRole as RoleName, person: people.get(actorId) ?? nobody },
      ...countsOf(receipt),
      undoneAt: undoneAt === null ? null : toText(undoneAt, zone),
      isLatest: latest?.id === id,
    };
  });
}
