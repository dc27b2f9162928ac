// One day of a program, in TypeScript, by the client that openapi-typescript makes of the document (`api.d.ts` beside this).
// Arguments come as JSON in ROUNDTRIP: {site, email, password, picture (base64)}.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

declare const process: { env: Record<string, string | undefined> };

const { site, email, password, picture } = JSON.parse(process.env["ROUNDTRIP"] ?? "{}") as Record<string, string>;
if (!site || !email || !password || !picture) throw new Error("ROUNDTRIP says too little");

// Texts can be had as HTML and Markdown, too; this program reads JSON alone.
type Json = `application/${string}json`;
const api = createClient<paths, Json>({ baseUrl: site });

function must<T>(name: string, { data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(`${name}: ${JSON.stringify(error)}`);
  return data;
}

const signedIn: components["schemas"]["SignedIn"] = must("login", await api.POST("/api/v1/auth/login", { body: { email, password } }));
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${signedIn.access_token}`);
    return request;
  },
});

const made = must("create", await api.POST("/api/v1/posts", { body: { title: "Made in TypeScript", body: "# Knots\n\nTie them.", body_format: "markdown" } }));
const path = { entry_id: made.id };

const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
const uploaded = must(
  "upload",
  await api.POST("/api/v1/media", {
    // The document says `string`, in which binary data has no type of its own.
    body: { file: bytes as unknown as string, alt: "A harbour" },
    bodySerializer: ({ alt }) => {
      const form = new FormData();
      form.append("file", new File([bytes], "harbour.png", { type: "image/png" }));
      form.append("alt", alt ?? "");
      return form;
    },
  }),
);

const read = await api.GET("/api/v1/posts/{entry_id}", { params: { path } });
const version = read.response.headers.get("ETag") ?? "";
must("change", await api.PATCH("/api/v1/posts/{entry_id}", { params: { path, header: { "If-Match": version } }, body: { featured_media_id: uploaded.id } }));
const late = await api.PATCH("/api/v1/posts/{entry_id}", { params: { path, header: { "If-Match": version } }, body: { title: "Too late" } });
if (late.error?.code !== "old_version") throw new Error(`an old version was taken: ${JSON.stringify(late.data)}`);

must("publish", await api.POST("/api/v1/posts/{entry_id}/publish", { params: { path }, body: {} }));

const stranger = createClient<paths, Json>({ baseUrl: site });
const shown = must("read", await stranger.GET("/api/v1/posts/{entry_id}", { params: { path, query: { include: ["featured_media"] } } }));
const listed = must("list", await stranger.GET("/api/v1/posts", { params: { query: { per_page: 1, sort: "-published_at" } } }));

const gone = await api.DELETE("/api/v1/posts/{entry_id}", { params: { path } });
const after = await stranger.GET("/api/v1/posts/{entry_id}", { params: { path } });

console.log(
  JSON.stringify({
    title: shown.title,
    picture: shown.featured_media?.id === uploaded.id,
    listed: listed.items[0]?.id === made.id,
    deleted: gone.response.status,
    after: after.response.status,
    code: after.error?.code,
  }),
);
