/** Completion for zsh. */

import { type CommandPage, GLOBAL_OPTIONS, type OptionPage } from '../command-page.ts';
import {
  ASK_LINE,
  ASK_SERVICES,
  allOptions,
  fixedWords,
  isAsked,
  singleQuoted,
  spellings,
  takesServices,
} from './words.ts';

export function zshCompletion(pages: readonly CommandPage[]): string {
  const valued = GLOBAL_OPTIONS.filter((option) => option.value !== undefined).flatMap(spellings);
  return `#compdef lo loopyard
# zsh completion for lo; made by \`lo completion zsh\`

_lo() {
  local -a items
  local command='' previous="\${words[CURRENT-1]}" current="\${words[CURRENT]}"
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    case "\${words[i]}" in
      --) words=("\${(@)words[i+1,-1]}"); ((CURRENT -= i)); _normal; return ;;
      ${valued.join('|')}) ((i++)) ;;
      -*) ;;
      *) [[ -n "$command" ]] || command="\${words[i]}" ;;
    esac
  done
  case "$command:$previous" in
${valueCases(pages).join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    case "$command" in
${pages.map((page) => `      ${page.name}) items=(${described(optionPairs(allOptions(page)))}) ;;`).join('\n')}
      *) items=(${described(optionPairs(GLOBAL_OPTIONS))}) ;;
    esac
    _describe -o option items
    return
  fi
  case "$command" in
    '') items=(${described([['help', 'Show the help of a command'], ...commandPairs(pages)])}); _describe command items ;;
    help) items=(${described(commandPairs(pages))}); _describe command items ;;
${pages.flatMap(wordCase).join('\n')}
  esac
}

# Run by compinit's autoload, or read by \`source\`.
if [ "\${funcstack[1]}" = _lo ]; then _lo "$@"; else compdef _lo lo loopyard; fi
`;
}

type Pair = readonly [word: string, meaning: string];

function commandPairs(pages: readonly CommandPage[]): readonly Pair[] {
  return pages.map((page) => [page.name, page.summary]);
}

function optionPairs(options: readonly OptionPage[]): readonly Pair[] {
  return options.flatMap((option) => spellings(option).map((word): Pair => [word, option.summary]));
}

/** \`_describe\` parts word and meaning by the first colon. */
function described(pairs: readonly Pair[]): string {
  return pairs.map(([word, meaning]) => singleQuoted(`${word}:${meaning}`)).join(' ');
}

function wordCase(page: CommandPage): readonly string[] {
  if (isAsked(page)) {
    const ask = `"\${(@f)$(${ASK_LINE} ${page.name} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"`;
    // A value follows behind some: no space then.
    return [
      `    ${page.name}) items=(${ask}); items=(\${items:#}); compadd -S '' -- \${(M)items:#*=}; compadd -- \${items:#*=} ;;`,
    ];
  }
  if (takesServices(page))
    return [`    ${page.name}) items=("\${(@f)$(${ASK_SERVICES})}"); compadd -a items ;;`];
  const words = fixedWords(page);
  return words.length === 0 ? [] : [`    ${page.name}) compadd -- ${words.join(' ')} ;;`];
}

function valueCases(pages: readonly CommandPage[]): readonly string[] {
  const own = pages.flatMap((page) =>
    page.options.flatMap((option) =>
      valueCase(
        spellings(option).map((word) => `${page.name}:${word}`),
        option,
      ),
    ),
  );
  const global = GLOBAL_OPTIONS.flatMap((option) =>
    valueCase(
      spellings(option).map((word) => `*:${word}`),
      option,
    ),
  );
  return [...own, ...global];
}

function valueCase(patterns: readonly string[], option: OptionPage): readonly string[] {
  if (option.value === undefined) return [];
  const { complete } = option;
  const act =
    complete === undefined
      ? `_message ${singleQuoted(option.value)}`
      : complete === 'files'
        ? '_files'
        : `compadd -- ${complete.join(' ')}`;
  return [`    ${patterns.join('|')}) ${act}; return ;;`];
}
