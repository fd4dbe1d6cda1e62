import type { SourceRange } from "./script-error.ts";

/** Kinds of things Messages holds, and `item` of a list. */
export type ElementName = "item" | "chat" | "participant" | "account";

/** Which of them. */
export type Selector =
  | { readonly kind: "id"; readonly id: Expression }
  | { readonly kind: "at"; readonly key: Expression }
  | { readonly kind: "last" }
  | { readonly kind: "every" };

/** How two values compare. */
export type Comparison = "=" | "≠" | "<" | ">" | "≤" | "≥";

/** Condition of a `whose`: a property of each element against a value. */
export interface Filter {
  readonly property: string;
  readonly comparison: Comparison;
  readonly value: Expression;
}

/** What has a value. */
export type Expression = { readonly range: SourceRange } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "boolean"; readonly truth: boolean }
  | { readonly kind: "missing" }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "application"; readonly application: Expression; readonly byId: boolean }
  | {
      readonly kind: "element";
      readonly element: ElementName;
      readonly selector: Selector;
      readonly filter: Filter | undefined;
      readonly of: Expression | undefined;
    }
  | { readonly kind: "property"; readonly property: string; readonly of: Expression }
  | { readonly kind: "count"; readonly of: Expression }
  | { readonly kind: "exists"; readonly of: Expression }
  | { readonly kind: "join"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "compare";
      readonly comparison: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "logic";
      readonly operator: "and" | "or";
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "coerce"; readonly of: Expression; readonly type: string }
);

/** What is done. */
export type Statement = { readonly range: SourceRange } & (
  | { readonly kind: "set"; readonly names: Names; readonly value: Expression }
  | { readonly kind: "send"; readonly what: Expression; readonly to: Expression }
  | { readonly kind: "value"; readonly value: Expression }
  | { readonly kind: "return"; readonly value: Expression | undefined }
  | {
      readonly kind: "error";
      readonly message: Expression | undefined;
      readonly number: Expression | undefined;
    }
  | { readonly kind: "delay"; readonly seconds: Expression }
  | { readonly kind: "activate" }
  | { readonly kind: "tell"; readonly target: Expression; readonly body: Block }
  | { readonly kind: "timeout"; readonly seconds: Expression; readonly body: Block }
  | { readonly kind: "group"; readonly body: Block }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: Block | undefined }
  | {
      readonly kind: "try";
      readonly body: Block;
      readonly handler: Block;
      readonly messageName: string | undefined;
      readonly numberName: string | undefined;
    }
);

/** Names for a value: one for all of it, or one for each item of the list it is (`{a, b}`). */
export interface Names {
  readonly kind: "all" | "each";
  readonly names: readonly string[];
}

/** Statements in order. */
export type Block = readonly Statement[];

/** One arm of an `if`. */
export interface Branch {
  readonly condition: Expression;
  readonly body: Block;
}

/** A whole script: what `on run` (or the top level, where there is none) does. */
export interface Script {
  /** What `on run` calls its arguments. */
  readonly parameters: Names;
  readonly body: Block;
}
