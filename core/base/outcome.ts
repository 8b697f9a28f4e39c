/** A result that may be a refusal. Refusals are values, so that a guest's mistake never becomes a host exception. */
export type Outcome<T, E extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E; readonly why?: string };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const fail = <E extends string>(
  error: E,
  why?: string,
): { readonly ok: false; readonly error: E; readonly why?: string } =>
  why === undefined ? { ok: false, error } : { ok: false, error, why };

/** Marks code that the types prove unreachable. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
