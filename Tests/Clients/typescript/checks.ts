// The RealWorld script through the generated client: compiled by `tsc --strict`, run by Node.
import { ApiError, Client, Problem } from "./conduit.js";

declare const process: { argv: string[]; exit(code: number): never };

const base = process.argv[2] || "";
const api = new Client({ baseUrl: base });
const run = Math.random().toString(36).slice(2, 8);
let number = 0;
const fresh = (prefix: string): string => `${prefix}-${run}-${++number}`;

const same = (actual: unknown, expected: unknown, what: string): void => {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
  }
};
const refused = async (call: () => Promise<unknown>): Promise<ApiError> => {
  try {
    await call();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("the call should have been refused");
};

interface Person { username: string; email: string; password: string; api: Client }
const register = async (prefix: string): Promise<Person> => {
  const username = fresh(prefix), email = `${username}@example.com`, password = "correct horse battery";
  const { user } = await api.createUser({ user: { username, email, password } });
  return { username, email, password, api: api.with({ credentials: { token: user.token } }) };
};
const write = async (person: Person, tagList: string[] = []) =>
  (await person.api.createArticle({ article: { title: fresh("A title"), description: "In short", body: "At length", tagList } })).article;

const checks: [string, () => Promise<void>][] = [
  ["a user registers, logs in and reads themselves", async () => {
    const person = await register("new");
    const { user } = await api.login({ user: { email: person.email, password: person.password } });
    const me = await api.with({ credentials: { token: () => user.token } }).getCurrentUser();
    same([me.user.username, me.user.bio, me.user.image], [person.username, null, null], "the current user");
  }],
  ["a user changes what they say about themselves", async () => {
    const person = await register("changing");
    const { user } = await person.api.updateCurrentUser({ user: { bio: "I write" } });
    same([user.bio, user.username], ["I write", person.username], "the user");
    same((await api.getProfile({ username: person.username })).profile.bio, "I write", "the profile's bio");
  }],
  ["errors are typed: a status tells the bodies apart", async () => {
    const person = await register("typed");
    const result = await api.login({ user: { email: person.email, password: "wrong" } }).then(() => undefined, () => undefined);
    same(result, undefined, "the answer to a wrong password");
    const login = await api.login.result({ user: { email: person.email, password: "wrong" } });
    if (login.ok) throw new Error("the wrong password was taken");
    if (login.status === 401) same(login.body.errors, { credentials: ["invalid"] }, "the errors");
    else throw new Error(`status ${login.status}`);
    const missing = await api.retrieveArticles.result({ id: 0 });
    if (missing.ok || missing.status !== 404) throw new Error("article 0 is there");
    const problem: Problem = missing.body;
    same(problem.type, "/problems/not-found", "the problem's type");
    same(missing.error.problem?.status, 404, "the problem's status");
  }],
  ["a caught error says its fields", async () => {
    const person = await register("reader");
    const taken = await refused(() => api.createUser({ user: { username: person.username, email: `${fresh("x")}@example.com`, password: "x" } }));
    same([taken.status, taken.fields], [409, { username: ["has already been taken"] }], "the error");
    try {
      await person.api.createArticle({ article: { title: "", description: "", body: "" } });
      throw new Error("a blank article was taken");
    } catch (error) {
      if (!api.createArticle.failed(error) || error.status !== 422) throw error;
      same(Object.keys(error.body.errors).sort(), ["body", "description", "title"], "the blank fields");
    }
  }],
  ["who does not log in is refused", async () => {
    const error = await refused(() => api.getCurrentUser());
    same([error.status, error.fields], [401, { token: ["is missing"] }], "the error");
    same((await refused(() => api.with({ credentials: { token: "nonsense" } }).getArticles())).status, 401, "a wrong token's status");
  }],
  ["an article is written, read, changed and deleted", async () => {
    const author = await register("author");
    const article = await write(author, [fresh("tag")]);
    same((await api.getArticle({ slug: article.slug })).article, article, "the article as read back");
    const changed = (await author.api.updateArticle({ slug: article.slug }, { article: { body: "New" } })).article;
    same([changed.body, changed.title, changed.tagList], ["New", article.title, article.tagList], "the changed article");
    await author.api.deleteArticle({ slug: changed.slug });
    same((await refused(() => api.getArticle({ slug: changed.slug }))).status, 404, "the status afterwards");
  }],
  ["texts of any script, and slugs that need escaping, survive", async () => {
    const author = await register("author");
    const title = `测试 “${fresh("q")}” a/b?c#d%2f`, body = "naïve 𝒳 \u2028 \"quoted\" \\ \n end";
    const { article } = await author.api.createArticle({ article: { title, description: "d", body } });
    const read = (await api.getArticle({ slug: article.slug })).article;
    same([read.title, read.body], [title, body], "the article");
    same((await refused(() => api.getArticle({ slug: "a/b?c#d%2f" }))).status, 404, "a slug that is none");
    let isRefused = false;
    try { await api.getArticle({ slug: ".." }); } catch (error) { isRefused = error instanceof TypeError; }
    same(isRefused, true, "a slug of dots");
  }],
  ["only the author changes an article", async () => {
    const [author, stranger] = [await register("author"), await register("stranger")];
    const { slug } = await write(author);
    const error = await refused(() => stranger.api.updateArticle({ slug }, { article: { body: "mine" } }));
    same([error.status, error.fields], [403, { article: ["forbidden"] }], "the error");
    same((await refused(() => stranger.api.deleteArticle({ slug }))).status, 403, "the status of deleting");
  }],
  ["an article is liked, and liked no more", async () => {
    const [author, reader] = [await register("author"), await register("reader")];
    const { slug } = await write(author);
    const liked = (await reader.api.createArticleFavorite({ slug })).article;
    same([liked.favorited, liked.favoritesCount], [true, 1], "after liking");
    same((await api.getArticles({ favorited: reader.username })).articlesCount, 1, "what the reader likes");
    same((await reader.api.deleteArticleFavorite({ slug })).article.favoritesCount, 0, "afterwards");
  }],
  ["comments are written, listed and deleted", async () => {
    const [author, reader] = [await register("author"), await register("reader")];
    const { slug } = await write(author);
    const { comment } = await reader.api.createArticleComment({ slug }, { comment: { body: "Well said" } });
    same((await api.getArticleComments({ slug })).comments.map((one) => [one.id, one.body, one.author.username]),
      [[comment.id, "Well said", reader.username]], "the comments");
    same((await refused(() => author.api.deleteArticleComment({ slug, id: String(comment.id) }))).status, 403, "someone else's comment");
    await reader.api.deleteArticleComment({ slug, id: String(comment.id) });
    same((await api.getArticleComments({ slug })).comments, [], "the comments afterwards");
  }],
  ["the feed holds the articles of those one follows", async () => {
    const [author, reader] = [await register("author"), await register("reader")];
    const { slug } = await write(author);
    same((await reader.api.followUser({ username: author.username })).profile.following, true, "following");
    same((await reader.api.getArticlesFeed()).articles.map((one) => one.slug), [slug], "the feed");
    same((await reader.api.unfollowUser({ username: author.username })).profile.following, false, "following afterwards");
    same((await refused(() => reader.api.followUser({ username: fresh("nobody") }))).status, 404, "following nobody");
  }],
  ["tags are listed and filter", async () => {
    const author = await register("author"), tag = fresh("tag");
    const { slug } = await write(author, [tag]);
    same((await api.getTags()).tags.includes(tag), true, "the tag is listed");
    same((await api.getArticles({ tag })).articles.map((one) => one.slug), [slug], "the tag's articles");
  }],
  ["a list by offset is walked page by page", async () => {
    const author = await register("author");
    const slugs: string[] = [];
    for (let i = 0; i < 5; i++) slugs.unshift((await write(author)).slug);
    const seen: string[] = [], sizes: number[] = [];
    for await (const article of api.getArticles.all({ author: author.username, limit: 2 })) seen.push(article.slug);
    same(seen, slugs, "all articles");
    for await (const page of api.getArticles.pages({ author: author.username, limit: 2, offset: 2 })) sizes.push(page.articles.length);
    same(sizes, [2, 1, 0], "the pages' sizes");
    for await (const article of api.getArticles.all({ author: author.username, limit: 2 })) {
      same(article.slug, slugs[0], "the first article");
      break;
    }
  }],
  ["a resource's list is walked by its links, and rows are written", async () => {
    const author = await register("author");
    for (let i = 0; i < 3; i++) await write(author);
    const ids: number[] = [];
    for await (const article of api.listArticles.all({ "author.username": author.username, pageSize: 2, ordering: ["title"] })) ids.push(article.id);
    same(ids.length, 3, "the number of articles");
    const id = ids[0] as number, before = await api.retrieveArticles({ id });
    const after = await author.api.updateArticles({ id }, { body: "Newer" });
    same([after.body, after.title], ["Newer", before.title], "the changed row");
    const answer = await author.api.deleteArticles.response({ id });
    same([answer.status, answer.data], [204, undefined], "the answer to deleting");
    const invalid = await refused(() => author.api.createArticles({}, { slug: fresh("s"), title: "x".repeat(201), description: "d", body: "b", author: before.author }));
    same([invalid.status, invalid.codes], [422, { title: ["max_length"] }], "the codes");
  }],
  ["the types refuse what the document does not allow", async () => {
    const never = (): unknown[] => [
      // @ts-expect-error a member is missing
      api.createUser({ user: { username: "x", email: "y" } }),
      // @ts-expect-error a parameter is of another type
      api.retrieveArticles({ id: "1" }),
      // @ts-expect-error there is no such parameter
      api.getArticles({ page: 1 }),
      // @ts-expect-error there is no such order
      api.listArticles({ ordering: ["password"] }),
      // @ts-expect-error a list that is no page has no pages
      api.getTags.all,
    ];
    same(typeof never, "function", "the calls that are never made");
  }],
];

(async () => {
  let failed = 0;
  for (const [name, check] of checks) {
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
