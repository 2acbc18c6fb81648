// The functions of the page at /docs, taken from the script that the server sends, and the document that it shows.
import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import { File } from "node:buffer";

const base = process.argv[2];
const source = await (await fetch(base + "/docs/app.js")).text();
const document = await (await fetch(base + "/openapi.json")).json();

// The script is one function that gives nothing away; here it gives its parts. The page around it does nothing.
const body = source.replace(/^\(\(\) => \{\n/, "").replace(/\n\}\)\(\);\n$/, "");
assert.notEqual(body, source, "the script is one function");
const element = () => ({ addEventListener() {}, setAttribute() {}, dataset: {}, content: "/openapi.json", cookie: "" });
const page = new Function(
  "document", "location", "addEventListener", "fetch", "sessionStorage", "localStorage", "navigator",
  body + "\nreturn { example, typeText, constraints, resolve, quoted, curl, requestOf, leaves, nested, memberAt, accessText, rightsText,"
  + " actionOf, nextTheme, show: (value) => { api = value; } };",
)(
  { ...element(), documentElement: element(), getElementById: element, querySelector: element },
  { hash: "", origin: "http://api.test" }, () => {}, () => new Promise(() => {}),
  { getItem: (name) => name === "martlet.token" ? "abc" : null }, { getItem: () => null, setItem() {} }, {},
);
page.show(document);

const field = (place, name, value) => ({ dataset: { in: place, name }, value });
const form = (fields, { text, file, parts = [] } = {}) => ({
  querySelectorAll: (selector) => selector === "[data-part]" ? parts : fields,
  querySelector: (selector) => selector === "textarea" && text !== undefined
    ? { value: text, dataset: { type: "application/json" } }
    : selector === "[data-file]" && file ? { files: [file], dataset: { file: "image/*" } } : null,
});

// The arguments that a shell makes of a command.
const words = (command) =>
  execFileSync("sh", ["-c", "curl() { printf '%s\\n' \"$@\"; }; " + command]).toString().trim().split("\n");

