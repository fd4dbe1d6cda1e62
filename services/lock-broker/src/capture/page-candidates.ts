import { isPointerMapPage, PageFormatError, parsePage } from "@imesh/wal";
import type { CandidateSet } from "./candidate-set.ts";
import type { ColdMessages } from "./cold-messages.ts";
import { isJoinIndexTouched } from "./join-index.ts";
import { diffLeaves, type LeafImage } from "./leaf-image.ts";
import { areRowsKept } from "./message-indexes.ts";
import { type OverflowOwner, OverflowOwners } from "./overflow-owners.ts";
import { PageMemory } from "./page-memory.ts";
import {
  isMessages,
  isWatched,
  type JoinTable,
  type PageClass,
  PageClassifier,
  type PageShapes,
  UNWATCHED,
} from "./page-shapes.ts";
import { type SpecialPages, specialPages } from "./special-pages.ts";
import { addTouched, put, type TouchedCells, touchedOf } from "./touched-cells.ts";

/** The pages that one transaction changed, as they were at its end. */
export interface CommittedPages {
  readonly pages: ReadonlyMap<number, Uint8Array>;
  /** Pages of the database after it. */
  readonly databasePages: number;
}

/** A watched leaf of the commit. */
interface SeenLeaf {
  readonly pageNumber: number;
  readonly image: LeafImage;
  /** What it held before is not known, or was of another table. */
  readonly isCold: boolean;
}

/** What is gathered of one commit. */
interface Gathering {
  readonly special: SpecialPages;
  readonly touched: Map<PageClass, TouchedCells>;
  readonly leaves: SeenLeaf[];
  readonly indexPages: Uint8Array[];
  readonly loose: Map<number, Uint8Array>;
  readonly heads: Map<number, OverflowOwner>;
  /** A table gained or lost leaves (its interior pages say which it has), so that rows may be anywhere. */
  isRestructured: boolean;
  /** Something was on one of these pages of which nothing is known. */
  isFormerUnknown: boolean;
}

/**
 * Finds the rows that commits touched in the images of their pages (ARCHITECTURE, "Changes are found in the log, not in the
 * tables"). Pure but for what it remembers: the images of watched leaves, so that cells can be compared, and the owners of
 * overflow pages.
 *
 * - A cell whose bytes differ from those before, wherever in the commit it lay before, is a candidate; one that only moved (a
 *   page was split, merged or vacuumed) is none. Without the former image every cell of a page is one.
 * - A row that was deleted is a candidate when its former page is known; else its neighbours' leaves are told, so that it
 *   can be missed among the known rows. Tables keep their leaves unless one of their interior pages is in the commit, and whoever
 *   took over what a leaf held is in it, too.
 * - Joins whose former page is not known cannot be looked for like that; whether one can have vanished is told by the index of their
 *   pairs, which every join's end writes.
 */
export class PageCandidates {
  readonly #memory = new PageMemory();
  readonly #owners = new OverflowOwners();
  #shapes: PageShapes;
  #classifier: PageClassifier;
  #usableBytes: number;
  #hasPointerMap: boolean;
  #databasePages: number | undefined;

  constructor(shapes: PageShapes) {
    this.#shapes = shapes;
    this.#classifier = new PageClassifier(shapes);
    this.#usableBytes = shapes.usableBytes;
    this.#hasPointerMap = shapes.hasPointerMap;
  }

  get shapes(): PageShapes {
    return this.#shapes;
  }

  /** Goes on with a schema that changed. Images stay: their cells are what they are. */
  setShapes(shapes: PageShapes): void {
    this.#shapes = shapes;
    this.#classifier = new PageClassifier(shapes);
    this.#usableBytes = shapes.usableBytes;
    this.#hasPointerMap = shapes.hasPointerMap;
  }

  /** Frames were missed, or it is another database: what is remembered may be old. */
  forget(): void {
    this.forgetImages();
    this.#owners.forget();
  }

  /** What pages held may be old; whose overflow pages are whose may be, too, which is still the best guess there is. */
  forgetImages(): void {
    this.#memory.forget();
    this.#databasePages = undefined;
  }

