/// The list of operations, the operation shown, search and deep links.
enum DocsScriptMain {
  static let text = #"""
    const verb = (method) => h("span", { class: "verb " + method }, method);

    const showOperation = (item) => {
      const operation = item.operation, parameters = (operation.parameters || []).map(resolve);
      const body = resolve(operation.requestBody), content = Object.entries(body.content || {})[0];
      const output = h("div", { "aria-live": "polite" });
      const button = h("button", { class: "main", type: "submit" }, "Send");
      const command = h("pre", { hidden: true, tabindex: "0" });
      const copy = async (event) => {
        const text = curl(requestOf(item, form)), button = event.target;
        command.textContent = text;
        command.hidden = false;
        button.textContent = await copied(text, command) ? "Copied" : "Copy it from below";
        setTimeout(() => { button.textContent = "Copy as curl"; }, 2000);
      };
      const form = h("form", {
        onsubmit: (event) => { event.preventDefault(); send(item, form, output, button); },
        onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); },
      },
        parameters.length ? [h("h3", {}, "Parameters"), parameterTable(parameters)] : null,
        content ? [
          h("h3", {}, "Body ", h("span", { class: "soft" }, content[0], " · ", schemaLink(content[1].schema || {}))),
          bodyView(content[0], content[1].schema || {}),
          h("details", {}, h("summary", {}, "Schema"), schemaView(content[1].schema || {})),
        ] : null,
        h("div", { class: "actions" }, button, h("button", { type: "button", onclick: copy }, "Copy as curl"),
          h("span", { class: "note" }, "Ctrl + Enter sends")), command, output);
      return [
        h("h2", {}, operation.summary || item.id, anchor("#/" + encodeURIComponent(item.id)),
          operation.deprecated ? h("span", { class: "badge" }, "deprecated") : null),
        h("div", { class: "route" }, verb(item.method), h("code", {}, item.path), h("code", { class: "soft id" }, item.id)),
        operation.description && h("p", { class: "text" }, operation.description), h("p", { class: "note" }, rightsText(operation)), form,
        h("h3", {}, "Responses"), h("div", { class: "responses" }, Object.entries(operation.responses || {}).map(responseView)),
      ];
    };
    // A link to what is shown, to hand on.
    const anchor = (href) => h("a", { href, class: "anchor", "aria-label": "Link to this", title: "Link to this" }, "#");
    // Where the page may not write to the clipboard, the text is selected, to be copied by hand.
    const copied = async (text, element) => {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        getSelection().selectAllChildren(element);
        return false;
      }
    };
    // "everyone", "anyone who logged in, for some rows; staff"
    const accessText = (access) => {
      const words = { anonymous: "everyone", authenticated: "anyone who logged in", staff: "staff" }, parts = [];
      let before = "never";
      for (const viewer of ["anonymous", "authenticated", "staff"]) {
        if (access[viewer] && access[viewer] !== before && access[viewer] !== "never") {
          parts.push(words[viewer] + (access[viewer] === "some" ? ", for some rows or with a permission" : ""));
        }
        before = access[viewer] || before;
      }
      return parts.length ? parts.join("; ") : "superusers alone";
    };
    const rightsText = (operation) => {
      const access = operation["x-martlet-access"], security = operation.security || api.security || [];
      const names = security.map((item) => Object.keys(item).join(" and ")).filter(Boolean);
      const optional = security.some((item) => !Object.keys(item).length);
      return [
        access && "Open to " + accessText(access) + ".",
        names.length && (optional ? "Credentials, where the policy asks for them: " : "Needs credentials: ") + names.join(" or ") + ".",
      ].filter(Boolean).join(" ");
    };
    const responseView = ([status, value]) => {
      const response = resolve(value), content = Object.entries(response.content || {})[0];
      const title = [h("code", { class: "status " + (status < 400 ? "good" : "bad") }, status), " ", response.description || ""];
      if (!content) return h("p", {}, title);
      return h("details", {}, h("summary", {}, title, " ", h("span", { class: "soft" }, content[0])), schemaView(content[1].schema || {}));
    };
    const showOverview = () => [
      h("h2", {}, api.info.title, " ", h("span", { class: "soft" }, api.info.version)),
      api.info.description && h("p", { class: "text" }, api.info.description),
      h("p", {}, operations.length + " operations. The document: ", h("a", { href: documentURL }, documentURL), " (OpenAPI " + api.openapi + ")."),
      h("h3", {}, "Schemas"),
      h("ul", { class: "schemas" }, Object.keys((api.components || {}).schemas || {}).map((name) =>
        h("li", {}, h("a", { href: "#/schemas/" + encodeURIComponent(name) }, name)))),
    ];

    const show = () => {
      const place = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
      const item = operations.find((candidate) => candidate.id === place);
      const view = item ? showOperation(item) : place.startsWith("schemas/") ? showSchema(place.slice(8)) : showOverview();
      byId("main").replaceChildren(...[view].flat(Infinity).filter(Boolean));
      document.title = (item ? (item.operation.summary || item.id) + " · " : "") + api.info.title;
      for (const link of byId("nav").querySelectorAll("a")) {
        if (item && link.dataset.id === item.id) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
      }
      const current = byId("nav").querySelector('[aria-current="page"]');
      if (current) current.scrollIntoView({ block: "nearest" });
      scrollTo(0, 0);
    };

    const listOperations = () => {
      const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = operations.filter((item) => {
        const text = [item.method, item.path, item.id, item.tag, item.operation.summary].join(" ").toLowerCase();
        return words.every((word) => text.includes(word));
      });
      const tags = [...new Set((api.tags || []).map((tag) => tag.name).concat(found.map((item) => item.tag)))];
      byId("nav").replaceChildren(...tags.flatMap((tag) => {
        const items = found.filter((item) => item.tag === tag);
        if (!items.length) return [];
        return [h("h2", {}, tag), ...items.map((item) => h("a", {
          href: "#/" + encodeURIComponent(item.id), "data-id": item.id, title: item.method.toUpperCase() + " " + item.path,
        }, verb(item.method), h("span", {}, item.operation.summary || item.path)))];
      }), ...(found.length ? [] : [h("p", {}, "Nothing fits.")]));
    };
    """#

  /// Reads the document and shows it: the last part, when all else is there.
  static let start = #"""
    setTheme(savedTheme());
    byId("theme").addEventListener("click", () => setTheme(nextTheme(savedTheme())));
    document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
    const documentURL = document.querySelector('meta[name="openapi"]').content;
    fetch(documentURL).then((response) => response.json()).then((value) => {
      api = value;
      for (const [path, methods] of Object.entries(api.paths || {})) {
        for (const method of METHODS.filter((name) => methods[name])) {
          const operation = methods[method];
          operations.push({ id: operation.operationId || method + path, method, path, operation, tag: (operation.tags || ["other"])[0] });
        }
      }
      showKeys();
      byId("credentials").hidden = !schemes().length;
      byId("credentials").addEventListener("click", () => toggleKeys(byId("keys").hidden));
      byId("search").addEventListener("input", listOperations);
      addEventListener("hashchange", show);
      listOperations();
      show();
    }).catch((error) => {
      byId("main").replaceChildren(h("p", { class: "status bad" }, "The document at " + documentURL + " could not be read: " + error.message));
    });
    """#
}
