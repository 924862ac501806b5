/** Ends that fail: a run must not stay `stopping` for good because one look at the machine did not work. */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { type LifeEvent, newLife, type ServiceLife } from '../../src/core/lifecycle.ts';
import { persistently } from '../../src/daemon/persistently.ts';
import { type RunHost, RunKeeper } from '../../src/daemon/run-keeper.ts';
import { NEW_RUNTIME } from '../../src/daemon/runtime.ts';

interface Rig {
  readonly keeper: RunKeeper;
  readonly reports: string[];
  /** The next event that is told. */
  told(): Promise<LifeEvent>;
}

const STOPPING: ServiceLife = { ...newLife(0), life: { state: 'stopping', run: 1, ended: null } };

function rig(supervisor: Partial<RunHost['tools']['supervisor']>): Rig {
  const reports: string[] = [];
  let tell: (event: LifeEvent) => void = () => undefined;
  const host: Partial<RunHost> = {
    tools: {
      supervisor: { discard: () => undefined, ...supervisor },
      report: (error: Error) => reports.push(error.message),
      links: () => [],
    } as unknown as RunHost['tools'],
    runtime: () => NEW_RUNTIME,
    life: () => STOPPING,
    runRef: (service, run) => ({ id: `${service}-${run}`, directory: '/', mark: 'm', addresses: [] }),
    update: () => undefined,
    tellLife: (_, event) => tell(event),
  };
  const told = (): Promise<LifeEvent> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  return { keeper: new RunKeeper(host as RunHost), reports, told };
}

for (const what of ['end', 'sweep'] as const) {
  test(`${what}: a fault that passes is reported, and the run is over all the same`, async () => {
    let tries = 0;
    const once = async (): Promise<{ readonly kind: 'swept' }> => {
      tries += 1;
      if (tries === 1) throw new Error('EMFILE');
      return { kind: 'swept' };
    };
    const { keeper, reports, told } = rig({ [what]: once });
    const event = told();
    if (what === 'end') keeper.end('api', 1, false);
    else keeper.sweep('api', 1);
    assert.deepEqual(await event, { type: 'gone', run: 1 });
    assert.deepEqual(reports, ['EMFILE']);
  });
}

test('a fault that stays is told with its reason, after every pause', async () => {
  const heard: unknown[] = [];
  const fail = async (): Promise<never> => Promise.reject(new Error('EIO'));
  const reason = await persistently(fail, [1, 1], (error) => heard.push(error));
  assert.equal(reason, 'EIO');
  assert.equal(heard.length, 3);
});

test('a run that goes while it is being ended is over, not lost', async () => {
  const ending = new EventEmitter();
  const { keeper, told } = rig({
    end: async () => {
      ending.emit('begun');
      await once(ending, 'over');
    },
    sweep: async () => ({ kind: 'swept' }),
  });
  const [event, begun] = [told(), once(ending, 'begun')];
  keeper.end('api', 1, false);
  await begun;
  keeper.onNews('api', 1, { kind: 'lost', id: 'api-1' });
  await new Promise((resolve) => setImmediate(resolve));
  ending.emit('over');
  assert.deepEqual(await event, { type: 'gone', run: 1 });
});
