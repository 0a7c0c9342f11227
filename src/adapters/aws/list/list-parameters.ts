import { DescribeParametersCommand, type SSMClient, SSMServiceException } from '@aws-sdk/client-ssm';
import { type ListedSecret, MOST_LISTED } from '../../../domain/find/find-filter.ts';
import { LATEST } from '../../../domain/parameters/parameter-id.ts';
import type { SecretPlace } from '../../../domain/secret-id.ts';
import type { ListAnswer } from '../../../ports.ts';
import { readDate, seenAt } from '../asking/answer-date.ts';
import { readFound } from '../asking/parameter-answer.ts';
import { awsFailure, type TroubleWords } from '../aws-trouble.ts';
import {
  type ListedPlace,
  type ListPage,
  readPages,
  refuseElsewhere,
  shownList,
  unreadableList,
} from './read-pages.ts';

/** The most that AWS takes. Pages may be less full than that, or empty. */
const PAGE_SIZE = 50;
const MOST_PAGES = (2 * MOST_LISTED) / PAGE_SIZE;
const LONGEST_NAME = 2048;
const NO_TAGS: ReadonlyMap<string, string> = new Map();

const WORDS: TroubleWords = {
  missing: 'aws-rejected',
  denied: 'aws-denied',
  hints: {
    missing: 'Check the endpoint: this is not Systems Manager.',
    denied: 'Allow ssm:DescribeParameters, and where a role is configured sts:AssumeRole on it, with its external id.',
  },
};

/**
 * Reads every page of DescribeParameters, without a filter: one call for 50 parameters of the place. Those that other
 * accounts share are left out.
 */
export async function listParameters(
  client: () => SSMClient,
  { place, now }: { readonly place: SecretPlace; readonly now: () => number },
  signal: AbortSignal,
): Promise<ListAnswer> {
  const listed = { service: 'ssm', place } as const;
  const readPage = async (token: string | undefined): Promise<ListPage> => {
    const command = new DescribeParametersCommand({
      MaxResults: PAGE_SIZE,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const date = readDate(command);
    const { Parameters, NextToken } = await client().send(command, { abortSignal: signal });
    return { listed: readEntries(Parameters, listed), next: NextToken, seenAt: seenAt(date(), now) };
  };
  try {
    return await readPages(listed, MOST_PAGES, readPage);
  } catch (error) {
    if (isDenied(error)) return { kind: 'denied' };
    throw awsFailure(`list ${shownList(listed)}`, error, WORDS);
  }
}

/** An answer without any parameter may leave the list out. */
function readEntries(list: unknown, place: ListedPlace): readonly ListedSecret[] {
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length > PAGE_SIZE) throw unreadableList(place);
  return (list as readonly unknown[]).map((entry) => {
    const found = readFound(entry);
    if (found === null || found.name === '' || found.name.length > LONGEST_NAME) throw unreadableList(place);
    if (found.arn !== null) refuseElsewhere(place, found.arn);
    const versions = new Map([[LATEST, found.version]]);
    return { name: found.name, suffix: null, deleted: false, tags: NO_TAGS, versions };
  });
}

function isDenied(error: unknown): boolean {
  return error instanceof SSMServiceException && error.name === 'AccessDeniedException';
}
