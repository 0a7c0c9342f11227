/** A field that is asked for, under the name that it has in the answer. */
export interface Selected {
  readonly name: string;
  readonly as: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Only of an object of this type; null for every one. */
  readonly on: string | null;
  /** Null for a value without fields. */
  readonly fields: readonly Selected[] | null;
}

/** One operation of a GraphQL document, with its variables put in. */
export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly name: string;
  readonly fields: readonly Selected[];
}

type Variables = Readonly<Record<string, unknown>>;

interface Reader {
  /** The token that comes next, without taking it. */
  peek(): string;
  take(): string;
  /** Takes this token; throws where another one comes. */
  expect(token: string): void;
}

const TOKEN = /[\s,]*(?:#[^\n]*[\s,]*)*([A-Za-z_]\w*|-?\d+|\.{3}|"(?:[^"\\\n]|\\.)*"|[{}()[\]:$!=])/y;

/**
 * Reads a document of one named operation: fields, arguments, variables and inline fragments, as this product writes them.
 * There are no named fragments and no directives. Throws a `SyntaxError` for everything else.
 */
export function readDocument(text: string, variables: Variables): Operation {
  const reader = read(tokensOf(text));
  const kind = reader.take();
  if (kind !== 'query' && kind !== 'mutation') throw new SyntaxError(`no operation: ${kind}`);
  const name = reader.take();
  if (reader.peek() === '(') skipVariables(reader);
  const fields = selection(reader, variables);
  if (reader.peek() !== '') throw new SyntaxError(`something stands behind the operation: ${reader.peek()}`);
  return { kind, name, fields };
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? '');
    end = TOKEN.lastIndex;
  }
  if (text.slice(end).trim() !== '') throw new SyntaxError(`not understood: ${text.slice(end, end + 20)}`);
  return tokens;
}

function read(tokens: readonly string[]): Reader {
  let next = 0;
  const take = () => {
    next += 1;
    return tokens[next - 1] ?? '';
  };
  return {
    peek: () => tokens[next] ?? '',
    take,
    expect: (token) => {
      const found = take();
      if (found !== token) throw new SyntaxError(`expected ${token}, found ${found}`);
    },
  };
}

/** The types of variables are the schema's business. */
function skipVariables(reader: Reader): void {
  for (let token = reader.take(); token !== ')'; token = reader.take()) {
    if (token === '') throw new SyntaxError('the variables have no end');
  }
}

function selection(reader: Reader, variables: Variables): readonly Selected[] {
  const fields: Selected[] = [];
  reader.expect('{');
  while (reader.peek() !== '}') {
    if (reader.peek() === '...') fields.push(...fragment(reader, variables));
    else fields.push(selected(reader, variables));
  }
  reader.expect('}');
  return fields;
}

/** The fields of an inline fragment, each for objects of its type alone. */
function fragment(reader: Reader, variables: Variables): readonly Selected[] {
  reader.expect('...');
  reader.expect('on');
  const on = expectName(reader.take());
  return selection(reader, variables).map((field) => ({ ...field, on: field.on ?? on }));
}

function selected(reader: Reader, variables: Variables): Selected {
  const as = expectName(reader.take());
  let name = as;
  if (reader.peek() === ':') {
    reader.take();
    name = expectName(reader.take());
  }
  const args = reader.peek() === '(' ? members(reader, variables, ['(', ')']) : {};
  return { name, as, args, on: null, fields: reader.peek() === '{' ? selection(reader, variables) : null };
}

function members(
  reader: Reader,
  variables: Variables,
  [open, close]: readonly [string, string],
): Readonly<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  reader.expect(open);
  while (reader.peek() !== close) {
    const name = expectName(reader.take());
    reader.expect(':');
    entries.push([name, value(reader, variables)]);
  }
  reader.expect(close);
  return Object.fromEntries(entries);
}

function value(reader: Reader, variables: Variables): unknown {
  if (reader.peek() === '{') return members(reader, variables, ['{', '}']);
  const token = reader.take();
  if (token === '$') return variables[expectName(reader.take())];
  if (/^["-]|^\d/.test(token)) return JSON.parse(token);
  if (token === 'true' || token === 'false') return token === 'true';
  return token === 'null' ? null : expectName(token);
}

function expectName(token: string): string {
  if (!/^[A-Za-z_]\w*$/.test(token)) throw new SyntaxError(`no name: ${token}`);
  return token;
}
