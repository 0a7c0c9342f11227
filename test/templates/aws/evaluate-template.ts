import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';

/** A CloudFormation resource after its functions were carried out. */
export interface Resource {
  readonly Type: string;
  readonly DependsOn?: readonly string[];
  readonly Properties: Properties;
}

export type Properties = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly Type: string;
  readonly Default?: string;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly string[];
  readonly MinLength?: number;
  readonly MaxLength?: number;
  readonly ConstraintDescription?: string;
  readonly Description?: string;
}

export interface Stack {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly conditions: Readonly<Record<string, boolean>>;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The parameters, conditions and resources that something names. */
  readonly used: ReadonlySet<string>;
}

/** `!Ref x`, `!If [...]`: the name of the function, and what stands behind it. */
class Call {
  readonly name: string;
  readonly argument: unknown;
  constructor(name: string, argument: unknown) {
    this.name = name;
    this.argument = argument;
  }
}

const NOTHING = Symbol('AWS::NoValue');
const PLACE = { region: 'eu-west-1', account: '111122223333', partition: 'aws' };
const PSEUDO: Readonly<Record<string, unknown>> = {
  'AWS::AccountId': PLACE.account,
  'AWS::NoValue': NOTHING,
  'AWS::Partition': PLACE.partition,
  'AWS::Region': PLACE.region,
};
type Named = (name: string) => string;
const arn = (service: string, region: string, rest: string): string =>
  `arn:${PLACE.partition}:${service}:${region}:${PLACE.account}:${rest}`;

/** What `!Ref` and `!GetAtt` give for each kind of resource; `named` is the value of one of its properties. */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, (named: Named) => string>>>> = {
  'AWS::SQS::Queue': {
    Ref: (named) => `https://sqs.${PLACE.region}.amazonaws.com/${PLACE.account}/${named('QueueName')}`,
    Arn: (named) => arn('sqs', PLACE.region, named('QueueName')),
    QueueName: (named) => named('QueueName'),
  },
  'AWS::Events::Rule': {
    Ref: (named) => named('Name'),
    Arn: (named) => arn('events', PLACE.region, `rule/${named('Name')}`),
  },
  'AWS::KMS::Key': { Arn: () => arn('kms', PLACE.region, 'key/of-the-queues') },
  'AWS::IAM::ManagedPolicy': { Ref: () => arn('iam', '', 'policy/of-the-service') },
  'AWS::IAM::Role': { Arn: (named) => arn('iam', '', `role/${named('RoleName')}`) },
};

/** A template as a stack with these parameters would have it; whatever does not resolve throws. */
export function evaluateTemplate(file: string, values: Readonly<Record<string, string>> = {}): Stack {
  const template = read(file) as Record<string, Record<string, unknown>>;
  const parameters = (template['Parameters'] ?? {}) as Record<string, Parameter>;
  for (const name of Object.keys(values)) if (parameters[name] === undefined) throw new Error(`no parameter ${name}`);
  const evaluator = new Evaluator(template, { ...defaultsOf(parameters), ...values });
  return {
    parameters,
    conditions: evaluator.conditions(),
    resources: evaluator.section('Resources') as Record<string, Resource>,
    outputs: evaluator.section('Outputs'),
    used: evaluator.used,
  };
}

function defaultsOf(parameters: Readonly<Record<string, Parameter>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { Default }]) => (Default === undefined ? [] : [[name, Default]])),
  );
}

function read(file: string): unknown {
  const document = parseDocument(readFileSync(file, 'utf8'), { strict: true, logLevel: 'error' });
  if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
  return toPlain(document.contents);
}

/** The nodes as plain data, tagged ones as calls. CloudFormation knows no anchors and aliases: they throw. */
function toPlain(node: unknown): unknown {
  const { tag, anchor } = node as Node & { readonly tag?: string; readonly anchor?: string };
  if (anchor !== undefined) throw new Error(`an anchor: ${anchor}`);
  const value = plainValue(node);
  return tag?.startsWith('!') === true ? new Call(tag.slice(1), value) : value;
}

function plainValue(node: unknown): unknown {
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [String(toPlain(key)), toPlain(value)]);
    return Object.fromEntries(pairs) as unknown;
  }
  if (isSeq(node)) return node.items.map(toPlain);
  if (isScalar(node)) return node.value;
  throw new Error('a node that CloudFormation does not know');
}

