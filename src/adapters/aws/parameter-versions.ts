import { DescribeParametersCommand, type SSMClient, SSMServiceException } from '@aws-sdk/client-ssm';
import { internalFailure } from '../../domain/failure.ts';
import { readWrittenParameter } from '../../domain/parameters/parameter-id.ts';
import type { SecretRef } from '../../domain/secret-id.ts';
import type { SecretAnswer, SecretVersions } from '../../ports.ts';
import { readDate, seenAt } from './asking/answer-date.ts';
import { createClientPool, shown } from './asking/client-pool.ts';
import { answerOf, readPage, unreadable } from './asking/parameter-answer.ts';
import { listLimits } from './aws-limits.ts';
import { awsFailure, type TroubleWords } from './aws-trouble.ts';
import { listParameters } from './list/list-parameters.ts';
import { parameterStoreClient } from './parameters/parameter-store-client.ts';
import type { SecretVersionsOptions } from './secret-versions.ts';

/** The latest version of parameters, with connections to close. */
export interface AwsParameterVersions extends Pick<SecretVersions, 'describe' | 'listParameters'> {
  close(): void;
}

const WORDS: TroubleWords = {
  missing: 'aws-rejected',
  denied: 'aws-denied',
  hints: {
    missing: 'Check the endpoint: this is not Systems Manager.',
    denied: 'Allow ssm:DescribeParameters, and where a role is configured sts:AssumeRole on it, with its external id.',
  },
};

/** What AWS says of a name that can be none of a parameter: then there is none. */
const NO_SUCH_PARAMETER = new Set(['InvalidFilterValue', 'ValidationException']);

/** A filter by name leaves one parameter, but AWS may put empty pages before it. */
const MOST_PAGES = 20;
const LONGEST_NAME = 1024;

/**
 * Asks Parameter Store for the latest version of a parameter: by a list with a filter, since every other question is
 * answered with values.
 */
export function createParameterVersions({ accounts, limits, now }: SecretVersionsOptions): AwsParameterVersions {
  const pool = createClientPool(accounts, limits, parameterStoreClient);
  const lists = createClientPool(accounts, listLimits(limits), parameterStoreClient);
  return {
    listParameters: (place, signal) => {
      const ref = { ...place, service: 'ssm', id: 'any' } as const;
      return listParameters(() => lists.clientOf(ref), { place, now }, signal);
    },
    describe: (ref, signal) => describe({ client: () => pool.clientOf(ref), now }, ref, signal),
    close: () => {
      pool.close();
      lists.close();
    },
  };
}

interface Asking {
  readonly client: () => SSMClient;
  readonly now: () => number;
}

async function describe({ client, now }: Asking, ref: SecretRef, signal: AbortSignal): Promise<SecretAnswer> {
  if (ref.service !== 'ssm') throw internalFailure(`${shown(ref)} is not asked of Parameter Store`);
  const names = readWrittenParameter(ref.id)?.names ?? [];
  if (names.length === 0 || names.some((name) => name.length > LONGEST_NAME)) return { kind: 'absent' };
  try {
    return await askAll(client(), now, { ref, names }, signal);
  } catch (error) {
    const answer = answerIn(error);
    if (answer !== null) return answer;
    throw awsFailure(`describe ${shown(ref)}`, error, WORDS);
  }
}

/** Page by page until everything that may be meant was found, or there is no more. */
async function askAll(
  client: SSMClient,
  now: () => number,
  { ref, names }: { readonly ref: SecretRef; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<SecretAnswer> {
  const filter = { Key: 'Name', Option: 'Equals', Values: [...names] };
  let next: string | null = null;
  const found = [];
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const more = next === null ? {} : { NextToken: next };
    const command: DescribeParametersCommand = new DescribeParametersCommand({ ParameterFilters: [filter], ...more });
    const date = readDate(command);
    const page = readPage(await client.send(command, { abortSignal: signal }), ref);
    found.push(...page.found);
    if (page.next === null || found.length === names.length) return answerOf(found, ref, seenAt(date(), now));
    next = page.next;
  }
  throw unreadable(ref, `it does not end after ${MOST_PAGES} pages`);
}

/** Errors of Parameter Store itself that are answers. A refusal by STS is none: it says nothing of the parameter. */
function answerIn(error: unknown): SecretAnswer | null {
  if (!(error instanceof SSMServiceException)) return null;
  if (NO_SUCH_PARAMETER.has(error.name)) return { kind: 'absent' };
  return error.name === 'AccessDeniedException' ? { kind: 'denied' } : null;
}