  /**
   * Adds what the next commit touched to `into`. With `cold`, messages of pages that were not remembered go there instead, and what
   * follows from the indexes of the schema is trusted: the commit must be known to have been made under {@link shapes}.
   * Never throws: a page that SQLite cannot have written is noted in `into` as missed ("unreadable").
   */
  observe(commit: CommittedPages, into: CandidateSet, cold?: ColdMessages): void {
    try {
      this.#observe(commit, into, cold);
    } catch (error) {
      if (!(error instanceof PageFormatError)) throw error;
      into.miss("unreadable");
      this.forget();
    }
    this.#memory.endCommit();
    this.#databasePages = commit.databasePages;
  }

  #observe(commit: CommittedPages, into: CandidateSet, cold: ColdMessages | undefined): void {
    const found = this.#gather(commit);
    for (const [pageClass, cells] of found.touched) {
      addTouched(pageClass, cells, found.isRestructured, into, cold);
    }
    this.#addLeaves(found, into, cold !== undefined);
    this.#addDoubts(found, commit, into);
    this.#addOverflows(found, into);
    if (this.#databasePages !== undefined && commit.databasePages < this.#databasePages) {
      this.#memory.cutOff(commit.databasePages);
      this.#owners.cutOff(commit.databasePages);
    }
  }

  #gather({ pages }: CommittedPages): Gathering {
    const special = specialPages(pages);
    if (special.header !== undefined) {
      this.#usableBytes = special.header.usableBytes;
      this.#hasPointerMap = special.header.hasPointerMap;
    }
    const found: Gathering = {
      special,
      touched: new Map(),
      leaves: [],
      indexPages: [],
      loose: new Map(),
      heads: new Map(),
      isRestructured: false,
      isFormerUnknown: false,
    };
    for (const [pageNumber, page] of pages) {
      // The first page is the schema's.
      if (pageNumber === 1) continue;
      if (this.#hasPointerMap && isPointerMapPage(pageNumber, this.#usableBytes, page.length)) continue;
      const wasThere = this.#databasePages === undefined || pageNumber <= this.#databasePages;
      // Nearly every commit writes index pages that nobody knows. That one of them was a leaf of joins a moment ago takes a
      // page that was freed and taken again within the commit; the routine look is for that.
      if (wasThere && !isIndexPage(page) && !this.#memory.isKnown(pageNumber)) found.isFormerUnknown = true;
      if (!special.free.has(pageNumber) && page[0] === TABLE_LEAF) this.#gatherLeaf(pageNumber, page, found);
      else this.#gatherOther(pageNumber, page, found);
    }
    for (const pageNumber of special.free) {
      if (!pages.has(pageNumber) && this.#memory.image(pageNumber) !== undefined)
        this.#vanish(pageNumber, found);
      if (!this.#memory.isKnown(pageNumber)) this.#memory.keepHarmless(pageNumber);
      this.#owners.forgetPage(pageNumber);
    }
    return found;
  }

  #gatherLeaf(pageNumber: number, page: Uint8Array, found: Gathering): void {
    const copy = this.#memory.copy(page);
    const parsed = parsePage(copy, { pageNumber, usableBytes: this.#usableBytes });
    const cells = parsed.kind === "table-leaf" ? parsed.cells : [];
    const pageClass = this.#classifier.classOf(pageNumber, cells);
    for (const cell of cells) {
      if (cell.overflowPage === 0) continue;
      const owner = { pageClass, rowid: cell.rowid };
      found.heads.set(cell.overflowPage, owner);
      this.#owners.learn(cell.overflowPage, owner);
    }
    this.#owners.forgetPage(pageNumber);
    const before = this.#memory.image(pageNumber);
    if (!isWatched(pageClass)) {
      this.#vanish(pageNumber, found);
      this.#memory.release(copy);
      return;
    }
    const image: LeafImage = { pageClass, page: copy, cells };
    const isCold = before === undefined || before.pageClass !== pageClass;
    if (before === undefined || isCold) {
      this.#vanish(pageNumber, found);
      const touched = touchedOf(found.touched, pageClass);
      for (const cell of cells) put(touched, touched.after, { page: copy, cell, isCold: true });
    } else {
      diffLeaves(before, image, (oldCell, cell) => {
        const touched = touchedOf(found.touched, pageClass);
        if (oldCell !== undefined) put(touched, touched.before, { page: before.page, cell: oldCell });
        if (cell !== undefined) put(touched, touched.after, { page: copy, cell });
      });
    }
    this.#memory.keep(pageNumber, image);
    found.leaves.push({ pageNumber, image, isCold });
  }

  #gatherOther(pageNumber: number, page: Uint8Array, found: Gathering): void {
    this.#vanish(pageNumber, found);
    if (found.special.free.has(pageNumber)) return;
    switch (page[0]) {
      case TABLE_INTERIOR:
        found.isRestructured = true;
        this.#owners.forgetPage(pageNumber);
        return;
      case INDEX_LEAF:
      case INDEX_INTERIOR:
        found.indexPages.push(page);
        this.#owners.forgetPage(pageNumber);
        return;
      default:
        // No b-tree's page, and not free: it holds what overflows.
        found.loose.set(pageNumber, page);
    }
  }

  /** What the page held is not on it any more. */
  #vanish(pageNumber: number, found: Gathering): void {
    const image = this.#memory.image(pageNumber);
    if (image !== undefined) {
      const touched = touchedOf(found.touched, image.pageClass);
      for (const cell of image.cells) put(touched, touched.before, { page: image.page, cell });
    }
    this.#memory.keepHarmless(pageNumber);
  }

  #addLeaves(found: Gathering, into: CandidateSet, areIndexesKnown: boolean): void {
    const { leaves, isRestructured, indexPages } = found;
    const doubtful = leaves.filter(({ isCold }) => isCold || isRestructured);
    // Where no message came or went, none is missing.
    const areMessagesKept =
      areIndexesKnown &&
      doubtful.some(({ image }) => isMessages(image.pageClass)) &&
      areRowsKept(indexPages, this.#shapes.messageKeyWidths, this.#usableBytes);
    for (const { pageNumber, image } of doubtful) {
      if (areMessagesKept && isMessages(image.pageClass)) continue;
      const rowids = image.cells.map(({ rowid }) => rowid);
      if (rowids.length === 0) {
        if (image.pageClass.rows.length > 0) into.doubt("emptied");
        continue;
      }
      for (const table of image.pageClass.rows) into.addLeaf(pageNumber, { table, rowids });
    }
  }

  /** Joins that may have vanished unseen: from a page that was not known, or with one that is something else now. */
  #addDoubts(found: Gathering, commit: CommittedPages, into: CandidateSet): void {
    const isCutOff = this.#databasePages === undefined || commit.databasePages < this.#databasePages;
    const isLost = found.isRestructured && (found.isFormerUnknown || isCutOff);
    const cold = found.leaves.filter(({ image, isCold }) => isCold && image.pageClass.joins.length > 0);
    if (!isLost && cold.length === 0) return;
    if (!isJoinIndexTouched(found.indexPages, this.#usableBytes)) return;
    if (isLost) {
      into.doubt("joins");
      into.doubt("memberships");
    }
    for (const { image } of cold) for (const join of image.pageClass.joins) into.doubt(doubtOf(join));
  }

  #addOverflows({ loose, heads, indexPages }: Gathering, into: CandidateSet): void {
    if (loose.size === 0) return;
    this.#owners.resolve(loose, heads, ({ pageClass, rowid }) => {
      for (const table of pageClass.rows) into.addRow(table, rowid);
    });
    if (loose.size === 0) return;
    this.#owners.resolve(loose, headsOfKeys(indexPages, this.#usableBytes), () => {});
    if (loose.size > 0) into.doubt("overflow");
  }
}

/** First bytes of b-tree pages (sqlite.org/fileformat2.html §1.6). */
const TABLE_LEAF = 13;
const TABLE_INTERIOR = 5;
const INDEX_LEAF = 10;
const INDEX_INTERIOR = 2;

function isIndexPage(page: Uint8Array): boolean {
  return page[0] === INDEX_LEAF || page[0] === INDEX_INTERIOR;
}

const NOBODY: OverflowOwner = { pageClass: UNWATCHED, rowid: 0n };

/** First pages of index keys that overflow; nobody asks for them, and they are not to be taken for rows. */
function headsOfKeys(indexPages: readonly Uint8Array[], usableBytes: number): Map<number, OverflowOwner> {
  const heads = new Map<number, OverflowOwner>();
  for (const page of indexPages) {
    const parsed = parsePage(page, { pageNumber: 2, usableBytes });
    if (parsed.kind !== "index-leaf" && parsed.kind !== "index-interior") continue;
    for (const { overflowPage } of parsed.cells) if (overflowPage !== 0) heads.set(overflowPage, NOBODY);
  }
  return heads;
}

function doubtOf(join: JoinTable): "joins" | "memberships" {
  return join === "chat_handle_join" ? "memberships" : "joins";
}
