/**
 * What discovery finds, before it is written down. It must not know where it was found nor how it is written.
 */

export interface FoundService {
  /** A wish; made valid and unique when it is written. */
  readonly name: string;
  readonly run: string;
  /** Relative to the project's directory with `/`; null: the directory itself. */
  readonly cwd: string | null;
  readonly port: FoundPort | null;
  readonly task: boolean;
  /** Relative to the project's directory. */
  readonly envFile: string | null;
  /** Where it comes from: `"dev" in package.json`. */
  readonly origin: string;
}

export interface FoundPort {
  readonly port: number;
  /** Why this one: `vite’s default`; null when the command says it. */
  readonly because: string | null;
}

/** A recipe that could stand in for something the project uses. Written as a comment only. */
export interface Suggestion {
  readonly recipe: 'postgres' | 'redis' | 'nginx';
  /** `"pg" in package.json`. */
  readonly because: string;
}

export interface Found {
  readonly services: readonly FoundService[];
  readonly suggestions: readonly Suggestion[];
  /** Sentences for people, without a full stop. */
  readonly findings: readonly string[];
}
