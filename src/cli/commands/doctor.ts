/** `lo doctor`: what works on this machine. */

import type { DoctorReport, Verdict } from '../../core/status.ts';
import type { Command, Context } from '../command.ts';
import type { Printer } from '../printer/printer.ts';
import type { Paint } from '../printer/style.ts';
import { safe } from '../printer/text.ts';

export const doctor: Command = {
  usage: [''],
  description: [
    'Tries what Loopyard needs and says what it saw: Node.js, loopback addresses, both families of localhost, the state directory, the daemon. It starts and changes nothing.',
  ],
  positionals: [],
  options: [],
  rest: null,
  examples: [{ command: 'lo doctor', meaning: 'Each check with its fix.' }],
  exits: { '1': 'a check failed' },
  needsDaemon: false,
  run: async (context) => {
    const report = await examine(context);
    if (context.json) context.printer.document(report);
    else printReport(context.printer, report);
    return report.checks.some(({ verdict }) => verdict === 'fail') ? 1 : 0;
  },
};

async function examine(context: Context): Promise<DoctorReport> {
  const workbench = await context.connectIfRunning();
  if (workbench !== null) return await workbench.doctor();
  const local = await import('../../daemon/local.ts');
  return await local.doctor();
}

const LOOKS: Readonly<Record<Verdict, { readonly symbol: string; readonly paint: Paint }>> = {
  ok: { symbol: '✓', paint: 'green' },
  warn: { symbol: '!', paint: 'yellow' },
  fail: { symbol: '✗', paint: 'red' },
  unknown: { symbol: '?', paint: 'dim' },
};

function printReport(printer: Printer, report: DoctorReport): void {
  for (const { verdict, title, text, fix } of report.checks) {
    const { symbol, paint } = LOOKS[verdict];
    const mark = printer.look.unicode ? `${symbol} ${verdict}` : verdict;
    printer.line(`${printer.paint(mark.padEnd(9), paint)} ${printer.paint(title, 'bold')}: ${safe(text)}`);
    if (fix !== null) printer.line(`${' '.repeat(10)}${printer.paint('fix:', 'cyan')} ${safe(fix)}`);
  }
}
