import { TRANSPORTS } from '../git-world.ts';
import { describeHosted } from '../hosted-contract.ts';
import { describeFirstProtocol, HOSTS } from './first-protocol.ts';

for (const transport of TRANSPORTS) await describeFirstProtocol(transport, HOSTS);
for (const [name, create] of TRANSPORTS) await describeHosted(`${name}, on a host of the first protocol`, create, 0);
