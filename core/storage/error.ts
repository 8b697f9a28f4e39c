/** Why a disk or an image file could not do what was asked. One line, which names the file where one is known, and says what to do. */

export type DiskFault = 'IO' | 'NO_SPACE' | 'READ_ONLY' | 'RANGE' | 'CORRUPT' | 'UNSUPPORTED' | 'NOT_FOUND' | 'DENIED';

export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly fault: DiskFault;

  constructor(fault: DiskFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export const corrupt = (message: string): DiskError => new DiskError('CORRUPT', message);
export const unsupported = (message: string): DiskError => new DiskError('UNSUPPORTED', message);

/** Text from an image, such as a name, made fit for a line: whoever made the image may have wanted to move the reader's cursor. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
