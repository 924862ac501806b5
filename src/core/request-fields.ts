/** Words about fields that several requests have, for the reference page. It must not know which. */

export const TARGET = {
  directory: 'absolute path; the config is searched here and upwards',
  file: 'optional: the config file itself',
  environment: 'optional: an environment id from `ls`',
} as const;
