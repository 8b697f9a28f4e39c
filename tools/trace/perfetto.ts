/**
 * Tracks, slices, flows and counters as Perfetto reads them: a stream of TracePackets, each a field 1 of the Trace message, so that a file is
 * valid wherever it ends. Reference: perfetto.dev, protos/perfetto/trace/*.proto, whose field numbers these are.
 */
import { ProtobufWriter } from './protobuf.ts';

export const FIELDS = {
  Trace: { packet: 1 },
  TracePacket: {
    timestamp: 8,
    trusted_packet_sequence_id: 10,
    track_event: 11,
    interned_data: 12,
    sequence_flags: 13,
    track_descriptor: 60,
  },
  TrackDescriptor: { uuid: 1, name: 2, parent_uuid: 5, counter: 8 },
  CounterDescriptor: { unit: 3 },
  TrackEvent: {
    category_iids: 3,
    debug_annotations: 4,
    type: 9,
    name_iid: 10,
    track_uuid: 11,
    counter_value: 30,
    flow_ids: 47,
    terminating_flow_ids: 48,
  },
  DebugAnnotation: { name_iid: 1, int_value: 4, string_value: 6, pointer_value: 7 },
  InternedData: { event_categories: 1, event_names: 2, debug_annotation_names: 3 },
  EventCategory: { iid: 1, name: 2 },
  EventName: { iid: 1, name: 2 },
  DebugAnnotationName: { iid: 1, name: 2 },
} as const;

export const TYPE = { SLICE_BEGIN: 1, SLICE_END: 2, INSTANT: 3, COUNTER: 4 } as const;
const FLAGS = { INCREMENTAL_STATE_CLEARED: 1, NEEDS_INCREMENTAL_STATE: 2 } as const;
const UNIT_COUNT = 2;
/** All packets come from one writer. */
const SEQUENCE = 1;

/** A number, text, or an address, which is shown in hexadecimal. */
export type Annotation = number | string | { readonly address: number };

export type Annotations = readonly (readonly [name: string, value: Annotation])[];

export interface Happening {
  readonly name: string;
  readonly categories: readonly string[];
  readonly annotations?: Annotations;
  /** Flows that begin here, or go on. */
  readonly flows?: readonly number[];
  /** Flows that end here. */
  readonly ends?: readonly number[];
}

/** A track's number. */
export type Track = number;

type Kind = 'event_categories' | 'event_names' | 'debug_annotation_names';

export class PerfettoWriter {
  readonly #out: (bytes: Uint8Array) => void;
  readonly #proto = new ProtobufWriter();
  readonly #interned: Readonly<Record<Kind, Map<string, number>>> = {
    event_categories: new Map(),
    event_names: new Map(),
    debug_annotation_names: new Map(),
  };
  #tracks = 0;
  #fresh: [Kind, number, string][] = [];
  #started = false;

  constructor(out: (bytes: Uint8Array) => void) {
    this.#out = out;
  }

  /** A new track; those with a parent are shown below it. */
  track(name: string, parent?: Track, counter = false): Track {
    const uuid = ++this.#tracks;
    const proto = this.#proto;
    const fields = FIELDS.TrackDescriptor;
    const packet = this.#open(undefined);
    const descriptor = proto.open(FIELDS.TracePacket.track_descriptor);
    proto.uint(fields.uuid, uuid);
    proto.string(fields.name, name);
    if (parent !== undefined) proto.uint(fields.parent_uuid, parent);
    if (counter) {
      const unit = proto.open(fields.counter);
      proto.uint(FIELDS.CounterDescriptor.unit, UNIT_COUNT);
      proto.close(unit);
    }
    proto.close(descriptor);
    this.#close(packet);
    return uuid;
  }

  begin(track: Track, at: number, happening: Happening): void {
    this.#event(track, at, TYPE.SLICE_BEGIN, happening);
  }

  end(track: Track, at: number): void {
    this.#event(track, at, TYPE.SLICE_END);
  }

  instant(track: Track, at: number, happening: Happening): void {
    this.#event(track, at, TYPE.INSTANT, happening);
  }

  count(track: Track, at: number, value: number): void {
    this.#event(track, at, TYPE.COUNTER, undefined, value);
  }

  #event(track: Track, at: number, type: number, happening?: Happening, value?: number): void {
    const fields = FIELDS.TrackEvent;
    const proto = this.#proto;
    const packet = this.#open(at);
    const event = proto.open(FIELDS.TracePacket.track_event);
    proto.uint(fields.type, type);
    proto.uint(fields.track_uuid, track);
    if (value !== undefined) proto.int(fields.counter_value, value);
    if (happening !== undefined) this.#happening(happening);
    proto.close(event);
    this.#close(packet);
  }

  #happening({ name, categories, annotations = NONE, flows = NONE, ends = NONE }: Happening): void {
    const fields = FIELDS.TrackEvent;
    const proto = this.#proto;
    proto.uint(fields.name_iid, this.#intern('event_names', name));
    for (const category of categories) proto.uint(fields.category_iids, this.#intern('event_categories', category));
    for (const [key, value] of annotations) this.#annotation(key, value);
    for (const flow of flows) proto.fixed64(fields.flow_ids, flow);
    for (const flow of ends) proto.fixed64(fields.terminating_flow_ids, flow);
  }

  #annotation(name: string, value: Annotation): void {
    const { name_iid, int_value, string_value, pointer_value } = FIELDS.DebugAnnotation;
    const proto = this.#proto;
    const start = proto.open(FIELDS.TrackEvent.debug_annotations);
    proto.uint(name_iid, this.#intern('debug_annotation_names', name));
    if (typeof value === 'string') proto.string(string_value, value);
    else if (typeof value === 'number') proto.int(int_value, value);
    else proto.uint(pointer_value, value.address);
    proto.close(start);
  }

  /** The number of a name; told to the reader in the packet that first uses it. */
  #intern(kind: Kind, name: string): number {
    const known = this.#interned[kind].get(name);
    if (known !== undefined) return known;
    const iid = this.#interned[kind].size + 1;
    this.#interned[kind].set(name, iid);
    this.#fresh.push([kind, iid, name]);
    return iid;
  }

  #open(at: number | undefined): number {
    const { timestamp, trusted_packet_sequence_id, sequence_flags } = FIELDS.TracePacket;
    const proto = this.#proto;
    proto.clear();
    const packet = proto.open(FIELDS.Trace.packet);
    if (at !== undefined) proto.uint(timestamp, at);
    proto.uint(trusted_packet_sequence_id, SEQUENCE);
    proto.uint(sequence_flags, this.#started ? FLAGS.NEEDS_INCREMENTAL_STATE : FLAGS.INCREMENTAL_STATE_CLEARED);
    this.#started = true;
    return packet;
  }

  #close(packet: number): void {
    if (this.#fresh.length > 0) this.#tellNames();
    this.#proto.close(packet);
    this.#out(this.#proto.bytes);
  }

  #tellNames(): void {
    const proto = this.#proto;
    const data = proto.open(FIELDS.TracePacket.interned_data);
    for (const [kind, iid, name] of this.#fresh.splice(0)) {
      const entry = proto.open(FIELDS.InternedData[kind]);
      proto.uint(FIELDS.EventName.iid, iid);
      proto.string(FIELDS.EventName.name, name);
      proto.close(entry);
    }
    proto.close(data);
  }
}

const NONE = [] as const;
