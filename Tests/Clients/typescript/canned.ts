// What a generated client sends and makes of answers, without a server: headers, credentials, media types, links.
import { ApiError, Client } from "./notes.js";

declare const process: { exit(code: number): never };

let sent: { url: string; method: string; headers: { [name: string]: string }; body: unknown }[] = [];
let answers: Response[] = [];
const api = new Client({
  baseUrl: "https://notes.example/",
  fetch: async (url, init) => {
    sent.push({ url, method: init.method || "", headers: init.headers as { [name: string]: string }, body: init.body });
    return answers.shift() as Response;
  },
});
const json = (value: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(value), { ...init, headers: { "content-type": "application/json", ...init.headers } });
const note = { id: "1", text: null, at: "2026-01-31T12:00:00Z" };
const same = (actual: unknown, expected: unknown, what: string): void => {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
};

const checks: [string, () => Promise<void>][] = [
  ["a second writer is refused by If-Match, with the problem", async () => {
    answers = [json(note, { headers: { etag: '"v1"' } }), new Response('{"type": "/problems/precondition-failed", "status": 412}', { status: 412, headers: { "content-type": "application/problem+json" } })];
    const { etag } = await api.updateNotes.response({ id: "1" }, { text: "a" });
    same(etag, '"v1"', "the tag");
    const second = await api.updateNotes.result({ id: "1" }, { text: null }, { ifMatch: '"v0"' });
    if (second.ok || second.status !== 412) throw new Error("it was not refused");
    same(second.body.type, "/problems/precondition-failed", "the problem");
    same([sent[1]?.headers["If-Match"], sent[1]?.headers["Content-Type"], sent[1]?.body], ['"v0"', "application/merge-patch+json", '{"text":null}'], "the request");
    same(sent[0]?.headers["If-Match"], undefined, "the header of the first");
  }],
  ["an idempotency key goes along, and headers of a single call", async () => {
    answers = [json(note, { status: 201 })];
    await api.createNotes({ text: "a" }, { idempotencyKey: "k1", headers: { "X-Trace": "t" } });
    same([sent[0]?.headers["Idempotency-Key"], sent[0]?.headers["X-Trace"], sent[0]?.method], ["k1", "t", "POST"], "the request");
  }],
  ["every kind of credentials goes to its place", async () => {
    answers = [json(note, { status: 201 })];
    await api.with({ credentials: { bearer: async () => "b", session: "s", key: "k&1" } }).createNotes({});
    same([sent[0]?.headers.Authorization, sent[0]?.headers.Cookie, sent[0]?.url], ["Bearer b", "sessionid=s", "https://notes.example/notes?api_key=k%261"], "the request");
  }],
  ["lists are repeated or joined as the document says, and links are followed by their query alone", async () => {
    answers = [json({ next: "https://evil.example/other?cursor=x%2F1&tag=a", results: [note] }), json({ next: null, results: [{ ...note, id: "2" }] })];
    const ids: string[] = [];
    for await (const one of api.listNotes.all({ tag: ["a", "b&c"], sort: ["x", "y"], since: "2026-01-31T12:00:00Z" })) ids.push(one.id);
    same(ids, ["1", "2"], "the notes");
    same(sent.map((one) => one.url), ["https://notes.example/notes?tag=a&tag=b%26c&sort=x%2Cy&since=2026-01-31T12%3A00%3A00Z", "https://notes.example/notes?cursor=x%2F1&tag=a"], "the requests");
  }],
  ["files and texts go up and come down", async () => {
    answers = [new Response(null, { status: 204 }), new Response("bytes", { headers: { "content-type": "application/octet-stream" } }), new Response("id\n1\n", { headers: { "content-type": "text/csv" } })];
    const form = new FormData();
    form.append("file", new Blob(["x"]), "x.txt");
    same(await api.uploadFile({ id: "a/b" }, form), undefined, "the answer to the file");
    same([sent[0]?.url, sent[0]?.body === form, sent[0]?.headers["Content-Type"]], ["https://notes.example/notes/a%2Fb/file", true, undefined], "the request");
    same(await (await api.downloadFile({ id: "1" })).text(), "bytes", "the file");
    same(await api.exportNotes(), "id\n1\n", "the text");
  }],
  ["an answer that is no JSON is an error with its text", async () => {
    answers = [new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } })];
    try {
      await api.exportNotes();
      throw new Error("it was not refused");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      same([error.status, error.body, error.problem, error.fields], [502, "<h1>Bad gateway</h1>", undefined, {}], "the error");
    }
  }],
];

(async () => {
  let failed = 0;
  for (const [name, check] of checks) {
    sent = [];
    try {
      await check();
      console.log(`passed  ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${name}\n        ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  process.exit(failed ? 1 : 0);
})();
