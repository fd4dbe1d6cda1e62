export { ATTACHMENT_SLOT, ATTRIBUTE_KEY } from "./attributed/attribute-keys.ts";
export type {
  AttributedBody,
  AttributeRun,
  Attributes,
  AttributeValue,
} from "./attributed/attributed-body.ts";
export { decodeAttributedBody } from "./attributed/decode-attributed-body.ts";
export { type ComposedBody, encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
export { type MessageRunFacts, messageRun } from "./attributed/message-run.ts";
export { decodeMessageRow } from "./decode-message-row.ts";
export { decodeTypedStream } from "./typedstream/decode-typed-stream.ts";
export { encodeTypedStream } from "./typedstream/encode-typed-stream.ts";
export { TypedStreamError, type TypedStreamErrorCode } from "./typedstream/typed-stream-error.ts";
export { TYPED_STREAM_LIMITS, type TypedStreamLimits } from "./typedstream/typed-stream-limits.ts";
export type {
  TypedAtom,
  TypedBytes,
  TypedClass,
  TypedGroup,
  TypedInteger,
  TypedList,
  TypedLong,
  TypedNil,
  TypedObject,
  TypedReal,
  TypedStream,
  TypedString,
  TypedValue,
} from "./typedstream/typed-value.ts";
