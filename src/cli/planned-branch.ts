import type { Branch, Config, Repository } from '../config/config.ts';
import { Failure } from '../domain/failure.ts';
import { plainText } from '../domain/plain-text.ts';

/** What a person named of it. */
export interface NamedBranch {
  readonly repository?: string;
  readonly base?: string;
  /** A local checkout: it does not tell which of several repositories and branches it is. */
  readonly repo?: string;
}

/** A configured branch, with its repository. */
export interface PlannedBranch {
  /** `<repository>@<base>`. */
  readonly name: string;
  readonly repository: Repository;
  readonly branch: Branch;
}

/**
 * The configured branch that is meant: what was named; of a host the first one, of a checkout the only one. Throws a `Failure`
 * (input-invalid) where it cannot be told: rules of another branch would show another plan.
 */
export function plannedBranch(config: Config, named: NamedBranch): PlannedBranch {
  const repository = repositoryOf(config, named);
  const branch = branchOf(repository, named);
  return { name: `${repository.name}@${branch.base}`, repository, branch };
}

function repositoryOf({ repositories }: Config, { repository: name, repo }: NamedBranch): Repository {
  const [first] = repositories;
  const hint = `Choose one with --repository: ${namesOf(repositories.map((one) => one.name))}.`;
  if (first === undefined) {
    throw wrong('the configuration names no repository', 'Add spec.repositories, or plan without --config.');
  }
  if (name === undefined && repo !== undefined && repositories.length > 1) {
    throw wrong(`a checkout does not tell which of ${repositories.length} configured repositories it is`, hint);
  }
  const found = name === undefined ? first : repositories.find((one) => one.name === name);
  if (found === undefined) throw wrong(`the configuration has no repository ${plainText(name ?? '')}`, hint);
  return found;
}

function branchOf({ name, branches }: Repository, { base, repo }: NamedBranch): Branch {
  const [first] = branches;
  const hint = `Choose one with --base: ${namesOf(branches.map((one) => `${one.base} (${name}@${one.base})`))}.`;
  if (base === undefined && repo !== undefined && branches.length > 1) {
    throw wrong(`a checkout does not tell which of ${branches.length} configured branches of ${name} it is`, hint);
  }
  const found = base === undefined ? first : branches.find((one) => one.base === base);
  if (found === undefined) throw wrong(`the configuration has no branch ${plainText(base ?? '')} of ${name}`, hint);
  return found;
}

const MOST_NAMES = 20;

function namesOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `${names.slice(0, MOST_NAMES).join(', ')}${more}`;
}

function wrong(message: string, hint: string): Failure {
  return new Failure(message, { code: 'input-invalid', retry: 'never', hint });
}
