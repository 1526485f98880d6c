/** Which slots a listener wants to hear of; `resourceId` null: of any resource. */
export type Interest = { kinds: readonly string[]; resourceId: string | null };

/** A piece of news: the lines of a message, without the blank line at its end. */
export type News = { kind: string; resourceId: string; text: string };

/** How many may listen at a time, and how much waits for a slow one before it is told to start afresh. */
export type ListenerLimits = { listeners: number; listenersPerAddress: number };
const maxUnreadBytes = 64 * 1024;

/** A place that is taken and must be given back, or opened. */
export type Place = { open(interest: Interest, first: string): ReadableStream<Uint8Array>; leave(): void };

type Listener = {
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** Something was dropped, because it did not read. */
  isBehind: boolean;
  /** It had not read everything at the last heartbeat. */
  wasUnread: boolean;
  leave: () => void;
};
type Group = { interest: Interest; members: Set<Listener> };

const utf8 = new TextEncoder();

/**
 * Sends the same bytes to all who have the same interest. Nobody's queue grows without end: who does not read is sent `afresh()` instead
 * of what it missed, and who has not read from one heartbeat to the next but one is closed.
 */
export function createListeners(limits: ListenerLimits, afresh: () => string) {
  const groups = new Map<string, Group>();
  const perAddress = new Map<string, number>();
  let taken = 0;

  function takePlace(address: string | null): () => void {
    let isLeft = false;
    taken++;
    if (address !== null) perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    return () => {
      if (isLeft) return;
      isLeft = true;
      taken--;
      if (address === null) return;
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    };
  }

  function open(interest: Interest, first: string, givePlaceBack: () => void): ReadableStream<Uint8Array> {
    const group = groupOf(groups, interest);
    let listener: Listener | null = null;
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const leave = () => {
            if (listener) group.members.delete(listener);
            if (group.members.size === 0) groups.delete(keyOf(interest));
            givePlaceBack();
          };
          listener = { controller, isBehind: false, wasUnread: false, leave };
          group.members.add(listener);
          controller.enqueue(utf8.encode(first));
        },
        pull() {
          if (!listener?.isBehind) return;
          listener.isBehind = false;
          listener.controller.enqueue(utf8.encode(afresh()));
        },
        cancel: () => listener?.leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxUnreadBytes }),
    );
  }

  function everybody(): Listener[] {
    return [...groups.values()].flatMap(({ members }) => [...members]);
  }

  return {
    /** Takes a place for somebody at an address, if there is one. */
    enter(address: string | null): Place | 'full' | 'crowded' {
      if (taken >= limits.listeners) return 'full';
      if (address !== null && (perAddress.get(address) ?? 0) >= limits.listenersPerAddress) return 'crowded';
      const leave = takePlace(address);
      return { leave, open: (interest, first) => open(interest, first, leave) };
    },

    /** Tells each what interests it; `lastLines` end the last message. */
    tell(news: readonly News[], lastLines: string): void {
      for (const { interest, members } of groups.values()) {
        const own = news.filter((piece) => isOf(interest, piece));
        if (own.length === 0) continue;
        const bytes = utf8.encode(`${own.map(({ text }) => text).join('\n')}${lastLines}\n`);
        for (const listener of members) send(listener, bytes);
      }
    },

    /** Tells everybody the same. */
    tellAll(text: string): void {
      const bytes = utf8.encode(text);
      for (const listener of everybody()) send(listener, bytes);
    },

    /** Tells everybody the same, and lets those go who have not read since the last time. */
    beat(text: string): void {
      const bytes = utf8.encode(text);
      for (const listener of everybody()) {
        const isUnread = (listener.controller.desiredSize ?? 0) < maxUnreadBytes;
        if (isUnread && listener.wasUnread) end(listener);
        else send(listener, bytes);
        listener.wasUnread = isUnread;
      }
    },

    endAll(): void {
      for (const listener of everybody()) end(listener);
    },

    isEmpty: () => groups.size === 0,
  };
}

function send(listener: Listener, bytes: Uint8Array): void {
  if (listener.isBehind || (listener.controller.desiredSize ?? 0) <= 0) listener.isBehind = true;
  else listener.controller.enqueue(bytes);
}

function end({ controller, leave }: Listener): void {
  leave();
  controller.close();
}

function groupOf(groups: Map<string, Group>, interest: Interest): Group {
  const key = keyOf(interest);
  const known = groups.get(key);
  if (known) return known;
  const group = { interest, members: new Set<Listener>() };
  groups.set(key, group);
  return group;
}

function keyOf({ kinds, resourceId }: Interest): string {
  return `${kinds.join(',')} ${resourceId ?? ''}`;
}

export function isOf({ kinds, resourceId }: Interest, piece: { kind: string; resourceId: string }): boolean {
  return kinds.includes(piece.kind) && (resourceId === null || resourceId === piece.resourceId);
}
