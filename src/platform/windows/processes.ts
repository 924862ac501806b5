/** The output of PowerShell's questions, as JSON: processes by Win32_Process, ports that are bound by Get-NetTCPConnection. Pure. */

import { type Parsed, type ToolRow, toolPlace } from '../tool-rows.ts';

export interface WindowsProcess {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly name: string;
  /** Null: another user's, or the system's. */
  readonly executable: string | null;
  readonly commandLine: string | null;
  /** Epoch ms. */
  readonly startedAt: number | null;
}

export function parseProcesses(text: string): Parsed<WindowsProcess> {
  return parseList(text, (item) => {
    const pid = numberOf(item.ProcessId);
    if (pid === null) return null;
    return {
      pid,
      parent: numberOf(item.ParentProcessId) ?? 0,
      session: numberOf(item.SessionId) ?? 0,
      name: textOf(item.Name) ?? '',
      executable: textOf(item.ExecutablePath),
      commandLine: textOf(item.CommandLine),
      startedAt: dateOf(item.CreationDate),
    };
  });
}

/** Sockets that are bound, and neither listening nor connected. */
export function parseBound(text: string): Parsed<ToolRow> {
  return parseList(text, (item) => {
    const address = textOf(item.LocalAddress) ?? '';
    const family = address.includes(':') ? 6 : 4;
    const local = toolPlace(family, address, String(numberOf(item.LocalPort) ?? ''));
    if (local === null) return null;
    return {
      protocol: 'tcp',
      family,
      state: 'close',
      local,
      remote: null,
      pid: numberOf(item.OwningProcess),
    };
  });
}

type Item = Readonly<Record<string, unknown>>;

/** A list of one is printed as its only item, and an empty one as nothing. */
function parseList<T>(text: string, read: (item: Item) => T | null): Parsed<T> {
  const items = itemsOf(text);
  if (items === null) return { rows: [], malformed: 1 };
  const rows = items.map((item) => (isItem(item) ? read(item) : null));
  const good = rows.filter((row) => row !== null);
  return { rows: good, malformed: rows.length - good.length };
}

function itemsOf(text: string): readonly unknown[] | null {
  // Windows PowerShell may begin with a byte order mark.
  const json = text.replace(/^\uFEFF/, '').trim();
  if (json === '') return [];
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [value];
  } catch {
    // Cut off, or the words of an error.
    return null;
  }
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `/Date(1763880123456)/` of Windows PowerShell 5, ISO 8601 of PowerShell 7. */
function dateOf(value: unknown): number | null {
  const text = textOf(value) ?? '';
  const [, ms] = /^\/Date\((\d+)/.exec(text) ?? [];
  const at = ms === undefined ? Date.parse(text) : Number(ms);
  return Number.isNaN(at) ? null : at;
}
