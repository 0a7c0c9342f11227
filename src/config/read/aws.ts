import { type Account, type AwsConfig, TRUTHS } from '../config.ts';
import { nameOf, offsetOf, type Section } from './section.ts';
import { readAuth } from './sources.ts';
import { readChoice, readSection, readSectionsOrNull, readText, readTextOrNull, readTexts } from './values.ts';

/** `spec.aws`. */
export function readAws(aws: Section, secretsDir: string): AwsConfig {
  const endpoints = readSection(aws, 'endpoints');
  return {
    accounts: (readSectionsOrNull(aws, 'accounts') ?? []).map(readAccount),
    auth: readAuth(readSection(aws, 'auth'), secretsDir),
    endpoints: {
      sqs: readTextOrNull(endpoints, 'sqs'),
      secretsManager: readTextOrNull(endpoints, 'secretsManager'),
      parameterStore: readTextOrNull(endpoints, 'parameterStore'),
      sts: readTextOrNull(endpoints, 'sts'),
    },
    truth: readChoice(aws, 'truth', TRUTHS),
  };
}

/** A longer chain is a mistake: every role in it is a call to STS. */
const MAX_ROLES = 5;

function readAccount(account: Section): Account {
  const id = readText(account, 'id');
  const role = readTextOrNull(account, 'role');
  const externalId = readTextOrNull(account, 'externalId');
  const additionalRoles = readTexts(account, 'additionalRoles');
  if (role !== null && id !== '' && role.split(':')[4] !== id) {
    const message = `${nameOf(account, 'role')} belongs to another account than ${nameOf(account, 'id')}`;
    account.report.problem(offsetOf(account, 'role'), message, 'a role describes the secrets of its own account');
  }
  const stray = ['externalId', 'additionalRoles'].filter(
    (name) => account.values.has(name) && !account.values.has('role'),
  );
  for (const name of stray) {
    const message = `${nameOf(account, name)} has no meaning without a role`;
    account.report.problem(offsetOf(account, name), message, 'name the role, or take it out');
  }
  if (additionalRoles.length > MAX_ROLES) {
    const message = `${nameOf(account, 'additionalRoles')} is a chain of more than ${MAX_ROLES} roles`;
    account.report.problem(offsetOf(account, 'additionalRoles'), message, 'each is one more call for every renewal');
  }
  return { id, regions: readTexts(account, 'regions'), role, additionalRoles, externalId };
}
