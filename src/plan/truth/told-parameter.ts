import { parameterVersion, versionNumber } from '../../domain/parameters/parameter-id.ts';

/** What an event tells of a parameter: a version's number where it names one, and when it was written. */
export interface ToldParameter {
  readonly versionId: string | null;
  readonly time: string | null;
}

/** AWS's services agree on the time within this. */
const CLOCKS_DIFFER_SECONDS = 5;

/**
 * Whether an answer is as new as what an event tells. Most events of Parameter Store name no version and all answers may
 * lag: then the time that the version was written decides. Numbers begin again when a parameter is made anew.
 */
export function showsParameter(version: string, { versionId, time }: ToldParameter): boolean {
  const isReached = versionId === null || versionNumber(version) >= versionNumber(versionId);
  if (time === null) return isReached;
  const later = Number(version.split('.')[1] ?? 0) - secondsOf(time);
  return later > CLOCKS_DIFFER_SECONDS || (later >= -CLOCKS_DIFFER_SECONDS && isReached);
}

/** The version that an event names, in the form in which AWS's answers are kept. */
export function toldVersion(versionId: string, time: string | null): string {
  return time === null ? versionId : parameterVersion(versionId, secondsOf(time));
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
