// Real: the contracts and the sources of all services.
import * as contracts from '@allibrary/contracts';
import { BUS_ROLES, BUS_SERVICES, type Contract } from '@allibrary/contracts';
import { expect, test } from 'vitest';
import { participantsOf, readServices } from './events-doc/participants.ts';
import { projectRoot } from './run-command.ts';

const isMessage = (entry: [string, unknown]): entry is [string, Contract] =>
  typeof entry[1] === 'object' && entry[1] !== null && 'kind' in entry[1] && 'subject' in entry[1];

const messages = (Object.entries(contracts) as [string, unknown][]).filter(isMessage);
const services = readServices(projectRoot);

test.each(messages)('the table of roles has the senders and receivers of %s', (name, contract) => {
  const having = (select: (service: (typeof BUS_SERVICES)[number]) => readonly Contract[]) =>
    BUS_SERVICES.filter((service) => select(service).includes(contract)).toSorted();
  const { from, to } = participantsOf(name, services);
  expect({
    from: having((service) => [
      ...BUS_ROLES[service].publishes,
      ...BUS_ROLES[service].signals,
      ...BUS_ROLES[service].requests,
    ]),
    to: having((service) => [
      ...BUS_ROLES[service].consumes,
      ...BUS_ROLES[service].watches,
      ...BUS_ROLES[service].answers,
    ]),
  }).toEqual({ from, to });
});
