import type { FaultEffect } from '../faults.ts';

const DOCUMENTATION = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';

/** GitHub's answer when the hourly budget is used up, until `resetAt` (epoch seconds). */
export function primaryRateLimit(resetAt: number): FaultEffect {
  return {
    kind: 'answer',
    status: 403,
    body: { message: 'API rate limit exceeded for user ID 1.', documentation_url: DOCUMENTATION },
    headers: {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-used': '5000',
      'x-ratelimit-reset': String(resetAt),
      'x-ratelimit-resource': 'core',
    },
  };
}

/** GitHub's answer to too much at once; it does not always say for how long. */
export function secondaryRateLimit(retryAfterSeconds: number | null): FaultEffect {
  return {
    kind: 'answer',
    status: 403,
    body: {
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url: DOCUMENTATION,
    },
    ...(retryAfterSeconds === null ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  };
}
