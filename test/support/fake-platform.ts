/** A platform that a test plays. What it is not given fails the test that asks for it. It must not touch the machine. */

import type { ListenerFacts, Platform } from '../../src/platform/platform.ts';

export function fakePlatform(verbs: Partial<Platform>): Platform {
  const missing = new Proxy({ name: 'fake', ...verbs } as Platform, {
    get(target, verb) {
      if (verb in target) return target[verb as keyof Platform];
      throw new Error(`the test gives no ${String(verb)}`);
    },
  });
  return missing;
}

export function listener(address: string, port: number, change: Partial<ListenerFacts> = {}): ListenerFacts {
  return {
    protocol: 'tcp',
    family: address.includes(':') ? 6 : 4,
    address,
    port,
    inode: 1,
    uid: 1000,
    ...change,
  };
}
