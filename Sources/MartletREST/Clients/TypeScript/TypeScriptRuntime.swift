/// The part of a TypeScript client that is the same for every API.
enum TypeScriptRuntime {
  static let text = types + "\n" + core + "\n" + operations

  private static let types = #"""
    /** Any JSON value. */
    export type Json = any;

    /** A secret, or a function that gives it: for tokens that are renewed. */
    export type Secret = string | (() => string | undefined | Promise<string | undefined>);

    /** What a client is made with. */
    export interface ClientOptions {
      /** Where the API is: `https://api.example.com`; the page's own server without it. */
      baseUrl?: string | undefined;
      credentials?: Credentials | undefined;
      /** Sent with every call. */
      headers?: { [name: string]: string } | undefined;
      /** Stands for the global `fetch`: for tests, or to log calls. */
      fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
    }

    /** What a single call can be told. */
    export interface CallOptions {
      signal?: AbortSignal | undefined;
      headers?: { [name: string]: string } | undefined;
    }

    /** An answer with its head. */
    export interface Answer<T> {
      /** The body; `undefined` where the server sent none. */
      data: T | undefined;
      status: number;
      headers: Headers;
      /** The version of what was read, for `ifMatch`. */
      etag: string | undefined;
    }

    /** A status that the operation does not name. */
    export type OtherStatus = number & { readonly other: true };
    /** Any failure. */
    export interface Failure { status: number; body: Json }
    /** What a call gives that does not throw when the server refuses. */
    export type Result<T, F> = ({ ok: true } & Answer<T>) | ({ ok: false; error: ApiError } & F);

    /** The server refused: the status, the body, and its field errors. */
    export class ApiError extends Error {
      readonly status: number;
      /** The body: JSON where the answer was, text otherwise. */
      readonly body: Json;
      readonly headers: Headers;
      /** Makes one. */
      constructor(status: number, body: Json, headers: Headers, call: string) {
        const detail = body && typeof body === "object" ? body.detail || body.title : undefined;
        super(`${call}: ${status}` + (typeof detail === "string" ? ` ${detail}` : ""));
        this.name = "ApiError";
        this.status = status;
        this.body = body;
        this.headers = headers;
      }
      /** The body as a problem (RFC 9457), where it is one. */
      get problem(): ProblemBody | undefined {
        return /^application\/problem\+json/i.test(this.headers.get("content-type") || "") ? this.body : undefined;
      }
      /** The messages by field; `""` is the whole input. */
      get fields(): { [field: string]: string[] } {
        const result: { [field: string]: string[] } = Object.create(null), errors = this.body && this.body.errors;
        if (Array.isArray(errors)) {
          for (const error of errors) (result[String(error.field)] ||= []).push(String(error.message));
        } else if (errors && typeof errors === "object") {
          for (const [field, messages] of Object.entries(errors)) result[field] = ([] as string[]).concat(messages as string[]);
        }
        return result;
      }
      /** The codes by field: `required`, `max_length`, …; `""` is the whole input. */
      get codes(): { [field: string]: string[] } {
        const result: { [field: string]: string[] } = Object.create(null), errors = this.body && this.body.errors;
        if (Array.isArray(errors)) for (const error of errors) (result[String(error.field)] ||= []).push(String(error.code));
        return result;
      }
    }

    /** An operation of the API. Called, it gives the answer's body, and throws an `ApiError` where the server refuses. */
    export interface Operation<Arguments extends unknown[], T, F> {
      (...args: Arguments): Promise<T>;
      /** The answer with its status and headers. */
      response(...args: Arguments): Promise<Answer<T>>;
      /** Success or failure as a value, told apart by `ok` and `status`. */
      result(...args: Arguments): Promise<Result<T, F>>;
      /** Whether what was caught is a refusal of this operation: `error.status` then tells the bodies apart. */
      failed(error: unknown): error is ApiError & F;
    }
    /** An operation whose answer is a page of a list. */
    export interface PagedOperation<Arguments extends unknown[], Page, Item, F> extends Operation<Arguments, Page, F> {
      /** The pages from the one that the parameters name. */
      pages(...args: Arguments): AsyncIterableIterator<Page>;
      /** The rows of all pages: `for await (const row of …)`. */
      all(...args: Arguments): AsyncIterableIterator<Item>;
    }

    """#

  private static let core = #"""
    interface Scheme { place: "header" | "cookie" | "query"; name: string; prefix: string }
    type Parameter = [key: string, name: string, isJoined: boolean];
    interface Spec {
      method: string; path: string; inPath?: Parameter[]; inQuery?: Parameter[]; inHeader?: Parameter[];
      takesParameters?: boolean; body?: string; answer: "none" | "json" | "text" | "blob"; pages?: "links" | "offset"; items?: string;
    }
    interface Call { parameters: { [key: string]: any }; body: any; options: { [key: string]: any }; query?: string }

    class Core {
      private readonly options: ClientOptions;
      private readonly base: string;
      constructor(options: ClientOptions, server: string) {
        this.options = options;
        this.base = (options.baseUrl ?? server).replace(/\/+$/, "");
      }

