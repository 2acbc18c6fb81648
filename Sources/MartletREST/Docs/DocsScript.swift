/// The page's script: the parts, in one function, so that nothing leaks into the page's scope.
enum DocsScript {
  static let text =
    "(() => {\n\"use strict\";\n"
    + [
      DocsScriptBase.text, DocsScriptSchemas.text, DocsScriptConsole.text, DocsScriptBody.text, DocsScriptLogin.text,
      DocsScriptMain.text,
      DocsScriptKeys.text, DocsScriptMain.start,
    ]
    .joined(separator: "\n") + "\n})();\n"
}

/// Elements, references, examples.
enum DocsScriptBase {
  static let text = #"""
    // Makes an element. Text only ever becomes text nodes: nothing of the document is read as HTML.
    const h = (tag, attributes, ...children) => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes || {})) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name === "value") element.value = value;
        else element.setAttribute(name, value === true ? "" : value);
      }
      for (const child of children.flat(Infinity)) {
        if (child === undefined || child === null || child === false) continue;
        element.append(child instanceof Node ? child : document.createTextNode(String(child)));
      }
      return element;
    };
    const byId = (id) => document.getElementById(id);
    const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
    let api = null;          // the document
    let operations = [];     // {id, method, path, tag, operation}

    // What a "$ref" stands for, with what stands beside it; other values stand for themselves.
    const resolve = (value) => {
      for (let hops = 0; value && value.$ref && hops < 32; hops++) {
        const { $ref, ...beside } = value;
        const target = $ref.replace(/^#\//, "").split("/")
          .reduce((node, key) => node && node[key.replace(/~1/g, "/").replace(/~0/g, "~")], api);
        value = Object.keys(beside).length ? { ...target, ...beside } : target;
      }
      return value || {};
    };
    const refName = (value) => value && value.$ref ? value.$ref.split("/").pop() : null;
    const typesOf = (schema) => [].concat(schema.type || []);
    const mainType = (schema) =>
      typesOf(schema).find((type) => type !== "null") || (schema.properties ? "object" : schema.items ? "array" : undefined);

    // A value that fits a schema, to begin with.
    const example = (schema, depth = 0) => {
      schema = resolve(schema);
      if (schema.example !== undefined) return schema.example;
      if (Array.isArray(schema.examples) && schema.examples.length) return schema.examples[0];
      if (schema.default !== undefined) return schema.default;
      if (typesOf(schema).includes("null")) return null;
      if (schema.enum) return schema.enum[0];
      const choice = (schema.anyOf || schema.oneOf || schema.allOf || [])[0];
      if (choice && !schema.type) return example(choice, depth + 1);
      switch (mainType(schema)) {
        case "object": {
          if (depth > 5) return {};
          const result = {};
          for (const [name, property] of Object.entries(schema.properties || {})) {
            if (!resolve(property).readOnly) result[name] = example(property, depth + 1);
          }
          return result;
        }
        case "array": return depth > 5 || !schema.items || (depth > 0 && schema.items.$ref) ? [] : [example(schema.items, depth + 1)];
        case "integer": return schema.minimum > 0 ? schema.minimum : 0;
        case "number": return 0;
        case "boolean": return false;
        case "string": return exampleText(schema);
        default: return null;
      }
    };
    const exampleText = (schema) => {
      switch (schema.format) {
        case "date-time": return "2026-01-31T12:00:00Z";
        case "date": return "2026-01-31";
        case "uuid": return "00000000-0000-4000-8000-000000000000";
        case "decimal": return "0";
        case "uri": return "https://example.com/";
        case "email": return "someone@example.com";
        default: return (schema.pattern || "").includes("P(") ? "PT1H" : schema.pattern ? "12:00" : "text";
      }
    };
    """#
}
