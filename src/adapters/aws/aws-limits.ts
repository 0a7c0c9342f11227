import { createAgents } from '../net/agents.ts';
import type { NetSettings } from '../net/net-settings.ts';

/** Time limits and attempts of one client, and its way through the network. */
export interface AwsLimits {
  /** Milliseconds until a connection has to stand. */
  readonly connectMilliseconds: number;
  /** Milliseconds until the answer has to be there. A long poll gets its wait time on top. */
  readonly requestMilliseconds: number;
  /** Of the SDK, the first one included. It repeats on throttling, server errors and cut connections. */
  readonly maxAttempts: number;
  /** The same for each page of a list, all of which is lost with one page; left out: no more than for anything else. */
  readonly listAttempts?: number;
  /** Left out: no proxy, and the authorities that Node knows. */
  readonly net?: NetSettings;
}

/** Limits for lists: they are long, and AWS counts their calls in far smaller quotas. */
export function listLimits(limits: AwsLimits): AwsLimits {
  return { ...limits, maxAttempts: limits.listAttempts ?? limits.maxAttempts };
}

/** As many as the SDK has by itself. */
const MAX_SOCKETS = 50;

/** The SDK's own limit is a little behind that of the tunnel, which can say which proxy it was. */
const BEHIND_MILLISECONDS = 500;

/**
 * Options for the SDK's HTTP handler, which has no limits of its own. `requestTimeout` ends with the answer's headers and
 * would only be warned about without `throwOnRequestTimeout`; `socketTimeout` is for a body that stalls.
 */
export function requestHandler({ connectMilliseconds, requestMilliseconds, net }: AwsLimits, waitMilliseconds = 0) {
  return {
    ...agentsFor(net, connectMilliseconds),
    connectionTimeout: connectMilliseconds + (net === undefined ? 0 : BEHIND_MILLISECONDS),
    requestTimeout: requestMilliseconds,
    socketTimeout: requestMilliseconds + waitMilliseconds,
    throwOnRequestTimeout: true,
  };
}

function agentsFor(net: NetSettings | undefined, connectMilliseconds: number) {
  if (net === undefined) return {};
  const { plain, secure } = createAgents(net, { maxSockets: MAX_SOCKETS, connectMilliseconds });
  return { httpAgent: plain, httpsAgent: secure };
}
