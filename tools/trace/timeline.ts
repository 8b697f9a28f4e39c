/**
 * Records as Perfetto shows them: for each core the windows of those who have it; for each partition its virtual processors with their exits, its
 * interrupts from pending to their end, its channels with what was sent. A flow leads from a message to the interrupt that brings it.
 */
import { callText, type Names } from './names.ts';
import type { Annotation, Annotations, Happening, PerfettoWriter, Track } from './perfetto.ts';
import { type Access, type Interrupt, interruptKey, type Record, type Who, whoKey } from './record.ts';

/** Virtual nanoseconds over which the exits of a partition are counted. */
const COUNTED = 1_000_000;

const NONE = [] as const;
const INTERRUPT = ['interrupt'] as const;

interface Count {
  readonly track: Track;
  period: number;
  value: number;
}

export class Timeline {
  readonly #out: PerfettoWriter;
  readonly #names: Names;
  readonly #groups = new Map<string, Track>();
  readonly #cores = new Map<number, Track>();
  readonly #partitions = new Map<number, Track>();
  readonly #processors = new Map<number, Track>();
  readonly #lines = new Map<number, Track>();
  readonly #counts = new Map<number, Count>();
  /** Interrupts that their guest has acknowledged. */
  readonly #active = new Set<Track>();

  constructor(out: PerfettoWriter, names: Names) {
    this.#out = out;
    this.#names = names;
  }

  take(record: Record): void {
    const { at } = record;
    switch (record.kind) {
      case 'window':
        return this.#window(record);
      case 'exit':
        this.#count(at, record.who.partition);
        return this.#out.begin(this.#processor(record.who), at, this.#exit(record));
      case 'resume':
        return this.#out.end(this.#processor(record.who), at);
      case 'interrupt':
        return this.#interrupt(record);
      case 'message':
        return this.#out.instant(this.#channel(record.from.partition, record.channel), at, this.#message(record));
      case 'lost': {
        const lost = { name: 'not received', categories: ['message'], ends: [record.number] };
        return this.#out.instant(this.#line(record.to), at, lost);
      }
      case 'mmio': {
        const happening = { name: record.access.device, categories: ['mmio'], annotations: accessNotes(record.access) };
        return this.#out.instant(this.#processor(record.who), at, happening);
      }
      case 'note':
        return this.#note(record);
    }
  }

  /** The last counts. */
  finish(): void {
    for (const count of this.#counts.values()) this.#settle(count, count.period + 1);
  }

  #window({ at, core, who }: Record & { readonly kind: 'window' }): void {
    const track = this.#track(this.#cores, core, () => this.#out.track(`core ${core}`, this.#group('cores')));
    if (who === undefined) this.#out.end(track, at);
    else this.#out.begin(track, at, { name: this.#names.who(who), categories: ['window'] });
  }

  #exit({ cause, pc, detail, messages }: Record & { readonly kind: 'exit' }): Happening {
    const sent = messages.length === 0 ? NONE : [['messages', messages.join(' ')] as const];
    const annotations: (readonly [string, Annotation])[] = [['pc', { address: pc }], ...sent];
    const categories = ['exit', cause];
    if (detail === undefined) return { name: cause, categories, annotations };
    if (detail.kind === 'access')
      return { name: detail.device, categories, annotations: [...annotations, ...accessNotes(detail)] };
    const { name, args, result } = callText(detail.id, detail.args, detail.results);
    for (const [argument, value] of args) annotations.push([argument, { address: value }]);
    annotations.push(['result', result]);
    return { name, categories, annotations };
  }

  /** Around from pending to the end, inside from acknowledgement to the end. */
  #interrupt({ at, interrupt, step, messages }: Record & { readonly kind: 'interrupt' }): void {
    const track = this.#line(interrupt);
    if (step === 'pend') {
      this.#out.begin(track, at, { name: this.#names.interrupt(interrupt), categories: INTERRUPT });
    } else if (step === 'acknowledge') {
      this.#active.add(track);
      this.#out.begin(track, at, { name: 'active', categories: INTERRUPT, ends: messages });
    } else {
      if (this.#active.delete(track)) this.#out.end(track, at);
      this.#out.end(track, at);
    }
  }

  #message({ number, to }: Record & { readonly kind: 'message' }): Happening {
    const receiver = this.#names.partitions[to.partition] ?? '';
    const annotations = [['number', number] as const, ['to', receiver] as const, ['interrupt', to.id] as const];
    return { name: 'message', categories: ['message'], annotations, flows: [number] };
  }

  #note({ at, partition, what, text }: Record & { readonly kind: 'note' }): void {
    this.#out.instant(this.#partition(partition), at, { name: what, categories: ['note', what], annotations: [['text', text]] });
  }

  #count(at: number, partition: number): void {
    const period = Math.floor(at / COUNTED);
    let count = this.#counts.get(partition);
    if (count === undefined) {
      count = { track: this.#out.track('exits in each ms', this.#partition(partition), true), period, value: 0 };
      this.#counts.set(partition, count);
    }
    if (period > count.period) this.#settle(count, period);
    count.value++;
  }

  /** Virtual processors on different cores are told of out of step, by less than a period. */
  #settle(count: Count, period: number): void {
    this.#out.count(count.track, count.period * COUNTED, count.value);
    if (period > count.period + 1) this.#out.count(count.track, (count.period + 1) * COUNTED, 0);
    count.period = period;
    count.value = 0;
  }

  #group(name: string): Track {
    return this.#track(this.#groups, name, () => this.#out.track(name));
  }

  #partition(partition: number): Track {
    return this.#track(this.#partitions, partition, () =>
      this.#out.track(`partition ${this.#names.partitions[partition] ?? partition}`),
    );
  }

  #processor(who: Who): Track {
    return this.#track(this.#processors, whoKey(who), () =>
      this.#out.track(this.#names.who(who), this.#partition(who.partition)),
    );
  }

  #line(interrupt: Interrupt): Track {
    return this.#track(this.#lines, interruptKey(interrupt), () => {
      const parent = interrupt.vcpu < 0 ? this.#partition(interrupt.partition) : this.#processor(interrupt);
      return this.#out.track(`interrupt ${interrupt.id} (${this.#names.interrupt(interrupt)})`, parent);
    });
  }

  #channel(partition: number, name: string): Track {
    return this.#track(this.#groups, `${partition} ${name}`, () =>
      this.#out.track(`channel ${name}`, this.#partition(partition)),
    );
  }

  #track<K>(tracks: Map<K, Track>, key: K, make: () => Track): Track {
    const known = tracks.get(key);
    if (known !== undefined) return known;
    const made = make();
    tracks.set(key, made);
    return made;
  }
}

const accessNotes = ({ device, address, width, write, value }: Access): Annotations => [
  ['device', device],
  ['address', { address }],
  ['access', `${write ? 'write' : 'read'} of ${width}`],
  ['value', { address: value >>> 0 }],
];
