/** Names that a person gave to places on this machine, kept in the home. It must not know how they are served. */

import { aliasName, aliasTarget } from '../core/alias.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Door } from '../core/gateway.ts';
import type { AliasList } from '../core/naming.ts';
import { suggest } from '../core/suggest.ts';
import type { Alias } from './gateway-routes.ts';
import { stateFile } from './store.ts';

interface AliasDocument {
  readonly schema: 1;
  readonly aliases: readonly Alias[];
}

export interface AliasTools {
  /** `aliases.json` of the home. */
  readonly file: string;
  /** Which service or project has a name, in words; null: none. */
  holderOf(name: string): string | null;
  urlsOf(id: string): readonly string[];
  /** Who else has the name that a route wants, in words. */
  holderFor(id: string): string | null;
  /** Where the gateway listens now. */
  doors(): readonly Door[];
  /** Resolves once the change is served, or cannot be for now. */
  changed(): Promise<void>;
  report(error: unknown): void;
}

export class Aliases {
  readonly #tools: AliasTools;
  #all: readonly Alias[];

  constructor(tools: AliasTools) {
    this.#tools = tools;
    this.#all = this.#file().read()?.aliases ?? [];
  }

  all(): readonly Alias[] {
    return this.#all;
  }

  list(): AliasList {
    const aliases = this.#all.map((alias) => {
      const id = `alias/${alias.name}`;
      return { ...alias, heldBy: this.#tools.holderFor(id), urls: this.#tools.urlsOf(id) };
    });
    return { schema: 1, aliases };
  }

  /** Errors: USAGE, NAME_TAKEN, STATE_UNWRITABLE. */
  async set(text: string, target: string): Promise<AliasList> {
    const alias = { name: aliasName(text), ...aliasTarget(target) };
    this.#refuseCircle(alias);
    const known = this.#all.find(({ name }) => name === alias.name);
    if (known?.address === alias.address && known.port === alias.port) return this.list();
    this.#refuseClash(alias.name, known);
    await this.#write([...this.#all, alias].sort((one, other) => (one.name < other.name ? -1 : 1)));
    return this.list();
  }

  /** Errors: USAGE, NAME_UNKNOWN, STATE_UNWRITABLE. */
  async remove(text: string): Promise<AliasList> {
    const wanted = aliasName(text);
    const left = this.#all.filter(({ name }) => name !== wanted);
    if (left.length === this.#all.length) throw this.#unknown(wanted);
    await this.#write(left);
    return this.list();
  }

  #refuseCircle(alias: Alias): void {
    const own = this.#tools
      .doors()
      .some(({ address, port, error }) => error === null && address === alias.address && port === alias.port);
    if (!own) return;
    throw new LoopyardError('USAGE', {
      reason: `${placeText(alias)} is where names are served: ${alias.name} would lead in a circle`,
      fix: 'name the port of the program itself; `lo ports` lists them',
    });
  }

  #refuseClash(name: string, known: Alias | undefined): void {
    const holder = this.#tools.holderOf(name);
    if (holder !== null)
      throw new LoopyardError('NAME_TAKEN', { name, holder, fix: 'choose another name for the alias' });
    if (known === undefined) return;
    const fix = `\`lo alias --remove ${name}\` first, or choose another name`;
    throw new LoopyardError('NAME_TAKEN', { name, holder: `an alias for ${placeText(known)}`, fix });
  }

  #unknown(name: string): LoopyardError {
    const names = this.#all.map((alias) => alias.name);
    const near = suggest(name, names);
    const all = names.length === 0 ? 'there are none' : `the aliases are: ${names.join(', ')}`;
    return new LoopyardError('NAME_UNKNOWN', {
      name,
      fix: near === undefined ? all : `did you mean \`${near}\`?`,
    });
  }

  async #write(aliases: readonly Alias[]): Promise<void> {
    this.#file().write({ schema: 1, aliases });
    this.#all = aliases;
    await this.#tools.changed();
  }

  #file(): ReturnType<typeof stateFile<AliasDocument>> {
    return stateFile<AliasDocument>(this.#tools.file, 1, (error) => this.#tools.report(error));
  }
}

function placeText({ address, port }: Alias): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
