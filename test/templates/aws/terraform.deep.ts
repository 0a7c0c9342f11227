import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Block, type Module, readModule } from './read-module.ts';
import { EVENT_VALUES, ROLE_VALUES, type Values } from './refused-values.ts';

/** Terraform itself, where it is at hand: it knows no provider here, so it formats and judges variables. */
const isThere = spawnSync('terraform', ['version']).status === 0;
if (!isThere) console.warn('terraform is not installed: format and refused variables are not checked with it');

const FOLDER = 'templates/terraform';
const ROLE_FOLDER = `${FOLDER}/describe-role`;
const REQUIRED = {
  service_role_arn: 'arn:aws:iam::111122223333:role/reloader',
  external_id: 'acme-rotation',
  regions: ['eu-west-1'],
};
const events = await readModule(FOLDER);
const role = await readModule(ROLE_FOLDER);

/** Terraform's judgement of these variables, in a folder of its own without anything but them. */
async function judge(folder: string, variables: Readonly<Record<string, unknown>>): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'gitops-reloader-terraform-'));
  try {
    copyFileSync(join(folder, 'variables.tf'), join(place, 'variables.tf'));
    writeFileSync(join(place, 'terraform.tfvars.json'), JSON.stringify(variables));
    return await run(['-chdir=' + place, 'plan', '-input=false', '-no-color', '-lock=false'], place);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function run(args: readonly string[], home: string): Promise<string> {
  const settings = { HOME: home, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', PATH: process.env['PATH'] };
  return new Promise((resolve) => {
    execFile('terraform', [...args], { env: settings, encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve(error === null ? 'accepted' : `${stdout}${stderr}`),
    );
  });
}

test.skipIf(!isThere)('terraform fmt would change nothing', async () => {
  expect(await run(['fmt', '-check', '-recursive', '-diff', FOLDER], tmpdir())).toBe('accepted');
});

/** A value for a variable: lists get it as their only element. */
function valueFor(module: Module, name: string, value: string): Readonly<Record<string, unknown>> {
  return { [name]: module.variables[name]?.['type'] === '${list(string)}' ? [value] : value };
}

async function checkJudgements(folder: string, module: Module, values: readonly Values[]): Promise<void> {
  const required = module === role ? REQUIRED : {};
  const free = Object.entries(module.variables).filter(([, { type }]) => type !== '${bool}');
  expect(values.map((one) => one.terraform).toSorted()).toEqual(free.map(([name]) => name).toSorted());
  for (const { terraform: name, good, refused } of values) {
    for (const value of good) {
      expect([value, await judge(folder, { ...required, ...valueFor(module, name, value) })]).toEqual([
        value,
        'accepted',
      ]);
    }
    const [{ error_message: message } = {}] = (module.variables[name]?.['validation'] ?? []) as readonly Block[];
    for (const value of refused) {
      const told = (await judge(folder, { ...required, ...valueFor(module, name, value) })).replaceAll(/\s+/g, ' ');
      expect([name, value, told]).toEqual([name, value, expect.stringContaining(String(message))]);
    }
  }
}

test.skipIf(!isThere)(
  'variables for the queue: what would work wrongly is refused, and it is said what is wanted',
  () => checkJudgements(FOLDER, events, EVENT_VALUES),
);
test.skipIf(!isThere)('variables for the role: what would work wrongly is refused, and it is said what is wanted', () =>
  checkJudgements(ROLE_FOLDER, role, ROLE_VALUES),
);
