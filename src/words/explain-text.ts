import { plainText } from '../domain/plain-text.ts';
import type {
  AwsLook,
  BranchExplanation,
  Elsewhere,
  ExplainedEntry,
  ExplainedObject,
  ExplainedProposal,
  ExplainedWorkload,
  Explanation,
} from '../plan/report/explanation.ts';
import type { Replication, Stage } from '../plan/report/secrets/secret-state.ts';
import { address, because, bounded, lookLines, notLookedLines, pullText, shownAddress } from './report-lines.ts';

const MOST_OBJECTS = 20;
const MOST_WORKLOADS = 10;
const MOST_OTHERS = 10;
const MOST_PULLS = 5;

/** What is known of a secret on every base branch, as text for a terminal. Names are neutralised, long lists are cut. */
export function explainText(branches: readonly BranchExplanation[]): string {
  return [...branches.flatMap(branchLines), ''].join('\n');
}

function branchLines(branch: BranchExplanation): readonly string[] {
  const { explanation, unclear } = branch;
  return [
    ...lookLines(branch),
    ...(unclear === null
      ? []
      : ['  not clear which secret is meant', ...because({ reason: unclear.message, hint: unclear.hint }, '    ')]),
    ...(explanation === null ? [] : explanationLines(explanation)),
    ...notLookedLines(branch),
    ...(explanation === null ? [] : [`  next: ${plainText(explanation.next.sentence, 1000)}`]),
  ];
}

function explanationLines(explanation: Explanation): readonly string[] {
  const { secret, aws, objects, possible, elsewhere, proposal, otherProposals } = explanation;
  const isParameter = secret.service === 'ssm';
  const names = plainText(secret.names.join(' or '), 600);
  const place = plainText(`account ${secret.account}, region ${secret.region}`);
  return [
    `  ${isParameter ? 'parameter' : 'secret'} ${names} (${place})`,
    `  AWS: ${isParameter ? parameterText(aws) : awsText(aws)}`,
    `  ${objects.length} object(s) use it`,
    ...bounded(objects, { limit: MOST_OBJECTS, indent: '    ' }, objectLines),
    ...(possible.length === 0 ? [] : [`  ${possible.length} could use it, not proven`]),
    ...bounded(possible, { limit: MOST_OTHERS, indent: '    ' }, (skip) => [
      `    ${address(skip)}  ${skip.code}`,
      ...because(skip, '      '),
    ]),
    ...(elsewhere.length === 0 ? [] : [`  ${elsewhere.length} spell its name and mean something else`]),
    ...bounded(elsewhere, { limit: MOST_OTHERS, indent: '    ' }, elsewhereLines),
    ...(proposal === null ? [] : proposalLines(proposal)),
    ...bounded(otherProposals, { limit: MOST_OTHERS, indent: '  ' }, proposalLines),
  ];
}

function awsText(aws: AwsLook): string {
  switch (aws.kind) {
    case 'not-asked':
      return `not asked. ${plainText(aws.reason)}`;
    case 'described': {
      const versions = aws.versions.map(({ label, version }) => `${plainText(label, 100)} ${plainText(version, 100)}`);
      const shown = versions.length > MOST_OTHERS ? [...versions.slice(0, MOST_OTHERS), 'and more'] : versions;
      const deleted = aws.deleted ? ', scheduled for deletion' : '';
      return `${shown.length === 0 ? 'no version' : shown.join(', ')}, seen at ${aws.seenAt}${deleted}${replicationText(aws.replication)}`;
    }
    case 'absent':
      return 'no such secret';
    case 'denied':
      return 'DescribeSecret is denied';
    case 'failed':
      return 'could not be asked';
  }
}

function replicationText(replication: Replication | null): string {
  if (replication === null) return '';
  const { primaryRegion, status, replicas } = replication;
  const copies = replicas.slice(0, MOST_OTHERS).map((one) => `${plainText(one.region, 100)} ${one.status}`);
  const more = replicas.length > MOST_OTHERS ? ' and more' : '';
  return copies.length > 0
    ? `; copied to ${copies.join(', ')}${more}`
    : `; a copy of the one in ${plainText(primaryRegion, 100)}: ${status ?? 'whether it is in sync is not known'}`;
}

