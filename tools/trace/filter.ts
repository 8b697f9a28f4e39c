/** Which records a trace keeps: by partition, by cause and by time. Of what has a beginning and an end, both or neither. */
import { interruptKey, type Record, type Sink, whoKey } from './record.ts';

export interface Filter {
  /** Names; all if there are none. */
  readonly partitions: readonly string[];
  /** Causes of exits, or kinds of records; all if there are none. */
  readonly causes: readonly string[];
  /** Virtual nanoseconds; `to` is not included. */
  readonly from: number;
  readonly to: number;
}

export const EVERYTHING: Filter = { partitions: [], causes: [], from: 0, to: Number.POSITIVE_INFINITY };

/** What a cause may name beside the causes of exits that a report counts. */
export const KINDS = ['window', 'exit', 'hypercall', 'interrupt', 'message', 'mmio', 'note'] as const;

export class FilteredSink {
  readonly #filter: Filter;
  readonly #partitions: ReadonlySet<number>;
  readonly #causes: ReadonlySet<string>;
  readonly #sink: Sink;
  /** What has begun and was kept. */
  readonly #exits = new Set<number>();
  readonly #windows = new Set<number>();
  readonly #interrupts = new Set<number>();
  /** Interrupts that bring messages. */
  readonly #doorbells = new Set<number>();

  constructor(filter: Filter, partitions: readonly string[], sink: Sink) {
    this.#filter = filter;
    this.#partitions = new Set(filter.partitions.map((name) => partitions.indexOf(name)));
    this.#causes = new Set(filter.causes);
    this.#sink = sink;
  }

  take(record: Record): void {
    if (this.#keeps(record)) this.#sink(record);
  }

  #keeps(record: Record): boolean {
    const { at } = record;
    switch (record.kind) {
      case 'window':
        return this.#window(record);
      case 'exit':
        return begin(this.#exits, whoKey(record.who), this.#wants(at, record.who.partition, exitKinds(record)));
      case 'resume':
        return this.#exits.delete(whoKey(record.who));
      case 'interrupt':
        return this.#interrupt(record);
      case 'message':
        this.#doorbells.add(interruptKey(record.to));
        return this.#wants(at, record.from.partition, ['message']) || this.#wants(at, record.to.partition, ['message']);
      case 'lost':
        return this.#wants(at, record.to.partition, ['message']);
      case 'mmio':
        return this.#wants(at, record.who.partition, ['mmio']);
      case 'note':
        return this.#wants(at, record.partition, ['note', record.what]);
    }
  }

  #window({ at, core, who }: Record & { readonly kind: 'window' }): boolean {
    if (who === undefined) return this.#windows.delete(core);
    return begin(this.#windows, core, this.#wants(at, who.partition, ['window']));
  }

  #interrupt({ at, interrupt, step }: Record & { readonly kind: 'interrupt' }): boolean {
    const key = interruptKey(interrupt);
    if (step === 'acknowledge') return this.#interrupts.has(key);
    if (step !== 'pend') return this.#interrupts.delete(key);
    const kinds = this.#doorbells.has(key) ? ['interrupt', 'message'] : ['interrupt'];
    return begin(this.#interrupts, key, this.#wants(at, interrupt.partition, kinds));
  }

  #wants(at: number, partition: number, kinds: readonly string[]): boolean {
    const { from, to } = this.#filter;
    if (at < from || at >= to) return false;
    if (this.#partitions.size > 0 && !this.#partitions.has(partition)) return false;
    return this.#causes.size === 0 || kinds.some((kind) => this.#causes.has(kind));
  }
}

function exitKinds({ cause, detail }: Record & { readonly kind: 'exit' }): string[] {
  if (detail === undefined) return ['exit', cause];
  return ['exit', cause, detail.kind === 'call' ? 'hypercall' : 'mmio'];
}

function begin(open: Set<number>, key: number, wanted: boolean): boolean {
  if (wanted) open.add(key);
  return wanted;
}
