/** What the rows are made from: those that belong to another message, with and without something of their own. */
import { encodeAttributedBody, encodeKeyedArchive, messageRun } from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import { attachmentRef } from "../../../libs/imessage-codec/src/fixtures/attachment-ref-fixture.ts";
import { messageRow } from "../../../libs/imessage-codec/src/fixtures/message-row-fixture.ts";

/** Name of the folder, and the row. */
export interface RowShape {
  readonly name: string;
  readonly row: MessageRow;
}

const BEFORE = "6F8A2B3C-0000-4000-8000-00000000000A";
const GAME = "com.apple.messages.MSMessageExtensionBalloonPlugin:TEAM567890:com.example.game";
const STEP = { associatedMessageType: 2, associatedMessageGuid: BEFORE } as const;
const ANSWER = { associatedMessageType: 3, associatedMessageGuid: `p:0/${BEFORE}` } as const;

const slot = encodeAttributedBody({ text: "\uFFFC", style: "ios" });
const line = "Ada made a move";
const breadcrumb = encodeAttributedBody({
  text: line,
  runs: [messageRun(line.length, { part: 0, isBreadcrumb: true })],
});
const move = encodeKeyedArchive(
  new Map([
    [
      "root",
      {
        kind: "dictionary",
        entries: new Map([
          ["an", { kind: "string", value: "Chess" }],
          ["ldtext", { kind: "string", value: "e4" }],
        ]),
        otherEntries: [],
      },
    ],
  ]),
);

/** All of them. */
export const ROW_SHAPES: readonly RowShape[] = [
  {
    name: "app-next-step",
    row: messageRow({ ...STEP, attributedBody: slot, balloonBundleId: GAME, payloadData: move }),
  },
  { name: "app-step-without-data", row: messageRow({ ...STEP, attributedBody: slot, balloonBundleId: GAME }) },
  {
    name: "answer-of-words",
    row: messageRow({ ...ANSWER, attributedBody: encodeAttributedBody({ text: "Well done" }) }),
  },
  { name: "answer-of-text-alone", row: messageRow({ ...ANSWER, text: "Well done" }) },
  {
    name: "answer-with-a-picture",
    row: messageRow({ ...ANSWER, attributedBody: slot, attachments: [attachmentRef()] }),
  },
  { name: "breadcrumb", row: messageRow({ ...ANSWER, attributedBody: breadcrumb, text: line }) },
];
