/** Time limits and attempts of one client. */
export interface AwsLimits {
  /** Milliseconds until a connection has to stand. */
  readonly connectMilliseconds: number;
  /** Milliseconds until the answer has to be there. A long poll gets its wait time on top. */
  readonly requestMilliseconds: number;
  /** Of the SDK, the first one included. It repeats on throttling, server errors and cut connections. */
  readonly maxAttempts: number;
}

/**
 * Options for the SDK's HTTP handler, which has no limits of its own. `requestTimeout` ends with the answer's headers and
 * would only be warned about without `throwOnRequestTimeout`; `socketTimeout` is for a body that stalls.
 */
export function requestHandler({ connectMilliseconds, requestMilliseconds }: AwsLimits, waitMilliseconds = 0) {
  return {
    connectionTimeout: connectMilliseconds,
    requestTimeout: requestMilliseconds,
    socketTimeout: requestMilliseconds + waitMilliseconds,
    throwOnRequestTimeout: true,
  };
}
