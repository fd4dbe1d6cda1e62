import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import { archivedObject } from "../keyed-archive/fixtures/random-archived-value.ts";
import { contentOf, decode, NO_LINK } from "./fixtures/decoded.ts";
import { integer, LINK_BUNDLE, linkPayload, substitute, text, url } from "./fixtures/payloads.ts";

test("a link preview is read whole", () => {
  const payload = linkPayload(
    {
      originalURL: url("https://example.com/a"),
      URL: url("b?c", "https://example.com/dir/"),
      title: text("Title"),
      summary: { kind: "attributed-string", text: "Summary", runs: [{ length: 7, attributes: new Map() }] },
      selection: text("words"),
      siteName: text(""),
      itemType: text("article"),
      creator: { kind: "null" },
      image: substitute(1),
      icon: substitute(0),
      alternateImages: { kind: "array", items: [substitute(2), text("none"), substitute(3)] },
      imageMetadata: archivedObject("LPImageMetadata", { URL: url("https://example.com/i.png") }),
      icons: {
        kind: "array",
        items: [archivedObject("LPIconMetadata", { URL: url("https://example.com/f.ico") })],
      },
      themeColor: archivedObject("NSColor", { red: { kind: "real", value: 1 } }),
    },
    true,
  );
  assert.deepEqual(decode(LINK_BUNDLE, payload), {
    kind: "link-preview",
    bundle: { kind: "provider", id: LINK_BUNDLE },
    payloadBytes: payload.length,
    link: {
      ...NO_LINK,
      originalUrl: "https://example.com/a",
      url: "https://example.com/dir/b?c",
      title: "Title",
      summary: "Summary",
      selection: "words",
      itemType: "article",
      isPlaceholder: true,
      imageAttachmentIndex: 1,
      iconAttachmentIndex: 0,
      alternateImageAttachmentIndexes: [2, 3],
      imageUrl: "https://example.com/i.png",
      iconUrl: "https://example.com/f.ico",
    },
  });
});

test("fields of another type than they should have are null, and the rest is read", () => {
  const payload = linkPayload({
    originalURL: integer(1),
    URL: text("https://example.com/"),
    title: url("https://example.com/"),
    image: substitute(10_000),
    icon: substitute(-1),
    images: text("x"),
  });
  assert.deepEqual(contentOf(decode(LINK_BUNDLE, payload)), {
    kind: "link-preview",
    link: { ...NO_LINK, url: "https://example.com/" },
  });
});

test("specializations are read by their class", () => {
  const store = { storeIdentifier: text("123") };
  const cases: readonly (readonly [string, Readonly<Record<string, ArchivedValue>>, unknown])[] = [
    [
      "LPiTunesMediaSongMetadata",
      {
        ...store,
        name: text("Song"),
        artist: text("Artist"),
        album: text("Album"),
        previewURL: url("https://example.com/p"),
      },
      {
        kind: "music",
        form: "Song",
        name: "Song",
        artist: "Artist",
        album: "Album",
        lyrics: null,
        previewUrl: "https://example.com/p",
        storeIdentifier: "123",
      },
    ],
    [
      "LPiTunesMediaPodcastEpisodeMetadata",
      { episodeName: text("Episode"), podcastName: text("Podcast") },
      { kind: "podcast", name: "Podcast", episodeName: "Episode", artist: null, storeIdentifier: null },
    ],
    [
      "LPiTunesMediaSoftwareMetadata",
      { ...store, name: text("App"), genre: text("Games"), platform: text("iOS"), subtitle: text("Play") },
      {
        kind: "app-store",
        name: "App",
        subtitle: "Play",
        genre: "Games",
        platform: "iOS",
        storeIdentifier: "123",
      },
    ],
    [
      "LPMapMetadata",
      {
        name: text("Place"),
        address: text("Street 1"),
        locationLatitude: { kind: "real", value: 33.5 },
        locationLongitude: integer(-118),
        addressComponents: archivedObject("CNPostalAddress", {
          _city: text("City"),
          _ISOCountryCode: text("US"),
        }),
      },
      {
        kind: "placemark",
        name: "Place",
        address: "Street 1",
        latitude: 33.5,
        longitude: -118,
        category: null,
        addressParts: {
          street: null,
          subLocality: null,
          city: "City",
          subAdministrativeArea: null,
          state: null,
          postalCode: null,
          country: null,
          countryCode: "US",
        },
      },
    ],
    [
      "LPFileMetadata",
      { name: text("a.pdf"), type: text("com.adobe.pdf"), size: integer(9) },
      { kind: "file", name: "a.pdf", type: "com.adobe.pdf", fileBytes: 9n },
    ],
    [
      "LPSharedObjectMetadata",
      { title: text("Note"), isCollaboration: { kind: "boolean", value: true } },
      { kind: "shared-object", title: "Note", subtitle: null, information: null, isCollaboration: true },
    ],
    ["LPNewMetadata", {}, { kind: "other", className: "LPNewMetadata" }],
  ];
  for (const [className, fields, specialization] of cases) {
    for (const key of ["specialization", "specialization2"]) {
      const payload = linkPayload({ [key]: archivedObject(className, fields) });
      const expected = { kind: "link-preview", link: { ...NO_LINK, specialization } };
      assert.deepEqual(contentOf(decode(LINK_BUNDLE, payload)), expected, `${className} ${key}`);
    }
  }
});

test("a link with collaboration metadata is a collaboration", () => {
  const application = archivedObject("LPAppMetadata", { application: text("Freeform") });
  const payload = linkPayload({
    originalURL: url("https://example.com/doc#Untitled"),
    collaborationMetadata: archivedObject("SWCollaborationMetadata", {
      collaborationIdentifier: text("https://example.com/doc"),
      title: text("Untitled"),
      creationDate: { kind: "date", secondsSince2001: 695_179_243.5 },
      initiatorHandle: text("me@example.com"),
      containerSetupInfo: archivedObject("CKContainerSetupInfo", {
        containerID: archivedObject("CKContainerID", { ContainerIdentifier: text("com.apple.freeform") }),
      }),
    }),
    specialization2: archivedObject("LPSharedObjectMetadata", { specialization: application }),
  });
  const balloon = decode(LINK_BUNDLE, payload);
  assert.deepEqual(balloon?.kind === "collaboration" && balloon.collaboration, {
    identifier: "https://example.com/doc",
    title: "Untitled",
    createdSecondsSince2001: 695_179_243.5,
    appBundleId: "com.apple.freeform",
    appName: "Freeform",
    initiatorHandle: "me@example.com",
  });
});
