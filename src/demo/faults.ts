import type { ServerResponse } from 'node:http';

/** What goes wrong with a request that a fault was planned for. */
export type FaultEffect =
  /** Answered with this status and body instead of being carried out. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is cut before anything happens. */
  | { readonly kind: 'drop' }
  /** Carried out, then the connection is cut: the answer is lost, the effect is not. */
  | { readonly kind: 'drop-after-effect' }
  /** Runs first (to move a ref, say), then the request is carried out as usual. */
  | { readonly kind: 'before'; readonly act: () => Promise<void> }
  /** Carried out, then this runs before the answer is written: a slow answer to what is long done. */
  | { readonly kind: 'after'; readonly act: () => Promise<void> }
  /** Of a batch, every other entry fails inside, the first one too; what is no batch is carried out as usual. */
  | { readonly kind: 'partly' };

interface PlannedFault {
  readonly operation: RegExp;
  readonly effect: FaultEffect;
  left: number;
}

/** Faults planned for one server. Operations are named by the server: `ReceiveMessage`, `POST /repos/acme/x/pulls`. */
export interface Faults {
  /** The next `times` operations that match go wrong like this. */
  plan(operation: RegExp, effect: FaultEffect, times?: number): void;
  /** The planned effect for this operation, used up; null when none is planned. */
  take(operation: string): FaultEffect | null;
  clear(): void;
}

export function createFaults(): Faults {
  let planned: PlannedFault[] = [];
  return {
    plan: (operation, effect, times = 1) => {
      planned.push({ operation, effect, left: times });
    },
    take: (operation) => {
      const fault = planned.find((one) => one.left > 0 && one.operation.test(operation));
      if (fault === undefined) return null;
      fault.left -= 1;
      return fault.effect;
    },
    clear: () => {
      planned = [];
    },
  };
}

/** Cuts the connection of a response without an answer. */
export function dropConnection(response: ServerResponse): void {
  response.socket?.destroy();
}
