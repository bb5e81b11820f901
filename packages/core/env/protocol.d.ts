// All of the platform that the sans-IO layers may touch: UTF-8 conversion. Anything else (a clock, a timer,
// a stream, the DOM, Node.js) does not compile there.

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(input?: ArrayBufferView): string;
}
