/** What went wrong in a partition: counted without end, remembered up to a limit, so that no guest can fill the host's memory. */
import type { State, Stateful } from '../base/state.ts';
import type { FaultReport, HealthEvent } from './config.ts';

/** Faults that are kept with their explanation. */
export const FAULTS_KEPT = 256;
/** Events that are told; of the others only the end of the partition and what was done to it. */
export const EVENTS_TOLD = 1000;

export class HealthLog implements Stateful {
  readonly exits: Record<string, number> = {};
  faultCount = 0;
  restarts = 0;
  /** Restarts that the health policy asked for, which it limits. */
  recoveries = 0;
  eventCount = 0;
  #faults: FaultReport[] = [];

  get faults(): readonly FaultReport[] {
    return this.#faults;
  }

  /** Whether one more fault would be kept: only then is its explanation worth making. */
  get hasRoom(): boolean {
    return this.#faults.length < FAULTS_KEPT;
  }

  exit(cause: string): void {
    this.exits[cause] = (this.exits[cause] ?? 0) + 1;
  }

  /** Counts an event; whether it is one of those that are told. */
  tells(kind: HealthEvent['kind']): boolean {
    return this.eventCount++ < EVENTS_TOLD || kind === 'off' || kind === 'stop' || kind === 'managed';
  }

  /** Counts a fault; `describe` is called if it is to be kept. */
  fault(describe: () => FaultReport): void {
    this.faultCount++;
    if (this.hasRoom) this.#faults.push(describe());
  }

  save(): State {
    const { exits, faultCount, restarts, recoveries, eventCount } = this;
    return {
      exits: { ...exits },
      faultCount,
      restarts,
      recoveries,
      eventCount,
      faults: this.#faults.map((fault) => ({ ...fault })),
    };
  }

  load(state: State): void {
    this.reset();
    Object.assign(this.exits, state['exits']);
    this.faultCount = state['faultCount'] as number;
    this.restarts = state['restarts'] as number;
    this.recoveries = state['recoveries'] as number;
    this.eventCount = state['eventCount'] as number;
    this.#faults = (state['faults'] as unknown as readonly FaultReport[]).map((fault) => ({ ...fault }));
  }

  reset(): void {
    for (const cause of Object.keys(this.exits)) delete this.exits[cause];
    this.faultCount = 0;
    this.restarts = 0;
    this.recoveries = 0;
    this.eventCount = 0;
    this.#faults = [];
  }
}
