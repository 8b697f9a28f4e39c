/** Makes records of events. It knows whose window it is and which interrupts are on their way, and nothing else of the past. */
import type { InterruptStep, TraceEvent } from '../../core/base/trace.ts';
import type { Observation } from './observation.ts';
import { type Access, type Detail, type Interrupt, interruptKey, type Sink, type Who, whoKey } from './record.ts';

/** Doorbells that rang and were not acknowledged yet, of one interrupt: more are told as lost. */
const MOST_WAITING = 1024;
/** IDs of private interrupts, and of those that are none. */
const [SHARED, SPURIOUS] = [32, 1020];

interface Pending {
  readonly interrupt: Interrupt;
  active: boolean;
}

export class Recorder {
  readonly #observation: Observation;
  readonly #sink: Sink;
  readonly #windows: (Who | undefined)[] = [];
  readonly #out = new Set<number>();
  readonly #pending = new Map<number, Pending>();
  readonly #waiting = new Map<number, { readonly to: Interrupt; readonly numbers: number[] }>();
  #detail: Detail | undefined;
  #sent: number[] = [];
  #messages = 0;

  constructor(observation: Observation, sink: Sink) {
    this.#observation = observation;
    this.#sink = sink;
  }

  take(event: TraceEvent): void {
    switch (event.kind) {
      case 'enter':
        return this.#enter(event.core, { partition: event.partition, vcpu: event.vcpu });
      case 'idle':
        return this.#window(event.core, undefined, this.#observation.now());
      case 'exit':
        return this.#exit(event.core, { partition: event.partition, vcpu: event.vcpu }, event.cause, event.pc);
      case 'call':
        this.#detail = { kind: 'call', id: event.id, args: event.args, results: event.results };
        return;
      case 'mmio':
        this.#detail = accessOf(event);
        return;
      case 'interrupt':
        return this.#interrupt({ partition: event.partition, vcpu: event.vcpu, id: event.id }, event.step);
      case 'interface':
        return this.#interface(event.core, event.id, event.step);
      case 'message':
        return this.#message(event);
      case 'ended':
        return this.#ended(event.partition, event.how);
      case 'health':
        return this.note(event.partition, event.what, event.text);
    }
  }

  /** A device that the guest reaches itself. */
  access(core: number, access: Omit<Access, 'kind'>): void {
    const who = this.#observation.on(core);
    if (who !== undefined)
      this.#sink({ kind: 'mmio', at: this.#observation.now(), core, who, access: { kind: 'access', ...access } });
  }

  note(partition: number, what: string, text: string): void {
    this.#sink({ kind: 'note', at: this.#observation.now(), partition, what, text });
  }

  /** Closes what is open. */
  finish(): void {
    for (const core of this.#windows.keys()) this.#window(core, undefined, this.#observation.now());
    this.#close(() => true);
  }

  /** The hypervisor's stay takes the nanosecond that begins now. */
  #enter(core: number, who: Who): void {
    const now = this.#observation.now();
    const before = this.#windows[core];
    if (before?.partition !== who.partition || before.vcpu !== who.vcpu) {
      if (before !== undefined) this.#sink({ kind: 'window', at: now, core, who: undefined });
      this.#window(core, who, now + 1);
    }
    if (this.#out.delete(whoKey(who))) this.#sink({ kind: 'resume', at: now + 1, who });
  }

  #window(core: number, who: Who | undefined, at: number): void {
    if (this.#windows[core] === who) return;
    this.#windows[core] = who;
    this.#sink({ kind: 'window', at, core, who });
  }

  #exit(core: number, who: Who, cause: string, pc: number): void {
    const [detail, messages] = [this.#detail, this.#sent];
    this.#detail = undefined;
    this.#sent = [];
    this.#out.add(whoKey(who));
    this.#sink({ kind: 'exit', at: this.#observation.now(), core, who, cause, pc, detail, messages });
  }

  #interface(core: number, id: number, step: InterruptStep): void {
    const who = this.#observation.on(core);
    if (who !== undefined && id < SPURIOUS) this.#interrupt({ ...who, id }, step);
  }

  #interrupt(given: Interrupt, step: InterruptStep): void {
    const interrupt = given.id >= SHARED ? { ...given, vcpu: -1 } : given;
    const key = interruptKey(interrupt);
    const known = this.#pending.get(key);
    const at = this.#observation.now();
    const tell = (messages: readonly number[] = []) => this.#sink({ kind: 'interrupt', at, interrupt, step, messages });
    if (step === 'pend') {
      if (known !== undefined) return;
      this.#pending.set(key, { interrupt, active: false });
      tell();
    } else if (step === 'acknowledge') {
      if (known?.active === true) return;
      if (known === undefined) this.#sink({ kind: 'interrupt', at, interrupt, step: 'pend', messages: [] });
      this.#pending.set(key, { interrupt, active: true });
      tell(this.#waiting.get(key)?.numbers.splice(0));
    } else if (known !== undefined && known.active === (step === 'end')) {
      this.#pending.delete(key);
      tell();
    }
  }

  #message({ partition, vcpu, channel, to, interrupt: id }: TraceEvent & { readonly kind: 'message' }): void {
    const number = ++this.#messages;
    const interrupt = { partition: to, vcpu: -1, id };
    const key = interruptKey(interrupt);
    const waiting = this.#waiting.get(key) ?? { to: interrupt, numbers: [] };
    this.#waiting.set(key, waiting);
    this.#sent.push(number);
    this.#sink({ kind: 'message', at: this.#observation.now(), number, channel, from: { partition, vcpu }, to: interrupt });
    this.#interrupt(interrupt, 'pend');
    if (waiting.numbers.length < MOST_WAITING) waiting.numbers.push(number);
    else this.#sink({ kind: 'lost', at: this.#observation.now(), number, to: interrupt });
  }

  #ended(partition: number, how: string): void {
    this.#close((owner) => owner.partition === partition);
    this.note(partition, 'ended', how);
  }

  #close(of: (owner: Interrupt) => boolean): void {
    const at = this.#observation.now();
    for (const { to, numbers } of this.#waiting.values()) {
      if (!of(to)) continue;
      for (const number of numbers.splice(0)) this.#sink({ kind: 'lost', at, number, to });
    }
    for (const [key, { interrupt, active }] of this.#pending) {
      if (!of(interrupt)) continue;
      this.#pending.delete(key);
      this.#sink({ kind: 'interrupt', at, interrupt, step: active ? 'end' : 'withdraw', messages: [] });
    }
  }
}

function accessOf({ device, address, width, write, value }: Omit<Access, 'kind'>): Access {
  return { kind: 'access', device, address, width, write, value };
}
