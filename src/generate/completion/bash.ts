/** Completion for bash, 3.2 and later, without the bash-completion package. */

import { type CommandPage, GLOBAL_OPTIONS, type OptionPage } from '../command-page.ts';
import {
  ASK_LINE,
  ASK_SERVICES,
  allOptions,
  fixedWords,
  isAsked,
  spellings,
  takesServices,
} from './words.ts';

export function bashCompletion(pages: readonly CommandPage[]): string {
  const valued = GLOBAL_OPTIONS.filter((option) => option.value !== undefined).flatMap(spellings);
  return `# bash completion for lo; made by \`lo completion bash\`

_lo_reply() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$@" -- "$cur"))
}

# Behind some commands the words so far decide. Bash parts words at \`:\` and \`=\`, \`api:db\` and \`latency=1s\` are one: the line is read
# anew, and of what fits only the part is given that comes behind what stands there for bash.
_lo_asked() {
  local line="\${COMP_LINE:0:COMP_POINT}" whole cut i
  local -a typed
  read -ra typed <<<"$line"
  case "$line" in *[[:space:]]) typed+=('') ;; esac
  whole="\${typed[\${#typed[@]} - 1]}"
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(${ASK_LINE} "$command" "\${typed[@]:1}" 2>/dev/null)" -- "$whole"))
  cut="\${whole%"\${whole##*[:=]}"}"
  for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do COMPREPLY[i]="\${COMPREPLY[i]#"$cut"}"; done
  # A value follows. Bash 3.2 has no word for that.
  case "\${COMPREPLY[*]}" in *=) compopt -o nospace 2>/dev/null ;; esac
}

_lo() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --) _lo_reply -c -f; return ;;
      ${valued.join(' | ')}) ((i++)) ;;
      -*) ;;
      *) [ -n "$command" ] || command="\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$command:$prev" in
${valueCases(pages).join('\n')}
  esac
  case "$command" in
    '')
      case "$cur" in
        -*) _lo_reply -W ${ansiWords(GLOBAL_OPTIONS.flatMap(spellings))} ;;
        *) _lo_reply -W ${ansiWords(['help', ...pages.map((page) => page.name)])} ;;
      esac ;;
    help) _lo_reply -W ${ansiWords(pages.map((page) => page.name))} ;;
${pages.map(commandCase).join('\n')}
  esac
}

complete -o default -F _lo lo loopyard
`;
}

/** Words between line feeds, since IFS is one. */
function ansiWords(words: readonly string[]): string {
  return `$'${words.join('\\n')}'`;
}

function commandCase(page: CommandPage): string {
  const options = ansiWords(allOptions(page).flatMap(spellings));
  const words = takesServices(page) ? `"$(${ASK_SERVICES})"` : ansiWords(fixedWords(page));
  const reply = isAsked(page) ? '_lo_asked' : `_lo_reply -W ${words}`;
  return `    ${page.name})
      case "$cur" in
        -*) _lo_reply -W ${options} ;;
        *) ${reply} ;;
      esac ;;`;
}

/** What stands behind an option that takes a value. */
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
  const head = `    ${patterns.join(' | ')})`;
  if (option.complete === undefined) return [`${head} return ;;`];
  const reply = option.complete === 'files' ? '_lo_reply -f' : `_lo_reply -W ${ansiWords(option.complete)}`;
  return [`${head} ${reply}; return ;;`];
}
