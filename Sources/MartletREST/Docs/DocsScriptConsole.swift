/// The console: parameters, credentials, the call and its answer.
enum DocsScriptConsole {
  static let text = #"""
    const schemes = () => Object.entries((api.components || {}).securitySchemes || {});
    const stored = {
      get: (name) => { try { return sessionStorage.getItem("martlet." + name) || ""; } catch { return ""; } },
      set: (name, value) => { try { sessionStorage.setItem("martlet." + name, value); } catch { /* private mode */ } },
    };
    const cookie = (name) =>
      document.cookie.split("; ").map((part) => part.split("=")).filter((part) => part[0] === name).map((part) => decodeURIComponent(part[1]))[0];

    // One field for each way to prove who one is; kept until the tab is closed.
    const credentialsView = () => schemes().map(([name, scheme]) => {
      if (scheme.in === "cookie") {
        return h("p", { class: "note" }, h("b", {}, name), ": the cookie “" + scheme.name + "” is sent by the browser once you are logged in on this site.");
      }
      const title = scheme.type === "http" ? "Authorization: " + scheme.scheme : scheme.name + (scheme["x-prefix"] ? ": " + scheme["x-prefix"] : "");
      return h("label", {}, h("span", {}, name), h("input", {
        type: "password", placeholder: title + " …", value: stored.get(name), autocomplete: "off",
        oninput: (event) => stored.set(name, event.target.value.trim()),
      }), h("button", {
        type: "button", onclick: (event) => {
          const input = event.target.previousSibling;
          input.type = input.type === "password" ? "text" : "password";
          event.target.textContent = input.type === "password" ? "Show" : "Hide";
        },
      }, "Show"));
    });
    const credentialHeaders = () => {
      const headers = {};
      for (const [name, scheme] of schemes()) {
        const token = stored.get(name);
        if (!token || scheme.in === "cookie" || scheme.in === "query") continue;
        if (scheme.type === "http") headers.Authorization = (scheme.scheme === "bearer" ? "Bearer " : "Basic ") + token;
        else headers[scheme.name] = (scheme["x-prefix"] || "") + token;
      }
      return headers;
    };

    const parameterInput = (parameter) => {
      const schema = resolve(parameter.schema), label = parameter.name + (parameter.required ? ", required" : "");
      const attributes = { "data-in": parameter.in, "data-name": parameter.name, "aria-label": label, class: "mono" };
      const values = schema.enum || (mainType(schema) === "boolean" ? [true, false] : null);
      if (values) {
        return h("select", attributes, h("option", { value: "" }, ""), values.map((value) => h("option", { value: String(value) }, String(value))));
      }
      return h("input", {
        ...attributes, autocomplete: "off", spellcheck: "false",
        placeholder: schema.default !== undefined ? String(schema.default) : mainType(schema) === "array" ? "a,b" : "",
      });
    };
    // Lookups such as "views[gte]" are many: they are shown on demand.
    const isLookup = (parameter) => /\[[a-z]+\]$/.test(parameter.name);
    const parameterTable = (parameters) => {
      const lookups = parameters.filter(isLookup).length, table = parameterRows(parameters);
      if (!lookups) return table;
      table.classList.add("short");
      return [table, h("p", {}, h("button", {
        type: "button", "aria-expanded": "false", onclick: (event) => {
          const isShort = table.classList.toggle("short");
          event.target.setAttribute("aria-expanded", String(!isShort));
          event.target.textContent = isShort ? lookups + " more, with lookups" : "Hide lookups";
        },
      }, lookups + " more, with lookups"))];
    };
    const parameterRows = (parameters) => h("table", {},
      h("thead", {}, h("tr", {}, ["Name", "In", "Value", "What it is"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, parameters.map((parameter) => h("tr", { class: isLookup(parameter) ? "lookup" : null },
        h("td", { class: "name" }, h("code", { class: parameter.required ? "required" : "" }, parameter.name)),
        h("td", { class: "soft" }, parameter.in), h("td", { class: "value" }, parameterInput(parameter)),
        h("td", {}, h("span", { class: "soft" }, typeText(parameter.schema || {})), " ",
          h("span", { class: "note" }, [constraints(resolve(parameter.schema)), parameter.description].filter(Boolean).join(" · ")))))));

    // What the fields say, as the arguments of fetch.
    const requestOf = (item, form) => {
      let path = item.path;
      const query = [], headers = credentialHeaders();
      for (const field of form.querySelectorAll("[data-in]")) {
        const { in: place, name } = field.dataset, value = field.value.trim();
        if (place === "path") path = path.replace("{" + name + "}", encodeURIComponent(value));
        else if (value && place === "query") query.push(encodeURIComponent(name).replace(/%5B/g, "[").replace(/%5D/g, "]") + "=" + encodeURIComponent(value).replace(/%2C/g, ","));
        else if (value && place === "header") headers[name] = value;
      }
      const options = { method: item.method.toUpperCase(), headers, credentials: "same-origin" };
      const given = bodyOf(form);
      if (given.body !== undefined) options.body = given.body;
      if (given.type) headers["Content-Type"] = given.type;
      const token = cookie("csrftoken");
      if (token && !["GET", "HEAD", "OPTIONS", "TRACE"].includes(options.method)) headers["X-CSRFToken"] = token;
      return { url: path + (query.length ? "?" + query.join("&") : ""), options, curl: given.curl || [] };
    };
    // A text as a single word of a shell.
    const quoted = (text) => "'" + text.replace(/'/g, "'\\''") + "'";
    const curl = ({ url, options, curl }) => ["curl", options.method === "GET" ? null : "-X " + options.method, quoted(location.origin + url),
      ...Object.entries(options.headers).map(([name, value]) => "-H " + quoted(name + ": " + value)),
      ...curl].filter(Boolean).join(" \\\n  ");

    const send = async (item, form, output, button) => {
      const missing = [...form.querySelectorAll('[data-in="path"]')].find((field) => !field.value.trim());
      if (missing) { missing.focus(); return; }
      const request = requestOf(item, form), start = performance.now();
      button.disabled = true;
      try {
        const response = await fetch(request.url, request.options);
        const blob = await response.blob(), time = performance.now() - start, media = response.headers.get("content-type") || "";
        const isFile = blob.size > 0 && !isText(media), text = isFile ? "" : await blob.text();
        let shown = text;
        // Digits beyond 2^53 would be lost by parsing; such texts are shown as they came.
        if (/json/.test(media) && !/[0-9]{16}/.test(text)) {
          try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON after all */ }
        }
        output.replaceChildren(
          h("p", { role: "status" }, h("span", { class: "status " + (response.ok ? "good" : "bad") }, response.status + " " + response.statusText),
            h("span", { class: "soft" }, " · " + time.toFixed(0) + " ms · " + blob.size + " bytes")),
          h("details", {}, h("summary", {}, "Headers"),
            h("pre", {}, [...response.headers].map(([name, value]) => name + ": " + value).join("\n"))),
          isFile
            ? h("p", {}, h("a", { href: URL.createObjectURL(blob), download: item.id }, "Save the file"), " (" + media + ")")
            : h("pre", { tabindex: "0" }, shown || "(no body)"));
      } catch (error) {
        output.replaceChildren(h("p", { role: "status", class: "status bad" }, "The request did not get an answer: " + error.message));
      } finally {
        button.disabled = false;
      }
    };
    """#
}
