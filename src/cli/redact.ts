/** Values that look like secrets, hidden. Pure; it must not know where they are shown. */

const SECRET_NAME =
  /PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIAL|(?:^|_)(?:API_?|PRIVATE_?|ACCESS_?)?KEY(?:_|$)/i;
const PASSWORD_IN_URL = /(:\/\/[^/\s:@]*:)[^/\s@]+@/g;

const HIDDEN = '********';

/** The value as it may be shown; the same when nothing is hidden. */
export function redacted(name: string, value: string): string {
  if (value !== '' && SECRET_NAME.test(name)) return HIDDEN;
  return value.replace(PASSWORD_IN_URL, `$1${HIDDEN}@`);
}
