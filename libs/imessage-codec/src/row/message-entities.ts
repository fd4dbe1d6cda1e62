import type { BodyEntity, BodyPart } from "../body/message-body.ts";
import { ENTITIES_MAX, MENTIONS_MAX, type Mention } from "../decoded-row.ts";

/** A body can name one long URL for every second character; what such an event would weigh, no stream carries. */
const ENTITY_UNITS_MAX = 262_144;

const NO_ENTITIES: readonly BodyEntity[] = [];
const NO_MENTIONS: readonly Mention[] = [];

/** Those of all parts, by start; the first ones, where there are more than ENTITIES_MAX or they hold more than ENTITY_UNITS_MAX. */
export function entitiesOf(parts: readonly BodyPart[]): readonly BodyEntity[] {
  let entities: BodyEntity[] | null = null;
  let unitsLeft = ENTITY_UNITS_MAX;
  for (const part of parts) {
    for (const entity of part.kind === "text" ? part.entities : NO_ENTITIES) {
      unitsLeft -= unitsOf(entity);
      entities ??= [];
      if (unitsLeft < 0 || entities.length === ENTITIES_MAX) {
        return entities;
      }
      entities.push(entity);
    }
  }
  return entities ?? NO_ENTITIES;
}

/** The first ones. */
export function mentionsOf(entities: readonly BodyEntity[]): readonly Mention[] {
  let mentions: Mention[] | null = null;
  for (const entity of entities) {
    if (entity.kind === "mention") {
      mentions ??= [];
      mentions.push({ start: entity.range.start, length: entity.range.length, handle: entity.handle });
      if (mentions.length === MENTIONS_MAX) {
        return mentions;
      }
    }
  }
  return mentions ?? NO_MENTIONS;
}

function unitsOf(entity: BodyEntity): number {
  switch (entity.kind) {
    case "attachment":
      return entity.attachment.transferGuid.length;
    case "mention":
      return entity.handle.length;
    case "link":
      return entity.url.length;
    case "one-time-code":
      return entity.code.length + (entity.displayCode?.length ?? 0);
    default:
      return 0;
  }
}
