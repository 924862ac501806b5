/** Sends signals; what is gone already is no error. */

/** A negative pid means a process group. False when there was nobody. Throws on EPERM. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  // 0, -1 and 1 mean "my own group", "everybody" and init: never a target of ours.
  if (Math.abs(pid) <= 1 || !Number.isInteger(pid)) throw new RangeError(`refusing to signal ${pid}`);
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
