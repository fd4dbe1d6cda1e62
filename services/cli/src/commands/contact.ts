/**
 * The contact of the simulated Mac that speaks when nobody else is named; a person types as it in `imesh
 * start`.
 */
export const DEFAULT_CONTACT = "+15551234567";
