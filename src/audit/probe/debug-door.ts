/**
 * The door of a JavaScript debugger: its parser runs inside the program that is debugged, and two requests on one connection have ended
 * such programs. Whoever sends what is malformed asks here first.
 */

import type { Http } from './http.ts';
import { dig, jsonOf } from './json.ts';

/** A control: it costs no request of a check. */
export async function isDebugDoor(http: Http): Promise<boolean> {
  return typeof dig(jsonOf(await http.control('/json/version')), 'Protocol-Version') === 'string';
}

export const DEBUG_DOOR = 'a debugger is sent nothing malformed: it would take the program down with it';
