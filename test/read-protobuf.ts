/** A field of a protocol-buffer message: the bytes of a string or message, or the number of any other. */
export type Field = { number: number; value: number | Uint8Array };

/** Reads the fields of a message in order. */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = tag >> 3;
    if ((tag & 7) === 0) fields.push({ number, value: varint() });
    else if ((tag & 7) === 5) {
      fields.push({
        number,
        value: new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0, true),
      });
      at += 4;
    } else {
      const length = varint();
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

/** The fields of one number, as messages or strings. */
export function parts(bytes: Uint8Array, number: number): Uint8Array[] {
  return readFields(bytes).flatMap((field) =>
    field.number === number && typeof field.value !== "number" ? [field.value] : [],
  );
}

/** The fields of one number, as text. */
export function texts(bytes: Uint8Array, number: number): string[] {
  return parts(bytes, number).map((value) => new TextDecoder().decode(value));
}
