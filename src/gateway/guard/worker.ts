/** The thread that finds out who calls. It must not know connections: questions come in batches, answers go back in their order. */

import { parentPort } from 'node:worker_threads';
import { currentPlatform } from '../../platform/current.ts';
import { CallerLook } from './look.ts';
import type { CallQuestion } from './question.ts';
import { readRoots } from './roots.ts';

const look = new CallerLook(currentPlatform(), process.pid, readRoots);

parentPort?.on('message', (questions: readonly CallQuestion[]) => {
  parentPort?.postMessage(look.answer(questions));
});
