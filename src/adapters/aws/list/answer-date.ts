import type { DescribeSecretCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';

/** Keeps the `Date` header of a command's last answer; the SDK does not pass it on. */
export function readDate(command: DescribeSecretCommand | ListSecretsCommand): () => string | null {
  let date: string | null = null;
  const stack = command.middlewareStack as DescribeSecretCommand['middlewareStack'];
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      date = headers?.['date'] ?? null;
      return result;
    },
    { step: 'deserialize', name: 'readDate' },
  );
  return () => date;
}

/** A `Date` header has lost its fraction of a second: the next whole second is the first that is surely not too early. */
export function seenAt(date: string | null, now: () => number): number {
  const header = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(header) ? Math.ceil(now() / 1000) * 1000 : header + 1000;
}
