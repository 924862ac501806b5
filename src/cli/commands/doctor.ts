/** `lo doctor`: what works on this machine. */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LoopyardError, reasonOf } from '../../core/errors.ts';
import type { Command, Context } from '../command.ts';
import { safe } from '../printer/text.ts';
import { printDoctor } from '../view/doctor-page.ts';

export const doctor: Command = {
  usage: ['[--browser] [--record FILE [--force]]'],
  description: [
    'Tries what Loopyard needs and looks for what commonly goes wrong on localhost: Node.js, loopback addresses, both families, names, the hosts file, port ranges, certificate stores, firewalls, the state directory, the daemon and its leases, limits, user namespaces, Docker. Each check says what it saw and how to mend it; `unknown` means that it could not look.',
    'It starts no daemon and changes nothing; a file in the state directory is written and removed when there is one. It always looks from the process that you start, since limits, variables and namespaces are its own; a running daemon is asked who it is.',
    '`--record` writes the report and the facts that it stands on into a file that you can give to others: names of users, hosts, checkouts and services, addresses of networks, values of variables and passwords are replaced.',
  ],
  positionals: [],
  options: [
    { name: 'browser', summary: 'Have Chromium, where there is one, look a name up too; that takes seconds' },
    {
      name: 'record',
      value: 'FILE',
      complete: 'files',
      summary: 'Write the report and its facts, without private things, into a new file',
    },
    { name: 'force', summary: 'Overwrite the file of --record' },
  ],
  rest: null,
  examples: [
    { command: 'lo doctor', meaning: 'Each check, and the fix of what is not good.' },
    { command: 'lo doctor --record doctor.json', meaning: 'A file for a report of a bug.' },
    {
      command: `lo doctor --json | jq -r '.checks[] | select(.verdict == "fail") | .fix'`,
      meaning: 'The fixes alone.',
    },
  ],
  exits: { '1': 'a check failed' },
  needsDaemon: false,
  run: async (context) => {
    const { printer, variables, args } = context;
    const local = await import('../../daemon/local.ts');
    const { report, record } = await local.doctor({
      ...{ variables, connect: context.connectIfRunning, wishes: { browser: args.flag('browser') } },
    });
    const file = args.text('record');
    if (file !== undefined) write(context, file, await record());
    if (context.json) printer.document(report);
    else {
      printDoctor(printer, report);
      if (file !== undefined)
        printer.note(`recorded in ${safe(file)}: look through it before you give it away`);
    }
    return report.checks.some(({ verdict }) => verdict === 'fail') ? 1 : 0;
  },
};

/** Errors: OUTPUT_FAILED, FILE_EXISTS. */
function write({ args, directory }: Context, file: string, record: object): void {
  try {
    const flag = args.flag('force') ? 'w' : 'wx';
    writeFileSync(resolve(directory, file), `${JSON.stringify(record, null, 2)}\n`, { flag, mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new LoopyardError('FILE_EXISTS', { file });
    throw new LoopyardError('OUTPUT_FAILED', { file, reason: reasonOf(error) }, [], error);
  }
}