class Evaluator {
  readonly used = new Set<string>();
  readonly #template: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly #values: Readonly<Record<string, string>>;

  constructor(
    template: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    values: Readonly<Record<string, string>>,
  ) {
    this.#template = template;
    this.#values = values;
  }

  conditions(): Record<string, boolean> {
    return Object.fromEntries(Object.keys(this.#template['Conditions'] ?? {}).map((name) => [name, this.#holds(name)]));
  }

  /** The resources or outputs whose condition holds. */
  section(name: 'Resources' | 'Outputs'): Record<string, unknown> {
    const entries = Object.entries(this.#template[name] ?? {}) as [string, Record<string, unknown>][];
    return Object.fromEntries(
      entries.filter(([, one]) => this.#isThere(one)).map(([key, one]) => [key, this.#evaluate(this.#checked(one))]),
    );
  }

  #isThere({ Condition }: Readonly<Record<string, unknown>>): boolean {
    return typeof Condition !== 'string' || this.#holds(Condition);
  }

  /** Without its condition, which holds; what it names as text must exist too. */
  #checked(resource: Readonly<Record<string, unknown>>): unknown {
    for (const name of (resource['DependsOn'] ?? []) as string[]) this.#resource(name);
    return Object.fromEntries(Object.entries(resource).filter(([key]) => key !== 'Condition'));
  }

  #holds(name: string): boolean {
    const condition = this.#template['Conditions']?.[name];
    if (condition === undefined) throw new Error(`no condition ${name}`);
    this.used.add(name);
    return this.#evaluate(condition) === true;
  }

  #evaluate(value: unknown): unknown {
    if (value instanceof Call) return this.#call(value);
    if (Array.isArray(value)) return value.map((one) => this.#evaluate(one)).filter((one) => one !== NOTHING);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [key, this.#evaluate(one)] as const);
    return Object.fromEntries(entries.filter(([, one]) => one !== NOTHING));
  }

  #call({ name, argument }: Call): unknown {
    if (name === 'If') {
      const [condition, yes, no] = argument as [string, unknown, unknown];
      return this.#evaluate(this.#holds(condition) ? yes : no);
    }
    if (name === 'Ref') return this.#ref(argument as string);
    if (name === 'Sub') return this.#sub(argument as string);
    if (name === 'GetAtt') {
      const [resource = '', attribute = ''] = (argument as string).split('.');
      return this.#attribute(resource, attribute);
    }
    const list = this.#evaluate(argument) as unknown[];
    if (name === 'Equals') return list[0] === list[1];
    if (name === 'Not') return list[0] !== true;
    if (name === 'Join') return (list[1] as string[]).join(list[0] as string);
    throw new Error(`a function this test does not know: ${name}`);
  }

  #sub(text: string): string {
    return text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = name.includes('.') ? this.#attribute(...(name.split('.') as [string, string])) : this.#ref(name);
      if (typeof value !== 'string') throw new Error(`no text: ${name}`);
      return value;
    });
  }

  #ref(name: string): unknown {
    if (name in PSEUDO) return PSEUDO[name];
    const parameter = this.#template['Parameters']?.[name] as Parameter | undefined;
    if (parameter === undefined) return this.#attribute(name, 'Ref');
    this.used.add(name);
    const value = this.#values[name];
    if (value === undefined) throw new Error(`no value for ${name}`);
    return parameter.Type === 'CommaDelimitedList' ? value.split(',') : value;
  }

  #attribute(name: string, attribute: string): string {
    const { Type, Properties } = this.#resource(name);
    const give = ATTRIBUTES[Type]?.[attribute];
    if (give === undefined) throw new Error(`no attribute ${name}.${attribute} that this test knows`);
    return give((property) => this.#evaluate(Properties[property]) as string);
  }

  /** A resource of the template that is there under its condition. */
  #resource(name: string): Resource {
    const resource = this.#template['Resources']?.[name] as (Resource & Record<string, unknown>) | undefined;
    if (resource === undefined) throw new Error(`nothing is called ${name}`);
    if (!this.#isThere(resource)) throw new Error(`${name} is not there`);
    this.used.add(name);
    return resource;
  }
}
