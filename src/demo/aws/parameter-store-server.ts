import type { Faults } from '../faults.ts';
import { type Handler, type LoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type AwsCall, type AwsReply, errorReply, readCall, reply, respond, takeFault } from './aws-json.ts';

export interface ParameterStoreOptions {
  readonly faults?: Faults;
  /** Epoch milliseconds: the time in the `Date` header, and when a version is written. Default: the computer's clock. */
  readonly now?: () => number;
  /** Whose parameters a caller sees whose access key id names no account. Default 111122223333. */
  readonly account?: string;
  /** The region of the controls on the server itself. Default eu-west-1. */
  readonly region?: string;
}

/** What was asked, kept for the test that no value is ever read. */
export interface ParametersRequest {
  readonly operation: string;
  /** The names that were asked for; empty where none were. */
  readonly names: readonly string[];
  readonly account: string;
  readonly region: string;
}

/** A parameter as its last write left it: there is no value anywhere in this world. */
export interface StoredParameter {
  readonly name: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** The parameters of one account in one region, and what people do to them. */
export interface ParametersWorld {
  /** Writes the next version, the first one where there is none; returns its number. */
  put(name: string): number;
  remove(name: string): void;
  /** From now on, asking for any parameter is denied: AWS knows this permission for no single one. */
  deny(): void;
  /** The next `answers` answers still show the parameters of now, whatever changes meanwhile. */
  lag(answers: number): void;
  /** Every answer begins with this many empty pages, as AWS is free to send them. */
  scatter(pages: number): void;
  /** As it really is; null where there is none. */
  get(name: string): StoredParameter | null;
}

/**
 * A little Parameter Store (AWS JSON 1.1) that knows versions and holds no value. The region comes from the call's
 * signature; the account from twelve digits at the end of the access key id, else it is `account`. Every operation but
 * DescribeParameters is denied and recorded.
 */
export interface ParameterStoreServer extends LoopbackServer, ParametersWorld {
  /** The controls of another account or region. */
  at(account: string, region: string): ParametersWorld;
  /** All calls, in order, refused ones included. */
  readonly requests: readonly ParametersRequest[];
}

/** Starts a Parameter Store on loopback without any parameter. */
export async function startParameterStore(options: ParameterStoreOptions = {}): Promise<ParameterStoreServer> {
  const { faults, now = Date.now, account = '111122223333', region = 'eu-west-1' } = options;
  const requests: ParametersRequest[] = [];
  const regions = new Map<string, ParametersRegion>();
  const at = (accountId: string, regionName: string): ParametersRegion => {
    const key = `${accountId}:${regionName}`;
    const found = regions.get(key) ?? createRegion(accountId, regionName, now);
    regions.set(key, found);
    return found;
  };
  const handler: Handler = async (request, response, body) => {
    const call = readCall(request, body);
    const named = /(\d{12})$/.exec(call?.accessKeyId ?? '')?.[1] ?? account;
    const place = { account: named, region: call?.region ?? region };
    const names = filtersOf(call?.input['ParameterFilters']).flatMap(({ values }) => values);
    requests.push({ operation: call?.operation ?? 'unreadable', names, ...place });
    const effect = takeFault(faults, call?.operation ?? 'unreadable');
    await respond(response, { version: '1.1', now }, effect, () => carryOut(at(place.account, place.region), call));
  };
  return { ...(await listenOnLoopback(handler)), ...at(account, region), at, requests };
}

/** What the server needs beyond the controls. */
interface ParametersRegion extends ParametersWorld {
  readonly account: string;
  readonly region: string;
  isDenied(): boolean;
  /** How many empty pages come first. */
  emptyPages(): number;
  /** Sorted by name; older ones where an answer lags. Uses up one lagging answer. */
  list(): readonly StoredParameter[];
}

function createRegion(account: string, region: string, now: () => number): ParametersRegion {
  const parameters = new Map<string, StoredParameter>();
  let isDenied = false;
  let empty = 0;
  let lag: { readonly shown: readonly StoredParameter[]; readonly left: number } = { shown: [], left: 0 };
  const list = () => [...parameters.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return {
    account,
    region,
    put: (name) => {
      const version = (parameters.get(name)?.version ?? 0) + 1;
      parameters.set(name, { name, version, modifiedAt: now() });
      return version;
    },
    remove: (name) => void parameters.delete(name),
    deny: () => {
      isDenied = true;
    },
    lag: (answers) => {
      lag = { shown: list(), left: answers };
    },
    scatter: (pages) => {
      empty = pages;
    },
    get: (name) => parameters.get(name) ?? null,
    isDenied: () => isDenied,
    emptyPages: () => empty,
    list: () => {
      if (lag.left === 0) return list();
      lag = { ...lag, left: lag.left - 1 };
      return lag.shown;
    },
  };
}

function carryOut(world: ParametersRegion, call: AwsCall | null): AwsReply {
  if (call === null) return errorReply('SerializationException', 'not readable');
  if (call.operation !== 'DescribeParameters') {
    return errorReply('AccessDeniedException', `${call.operation} is not allowed here`);
  }
  return world.isDenied()
    ? errorReply('AccessDeniedException', 'not authorized')
    : describeParameters(world, call.input);
}

function describeParameters(world: ParametersRegion, input: Readonly<Record<string, unknown>>): AwsReply {
  const { MaxResults: size = 50, NextToken: token = `${-world.emptyPages()}` } = input;
  const start = Number(token);
  if (typeof size !== 'number' || size < 1 || size > 50) return errorReply('ValidationException', 'MaxResults');
  if (!Number.isInteger(start)) return errorReply('InvalidNextToken', 'NextToken');
  if (start < 0) return reply({ Parameters: [], NextToken: String(start + 1) });
  const filters = filtersOf(input['ParameterFilters']);
  const wrong = filters.flatMap((filter) => refusal(filter) ?? [])[0];
  if (wrong !== undefined) return wrong;
  const found = world.list().filter(({ name }) => filters.every((filter) => fits(filter, name)));
  return reply({
    Parameters: found.slice(start, start + size).map((one) => onWire(world, one)),
    ...(start + size < found.length ? { NextToken: String(start + size) } : {}),
  });
}

/** The ARN leaves out a slash that the name begins with. */
function onWire({ account, region }: ParametersRegion, { name, version, modifiedAt }: StoredParameter) {
  return {
    Name: name,
    ARN: `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`,
    Type: 'SecureString',
    LastModifiedDate: modifiedAt / 1000,
    LastModifiedUser: `arn:aws:iam::${account}:user/somebody`,
    Version: version,
    Policies: [],
    Tier: 'Standard',
    DataType: 'text',
  };
}

interface Filter {
  readonly key: unknown;
  readonly option: unknown;
  readonly values: readonly string[];
}

function filtersOf(filters: unknown): readonly Filter[] {
  if (!Array.isArray(filters)) return [];
  return (filters as { Key?: unknown; Option?: unknown; Values?: unknown }[]).map((one) => ({
    key: one.Key,
    option: one.Option ?? 'Equals',
    values: Array.isArray(one.Values) ? one.Values.map(String) : [],
  }));
}

function refusal({ key, option, values }: Filter): AwsReply | null {
  if (key !== 'Name') return errorReply('InvalidFilterKey', 'only Name is known here');
  if (option !== 'Equals' && option !== 'BeginsWith' && option !== 'Contains') {
    return errorReply('InvalidFilterOption', 'no such option');
  }
  return values.length === 0 || values.length > 50 ? errorReply('InvalidFilterValue', 'between 1 and 50 values') : null;
}

function fits({ option, values }: Filter, name: string): boolean {
  if (option === 'BeginsWith') return values.some((value) => name.startsWith(value));
  if (option === 'Contains') return values.some((value) => name.includes(value));
  return values.includes(name);
}
