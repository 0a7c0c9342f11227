const TEMPLATE = /\$\{[^}]*\}|\{\{.*?\}\}|\$\([^)]*\)/gs;
const SUFFIX = /-[A-Za-z0-9]{6}$/;

/** True for a text that something else (Flux, Helm, Kustomize's vars) fills in before it means anything. */
export function isTemplated(text: string): boolean {
  return text.includes('${') || text.includes('{{') || text.includes('$(');
}

/** What is literal in a templated text, in order: `a-${x}-b` has `a-` and `-b`; a lone `${x}` has two empty parts. */
function literalParts(text: string): readonly string[] {
  // Longer than any key: not worth a closer look, it may be anything.
  return text.length > 4096 ? ['', ''] : text.split(TEMPLATE);
}

/** True when nothing in a templated text is literal, so that it fits every name. */
export function saysNothing(text: string): boolean {
  return literalParts(text).join('') === '';
}

/** True when a templated key can become this name. A templated ARN is compared from its resource on. */
export function couldBecome(text: string, name: string): boolean {
  const resource = text.lastIndexOf(':secret:');
  const key = resource === -1 ? text : text.slice(resource + ':secret:'.length);
  const parameter = text.lastIndexOf(':parameter/');
  if (parameter !== -1) {
    const parts = literalParts(text.slice(parameter + ':parameter/'.length));
    return fits(parts, name) || (name.startsWith('/') && fits(parts, name.slice(1)));
  }
  return fits(literalParts(key), name) || (resource !== -1 && fits(literalParts(key.replace(SUFFIX, '')), name));
}

/** The parts stand in the name in this order, the first at its start and the last at its end. */
function fits(parts: readonly string[], name: string): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length < 2) return first === name;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
