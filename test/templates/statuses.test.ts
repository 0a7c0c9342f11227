import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const read = (name: string) => readFileSync(`templates/statuses/${name}.yaml`, 'utf8');

test('Flux tells success too, by one Provider, under a name that its expression makes', () => {
  const [provider, alert] = parseAllDocuments(read('flux')).map((document): Record<string, never> => document.toJS());
  expect(provider).toMatchObject({
    kind: 'Provider',
    metadata: { name: 'gitops-statuses' },
    spec: { type: 'github', secretRef: { name: 'github-token' } },
  });
  expect(provider?.['spec']).toHaveProperty('commitStatusExpr', "'kustomization/' + event.involvedObject.name + '/eu'");
  expect(alert).toMatchObject({
    kind: 'Alert',
    spec: { eventSeverity: 'info', providerRef: { name: 'gitops-statuses' } },
  });
  expect(alert?.['spec']).toHaveProperty('eventSources', [{ kind: 'Kustomization', name: 'apps' }]);
});

interface Notifications {
  readonly data: Readonly<Record<string, string>>;
}

test('Argo CD tells success and failure on the synced revision, under one name', () => {
  const { data }: Notifications = parse(read('argo-cd'));
  const keys = Object.keys(data);
  const templates = keys.filter((key) => key.startsWith('template.')).map((key) => parse(data[key] ?? ''));
  expect(templates.map(({ github }) => github.status.state)).toEqual(['success', 'failure']);
  for (const { github } of templates) {
    expect(github.revisionPath).toBe('{{.app.status.operationState.syncResult.revision}}');
    expect(github.status.label).toBe('continuous-delivery/{{.app.metadata.name}}');
  }
  const sent = keys.filter((key) => key.startsWith('trigger.')).flatMap((key) => parse(data[key] ?? '')[0].send);
  expect(sent.map((name: string) => `template.${name}`)).toEqual(keys.filter((key) => key.startsWith('template.')));
  const [{ triggers }] = parse(data['subscriptions'] ?? '');
  expect(triggers.map((name: string) => `trigger.${name}`)).toEqual(keys.filter((key) => key.startsWith('trigger.')));
});
