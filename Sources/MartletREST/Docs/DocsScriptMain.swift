/// The list of operations, the operation shown, search, keys and deep links.
enum DocsScriptMain {
  static let text = #"""
    const verb = (method) => h("span", { class: "verb " + method }, method);

    const showOperation = (item) => {
      const operation = item.operation, parameters = (operation.parameters || []).map(resolve);
      const body = resolve(operation.requestBody), content = Object.entries(body.content || {})[0];
      const output = h("div", { "aria-live": "polite" });
      const button = h("button", { class: "main", type: "submit" }, "Send");
      const command = h("pre", { hidden: true });
      const form = h("form", {
        onsubmit: (event) => { event.preventDefault(); send(item, form, output, button); },
        onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); },
      },
        parameters.length ? [h("h3", {}, "Parameters"), parameterTable(parameters)] : null,
        content ? [
          h("h3", {}, "Body ", h("span", { class: "soft" }, content[0], " · ", schemaLink(content[1].schema || {}))),
          h("textarea", {
            "data-type": content[0], "aria-label": "Body", spellcheck: "false",
            value: /json/.test(content[0]) ? JSON.stringify(example(content[1].schema || {}), null, 2) : "",
          }),
          h("details", {}, h("summary", {}, "Schema"), schemaView(content[1].schema || {})),
        ] : null,
        h("div", { class: "actions" }, button, h("button", {
          type: "button", onclick: () => { command.hidden = !command.hidden; command.textContent = curl(requestOf(item, form)); },
        }, "curl"), h("span", { class: "note" }, "Ctrl + Enter sends")), command, output);
      return [
        h("h2", {}, operation.summary || item.id),
        h("div", { class: "route" }, verb(item.method), h("code", {}, item.path)),
        operation.description && h("p", { class: "text" }, operation.description), securityText(operation), form,
        h("h3", {}, "Responses"), h("div", { class: "responses" }, Object.entries(operation.responses || {}).map(responseView)),
      ];
    };
    const securityText = (operation) => {
      const names = (operation.security || []).map((item) => Object.keys(item).join(" and ")).filter(Boolean);
      if (!names.length) return null;
      const optional = operation.security.some((item) => !Object.keys(item).length);
      return h("p", { class: "note" }, (optional ? "Credentials, where the policy asks for them: " : "Needs credentials: ") + names.join(" or ") + ".");
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
      h("ul", {}, Object.keys((api.components || {}).schemas || {}).map((name) =>
        h("li", {}, h("a", { href: "#/schemas/" + encodeURIComponent(name) }, name)))),
    ];

    const show = () => {
      const place = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
      if (place === "main") return;
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

    const moveInNav = (step) => {
      const links = [...byId("nav").querySelectorAll("a")], place = links.indexOf(document.activeElement);
      const next = links[place < 0 ? (step > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, place + step))];
      if (next) next.focus();
    };
    addEventListener("keydown", (event) => {
      const inField = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName), search = byId("search");
      if (event.key === "/" && !inField) { event.preventDefault(); search.focus(); search.select(); }
      if (event.key === "Escape" && document.activeElement === search) { search.value = ""; listOperations(); search.blur(); }
      const inNav = document.activeElement === search || byId("nav").contains(document.activeElement);
      if (inNav && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        moveInNav(event.key === "ArrowDown" ? 1 : -1);
      }
      if (event.key === "Enter" && document.activeElement === search) {
        const first = byId("nav").querySelector("a");
        if (first) { location.hash = first.getAttribute("href"); byId("main").focus(); }
      }
    });

    const documentURL = document.querySelector('meta[name="openapi"]').content;
    fetch(documentURL).then((response) => response.json()).then((value) => {
      api = value;
      for (const [path, methods] of Object.entries(api.paths || {})) {
        for (const method of METHODS.filter((name) => methods[name])) {
          const operation = methods[method];
          operations.push({ id: operation.operationId || method + path, method, path, operation, tag: (operation.tags || ["other"])[0] });
        }
      }
      byId("keys").append(...credentialsView().flat());
      byId("credentials").hidden = !schemes().length;
      byId("credentials").addEventListener("click", () => {
        byId("keys").hidden = !byId("keys").hidden;
        byId("credentials").setAttribute("aria-expanded", String(!byId("keys").hidden));
      });
      byId("search").addEventListener("input", listOperations);
      addEventListener("hashchange", show);
      listOperations();
      show();
    }).catch((error) => {
      byId("main").replaceChildren(h("p", { class: "status bad" }, "The document at " + documentURL + " could not be read: " + error.message));
    });
    """#
}
