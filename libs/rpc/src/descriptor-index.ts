import { BinaryReader } from "@bufbuild/protobuf/wire";

/** One .proto file. */
interface DescriptorFile {
  readonly name: string;
  /** The serialized google.protobuf.FileDescriptorProto, a view into the set. */
  readonly bytes: Uint8Array;
  readonly dependencies: readonly string[];
  /** Fully qualified names of the messages, enums, services and methods it declares. */
  readonly symbols: readonly string[];
}

/** Field numbers of google/protobuf/descriptor.proto; a message's number 1 is its name throughout. */
const NAME = 1;
const FILE = { package: 2, dependency: 3, message: 4, enum: 5, service: 6 };
const MESSAGE = { nested: 3, enum: 4 };
const SERVICE = { method: 2 };

/** Wire type 2, the only one among the fields above. */
const LENGTH_DELIMITED = 2;

/**
 * Looks up files of a serialized google.protobuf.FileDescriptorSet by name and by symbol. Reads only the
 * names, with the wire reader: the descriptor runtime would cost megabytes for something asked for a few
 * times in a process's life.
 */
export class DescriptorIndex {
  readonly #files = new Map<string, DescriptorFile>();
  readonly #fileBySymbol = new Map<string, DescriptorFile>();

  /**
   * Throws what the wire reader throws when `set` is no FileDescriptorSet. `set` must not change afterwards.
   */
  constructor(set: Uint8Array) {
    for (const [number, bytes] of messageFields(set)) {
      if (number !== 1) continue;
      const file = readFile(bytes);
      this.#files.set(file.name, file);
      for (const symbol of file.symbols) this.#fileBySymbol.set(symbol, file);
    }
  }

  /** The file and everything it imports, each once, the file first; undefined for an unknown name. */
  closureOfFile(name: string): readonly Uint8Array[] | undefined {
    const file = this.#files.get(name);
    return file === undefined ? undefined : this.#closure(file);
  }

  /**
   * As {@link closureOfFile}, for the file that declares `symbol` ("package.Type", "package.Service.Method",
   * no leading dot).
   */
  closureOfSymbol(symbol: string): readonly Uint8Array[] | undefined {
    const file = this.#fileBySymbol.get(symbol);
    return file === undefined ? undefined : this.#closure(file);
  }

  #closure(root: DescriptorFile): readonly Uint8Array[] {
    const reached = new Set<DescriptorFile>([root]);
    for (const file of reached) {
      for (const name of file.dependencies) {
        const dependency = this.#files.get(name);
        if (dependency !== undefined) reached.add(dependency);
      }
    }
    return [...reached].map((file) => file.bytes);
  }
}

function readFile(bytes: Uint8Array): DescriptorFile {
  let name = "";
  let packageName = "";
  const dependencies: string[] = [];
  const declarations: { readonly number: number; readonly bytes: Uint8Array }[] = [];
  for (const [number, value] of messageFields(bytes)) {
    if (number === NAME) name = text(value);
    else if (number === FILE.package) packageName = text(value);
    else if (number === FILE.dependency) dependencies.push(text(value));
    else declarations.push({ number, bytes: value });
  }
  const scope = packageName === "" ? "" : `${packageName}.`;
  const symbols = declarations.flatMap((declaration) => {
    if (declaration.number === FILE.message) return messageSymbols(scope, declaration.bytes);
    if (declaration.number === FILE.service) return serviceSymbols(scope, declaration.bytes);
    return declaration.number === FILE.enum ? [scope + nameOf(declaration.bytes)] : [];
  });
  return { name, bytes, dependencies, symbols };
}

function messageSymbols(scope: string, bytes: Uint8Array): string[] {
  const symbol = scope + nameOf(bytes);
  const inner = [...messageFields(bytes)].flatMap(([number, value]) => {
    if (number === MESSAGE.nested) return messageSymbols(`${symbol}.`, value);
    return number === MESSAGE.enum ? [`${symbol}.${nameOf(value)}`] : [];
  });
  return [symbol, ...inner];
}

function serviceSymbols(scope: string, bytes: Uint8Array): string[] {
  const symbol = scope + nameOf(bytes);
  const methods = [...messageFields(bytes)].filter(([number]) => number === SERVICE.method);
  return [symbol, ...methods.map(([, value]) => `${symbol}.${nameOf(value)}`)];
}

function nameOf(bytes: Uint8Array): string {
  for (const [number, value] of messageFields(bytes)) if (number === NAME) return text(value);
  return "";
}

/** The length-delimited fields of a message, as views into it. */
function* messageFields(bytes: Uint8Array): Generator<readonly [number: number, value: Uint8Array]> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType === LENGTH_DELIMITED) yield [number, reader.bytes()];
    else reader.skip(wireType, number);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
