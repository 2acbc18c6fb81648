/// Schemas as trees that fold.
enum DocsScriptSchemas {
  static let text = #"""
    // "string (date-time)", "array of Article", "integer or null"
    const typeText = (schema) => {
      const name = refName(schema);
      if (name) return name;
      if (schema.anyOf || schema.oneOf) return (schema.anyOf || schema.oneOf).map(typeText).join(" or ");
      if (schema.type === "null") return "null";
      const types = typesOf(schema).length ? typesOf(schema) : [mainType(schema) || "any"];
      return types.map((type) => {
        if (type === "array") return schema.items ? "array of " + typeText(schema.items) : "array";
        return schema.format && type !== "null" && type !== "object" ? type + " (" + schema.format + ")" : type;
      }).join(" or ");
    };
    const constraints = (schema) => {
      const parts = [];
      if (schema.enum) parts.push("one of " + schema.enum.map((value) => JSON.stringify(value)).join(", "));
      if (schema.minimum !== undefined) parts.push("at least " + schema.minimum);
      if (schema.maximum !== undefined) parts.push("at most " + schema.maximum);
      if (schema.minLength) parts.push("not blank");
      if (schema.maxLength !== undefined) parts.push("at most " + schema.maxLength + " characters");
      if (schema.pattern) parts.push("form " + schema.pattern);
      if (schema.contentEncoding) parts.push(schema.contentEncoding);
      if (schema.default !== undefined) parts.push("default " + JSON.stringify(schema.default));
      if (schema.readOnly) parts.push("read-only");
      return parts.join("; ");
    };
    // The object inside of references, lists and "or null"; undefined for plain values.
    const objectIn = (schema) => {
      const found = resolve(schema);
      if (found.properties) return { schema: found, name: refName(schema) };
      if (found.items) return objectIn(found.items);
      for (const choice of found.anyOf || found.oneOf || found.allOf || []) {
        const inner = objectIn(choice);
        if (inner) return inner;
      }
      return undefined;
    };
    const schemaView = (schema, seen = []) => {
      const inner = objectIn(schema);
      if (!inner) {
        const found = resolve(schema);
        return h("p", {}, h("code", {}, typeText(schema)), " ", h("span", { class: "note" }, constraints(found), " ", found.description));
      }
      const required = new Set(inner.schema.required || []);
      const path = inner.name ? seen.concat(inner.name) : seen;
      return h("ul", { class: "schema" }, Object.entries(inner.schema.properties).map(([name, property]) => {
        const found = resolve(property), rules = constraints(found);
        const line = [
          h("code", { class: required.has(name) ? "required" : "" }, name), h("span", { class: "kind" }, schemaLink(property)),
          rules ? h("span", { class: "note" }, " · ", rules) : null,
          found.description && !refName(property) ? h("div", { class: "note" }, found.description) : null,
        ];
        const nested = objectIn(property);
        if (!nested || (nested.name && path.includes(nested.name))) return h("li", {}, line);
        const details = h("details", {}, h("summary", {}, line));
        // Opened trees are made when they are opened: schemas may contain themselves.
        details.addEventListener("toggle", () => {
          if (details.open && details.children.length === 1) details.append(schemaView(property, path));
        });
        return h("li", {}, details);
      }));
    };
    const schemaLink = (schema) => {
      const name = refName(schema) || refName(resolve(schema).items);
      return name ? h("a", { href: "#/schemas/" + encodeURIComponent(name) }, typeText(schema)) : h("span", {}, typeText(schema));
    };
    const showSchema = (name) => {
      const schema = (api.components && api.components.schemas || {})[name];
      if (!schema) return h("p", {}, "There is no schema “" + name + "”.");
      return [h("h2", {}, name, anchor("#/schemas/" + encodeURIComponent(name))), schema.description && h("p", { class: "text" }, schema.description), schemaView({ $ref: "#/components/schemas/" + name })];
    };
    """#
}
