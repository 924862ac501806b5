/** What looks like a secret, and how it is hidden wherever traffic or variables are shown. Pure; it must not know where that is. */

const NAME =
  /PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIAL|(?:^|_)(?:API_?|PRIVATE_?|ACCESS_?)?KEY(?:_|$)/i;
const PASSWORD_IN_URL = /(:\/\/[^/\s:@]*:)[^/\s@]+@/g;

export const HIDDEN = '********';

/** Of a variable's name. */
export function isSecretName(name: string): boolean {
  return NAME.test(name);
}

export function withoutUrlPasswords(text: string): string {
  return text.replace(PASSWORD_IN_URL, `$1${HIDDEN}@`);
}

/** Text of any kind, such as what came over a connection: the values of secrets are replaced, their names stay. */
export function withoutSecrets(text: string): string {
  let rest = withoutUrlPasswords(text);
  for (const [pattern, replacement] of IN_TEXT) rest = rest.replace(pattern, replacement);
  return rest;
}

const IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END|$)/g, `$1${HIDDEN}$2`],
  // Headers. Of a cookie the name and the attributes say what has to be said.
  [/^((?:proxy-)?authorization:[ \t]*(?:\w+ )?)[^\r\n]+/gim, `$1${HIDDEN}`],
  [/^(set-cookie:[ \t]*[^=\r\n]+=)[^;\r\n]*/gim, `$1${HIDDEN}`],
  [/^(cookie:[ \t]*)[^\r\n]+/gim, `$1${HIDDEN}`],
  [/^((?:x-)?[\w-]*(?:token|api-?key|secret)[\w-]*:[ \t]*)[^\r\n]+/gim, `$1${HIDDEN}`],
  // JSON members, then assignments as in `.env` files, then query parameters.
  [
    /("[^"\r\n]*(?:passw|token|secret|credential|api_?key|private_?key|access_?key)[^"\r\n]*"\s*:\s*")[^"\r\n]*/gi,
    `$1${HIDDEN}`,
  ],
  [
    /((?:^|[\s;,])[\w.-]*(?:passw|token|secret|credential|api_?key|private_?key|access_?key)[\w.-]*\s*=[ \t]*)[^\r\n;,]+/gi,
    `$1${HIDDEN}`,
  ],
  [/([?&][\w.-]*(?:passw|token|secret|key|sig)[\w.-]*=)[^&\s"'<>]+/gi, `$1${HIDDEN}`],
];
