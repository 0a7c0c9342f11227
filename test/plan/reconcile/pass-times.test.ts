import { expect, test } from 'vitest';
import { waitBeforePass } from '../../../src/plan/reconcile/pass-times.ts';

const HOUR = 3_600_000;
const of = (host: string, repository = 'platform@main') => ({ host, repository, intervalMilliseconds: HOUR });

test('the first pass comes within a minute, the next within the interval, then one in each', () => {
  for (const host of ['a', 'b', 'pod-7', '']) {
    expect(waitBeforePass(0, 0, of(host))).toBeLessThanOrEqual(60_000);
    expect(waitBeforePass(1, 0, of(host))).toBeLessThanOrEqual(HOUR);
    expect(waitBeforePass(1, 0, of(host))).toBeGreaterThanOrEqual(HOUR / 4);
    expect(waitBeforePass(2, 0, of(host))).toBe(HOUR);
    expect(waitBeforePass(9, 0, of(host))).toBe(HOUR);
  }
});

test('replicas and repositories have places of their own, the same at every start', () => {
  const hosts = Array.from({ length: 20 }, (_, at) => `pod-${at}`);
  const first = hosts.map((host) => waitBeforePass(0, 0, of(host)));
  expect(first).toEqual(hosts.map((host) => waitBeforePass(0, 0, of(host))));
  expect(new Set(first).size).toBe(20);
  expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(30_000);
  expect(waitBeforePass(0, 0, of('a'))).not.toBe(waitBeforePass(0, 0, of('a', 'other@main')));
});

test('a short interval is never exceeded', () => {
  const short = { ...of('a'), intervalMilliseconds: 1000 };
  for (let pass = 0; pass < 4; pass += 1) expect(waitBeforePass(pass, 3, short)).toBeLessThanOrEqual(1000);
});

test('what fails is tried again after one minute, two, four, and never later than in its turn', () => {
  const waits = [1, 2, 3, 4].map((failures) => Math.floor(waitBeforePass(5, failures, of('a')) / 60_000));
  expect(waits).toEqual([1, 2, 4, 8].map((minutes) => Math.floor((minutes * waitBeforePass(5, 1, of('a'))) / 60_000)));
  expect(waitBeforePass(5, 40, of('a'))).toBe(HOUR);
});
