import { Document, isMap, isScalar, visit } from 'yaml';
import type { CredentialPlace, Destination } from '../../domain/policy.ts';
import type { Account, Config, Source, SourceAuth } from '../config.ts';
import { allowedOrder } from '../join/narrow-orders.ts';
import { DESTINATIONS } from '../keys/destination-keys.ts';

/**
 * A configuration as a new, commented file in our own format, with an example where its repositories belong. The one place that
 * writes YAML: it makes a file that was not there, and never touches a manifest.
 */
export function ownText(config: Config): string {
  const document = new Document(plainConfig(config), { aliasDuplicateObjects: false });
  document.commentBefore = HEADER;
  for (const [path, comment] of COMMENTS) addComment(document, path, comment);
  // Escapes exist in double quotes only: whatever shows as nothing, or as something else, is written as one.
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && node.value.search(UNSAFE) !== -1) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  return text.replace(UNSAFE, (character) => (character === '\n' ? character : escaped(character)));
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const HEADER = ` Translated from ESO Reloader's Config. It loads as it is; what is marked EXAMPLE is yours to fill in.
 Check it with: gitops-reloader doctor --offline --config FILE`;

const COMMENTS: readonly (readonly [readonly (string | number)[], string])[] = [
  [
    ['metadata', 'name'],
    ' The instance: keeps two installations on one repository apart, and is part of every branch name.',
  ],
  [['spec', 'notificationSources'], ' The queues to listen to.'],
  [['spec', 'destinationsToWatch'], ' What may be touched. `namespaces` lists the names of namespaces.'],
  [['spec', 'aws', 'accounts'], ' The allow-list: nothing outside it is asked for or acted on.'],
  [['spec', 'aws', 'auth'], ' Who describes secrets: allow it secretsmanager:DescribeSecret.'],
  [
    ['spec', 'repositories'],
    ' EXAMPLE: the GitOps repositories that deploy the secrets, and where their credential is.',
  ],
  [
    ['spec', 'repositories', 0, 'branches', 0, 'order'],
    ' staged: restarts in a second pull request; gated: in one, with health checks; refreshOnly: never; together: one commit.',
  ],
];

function addComment(document: Document, path: readonly (string | number)[], comment: string): void {
  const map: unknown = document.getIn(path.slice(0, -1), true);
  const key = isMap(map) ? map.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key : null;
  if (isScalar(key)) key.commentBefore = comment;
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

function plainConfig(config: Config) {
  const { instance, sources, destinations, aws, secretsDir } = config;
  return {
    apiVersion: 'gitops-reloader.dev/v1alpha1',
    kind: 'Config',
    metadata: { name: instance },
    spec: {
      secretsDir,
      notificationSources: sources.map((source) => plainSource(source, secretsDir)),
      destinationsToWatch: destinations.map(plainDestination),
      aws: { accounts: aws.accounts.map(plainAccount), auth: plainAuth(aws.auth, secretsDir) },
      repositories: [
        {
          name: 'platform',
          url: 'https://github.com/acme/platform-gitops.git',
          forge: { type: 'github', auth: { token: { secretRef: { name: 'github', key: 'token' } } } },
          branches: [{ base: 'main', order: allowedOrder('staged', destinations) }],
        },
      ],
    },
  };
}

function plainAccount({ id, regions }: Account) {
  return { id, regions };
}

function plainSource({ queueUrl, endpoint, auth, ...numbers }: Source, secretsDir: string) {
  const where = endpoint === null ? { queueURL: queueUrl } : { queueURL: queueUrl, endpoint };
  return { type: 'AwsSqs', awsSqs: { ...where, ...numbers, auth: plainAuth(auth, secretsDir) } };
}

function plainAuth(auth: SourceAuth, secretsDir: string) {
  switch (auth.authMethod) {
    case 'default':
      return auth;
    case 'serviceAccount': {
      const { authMethod, folder, role, tokenFile } = auth;
      const account = folder === null ? {} : { serviceAccountRef: { name: folder.slice(secretsDir.length + 1) } };
      return {
        authMethod,
        ...account,
        ...(role === null ? {} : { role }),
        ...(tokenFile === null ? {} : { tokenFile }),
      };
    }
    case 'static': {
      const { authMethod, accessKeyId, secretAccessKey, sessionToken } = auth;
      const refs = {
        accessKeyIdSecretRef: plainRef(accessKeyId, secretsDir),
        secretAccessKeySecretRef: plainRef(secretAccessKey, secretsDir),
        ...(sessionToken === null ? {} : { sessionTokenSecretRef: plainRef(sessionToken, secretsDir) }),
      };
      return { authMethod, secretRef: refs };
    }
  }
}

/** The file `<secretsDir>/<name>/<key>` as the reference that it came from. */
function plainRef(place: CredentialPlace, secretsDir: string) {
  const [name = '', key = ''] = place.kind === 'file' ? place.path.slice(secretsDir.length + 1).split('/') : [];
  return { name, key };
}

function plainDestination({ kind, names, namespaces, labels }: Destination) {
  const { matchLabels, matchExpressions } = labels;
  const selector = {
    ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels: new Map(Object.entries(matchLabels)) }),
    ...(matchExpressions.length === 0 ? {} : { matchExpressions: matchExpressions.map(plainExpression) }),
  };
  const block = {
    ...(names.length === 0 ? {} : { names }),
    ...(namespaces.length === 0 ? {} : { namespaces }),
    ...(Object.keys(selector).length === 0 ? {} : { labelSelectors: selector }),
  };
  return Object.keys(block).length === 0 ? { type: kind } : { type: kind, [DESTINATIONS[kind]]: block };
}

function plainExpression({ key, operator, values }: Destination['labels']['matchExpressions'][number]) {
  return values.length === 0 ? { key, operator } : { key, operator, values };
}
