/**
 * TensorBoard's event files: TFRecords (length u64, masked CRC-32C of it, data, masked CRC-32C of it; little-endian),
 * each with a message `Event` of tensorflow/core/util/event.proto.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { FormatError } from '../core/index.js';
import { maskedCrc32c } from './crc32c.js';

/** One record of an event file. */
export type TensorBoardEvent = {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
} & (
  | { readonly kind: 'version' }
  /** A process begins at this step: what is shown of later steps of the same run is dropped. */
  | { readonly kind: 'start' }
  | { readonly kind: 'scalars'; readonly scalars: Readonly<Record<string, number>> }
);

const FILE_VERSION = 'brain.Event:2';
const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/** Numbers of the fields, as the .proto files have them. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1 } as const;
const STATUS_START = 1;

/** An event as the bytes of one record. */
export function encodeTensorBoardEvent(event: TensorBoardEvent): Uint8Array {
  const writer = new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(event.wallTime);
  if (event.step !== 0) writer.tag(EVENT.step, WireType.Varint).int64(event.step);
  if (event.kind === 'version') {
    writer.tag(EVENT.fileVersion, WireType.LengthDelimited).string(FILE_VERSION);
  } else if (event.kind === 'start') {
    const log = new BinaryWriter().tag(SESSION_LOG.status, WireType.Varint).int32(STATUS_START);
    writer.tag(EVENT.sessionLog, WireType.LengthDelimited).bytes(log.finish());
  } else {
    writer.tag(EVENT.summary, WireType.LengthDelimited).bytes(summary(event.scalars));
  }
  return record(writer.finish());
}

function summary(scalars: Readonly<Record<string, number>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [tag, value] of Object.entries(scalars)) {
    const entry = new BinaryWriter()
      .tag(VALUE.tag, WireType.LengthDelimited)
      .string(tag)
      .tag(VALUE.simpleValue, WireType.Bit32)
      .float(value);
    writer.tag(SUMMARY.value, WireType.LengthDelimited).bytes(entry.finish());
  }
  return writer.finish();
}

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES + CRC_BYTES + data.length + CRC_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(bytes.subarray(0, LENGTH_BYTES)), true);
  bytes.set(data, LENGTH_BYTES + CRC_BYTES);
  view.setUint32(bytes.length - CRC_BYTES, maskedCrc32c(data), true);
  return bytes;
}

/** The scalars of an event file, in order, by step. Throws a FormatError for a record that is damaged or cut short. */
export function decodeTensorBoardScalars(
  bytes: Uint8Array,
  where: string,
): { readonly step: number; readonly scalars: Record<string, number> }[] {
  const found: { step: number; scalars: Record<string, number> }[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const data = recordAt(bytes, offset, `${where}: the record at byte ${offset}`);
    offset += LENGTH_BYTES + CRC_BYTES + data.length + CRC_BYTES;
    const event = readEvent(data);
    if (event.scalars) found.push({ step: event.step, scalars: event.scalars });
  }
  return found;
}

function recordAt(bytes: Uint8Array, offset: number, where: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
  if (view.byteLength < LENGTH_BYTES + CRC_BYTES) throw new FormatError(`${where} is cut short`);
  const length = Number(view.getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + CRC_BYTES;
  if (view.getUint32(LENGTH_BYTES, true) !== maskedCrc32c(bytes.subarray(offset, offset + LENGTH_BYTES))) {
    throw new FormatError(`${where}: the checksum of its length is wrong`);
  }
  if (view.byteLength < dataStart + length + CRC_BYTES) throw new FormatError(`${where} is cut short`);
  const data = bytes.subarray(offset + dataStart, offset + dataStart + length);
  if (view.getUint32(dataStart + length, true) !== maskedCrc32c(data)) {
    throw new FormatError(`${where}: its checksum is wrong`);
  }
  return data;
}

function readEvent(data: Uint8Array): { step: number; scalars?: Record<string, number> } {
  const reader = new BinaryReader(data);
  const event: { step: number; scalars?: Record<string, number> } = { step: 0 };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === EVENT.step) event.step = Number(reader.int64());
    else if (field === EVENT.summary) event.scalars = readSummary(reader.bytes());
    else reader.skip(wireType, field);
  }
  return event;
}

function readSummary(data: Uint8Array): Record<string, number> {
  const reader = new BinaryReader(data);
  const scalars: Record<string, number> = {};
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== SUMMARY.value) reader.skip(wireType, field);
    else {
      const [tag, value] = readValue(reader.bytes());
      scalars[tag] = value;
    }
  }
  return scalars;
}

function readValue(data: Uint8Array): [string, number] {
  const reader = new BinaryReader(data);
  let [tag, value] = ['', Number.NaN];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === VALUE.tag) tag = reader.string();
    else if (field === VALUE.simpleValue) value = reader.float();
    else reader.skip(wireType, field);
  }
  return [tag, value];
}
