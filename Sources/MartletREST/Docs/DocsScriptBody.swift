/// The body of a call: text, a file, or a form with files.
enum DocsScriptBody {
  static let text = #"""
    const isText = (type) => type === "" || /json|xml|yaml|urlencoded|^text\//.test(type);
    const bodyView = (type, schema) => {
      if (type === "multipart/form-data") {
        const properties = Object.entries(resolve(schema).properties || { file: { format: "binary" } });
        return h("table", {}, h("tbody", {}, properties.map(([name, property]) => {
          const found = resolve(property), isFile = found.format === "binary" || found.contentMediaType !== undefined;
          return h("tr", {}, h("td", { class: "name" }, h("code", {}, name)), h("td", { class: "value" },
            h("input", { type: isFile ? "file" : "text", "data-part": name, "aria-label": name })), h("td", { class: "note" }, found.description));
        })));
      }
      if (!isText(type)) return h("input", { type: "file", "data-file": type, "aria-label": "File" });
      return h("textarea", {
        "data-type": type, "aria-label": "Body", spellcheck: "false",
        value: /json/.test(type) ? JSON.stringify(example(schema), null, 2) : "",
      });
    };
    // A file's name for curl, which takes quotation marks around it.
    const fileName = (file) => '@"' + file.name.replace(/[\\"]/g, "\\$&") + '"';
    // What the form holds: the body for fetch, its type, and the same as arguments of curl.
    const bodyOf = (form) => {
      const text = form.querySelector("textarea"), file = form.querySelector("[data-file]"), parts = [...form.querySelectorAll("[data-part]")];
      if (text) return text.value.trim() ? { body: text.value, type: text.dataset.type, curl: ["--data-raw " + quoted(text.value)] } : {};
      if (file) {
        const chosen = file.files[0];
        return chosen ? { body: chosen, type: chosen.type || file.dataset.file, curl: ["--data-binary " + quoted("@" + chosen.name)] } : {};
      }
      if (!parts.length) return {};
      const body = new FormData(), curl = [];
      for (const part of parts) {
        const name = part.dataset.part;
        for (const chosen of part.files || []) {
          body.append(name, chosen);
          curl.push("-F " + quoted(name + "=" + fileName(chosen)));
        }
        if (part.files || !part.value) continue;
        body.append(name, part.value);
        curl.push("--form-string " + quoted(name + "=" + part.value));
      }
      return { body, curl };
    };
    """#
}
