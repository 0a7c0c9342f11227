import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluateTemplate } from './evaluate-template.ts';
import { matches, type Pattern } from './event-pattern.ts';
import { readModule } from './read-module.ts';

const { resources } = evaluateTemplate('templates/cloudformation/gitops-reloader.yaml', { CloudTrailRule: 'true' });
const cloudFormation = {
  labels: resources['LabelRule']?.Properties['EventPattern'] as Pattern,
  cloudtrail: resources['CloudTrailEventsRule']?.Properties['EventPattern'] as Pattern,
};
const { locals, blocks } = await readModule('templates/terraform');
const terraform = locals['event_patterns'];

/** The fixtures that reach the queue by this rule, as they stand in EventBridge. */
function passing(pattern: Pattern): readonly string[] {
  const { vectors } = JSON.parse(readFileSync('fixtures/events/index.json', 'utf8')) as {
    readonly vectors: readonly { readonly file: string; readonly form: string }[];
  };
  return vectors
    .filter(({ form }) => form === 'eventbridge')
    .map(({ file }) => file)
    .filter((file) => matches(pattern, JSON.parse(readFileSync(join('fixtures/events', file), 'utf8'))));
}

test('both templates have the halves of templates/eventbridge/rule.json', () => {
  const { source, $or } = JSON.parse(readFileSync('templates/eventbridge/rule.json', 'utf8')) as {
    readonly source: unknown;
    readonly $or: readonly object[];
  };
  expect(Object.values(cloudFormation)).toEqual($or.map((half) => ({ source, ...half })));
  expect(terraform).toEqual(cloudFormation);
  expect(blocks['aws_cloudwatch_event_rule.rule']).toMatchObject({
    event_pattern: '${jsonencode(local.event_patterns[each.key])}',
    for_each: '${local.rules}',
  });
});

test('which of the sample events pass the rule for labels', () => {
  expect(passing(cloudFormation.labels)).toEqual([
    'native_label_updated_archive_replay.json',
    'native_label_updated_awscurrent.json',
    'native_label_updated_custom_label.json',
    'native_label_updated_docs_example.json',
    'native_label_updated_name_ends_hyphen6.json',
    'native_label_updated_unknown_fields.json',
  ]);
});

test('which of the sample events pass the rule for CloudTrail', () => {
  expect(passing(cloudFormation.cloudtrail)).toEqual([
    'ct_create_secret_2026.json',
    'ct_put_secret_value_2024_arn.json',
    'ct_put_secret_value_ARN_upper.json',
    'ct_put_secret_value_addendum_updated_data.json',
    'ct_put_secret_value_awspending.json',
    'ct_put_secret_value_by_name.json',
    'ct_put_secret_value_china.json',
    'ct_put_secret_value_cross_account_owner_copy.json',
    'ct_put_secret_value_future_minor_version.json',
    'ct_put_secret_value_params_omitted.json',
    'ct_put_secret_value_partial_arn_hyphen6.json',
    'ct_update_secret_arn_only_response.json',
    'ct_update_secret_kms_only.json',
    'ct_update_secret_with_version.json',
    'ct_update_version_stage_awscurrent.json',
    'ct_update_version_stage_custom.json',
    'ct_update_version_stage_remove_only.json',
    'svc_replication_succeeded.json',
    'svc_rotation_failed.json',
    'svc_rotation_succeeded.json',
    'svc_rotation_succeeded_lowercase_secretId.json',
    'svc_rotation_succeeded_rds_managed.json',
  ]);
});
