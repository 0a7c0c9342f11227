import { expect } from 'vitest';
import { EVENTS, type EventName, type Place, type TableEvent } from './events.ts';
import type { Seen, TableRules, TableWorld } from './table-world.ts';

/** One row of the page: what happens to a state when one of these events comes. */
export interface Cell {
  readonly events: readonly EventName[];
  /** The very text of the page. */
  readonly does: string;
  /** How the world is afterwards; null where the event cannot happen in this state. */
  readonly after: Seen | null;
}

/** A state of what is proposed for one group, and all of its cells. */
export interface TableState extends Place {
  /** The page's heading. */
  readonly title: string;
  /** The sentence below it. */
  readonly says: string;
  readonly rules?: TableRules;
  readonly enter: (world: TableWorld) => Promise<void>;
  readonly is: Seen;
  readonly cells: readonly Cell[];
}

/** A world as it is expected: nothing waits, nothing was said, and the base has version 1, unless `more` says otherwise. */
export function seen(pulls: readonly string[], branch: string, more: Partial<Seen> = {}): Seen {
  return { pulls, branch, base: 1, queue: 0, comments: 0, ...more };
}

/** One run of a cell. */
export interface Run {
  readonly state: TableState;
  readonly event: EventName;
  readonly cell: Cell & { readonly after: Seen };
}

/** Every cell that can be run, once for each of its events. */
export function runsOf(states: readonly TableState[]): readonly Run[] {
  return states.flatMap((state) =>
    state.cells.flatMap(({ events, does, after }) =>
      after === null ? [] : events.map((event) => ({ state, event, cell: { events, does, after } })),
    ),
  );
}

/** Brings a world into the state, lets the event happen and the service do its work, and looks at the world. */
export async function run(
  open: (rules: TableRules) => Promise<TableWorld>,
  { state, event, cell }: Run,
  looks: 'once' | 'twice' = 'once',
): Promise<void> {
  const { happen, rules }: TableEvent = EVENTS[event];
  const world = await open({ ...state.rules, ...rules });
  try {
    await state.enter(world);
    expect(await world.see()).toEqual(state.is);
    await happen(world, state);
    await world.handle();
    await world.sweep();
    expect(await world.see()).toEqual(cell.after);
    // A second look changes nothing: it has come to rest there.
    if (looks === 'twice') await world.sweep();
    if (looks === 'twice') expect(await world.see()).toEqual(cell.after);
  } finally {
    await world.end();
  }
}

/** A row that says that these events cannot happen, and why. */
export function cannot(does: string, ...events: readonly EventName[]): Cell {
  return { events, does: `Cannot happen: ${does}`, after: null };
}