/** Of a parameter AWS tells the latest version alone. */
function parameterText(aws: AwsLook): string {
  switch (aws.kind) {
    case 'described': {
      const [latest] = aws.versions;
      return `latest version ${latest === undefined ? 'unknown' : plainText(latest.version, 100)}, seen at ${aws.seenAt}`;
    }
    case 'absent':
      return 'no such parameter';
    case 'denied':
      return 'DescribeParameters is denied';
    case 'not-asked':
    case 'failed':
      return awsText(aws);
  }
}

function objectLines(object: ExplainedObject): readonly string[] {
  const { chain, references, entries, standing, workloads, stages } = object;
  return [
    `    ${shownAddress(object)}  ${standing.code ?? standing.kind}`,
    `      chain:   ${plainText(chain.join(' → '), 600)}`,
    ...bounded(references, { limit: MOST_OTHERS, indent: '      ' }, ({ field, line, follows }) => [
      `      fetches: ${plainText(field)} (line ${line}) follows ${plainText(follows, 100)}`,
    ]),
    ...bounded(entries, { limit: MOST_OTHERS, indent: '      ' }, entryLines),
    ...because(standing, '      '),
    ...stages.filter(({ kind }) => kind !== 'none').map(stageLine),
    ...bounded(workloads, { limit: MOST_WORKLOADS, indent: '      ' }, workloadLines),
  ];
}

function stageLine({ stage, kind, sentence }: Stage): string {
  return `      ${`${stage}:`.padEnd(9)} ${kind}: ${plainText(sentence, 600)}`;
}

function entryLines({ label, inGit, baseline, onBranch, inAws, isEqual }: ExplainedEntry): readonly string[] {
  const git = inGit === null ? `no version (${recordedText(baseline)})` : `${inGit.version}, seen at ${inGit.time}`;
  const branch = onBranch === null ? '' : `; on its branch ${onBranch}`;
  const aws = isEqual === true ? '; AWS has the same' : inAws === null ? '' : `; AWS has ${inAws}`;
  return [`      Git:     ${plainText(label, 100)}: ${git}${branch}${aws}`];
}

function recordedText(baseline: ExplainedEntry['baseline']): string {
  if (baseline === null) return 'no baseline recorded';
  if (baseline.time === null) return `pinned to ${baseline.version}`;
  return `baseline ${baseline.version}, seen at ${baseline.time}`;
}

function workloadLines({ restart, isBypassed, ...workload }: ExplainedWorkload): readonly string[] {
  const pull = restart.pullRequest === null ? [] : [`          pull:    ${pullText(restart.pullRequest)}`];
  return [
    `      ${isBypassed === true ? 'does not feed' : 'feeds'} ${shownAddress(workload)}  ${restart.kind}`,
    ...pull,
    ...because(restart, '          '),
  ];
}

function elsewhereLines({ reason, ...object }: Elsewhere): readonly string[] {
  return [`    ${shownAddress(object)}`, ...because({ reason, hint: null }, '      ')];
}

function proposalLines({ standing, ...proposal }: ExplainedProposal): readonly string[] {
  const { branch, part, tip, author, pulls, rejected, merged } = proposal;
  const whose = tip === 'foreign' || tip === 'shared' ? `, tip by ${plainText(author ?? 'somebody', 100)}` : '';
  const state = standing === null ? 'no such branch' : standing.kind;
  return [
    `  branch ${plainText(branch)}${part === null ? '' : ` (${plainText(part)})`}  ${state}${whose}`,
    ...(standing === null ? [] : because(standing, '    ')),
    ...bounded(pulls, { limit: MOST_PULLS, indent: '    ' }, (pull) => [`    pull:    ${pullText(pull)}`]),
    ...bounded(rejected, { limit: MOST_PULLS, indent: '    ' }, ({ version, pullRequest }) => [
      `    rejected: ${version}${pullRequest === null ? '' : ` by closing #${pullRequest.number}`}`,
    ]),
    ...bounded(merged, { limit: MOST_PULLS, indent: '    ' }, ({ version, pullRequest }) => [
      `    merged last: ${version}${pullRequest === null ? '' : ` by #${pullRequest.number}`}`,
    ]),
  ];
}
