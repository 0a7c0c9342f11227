import { type AwsCall, type AwsReply, reply } from './aws-json.ts';

type Entries = readonly Readonly<Record<string, unknown>>[];

/** Carries out every other entry of a batch, not the first; the others fail as they do inside SQS. What is no batch runs whole. */
export async function carryOutPartly(
  call: AwsCall,
  run: (call: AwsCall) => Promise<AwsReply | null>,
): Promise<AwsReply | null> {
  const { Entries: entries } = call.input;
  if (!call.operation.endsWith('Batch') || !Array.isArray(entries) || !entries.every(isObject)) return run(call);
  const unlucky = entries.filter((_, at) => at % 2 === 0);
  const lucky = entries.filter((_, at) => at % 2 === 1);
  const Failed = unlucky.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'planned' }));
  if (lucky.length === 0 && unlucky.length > 0) return reply({ Successful: [], Failed });
  const answer = await run({ ...call, input: { ...call.input, Entries: lucky } });
  if (answer === null || answer.status !== 200 || !isObject(answer.body)) return answer;
  return { ...answer, body: { ...answer.body, Failed: [...entriesOf(answer.body['Failed']), ...Failed] } };
}

function entriesOf(value: unknown): Entries {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Entries[number] {
  return typeof value === 'object' && value !== null;
}
