import { describe, expect, test } from "vitest";
import { readFields } from "../../test/read-protobuf.ts";
import { ProtobufWriter } from "./protobuf.ts";

describe("ProtobufWriter", () => {
  test("writes the bytes that the protocol-buffer documentation gives for its examples", () => {
    expect([...new ProtobufWriter().integer(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
    expect([...new ProtobufWriter().text(2, "testing").finish()]).toEqual([
      0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
    ]);
    expect([...new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150)).finish()]).toEqual([
      0x1a, 0x03, 0x08, 0x96, 0x01,
    ]);
    expect([...new ProtobufWriter().integers(6, [3, 270, 86942]).finish()]).toEqual([
      0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05,
    ]);
  });

  test("writes a negative integer in ten bytes, and reads back as the same number", () => {
    const bytes = new ProtobufWriter().integer(3, -1).finish();
    expect(bytes.length).toBe(11);
    expect(readFields(bytes)).toEqual([{ number: 3, value: -1 }]);
  });

  test("writes a float in 32 bits", () => {
    expect(readFields(new ProtobufWriter().float(2, 0.5).finish())).toEqual([{ number: 2, value: 0.5 }]);
  });
});
