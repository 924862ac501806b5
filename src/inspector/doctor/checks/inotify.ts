/** Watches on files, which the daemon, bundlers and test runners live from: one is really made. */

import { type Check, fail, ok, together, warn } from '../check.ts';

/** From here on the next bundler may be the one that fails. */
const NEARLY = 0.8;
const MORE_WATCHES = 524_288;
const MORE_WATCHERS = 1024;

export const inotify: Check = {
  id: 'inotify',
  title: 'File watches',
  group: 'machine',
  async examine({ health }) {
    const trial = await health.tryWatch();
    if (health.program().system !== 'linux')
      return trial.works ? ok('files can be watched') : failed(trial.code, null);
    const most = health.inotify();
    const used = health.usage();
    const words = [
      `${used.watches ?? '?'} of ${most.watches ?? '?'} watches`,
      `${used.watchers ?? '?'} of ${most.watchers ?? '?'} watchers in use`,
    ].join(', ');
    if (!trial.works) return failed(`${trial.code}; ${words}`, trial.code === 'ENOSPC' ? WATCHES : WATCHERS);
    const problems = [
      ...(isNear(used.watches, most.watches)
        ? [warn(`nearly all watches are in use: ${words}`, WATCHES)]
        : []),
      ...(isNear(used.watchers, most.watchers)
        ? [warn(`nearly all watchers are in use: ${words}`, WATCHERS)]
        : []),
    ];
    return together(problems, `files can be watched; ${words}`);
  },
};

const WATCHES = setting('max_user_watches', MORE_WATCHES);
const WATCHERS = setting('max_user_instances', MORE_WATCHERS);

function setting(name: string, value: number): string {
  return `echo 'fs.inotify.${name}=${value}' | sudo tee -a /etc/sysctl.d/50-inotify.conf && sudo sysctl --system`;
}

function failed(words: string, fix: string | null): ReturnType<typeof fail> {
  return fail(`no file can be watched: ${words}`, fix);
}

function isNear(used: number | null, most: number | null): boolean {
  return used !== null && most !== null && used >= most * NEARLY;
}
