import { ArrivalClass, ChatStyle, DeliveryState, Direction } from "@imesh/contracts/bridge/v1/event";

/** How news reached the Mac, as a word; key of JSON output. */
export function arrivalWord(arrival: ArrivalClass): "live" | "catch-up" | "backfill" | "unspecified" {
  switch (arrival) {
    case ArrivalClass.LIVE:
      return "live";
    case ArrivalClass.CATCH_UP:
      return "catch-up";
    case ArrivalClass.BACKFILL:
      return "backfill";
    default:
      return "unspecified";
  }
}

/** Who wrote a message, as a word; key of JSON output. */
export function directionWord(direction: Direction): "incoming" | "own" | "unspecified" {
  switch (direction) {
    case Direction.INCOMING:
      return "incoming";
    case Direction.OWN:
      return "own";
    default:
      return "unspecified";
  }
}

/** How far an own message is, as a word; key of JSON output. */
export function deliveryWord(
  state: DeliveryState,
): "written" | "sent" | "delivered" | "read" | "failed" | "unspecified" {
  switch (state) {
    case DeliveryState.WRITTEN:
      return "written";
    case DeliveryState.SENT:
      return "sent";
    case DeliveryState.DELIVERED:
      return "delivered";
    case DeliveryState.READ:
      return "read";
    case DeliveryState.FAILED:
      return "failed";
    default:
      return "unspecified";
  }
}

/** How many people a chat is for, as a word; key of JSON output. */
export function chatStyleWord(style: ChatStyle): "direct" | "group" | "unspecified" {
  switch (style) {
    case ChatStyle.DIRECT:
      return "direct";
    case ChatStyle.GROUP:
      return "group";
    default:
      return "unspecified";
  }
}
