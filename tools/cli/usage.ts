/** What people get wrong on the command line or in a description: one clear line, status 2. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit statuses that scripts rely on. */
export const STATUS = { ended: 0, failed: 1, usage: 2, limit: 3, gone: 4 } as const;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EACCES: 'it may not be opened: see its permissions',
  EISDIR: 'it is a folder',
  ENOSPC: "the host's disk is full",
};

/** What an error of the host means. */
export const whyNot = (code: string | undefined): string | undefined => WHY[code ?? ''];
