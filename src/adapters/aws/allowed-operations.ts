import { internalFailure } from '../../domain/failure.ts';

/** The only SQS operations this product may send. */
export const SQS_OPERATIONS = [
  'ReceiveMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibilityBatch',
  'GetQueueAttributes',
] as const;

/** The only Secrets Manager operations this product may send: none of them returns a value. */
export const SECRETS_MANAGER_OPERATIONS = ['DescribeSecret', 'ListSecrets'] as const;

/** The only Systems Manager operation this product may send: every other that tells of a version returns values. */
export const PARAMETER_STORE_OPERATIONS = ['DescribeParameters'] as const;

/** The only STS operations: how one identity becomes another. Roles come from the configuration alone. */
export const STS_OPERATIONS = ['AssumeRole', 'AssumeRoleWithWebIdentity'] as const;

interface InitializeStack {
  add(
    middleware: (
      next: (args: { readonly input: object }) => Promise<object>,
      context: { readonly commandName?: string },
    ) => (args: { readonly input: object }) => Promise<object>,
    options: {
      readonly step: 'initialize';
      readonly priority: 'high';
      readonly name: string;
      readonly override: true;
    },
  ): void;
}

/**
 * Makes a client refuse every operation that is not in `allowed`, before anything is signed or sent, and returns the same
 * client. The refusal is a `Failure` with code `internal`. What has no name is refused too.
 */
export function onlyAllowed<C extends { readonly middlewareStack: unknown }>(client: C, allowed: readonly string[]): C {
  const stack = client.middlewareStack as InitializeStack;
  stack.add(
    (next, context) => async (args) => {
      const operation = (context.commandName ?? 'an operation without a name').replace(/Command$/, '');
      if (!allowed.includes(operation)) throw internalFailure(`${operation} is not among the allowed AWS operations`);
      return next(args);
    },
    // The SDK adds plugins again at every renewal of a role: without `override` the second time would throw.
    { step: 'initialize', priority: 'high', name: 'onlyAllowed', override: true },
  );
  return client;
}
