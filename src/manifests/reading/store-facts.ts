import type { ObjectFacts, StoreFacts } from '../objects.ts';
import { entries, field, items, noteMalformed, text, type View } from './yaml-view.ts';

const ROLE = /^arn:aws[a-z-]*:iam::(\d{12}):role\/./;

/** What a SecretStore or ClusterSecretStore says of AWS; null, and noted, where it has no provider (a patch). */
export function readStore(root: View, header: ObjectFacts): StoreFacts | null {
  const provider = field(root, 'spec', 'provider');
  if (entries(provider) === null) {
    noteMalformed(provider ?? root, 'spec.provider is missing');
    return null;
  }
  const aws = field(provider, 'aws');
  if (aws !== null && entries(aws) === null) {
    noteMalformed(aws, 'spec.provider.aws is not a map');
    return null;
  }
  return { type: 'store', ...header, aws: aws === null ? null : readAws(aws) };
}

function readAws(aws: View): NonNullable<StoreFacts['aws']> {
  return {
    service: text(field(aws, 'service')) ?? '',
    region: text(field(aws, 'region')),
    account: accountOf(aws),
    prefix: text(field(aws, 'prefix')) ?? '',
  };
}

/** `additionalRoles` are assumed in their order and then `role`: the last one assumed reads the secret. */
function accountOf(aws: View): string | null {
  const last = field(aws, 'role') ?? (items(field(aws, 'additionalRoles')) ?? []).at(-1) ?? null;
  return ROLE.exec(text(last) ?? '')?.[1] ?? null;
}
