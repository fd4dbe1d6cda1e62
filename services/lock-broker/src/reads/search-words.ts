/** broker.proto, SearchMessagesRequest.query. */
export const WORDS_MAX = 8;
export const QUERY_UNITS_MAX = 256;

/**
 * Text as it is compared: letter case and canonical equivalence folded. Upper before lower case, because that is where
 * letters meet that differ only in case: "ß" and "SS", the two small sigmas.
 */
export function foldText(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/** The words of a query, folded, each once. Undefined when it is longer than it may be or has no word or too many. */
export function searchWords(query: string): readonly string[] | undefined {
  if (query.length > QUERY_UNITS_MAX) return undefined;
  const words = query.split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0 || words.length > WORDS_MAX) return undefined;
  return [...new Set(words.map(foldText))];
}

/** Whether `text` holds every word, anywhere in it: inside a longer word too, since not every script puts blanks between. */
export function holdsWords(text: string, words: readonly string[]): boolean {
  const folded = foldText(text);
  return words.every((word) => folded.includes(word));
}
