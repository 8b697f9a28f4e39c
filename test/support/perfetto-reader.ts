/** Reads a Perfetto trace back, by the field numbers of its public schema. It shares nothing with what writes it. */

type Field = { readonly field: number; readonly value: number; readonly bytes: Uint8Array };

function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the message is cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    if (type === 0) yield { field, value: varint(), bytes: new Uint8Array() };
    else if (type === 1) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
      at += 8;
      yield { field, value: view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32, bytes: new Uint8Array() };
    } else if (type === 2) {
      const length = varint();
      yield { field, value: 0, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else throw new Error(`wire type ${type}`);
  }
}

const all = (message: Iterable<Field>, field: number): Field[] => [...message].filter((one) => one.field === field);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export interface TrackEvent {
  readonly at: number;
  readonly track: string;
  readonly type: 'begin' | 'end' | 'instant' | 'counter';
  readonly name: string;
  readonly categories: readonly string[];
  readonly annotations: Readonly<Record<string, string | number>>;
  readonly flows: readonly number[];
  readonly ends: readonly number[];
  readonly value: number;
}

const TYPES = { 1: 'begin', 2: 'end', 3: 'instant', 4: 'counter' } as const;

/** All events of a trace; a track is told by its path from the root. */
export function readPerfetto(trace: Uint8Array): TrackEvent[] {
  const tracks = new Map<number, string>();
  const names: Readonly<Record<number, Map<number, string>>> = { 1: new Map(), 2: new Map(), 3: new Map() };
  const events: TrackEvent[] = [];
  for (const { field, bytes } of fields(trace)) {
    if (field !== 1) throw new Error(`field ${field} of the trace`);
    const packet = [...fields(bytes)];
    for (const { bytes: data } of all(packet, 12)) {
      for (const entry of fields(data))
        names[entry.field]?.set(all(fields(entry.bytes), 1)[0]!.value, text(all(fields(entry.bytes), 2)[0]!.bytes));
    }
    for (const { bytes: descriptor } of all(packet, 60)) {
      const [uuid, name, parent] = [1, 2, 5].map((n) => all(fields(descriptor), n)[0]);
      const above = parent === undefined ? '' : `${tracks.get(parent.value)} > `;
      tracks.set(uuid!.value, above + text(name!.bytes));
    }
    for (const { bytes: event } of all(packet, 11))
      events.push(readEvent([...fields(event)], all(packet, 8)[0]!.value, tracks, names));
  }
  return events;
}

function readEvent(
  event: readonly Field[],
  at: number,
  tracks: ReadonlyMap<number, string>,
  names: Readonly<Record<number, ReadonlyMap<number, string>>>,
): TrackEvent {
  const number = (field: number) => all(event, field)[0]?.value;
  const numbers = (field: number) => all(event, field).map(({ value }) => value);
  const annotations = all(event, 4).map(({ bytes }) => {
    const [name, ...values] = [...fields(bytes)];
    const [value] = values;
    return [names[3]!.get(name!.value), value!.field === 6 ? text(value!.bytes) : value!.value] as const;
  });
  return {
    at,
    track: tracks.get(number(11)!)!,
    type: TYPES[number(9) as 1],
    name: names[2]!.get(number(10) ?? 0) ?? '',
    categories: numbers(3).map((iid) => names[1]!.get(iid)!),
    annotations: Object.fromEntries(annotations),
    flows: numbers(47),
    ends: numbers(48),
    value: number(30) ?? 0,
  };
}
