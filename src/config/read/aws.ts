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

function readAccount(account: Section): Account {
  const id = readText(account, 'id');
  const role = readTextOrNull(account, 'role');
  const externalId = readTextOrNull(account, 'externalId');
  if (role !== null && id !== '' && role.split(':')[4] !== id) {
    const message = `${nameOf(account, 'role')} belongs to another account than ${nameOf(account, 'id')}`;
    account.report.problem(offsetOf(account, 'role'), message, 'a role describes the secrets of its own account');
  }
  if (externalId !== null && !account.values.has('role')) {
    const message = `${nameOf(account, 'externalId')} has no meaning without a role`;
    account.report.problem(offsetOf(account, 'externalId'), message, 'name the role, or take it out');
  }
  return { id, regions: readTexts(account, 'regions'), role, externalId };
}
