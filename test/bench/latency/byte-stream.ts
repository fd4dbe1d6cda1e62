/** A grpc-js server with one stream of bytes and no codec, for the floors of the latency bench. */
import { Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";

const identity = (bytes: Buffer): Buffer => bytes;

/** Listens on a Unix socket; the function it resolves with writes to every client. */
export async function serveBytes(socket: string): Promise<(bytes: Buffer) => void> {
  const streams = new Set<ServerWritableStream<Buffer, Buffer>>();
  const server = new Server();
  server.addService(
    {
      stream: {
        path: "/floor/stream",
        requestStream: false,
        responseStream: true,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      stream: (call: ServerWritableStream<Buffer, Buffer>) => {
        streams.add(call);
        call.sendMetadata(call.metadata);
        call.on("close", () => streams.delete(call));
      },
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return (bytes) => {
    for (const stream of streams) stream.write(bytes);
  };
}
