import {
  type ActRequest,
  type Compose,
  type Poll,
  AppKind as WireAppKind,
  BodyForm as WireBodyForm,
  DetectedData as WireDetectedData,
  type Piece as WirePiece,
  TextEffect as WireTextEffect,
  type TextPiece as WireTextPiece,
  TextStyle as WireTextStyle,
} from "@imesh/contracts/simulator/v1";
import { unreachable } from "@imesh/flow";
import { invalidArgument } from "@imesh/rpc";
import type {
  AppAct,
  BodyForm,
  ComposeAct,
  Piece,
  ShapeAct,
  StyleName,
  TextPiece,
} from "../messages/acts/shapes.ts";

/** The actions whose acts are in messages/acts/shapes.ts. */
export type WireShape = Extract<
  NonNullable<ActRequest["action"]>,
  {
    $case:
      | "compose"
      | "sayApp"
      | "poll"
      | "changeBackground"
      | "changeNumber"
      | "changeOwnMembership"
      | "shareLocation"
      | "call"
      | "keepAudio"
      | "addToChat";
  }
>;

const STYLES: Readonly<Partial<Record<WireTextStyle, StyleName>>> = {
  [WireTextStyle.BOLD]: "bold",
  [WireTextStyle.ITALIC]: "italic",
  [WireTextStyle.UNDERLINE]: "underline",
  [WireTextStyle.STRIKETHROUGH]: "strikethrough",
};

const EFFECTS: Readonly<Partial<Record<WireTextEffect, TextPiece["effect"]>>> = {
  [WireTextEffect.BIG]: "big",
  [WireTextEffect.SMALL]: "small",
  [WireTextEffect.SHAKE]: "shake",
  [WireTextEffect.NOD]: "nod",
  [WireTextEffect.EXPLODE]: "explode",
  [WireTextEffect.RIPPLE]: "ripple",
  [WireTextEffect.BLOOM]: "bloom",
  [WireTextEffect.JITTER]: "jitter",
};

const DETECTED: Readonly<Partial<Record<WireDetectedData, TextPiece["detected"]>>> = {
  [WireDetectedData.PHONE_NUMBER]: "phone-number",
  [WireDetectedData.ADDRESS]: "address",
  [WireDetectedData.CALENDAR_EVENT]: "calendar-event",
  [WireDetectedData.OTHER]: "data",
};

const FORMS: Readonly<Partial<Record<WireBodyForm, BodyForm>>> = {
  [WireBodyForm.UNSPECIFIED]: "drawn",
  [WireBodyForm.BOTH]: "both",
  [WireBodyForm.BODY]: "body",
  [WireBodyForm.TEXT]: "text",
  [WireBodyForm.BROKEN]: "broken",
};

const APPS: Readonly<Partial<Record<WireAppKind, AppAct["app"]>>> = {
  [WireAppKind.APPLE_CASH]: "apple-cash",
  [WireAppKind.GAME]: "game",
  [WireAppKind.CHECK_IN]: "check-in",
  [WireAppKind.FIND_MY]: "find-my",
  [WireAppKind.HANDWRITING]: "handwriting",
  [WireAppKind.DIGITAL_TOUCH]: "digital-touch",
};

/** As parseAct(). */
export function parseShape(action: WireShape): ShapeAct {
  switch (action.$case) {
    case "compose":
      return parseCompose(action.value);
    case "sayApp": {
      const { app, ...order } = action.value;
      return { kind: "say-app", ...order, app: known(APPS[app], "say_app.app", "AppKind") };
    }
    case "poll":
      return parsePoll(action.value);
    case "changeBackground":
      return { kind: "change-background", ...action.value };
    case "changeNumber":
      return { kind: "change-number", ...action.value };
    case "changeOwnMembership":
      return { kind: "change-own-membership", ...action.value };
    case "shareLocation":
      return { kind: "share-location", ...action.value };
    case "call":
      return { kind: "call", ...action.value };
    case "keepAudio":
      return { kind: "keep-audio", ...action.value };
    case "addToChat":
      return { kind: "add-to-chat", ...action.value };
    default:
      return unreachable(action);
  }
}

function parseCompose({ pieces, form, ...order }: Compose): ComposeAct {
  return {
    kind: "compose",
    ...order,
    pieces: pieces.map(parsePiece),
    reply: order.reply,
    form: known(FORMS[form], "compose.form", "BodyForm"),
  };
}

function parsePiece({ kind }: WirePiece): Piece {
  if (kind === undefined) throw refused("compose.pieces.kind", "must be set");
  return kind.$case === "file" ? { kind: "file", ...kind.value } : parseWords(kind.value);
}

function parseWords({ styles, effect, detected, ...piece }: WireTextPiece): TextPiece {
  const field = (name: string) => `compose.pieces.text.${name}`;
  return {
    kind: "text",
    ...piece,
    styles: styles.map((style) => known(STYLES[style], field("styles"), "TextStyle")),
    effect:
      effect === WireTextEffect.UNSPECIFIED
        ? undefined
        : known(EFFECTS[effect], field("effect"), "TextEffect"),
    detected:
      detected === WireDetectedData.UNSPECIFIED
        ? undefined
        : known(DETECTED[detected], field("detected"), "DetectedData"),
  };
}

function parsePoll({ step }: Poll): ShapeAct {
  if (step === undefined) throw refused("poll.step", "must be set");
  switch (step.$case) {
    case "create":
      return { kind: "poll-create", service: "", ...step.value };
    case "addOption":
      return { kind: "poll-add-option", ...step.value };
    case "vote":
      return { kind: "poll-vote", ...step.value };
    default:
      return unreachable(step);
  }
}

function known<T>(value: T | undefined, field: string, type: string): T {
  if (value === undefined) throw refused(field, `must be one of ${type}`);
  return value;
}

function refused(field: string, description: string): Error {
  return invalidArgument([{ field, description }]);
}
