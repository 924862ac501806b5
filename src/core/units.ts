/**
 * Durations, sizes and rates as people write them in the config and in flags. Pure text -> number; it must not know
 * which setting is being read.
 */

/** Durations as written; the JSON Schema shows it to editors. */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const SIZE = /^(\d+(?:\.\d+)?)(B|KB|MB|GB|KiB|MiB|GiB)$/;
const BYTES: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Milliseconds of `250ms`, `5s`, `2m`, `1h`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  return scale(DURATION.exec(text), MILLISECONDS);
}

/** Bytes of `64KB` (1000-based), `10MiB` (1024-based); undefined when it is none of these. */
export function parseSize(text: string): number | undefined {
  return scale(SIZE.exec(text), BYTES);
}

/** Bytes per second of `64KB/s`; undefined when it is none. */
export function parseRate(text: string): number | undefined {
  return text.endsWith('/s') ? parseSize(text.slice(0, -2)) : undefined;
}

/** 0 to 1, of `0.5` or `50%`; undefined when it is none. */
export function parseRatio(text: string): number | undefined {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = Number(digits) / (percent === '%' ? 100 : 1);
  return digits === undefined || value > 1 ? undefined : value;
}

/** `0.3s`, `12s`, `2m05s`: short enough for a table, in steps a person notices. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1000) return `${ms}ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${pad(minutes % 60)}m` : `${Math.floor(hours / 24)}d`;
}

/** `512 B`, `1.5 MB` (1000-based). */
export function formatSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

function scale(match: RegExpExecArray | null, units: Record<string, number>): number | undefined {
  const factor = units[match?.[2] ?? ''];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
