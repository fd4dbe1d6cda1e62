import { EXIT_CODES } from "@imesh/lifecycle";
import { callerDirectory } from "../caller-directory.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { readBody } from "../decode/body-input.ts";
import { decodeBlob } from "../decode/decode-blob.ts";
import { plainLines } from "../decode/plain-lines.ts";
import { jsonOf } from "../decode/plain-value.ts";
import { PlainWriter } from "../decode/plain-writer.ts";

/** `imesh decode`. Needs no service. */
export const decodeCommand = defineCommand({
  name: "decode",
  summary: "Shows what is in a body, a payload or another blob of Messages' database. Needs nothing to run.",
  operands: [{ name: "BODY", help: "Hexadecimal digits, the path of a file, or - for standard input" }],
  flags: {
    bundle: {
      type: "string",
      default: null,
      help: "balloon_bundle_id of the row, which says what its payload is",
    },
    tree: { type: "boolean", default: false, help: "Show how it is written instead of what it means" },
    ...JSON_FLAG,
  },
  notes: [
    "Knows attributedBody, payload_data, message_summary_info and chat.properties by their bytes; of another",
    "property list or archive it shows the values. Files and standard input may hold the bytes or their hex, also",
    "as X'…'. A name that looks like hex is a file with ./ before it. At most 16 MiB are read, 1 MiB is decoded.",
    "In JSON, data are {bytes, hex} with the first 64 bytes. It shows message text: mind where you paste it.",
    "Example: sqlite3 copy.db 'SELECT hex(attributedBody) FROM message WHERE ROWID = 41' | imesh decode -",
    "Exit codes: 65 when it is no body or breaks its format (with the place), 66 without such a file.",
  ],
  run: async ({ flags, operands: [operand = ""] }, { output, environment }) => {
    const { stdin, stop } = environment;
    const workingDirectory = callerDirectory(environment);
    const bytes = await readBody(operand, { stdin, workingDirectory, signal: stop });
    const writer = new PlainWriter({ keepsAbsent: flags.json });
    const question = { bundleId: flags.bundle, isTree: flags.tree };
    const { kind, content } = decodeBlob(bytes, question, writer);
    if (flags.json) {
      output.json({ kind, bytes: bytes.length, isCut: writer.isCut, content: jsonOf(content) });
      return EXIT_CODES.ok;
    }
    output.line(`${output.style("strong", kind)}, ${bytes.length} bytes`);
    for (const line of plainLines(content, output.style)) output.line(line);
    if (writer.isCut) output.note("Cut: it shares values so often that it would never end.");
    if (kind === "keyed-archive" && flags.bundle === null) {
      output.note("With --bundle it shows what the payload of a row with that balloon_bundle_id means.");
    }
    return EXIT_CODES.ok;
  },
});