const checks = [
  ["a text is one word of a shell, whatever is in it", () => {
    for (const text of ["plain", "it's", "$(touch x) `y` \"z\" \\ ! *", "a\nb", "", "--flag", "äöü 🙂"]) {
      assert.equal(execFileSync("sh", ["-c", "printf %s " + page.quoted(text)]).toString(), text);
    }
  }],
  ["a call is copied as curl with the values filled in", () => {
    const item = { method: "put", path: "/things/{id}" };
    const request = page.requestOf(item, form([
      field("path", "id", "a/b'c"), field("query", "views[gte]", "1&2"), field("query", "empty", ""), field("header", "If-Match", '"x"'),
    ], { text: "@{\"a\": \"it's\"}" }));
    assert.deepEqual(words(page.curl(request)), [
      "-X", "PUT", "http://api.test/things/a%2Fb'c?views[gte]=1%262", "-H", "Authorization: Token abc", "-H", 'If-Match: "x"',
      "-H", "Content-Type: application/json", "--data-raw", "@{\"a\": \"it's\"}",
    ]);
  }],
  ["files go as they are, and forms with their files", () => {
    const item = { method: "put", path: "/file" }, file = new File(["x"], 'a "b".png', { type: "image/png" });
    const raw = page.requestOf(item, form([], { file }));
    assert.equal(raw.options.body, file);
    assert.deepEqual(words(page.curl(raw)).slice(-4), ["-H", "Content-Type: image/png", "--data-binary", '@a "b".png']);
    const parts = [{ dataset: { part: "cover" }, files: [file] }, { dataset: { part: "title" }, value: "=@x" }, { dataset: { part: "none" }, value: "" }];
    const whole = page.requestOf(item, form([], { parts }));
    assert.deepEqual([...whole.options.body.keys()], ["cover", "title"]);
    assert.equal(whole.options.headers["Content-Type"], undefined);
    assert.deepEqual(words(page.curl(whole)).slice(-4), ["-F", 'cover=@"a \\"b\\".png"', "--form-string", "title==@x"]);
  }],
  ["every body of the document has an example with all that is required", () => {
    let count = 0;
    const complete = (schema, value) => {
      const found = page.resolve(schema);
      for (const name of found.required || []) {
        assert.ok(value !== undefined && value !== null && name in value, name);
        complete(found.properties[name], value[name]);
      }
    };
    for (const item of Object.values(document.paths)) for (const operation of Object.values(item)) {
      const content = operation.requestBody && operation.requestBody.content["application/json"];
      if (!content) continue;
      complete(content.schema, page.example(content.schema));
      count++;
    }
    assert.ok(count > 5);
  }],
  ["types read as words, and what stands beside a reference counts", () => {
    page.show({ components: { schemas: { Kind: { type: "string", enum: ["a", "b"] } } } });
    const kind = { $ref: "#/components/schemas/Kind", default: "b" };
    assert.equal(page.typeText(kind), "Kind");
    assert.equal(page.constraints(page.resolve(kind)), 'one of "a", "b"; default "b"');
    assert.equal(page.example(kind), "b");
    assert.equal(page.typeText({ type: ["array", "null"], items: kind }), "array of Kind or null");
    assert.equal(page.typeText({ anyOf: [kind, { type: "null" }] }), "Kind or null");
    assert.deepEqual(page.resolve({ $ref: "#/components/nothing/there" }), {});
    page.show(document);
  }],
  ["the form to log in is made of the operation's body, and finds the token", () => {
    const login = document.info["x-martlet-login"];
    const operation = document.paths["/api/users/login"].post;
    assert.equal(operation.operationId, login.operationId);
    const paths = page.leaves(operation.requestBody.content["application/json"].schema).map((leaf) => leaf.path.join("."));
    assert.deepEqual(paths, ["user.email", "user.password"]);
    assert.deepEqual(page.nested([{ path: ["user", "email"], value: "e" }, { path: ["user", "password"], value: "p" }]), { user: { email: "e", password: "p" } });
    assert.equal(page.memberAt({ user: { token: "t" } }, login.token), "t");
    assert.equal(page.memberAt({ user: null }, login.token), undefined);
    assert.ok(login.scheme in document.components.securitySchemes);
  }],
  ["who may call is said in words", () => {
    assert.equal(page.accessText({ anonymous: "always", authenticated: "always", staff: "always" }), "everyone");
    assert.equal(page.accessText({ anonymous: "never", authenticated: "some", staff: "always" }), "anyone who logged in, for some rows or with a permission; staff");
    assert.equal(page.accessText({ anonymous: "never", authenticated: "never", staff: "never" }), "superusers alone");
    assert.match(page.rightsText(document.paths["/api/articles"].post), /^Open to anyone who logged in\. Needs credentials: token\.$/);
  }],
  ["keys do what the help says, and none of it while one types", () => {
    assert.deepEqual(["/", "j", "k", "c", "t", "?", "Escape", "x"].map((key) => page.actionOf(key, "page")),
      ["search", "next", "previous", "credentials", "theme", "help", "leave", undefined]);
    assert.deepEqual(["/", "j", "t", "Enter", "Escape"].map((key) => page.actionOf(key, "field")), [undefined, undefined, undefined, undefined, "leave"]);
    assert.deepEqual(["Enter", "ArrowDown", "j"].map((key) => page.actionOf(key, "search")), ["first", "next", undefined]);
    assert.deepEqual(["j", "ArrowUp"].map((key) => page.actionOf(key, "nav")), ["next", "previous"]);
  }],
  ["colours go round: system, light, dark", () => {
    assert.deepEqual(["system", "light", "dark"].map(page.nextTheme), ["light", "dark", "system"]);
  }],
];

let failed = 0;
for (const [name, check] of checks) {
  try {
    check();
    console.log(`passed  ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n        ${error.message}`);
  }
}
process.exit(failed ? 1 : 0);
