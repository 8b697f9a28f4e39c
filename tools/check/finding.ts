/** What a check found: where, and which rule it breaks. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
}

export const show = ({ file, line, problem }: Finding): string => `${file}:${line}: ${problem}`;
