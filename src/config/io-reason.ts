/**
 * Why a file cannot be read, in words instead of `ENOENT: no such file or directory, open '…'`.
 */

import { reasonOf } from '../core/errors.ts';

export function ioReason(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  return (code === undefined ? undefined : WORDS[code]) ?? reasonOf(thrown);
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'permission denied',
};
