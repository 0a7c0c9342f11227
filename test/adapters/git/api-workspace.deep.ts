import { openApi } from './api-commits.ts';
import { TRANSPORTS } from './git-world.ts';
import { describeHosted } from './hosted-contract.ts';

for (const [name, create] of TRANSPORTS) {
  for (const auth of ['app', 'token'] as const) {
    await describeHosted(`${name}, commits by GitHub, asked with an ${auth}`, create, 2, await openApi(auth));
  }
}