      async send(spec: Spec, call: Call): Promise<Answer<any>> {
        const headers: { [name: string]: string } = { Accept: spec.answer === "json" ? "application/json, application/problem+json" : "*/*" };
        Object.assign(headers, this.options.headers);
        for (const [key, name] of spec.inHeader || []) {
          const value = call.options[key];
          if (value !== undefined && value !== null) headers[name] = String(value);
        }
        const init: RequestInit = { method: spec.method, headers };
        if (call.options.signal) init.signal = call.options.signal;
        if (spec.body !== undefined && call.body !== undefined) {
          if (spec.body) headers["Content-Type"] = spec.body;
          init.body = /[/+]json\b/.test(spec.body) ? JSON.stringify(call.body) : call.body;
        }
        let url = this.base + this.path(spec, call) + (call.query ?? this.query(spec, call));
        url = await this.identify(url, spec, headers, init);
        Object.assign(headers, call.options.headers);
        const response = await (this.options.fetch || fetch)(url, init);
        const data = await this.read(response, spec);
        if (!response.ok) throw new ApiError(response.status, data, response.headers, `${spec.method} ${spec.path}`);
        return { data, status: response.status, headers: response.headers, etag: response.headers.get("etag") ?? undefined };
      }

      private path(spec: Spec, call: Call): string {
        let path = spec.path;
        for (const [key, name] of spec.inPath || []) {
          const text = String(call.parameters[key]);
          // An empty part, or one of dots, would name another path.
          if (text === "" || text === "." || text === "..") throw new TypeError(`${spec.method} ${spec.path}: “${text}” is no ${name}`);
          path = path.split(`{${name}}`).join(encodeURIComponent(text));
        }
        return path;
      }
      private query(spec: Spec, call: Call): string {
        const parts: string[] = [];
        for (const [key, name, isJoined] of spec.inQuery || []) {
          const value = call.parameters[key];
          if (value === undefined || value === null) continue;
          const values = !Array.isArray(value) ? [value] : isJoined ? [value.join(",")] : value;
          for (const one of values) parts.push(encodeURIComponent(name) + "=" + encodeURIComponent(String(one)));
        }
        return parts.length ? "?" + parts.join("&") : "";
      }
      private async identify(url: string, spec: Spec, headers: { [name: string]: string }, init: RequestInit): Promise<string> {
        const browser = (globalThis as any).document;
        for (const [name, secret] of Object.entries((this.options.credentials || {}) as { [name: string]: Secret | undefined })) {
          const scheme = SCHEMES.get(name), text = typeof secret === "function" ? await secret() : secret;
          if (!scheme || !text) continue;
          if (scheme.place === "header") headers[scheme.name] = scheme.prefix + text;
          else if (scheme.place === "query") url += (url.includes("?") ? "&" : "?") + encodeURIComponent(scheme.name) + "=" + encodeURIComponent(text);
          else if (!browser) headers.Cookie = (headers.Cookie ? headers.Cookie + "; " : "") + scheme.name + "=" + text;
        }
        if (browser && [...SCHEMES.values()].some((scheme) => scheme.place === "cookie")) {
          init.credentials = "include";
          // Where a session's cookie proves who calls, the server wants to see that the page could read this one.
          const token = /(?:^|; )csrftoken=([^;]*)/.exec(String(browser.cookie || ""));
          if (token && !/^(GET|HEAD|OPTIONS|TRACE)$/.test(spec.method)) headers["X-CSRFToken"] = decodeURIComponent(token[1] || "");
        }
        return url;
      }
      private async read(response: Response, spec: Spec): Promise<any> {
        if (response.ok && spec.answer === "blob") return response.blob();
        const text = await response.text(), type = response.headers.get("content-type") || "";
        if (text === "") return undefined;
        return /[/+]json\b/i.test(type) && !(response.ok && spec.answer === "text") ? JSON.parse(text) : text;
      }
    }

    """#

  private static let operations = #"""
    function operation(core: Core, spec: Spec): any {
      const call = (args: any[]): Call => {
        let index = 0;
        const parameters = spec.takesParameters ? args[index++] || {} : {};
        const body = spec.body !== undefined ? args[index++] : undefined;
        return { parameters, body, options: args[index] || {} };
      };
      const result = async (...args: any[]) => (await core.send(spec, call(args))).data;
      return Object.assign(result, {
        call,
        response: (...args: any[]) => core.send(spec, call(args)),
        result: async (...args: any[]) => {
          try {
            return { ok: true, ...(await core.send(spec, call(args))) };
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            return { ok: false, status: error.status, body: error.body, error };
          }
        },
        failed: (error: unknown) => error instanceof ApiError,
      });
    }

    function paged(core: Core, spec: Spec): any {
      const single = operation(core, spec), items = spec.items || "";
      async function* pages(...args: any[]): AsyncGenerator<any> {
        const call: Call = single.call(args);
        let offset = Number(call.parameters.offset || 0);
        for (;;) {
          const page = (await core.send(spec, call)).data;
          yield page;
          if (spec.pages === "links") {
            // Only the query of the link counts: credentials go nowhere but to the server that the client was made for.
            const link = page.next ? String(page.next) : "";
            if (!link.includes("?")) return;
            call.query = link.slice(link.indexOf("?")).split("#")[0] || "";
          } else {
            if (page[items].length === 0) return;
            offset += page[items].length;
            call.parameters = { ...call.parameters, offset };
          }
        }
      }
      async function* all(...args: any[]): AsyncGenerator<any> {
        for await (const page of pages(...args)) yield* page[items];
      }
      return Object.assign(single, { pages, all });
    }
    void paged;  // An API without lists has no use for it.

    """#
}
