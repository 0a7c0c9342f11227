import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@cdktn/hcl2json';

/** A block as the parser gives it: literals as they are, everything else as the text `${…}`. */
export type Block = Readonly<Record<string, unknown>>;

/** The files of a Terraform module, put together. */
export interface Module {
  readonly variables: Readonly<Record<string, Block>>;
  readonly locals: Block;
  readonly outputs: Readonly<Record<string, Block>>;
  /** `aws_sqs_queue.queue`, `data.aws_iam_policy_document.key`. */
  readonly blocks: Readonly<Record<string, Block>>;
}

type Kinds = Readonly<Record<string, Readonly<Record<string, readonly [Block]>>>>;

/** Reads every `.tf` file of a folder; a file that does not parse throws with line and column. */
export async function readModule(folder: string): Promise<Module> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.tf'));
  const parsed = await Promise.all(
    files.map(async (name) => (await parse(name, readFileSync(join(folder, name), 'utf8'))) as Block),
  );
  const all = (kind: string): readonly [string, Block][] =>
    parsed
      .flatMap((file) => Object.entries((file[kind] ?? {}) as Readonly<Record<string, readonly [Block]>>))
      .map(([name, [block]]) => [name, block]);
  const typed = (kind: string, prefix: string): readonly [string, Block][] =>
    parsed.flatMap((file) =>
      Object.entries((file[kind] ?? {}) as Kinds).flatMap(([type, named]) =>
        Object.entries(named).map(([name, [block]]): [string, Block] => [`${prefix}${type}.${name}`, block]),
      ),
    );
  return {
    variables: distinct(all('variable')),
    outputs: distinct(all('output')),
    locals: distinct(
      parsed.flatMap(({ locals = [] }) => (locals as readonly Block[]).flatMap((one) => Object.entries(one))),
    ),
    blocks: distinct([...typed('resource', ''), ...typed('data', 'data.')]),
  };
}

function distinct<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const found = Object.fromEntries(entries);
  if (Object.keys(found).length !== entries.length) throw new Error('a name is given twice');
  return found;
}

/** Every name that a value refers to: `var.name`, `local.rules`, `aws_sqs_queue.queue`, `data.aws_arn.queue`. */
export function referencesIn(value: unknown): readonly string[] {
  const names = /\b(?:var\.\w+|local\.\w+|data\.aws_\w+\.\w+|(?<!data\.)aws_\w+\.\w+)/g;
  return [...new Set(JSON.stringify(value).match(names))];
}
