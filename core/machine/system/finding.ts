/** What is wrong with a description: its place, and whether partitions could reach each other through it. */
import type { DeviceTreeError } from '../devicetree/error.ts';

export interface Finding {
  readonly error: DeviceTreeError;
  /** True for a hole in the isolation, false for a description that cannot be used. */
  readonly isolation: boolean;
}

export class Findings {
  readonly list: Finding[] = [];

  isolation(error: DeviceTreeError): void {
    this.list.push({ error, isolation: true });
  }

  unusable(error: DeviceTreeError): void {
    this.list.push({ error, isolation: false });
  }
}
