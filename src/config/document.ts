/**
 * YAML text -> a tree of plain values in which each part knows its place. Aliases and merge keys are resolved, bombs and loops
 * refused. It must not know what a config means.
 */

import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Mistake, Span } from './diagnostic.ts';
import { syntaxMistakes } from './syntax.ts';

/** A value and where it was written. */
export interface Located {
  readonly value: unknown;
  readonly span: Span;
  /** A scalar as it was written, such as `1.10`; null for maps and lists. */
  readonly source: string | null;
  /** Of a map, by key. */
  readonly entries: ReadonlyMap<string, Entry> | null;
  /** Of a list. */
  readonly items: readonly Located[] | null;
  /** How many values it holds when aliases are written out. */
  readonly size: number;
}

export interface Entry {
  readonly key: Span;
  readonly value: Located;
}

export interface ParsedText {
  /** null when the text has no value, or is not YAML. */
  readonly root: Located | null;
  readonly mistakes: readonly Mistake[];
}

/** Far above any real project, far below what would stall a daemon. */
export const MAX_TEXT_LENGTH = 1_000_000;
const MAX_VALUES = 200_000;
const MAX_DEPTH = 60;

/** Never throws. */
export function parseText(text: string): ParsedText {
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      resolveKnownTags: false,
      logLevel: 'error',
    });
    const syntax = syntaxMistakes(document, text);
    if (syntax.length > 0) return { root: null, mistakes: syntax };
    const reader = new Reader();
    const root = document.contents === null ? null : reader.read(document.contents, 0);
    return { root: reader.refused ? null : root, mistakes: reader.mistakes };
  } catch (thrown) {
    // The parser recurses: thousands of nested brackets end its stack. Anything else is a bug and must be seen.
    if (!(thrown instanceof RangeError)) throw thrown;
    return {
      root: null,
      mistakes: [{ span: { start: 0, end: 1 }, message: 'the file is nested too deeply' }],
    };
  }
}

class Reader {
  readonly mistakes: Mistake[] = [];
  /** An alias or a depth was refused: what stands there is not known, so nothing is said about the rest. */
  refused = false;
  /** null while the anchored value is being read. */
  readonly #anchors = new Map<string, Located | null>();
  #values = 0;

  read(node: Node | null, depth: number): Located {
    const span = spanOf(node);
    if (node === null) return scalar(null, '', span);
    if (depth > MAX_DEPTH) return this.#refuse(span, `nested more than ${MAX_DEPTH} levels deep`);
    if (isAlias(node)) return this.#alias(node.source, span);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const located = this.#fresh(node, span, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, located);
    return located;
  }

  #fresh(node: Node, span: Span, depth: number): Located {
    this.#values += 1;
    if (isMap(node)) return this.#map(node, span, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) =>
        this.read(isPair(item) ? null : (item as Node | null), depth + 1),
      );
      return {
        value: items.map((item) => item.value),
        span,
        source: null,
        entries: null,
        items,
        size: sum(items),
      };
    }
    if (!isScalar(node)) return scalar(null, '', span);
    const source = node.source ?? String(node.value ?? '');
    const odd = typeof node.value === 'object' && node.value !== null;
    return scalar(odd ? source : node.value, source, span);
  }

  #alias(name: string, span: Span): Located {
    const target = this.#anchors.get(name);
    if (target === undefined) return this.#refuse(span, `there is no anchor \`&${name}\` above`);
    if (target === null) return this.#refuse(span, `\`*${name}\` stands inside its own anchor`);
    this.#values += target.size;
    if (this.#values > MAX_VALUES)
      return this.#refuse(span, `with its aliases written out the file has more than ${MAX_VALUES} values`);
    return target;
  }

  #map(node: YAMLMap, span: Span, depth: number): Located {
    const entries = new Map<string, Entry>();
    const merges: Located[] = [];
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = spanOf(pair.key);
      const name = this.#key(pair.key, key);
      if (name === null) continue;
      // `key` alone has no value node: its place is the key's.
      const value = pair.value === null ? scalar(null, '', key) : this.read(pair.value, depth + 1);
      const first = entries.get(name);
      if (isMergeKey(pair.key)) merges.push(...(value.items ?? [value]));
      else if (first === undefined) entries.set(name, { key, value });
      else
        this.mistakes.push({
          span: key,
          message: `\`${name}\` is given twice`,
          hint: 'remove one of the two; YAML would keep the last',
        });
    }
    for (const source of merges) this.#merge(entries, source);
    const value = Object.fromEntries([...entries].map(([name, entry]) => [name, entry.value.value]));
    return {
      value,
      span,
      source: null,
      entries,
      items: null,
      size: sum([...entries.values()].map((entry) => entry.value)),
    };
  }

  /** Own keys win over merged ones, earlier sources over later ones. */
  #merge(entries: Map<string, Entry>, source: Located): void {
    if (source.entries === null) {
      this.mistakes.push({
        span: source.span,
        message: '`<<` merges maps only',
        hint: 'write `<<: *anchor` with the anchor of a map',
      });
      return;
    }
    for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
  }

  #key(node: Node | null, span: Span): string | null {
    if (!isScalar(node)) {
      this.mistakes.push({
        span,
        message: isAlias(node) ? 'an alias cannot be a key' : 'a key must be plain text',
      });
      return null;
    }
    const name = node.source ?? String(node.value ?? '');
    if (name !== '__proto__') return name;
    this.mistakes.push({ span, message: '`__proto__` cannot be a key' });
    return null;
  }

  #refuse(span: Span, message: string): Located {
    this.refused = true;
    // One bomb is one mistake, however often it goes off.
    if (!this.mistakes.some((mistake) => mistake.message === message)) this.mistakes.push({ span, message });
    return scalar(null, '', span);
  }
}

function isMergeKey(node: Node | null): boolean {
  return isScalar(node) && node.value === '<<' && (node.type === undefined || node.type === 'PLAIN');
}

function scalar(value: unknown, source: string, span: Span): Located {
  return { value, source, span, entries: null, items: null, size: 1 };
}

function sum(parts: readonly Located[]): number {
  return parts.reduce((total, part) => total + part.size, 1);
}

function spanOf(node: Node | null): Span {
  const range = node?.range;
  return range === null || range === undefined ? { start: 0, end: 0 } : { start: range[0], end: range[1] };
}
