/** I2, I3, I5: what a contact says reaches a subscriber once and in order, with hints and without. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ArrivalClass, Direction } from "@imesh/contracts/bridge/v1/event";
import { waitFor } from "@imesh/testing";
import { Fleet } from "../fleet/fleet.ts";
import { Recorder } from "../fleet/recorder.ts";

const inboundOnly = ["messages-simulator", "lock-broker", "mac-bridge"] as const;

for (const hints of ["on", "off"] as const) {
  test(`1,000 messages in 20 chats with random join gaps arrive once and in order, hints ${hints}`, async () => {
    await using fleet = await Fleet.start({
      services: inboundOnly,
      flags: { "lock-broker": ["--hints", hints] },
    });
    await using recorder = new Recorder(fleet.socket("mac-bridge"));
    const written: { guid: string; chatGuid: string; text: string }[] = [];
    const burst = fleet.simulator().stream("burst", {
      messages: 1_000,
      chats: 20,
      ratePerSecond: 0,
      joinDelay: { min: { seconds: 0n, nanos: 0 }, max: { seconds: 0n, nanos: 60_000_000 } },
      seed: 20n,
      prefix: hints,
    });
    for await (const { message } of burst) {
      if (message !== undefined) written.push(message);
    }
    assert.equal(written.length, 1_000);

    const incoming = () => recorder.messages(Direction.INCOMING);
    await waitFor(() => incoming().length >= 1_000, {
      deadlineMs: 20_000,
      what: "1,000 messages at the subscriber",
    });

    const key = (chat: string | undefined, guid: string, text: string): string => `${chat} ${guid} ${text}`;
    const byChat = (keys: string[]): Map<string, string[]> =>
      Map.groupBy(keys, (each) => each.split(" ")[0] ?? "");
    assert.deepEqual(
      byChat(incoming().map(({ event, message }) => key(event.chat?.guid, message.guid, message.text))),
      byChat(written.map(({ chatGuid, guid, text }) => key(chatGuid, guid, text))),
    );
    assert.ok(incoming().every(({ event }) => event.arrivalClass === ArrivalClass.LIVE));
    const detected = await fleet.metrics("lock-broker");
    const count = (source: string): number =>
      Number(new RegExp(`commits_detected_total\\{source="${source}"\\} (\\d+)`).exec(detected)?.[1]);
    assert.equal(count("hint") > 0, hints === "on", "hints are used when they are on, and only then");
    assert.ok(count("hint") + count("poll") > 20, "the commits were seen while they came");
  });
}

test("a message whose join comes late does not hold back the others and is not lost", async () => {
  await using fleet = await Fleet.start({
    services: inboundOnly,
    flags: { "lock-broker": ["--settle-deadline-ms", "500"] },
  });
  await using recorder = new Recorder(fleet.socket("mac-bridge"));
  const simulator = fleet.simulator();
  const say = async (from: string, joinDelayMs: number) =>
    await simulator.call(
      "say",
      {
        from,
        text: `from ${from}`,
        chatGuid: "",
        joinDelay: {
          seconds: BigInt(Math.floor(joinDelayMs / 1_000)),
          nanos: (joinDelayMs % 1_000) * 1_000_000,
        },
        age: undefined,
      },
      { deadlineMs: 10_000 },
    );
  await Promise.all([say("+15550001001", 2_000), say("+15550001002", 0), say("+15550001003", 200)]);
  await waitFor(
    () => recorder.messages(Direction.INCOMING).some(({ event }) => event.chat?.guid.endsWith("1001")),
    {
      deadlineMs: 10_000,
      what: "the late message in its chat",
    },
  );
  const order = recorder
    .messages(Direction.INCOMING)
    .filter(({ event }) => event.chat !== undefined)
    .map(({ message }) => message.text.slice(-4));
  assert.deepEqual(order, ["1002", "1003", "1001"]);
});

test("messages that were there before the first start are not events", async () => {
  await using fleet = await Fleet.start({ services: inboundOnly });
  await using recorder = new Recorder(fleet.socket("mac-bridge"));
  const said = await fleet.simulator().call("say", {
    from: "+15550001001",
    text: "the first of our time",
    chatGuid: "",
    joinDelay: undefined,
    age: undefined,
  });
  await waitFor(() => recorder.events.length >= 1, { deadlineMs: 10_000, what: "an event" });
  assert.deepEqual(
    recorder.messages(Direction.INCOMING).map(({ message }) => message.guid),
    [said.message?.guid],
  );
});
