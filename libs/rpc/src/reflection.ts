import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from "@imesh/contracts/grpc/reflection/v1";
import { DescriptorIndex } from "./descriptor-index.ts";
import { bidiStream, type RpcService, rpcService } from "./handlers.ts";

type Answer = ServerReflectionResponse["messageResponse"];

/**
 * grpc.reflection.v1.ServerReflection for the services named (the server's own, reflection included). Our own
 * because @grpc/reflection 1.0.4 loses the imports of files, and tools then find no service. The descriptors
 * are read from libs/contracts at the first question and kept.
 */
export function reflectionService(serviceNames: readonly string[]): RpcService {
  let index: Promise<DescriptorIndex> | undefined;
  return rpcService(ServerReflectionService, {
    serverReflectionInfo: bidiStream(async (requests, _context, write) => {
      for await (const request of requests) {
        index ??= loadIndex();
        await write({
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request, await index, serviceNames),
        });
      }
    }),
  });
}

async function loadIndex(): Promise<DescriptorIndex> {
  return new DescriptorIndex(
    await readFile(fileURLToPath(import.meta.resolve("@imesh/contracts/descriptors.binpb"))),
  );
}

function answer(
  { messageRequest }: ServerReflectionRequest,
  index: DescriptorIndex,
  serviceNames: readonly string[],
): Answer {
  switch (messageRequest?.$case) {
    case "listServices":
      return {
        $case: "listServicesResponse",
        value: { service: serviceNames.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return files(index.closureOfFile(messageRequest.value));
    case "fileContainingSymbol":
      return files(index.closureOfSymbol(messageRequest.value));
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      // No file of ours declares an extension.
      return failure(status.NOT_FOUND, "Cannot describe extension: there are none");
    case undefined:
      return failure(status.INVALID_ARGUMENT, "Cannot answer: the request asks nothing known");
  }
}

function files(closure: readonly Uint8Array[] | undefined): Answer {
  if (closure === undefined) return failure(status.NOT_FOUND, "Cannot describe: unknown file or symbol");
  return {
    $case: "fileDescriptorResponse",
    value: { fileDescriptorProto: closure.map((bytes) => Buffer.from(bytes)) },
  };
}

function failure(errorCode: number, errorMessage: string): Answer {
  return { $case: "errorResponse", value: { errorCode, errorMessage } };
}
