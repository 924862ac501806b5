/**
 * Programs that people start others from: terminals, editors, ssh, managers of services. One row each. It must not know how the
 * sentence is built.
 */

import type { ProcessDescription } from '../../platform/facts.ts';
import { programName, whatRuns } from './program.ts';

/**
 * `place`: somebody worked in it. `manager`: it starts programs by itself, and again. `container`: it stands above all of one.
 * `init`: whoever loses its parent gets this one. `wrapper`: it only passes a command on. `shell`: it may be either that or where
 * somebody typed.
 */
export type LauncherKind = 'place' | 'manager' | 'container' | 'init' | 'wrapper' | 'shell';

export interface Launcher {
  readonly kind: LauncherKind;
  /** `VS Code`, `cron`. */
  readonly text: string;
  /** As the sentence goes on: `from VS Code`, `in tmux`, `over ssh`. */
  readonly phrase: string;
}

interface Row extends Launcher {
  /** Of the program or its script, whole. */
  readonly names: RegExp;
}

const rows: readonly Row[] = [
  ...places('from', {
    'VS Code': /^code(?:-insiders|-oss|-server)?$/,
    VSCodium: /^codium(?:-insiders)?$/,
    Cursor: /^cursor$/,
    Windsurf: /^windsurf$/,
    Zed: /^zed(?:-editor|ed|it)?$/,
    Neovim: /^nvim$/,
    Vim: /^g?vim(?:\.\w+)?$/,
    Emacs: /^emacs(?:-[\w.]+)?$/,
    Helix: /^hx$/,
    'Sublime Text': /^(?:sublime_text|plugin_host.*)$/,
    'IntelliJ IDEA': /^idea(?:64)?(?:\.sh)?$/,
    WebStorm: /^webstorm(?:64)?(?:\.sh)?$/,
    PyCharm: /^(?:pycharm|pycharm64)(?:\.sh)?$/,
    GoLand: /^goland(?:64)?(?:\.sh)?$/,
    PhpStorm: /^phpstorm(?:64)?(?:\.sh)?$/,
    RubyMine: /^rubymine(?:64)?(?:\.sh)?$/,
    RustRover: /^rustrover(?:64)?(?:\.sh)?$/,
    'Android Studio': /^studio(?:64)?(?:\.sh)?$/,
    Jupyter: /^jupyter(?:-\w+)?$/,
    'GNOME Terminal': /^gnome-terminal(?:-server)?$/,
    'GNOME Console': /^kgx$/,
    Ptyxis: /^ptyxis(?:-agent)?$/,
    Konsole: /^konsole$/,
    Yakuake: /^yakuake$/,
    Kitty: /^kitty$/,
    Alacritty: /^alacritty$/,
    WezTerm: /^wezterm(?:-gui|-mux-server)?$/,
    Ghostty: /^ghostty$/,
    foot: /^foot(?:server)?$/,
    xterm: /^u?xterm$/,
    rxvt: /^u?rxvtd?$/,
    Tilix: /^tilix$/,
    Terminator: /^terminator$/,
    'Xfce Terminal': /^xfce4-terminal$/,
    'MATE Terminal': /^mate-terminal$/,
    Guake: /^guake$/,
    st: /^st$/,
    Warp: /^warp(?:-terminal)?$/,
    Tabby: /^tabby$/,
    Hyper: /^hyper$/,
    'a console': /^(?:login|a?getty|mingetty)$/,
    'the desktop': /^(?:gnome-shell|plasmashell|gnome-session-\w+|xfce4-session|gdm-.*|sddm.*|lightdm)$/,
    WSL: /^(?:SessionLeader|Relay\(\d*\)?.*|wsl.*)$/,
  }),
  ...places('in', {
    tmux: /^tmux$/,
    screen: /^screen$/,
    Zellij: /^zellij$/,
    'GitHub Actions': /^(?:Runner\.(?:Worker|Listener)|runsvc\.sh|act)$/,
    'GitLab CI': /^gitlab-runner$/,
    Buildkite: /^buildkite-agent$/,
    CircleCI: /^circleci(?:-agent)?$/,
    'Azure Pipelines': /^Agent\.(?:Worker|Listener)$/,
    Jenkins: /^(?:jenkins(?:\.war)?|remoting\.jar|agent\.jar|slave\.jar|swarm-client\.jar)$/,
    TeamCity: /^(?:teamcity-agent|agentmain)$/i,
    Drone: /^drone-runner-\w+$/,
    Woodpecker: /^woodpecker-agent$/,
    Forgejo: /^(?:forgejo|act)[-_]runner$/,
  }),
  ...places('over', { ssh: /^(?:sshd(?:-session|-auth)?|dropbear)$/, mosh: /^mosh-server$/ }),
  ...managers({
    cron: /^(?:cron|crond|CRON|anacron|fcron|supercronic)$/,
    at: /^atd$/,
    pm2: /^(?:pm2|PM2)(?: .*)?$/,
    supervisord: /^supervisord(?:\.py)?$/,
    runit: /^(?:runsv|runsvdir|runit)$/,
    s6: /^s6-(?:supervise|svscan)$/,
    OpenRC: /^(?:openrc-run|supervise-daemon|start-stop-daemon)$/,
    monit: /^monit$/,
    inetd: /^x?inetd$/,
    Docker: /^(?:dockerd|rootlesskit)$/,
    Loopyard: /^(?:loopyard|lo)(?: .*)?$/,
  }),
  ...containers({
    containerd: /^containerd-shim(?:-[\w-]*)?$/,
    podman: /^conmon(?:rs)?$/,
    runc: /^(?:runc|crun|youki)(?::.*)?$/,
    lxc: /^(?:\[lxc|lxc-start|lxc-execute|lxcfs|incusd|lxd)$/,
    'systemd-nspawn': /^systemd-nspawn$/,
  }),
  row('init', 'systemd', /^systemd$/),
  row('init', 'init', /^(?:init|tini|dumb-init|docker-init|catatonit|openrc-init|launchd|procd|pause)$/),
  row(
    'wrapper',
    'a wrapper',
    /^(?:env|sudo|doas|su|runuser|setpriv|setsid|nohup|nice|ionice|chrt|taskset|timeout|time|stdbuf|unbuffer|script|strace|ltrace|unshare|nsenter|bwrap|firejail|dbus-run-session|xargs|flock|chpst|dotenv|cross-env)$/,
  ),
  row('shell', 'a shell', /^(?:ba|da|k|mk|z|a|c|tc|o|y|el)?sh$|^(?:fish|nu|xonsh|pwsh|busybox|rbash)$/),
];

/** Paths that say it where the name does not: servers of editors are `node` or `java`. */
const PATHS: readonly (readonly [RegExp, Launcher])[] = [
  [
    /\/\.vscode(?:-insiders)?-server\/|\/\.vscode-remote\/|\/code-server\//,
    launcher('place', 'from', 'VS Code'),
  ],
  [/\/\.cursor-server\//, launcher('place', 'from', 'Cursor')],
  [/\/\.windsurf-server\//, launcher('place', 'from', 'Windsurf')],
  [/\/\.zed_server\//, launcher('place', 'from', 'Zed')],
  [/\/JetBrains\/|\/jbr\/bin\/|\/\.cache\/JetBrains\//, launcher('place', 'from', 'a JetBrains editor')],
];

/** Of descriptions that are remembered: the same few stand above hundreds of others. */
const known = new WeakMap<ProcessDescription, Launcher | null>();

/** Null: just a program. */
export function launcherOf(process: ProcessDescription): Launcher | null {
  let launcher = known.get(process);
  if (launcher === undefined) {
    launcher = recognise(process);
    known.set(process, launcher);
  }
  return launcher;
}

function recognise(process: ProcessDescription): Launcher | null {
  const { name, command, executable } = process;
  const paths = [executable ?? '', command[0] ?? '', command[1] ?? ''];
  const byPath = PATHS.find(([pattern]) => paths.some((path) => pattern.test(path)));
  if (byPath !== undefined) return byPath[1];
  if (command.includes('com.intellij.idea.Main')) return launcher('place', 'from', 'a JetBrains editor');
  if (/^PM2 v[\d.]+: God Daemon/.test(command[0] ?? '')) return launcher('manager', 'by', 'pm2');
  // The waiter of a service, which outlives the daemon that made it.
  if (command.includes('loopyard-waiter')) return launcher('manager', 'by', 'Loopyard');
  const words = [...new Set([whatRuns(process), programName(process), name])];
  return rows.find(({ names }) => words.some((word) => names.test(word))) ?? null;
}

function launcher(kind: LauncherKind, preposition: string, text: string): Launcher {
  return { kind, text, phrase: `${preposition} ${text}` };
}

function row(kind: LauncherKind, text: string, names: RegExp, preposition = 'by'): Row {
  return { ...launcher(kind, preposition, text), names };
}

function places(preposition: string, names: Readonly<Record<string, RegExp>>): readonly Row[] {
  return Object.entries(names).map(([text, pattern]) => row('place', text, pattern, preposition));
}

function managers(names: Readonly<Record<string, RegExp>>): readonly Row[] {
  return Object.entries(names).map(([text, pattern]) => row('manager', text, pattern));
}

function containers(names: Readonly<Record<string, RegExp>>): readonly Row[] {
  return Object.entries(names).map(([text, pattern]) => row('container', text, pattern, 'in a container of'));
}
