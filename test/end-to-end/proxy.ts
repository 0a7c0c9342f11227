import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaks } from './canaries.ts';
import { repositoryOf } from './manifests.ts';
import { type ProxyWorld, startProxyWorld } from './proxy-world.ts';
import { logOf, proposedOnce, traceOf, untilDeleted } from './traces.ts';

let world: ProxyWorld;
beforeAll(async () => {
  world = await startProxyWorld(repositoryOf(['prod/db']));
});
afterAll(() => world.close());

/** The service behind a proxy, by either way of speaking to Git hosts. */
export function behindProxy(transport: 'direct' | 'isomorphic'): void {
  test(`${transport}: AWS, Git and GitHub are reached through the proxy, and what is exempted directly`, async () => {
    const { stage, proxy, spec, environment } = world;
    const program = await stage.run({ ...spec, git: { transport } }, [], environment);
    const rotation = stage.rotate('prod/db');
    await untilDeleted(stage, rotation);
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
    const hosts = ['api', 'git', 'sqs'].map((name) => `${name}.acme.test:443`);
    expect([...new Set(proxy.targets)].toSorted()).toEqual(hosts);
    expect(stage.world.secrets.requests.length).toBeGreaterThan(0);
    program.signal('SIGTERM');
    expect((await program.exit).code).toBe(0);
    const told = logOf(program).filter(({ msg }) => msg === 'aws connection' || msg === 'network');
    expect(told).toMatchObject([
      { proxy: `127.0.0.1:${proxy.port}`, noProxy: ['example.com', '0.0.0.0/8'] },
      { connection: 'queue gitops-reloader', credentials: 'environment keys', proxy: `127.0.0.1:${proxy.port}` },
      { connection: 'secrets of 111122223333', regions: ['eu-west-1'], roles: [], proxy: null },
      // No endpoint is named for them: the proxy leads to AWS.
      { connection: 'parameters of 111122223333', endpoint: null, proxy: `127.0.0.1:${proxy.port}` },
    ]);
    expect(await leaks(stage)).toEqual([]);
  });
}

/** A proxy that does not take our password. */
export function refusedByProxy(transport: 'direct' | 'isomorphic'): void {
  test(`${transport}: a proxy that refuses is named where the next step is, without its password`, async () => {
    const { stage, proxy, spec, environment } = world;
    proxy.demand('reloader', 'another password');
    const config = await stage.file('config.yaml', stage.world.config({ ...spec, git: { transport } }));
    const { code, stdout } = await stage.command(['doctor', '--config', config], environment);
    expect(code).toBe(1);
    const failed = stdout.split('\n').filter((line) => line.startsWith('FAIL'));
    expect(failed.map((line) => line.replace(/^FAIL {2}(\S+) .*\[(.*)\]$/, '$1 $2'))).toEqual([
      'queue aws-unreachable',
      'repository git-unreachable',
      'pull forge-unreachable',
    ]);
    for (const line of failed) expect(line).toContain(`the proxy 127.0.0.1:${proxy.port} answered 407`);
    expect(await leaks(stage)).toEqual([]);
  });
}
