/** What each built-in kind has to say; `kind-options.ts` gathers it. */
import type { KindOptions } from '../resources/kind-rules.ts';

/** What a kind says of itself apart from the status, which the schema tells of. */
export type BuiltinOptions = Omit<KindOptions, 'status'> & {
  /** Metadata that a status update may not change. */
  readonly statusKeepsMeta?: NonNullable<KindOptions['status']>['keepsMeta'];
  readonly validateStatus?: NonNullable<KindOptions['status']>['validate'];
  /** The status is made anew on creation; nodes come with theirs. */
  readonly keepsStatusOnCreate?: boolean;
};
