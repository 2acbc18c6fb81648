/// Logging in, and light or dark.
enum DocsScriptLogin {
  static let text = #"""
    // The plain fields of a body, with their paths: {user: {email}} has "user.email".
    const leaves = (schema, path = []) => {
      const found = resolve(schema);
      if (found.properties && path.length < 4) {
        return Object.entries(found.properties).flatMap(([name, property]) => leaves(property, path.concat(name)));
      }
      return path.length ? [{ path, schema: found }] : [];
    };
    const nested = (entries) => {
      const result = {};
      for (const { path, value } of entries) {
        path.slice(0, -1).reduce((node, name) => node[name] || (node[name] = {}), result)[path[path.length - 1]] = value;
      }
      return result;
    };
    const memberAt = (value, path) => path.split(".").reduce((node, name) => node === undefined || node === null ? undefined : node[name], value);

    // A form of the operation that the document names for it; nothing where it names none.
    const loginView = () => {
      const login = api.info["x-martlet-login"], item = login && operations.find((candidate) => candidate.id === login.operationId);
      if (!item) return null;
      const content = Object.entries(resolve(item.operation.requestBody).content || {})[0];
      const fields = content ? leaves(content[1].schema || {}) : [], answer = h("p", { role: "status", class: "note" });
      const inputs = fields.map(({ path }) => h("input", {
        type: /password|secret/i.test(path[path.length - 1]) ? "password" : "text", autocomplete: "on", name: path.join("."),
        "aria-label": path.join("."), placeholder: path[path.length - 1],
      }));
      const submit = async (event) => {
        event.preventDefault();
        const entries = fields.map(({ path }, index) => ({ path, value: inputs[index].value }));
        const form = /x-www-form-urlencoded/.test(content ? content[0] : "");
        const headers = content ? { "Content-Type": content[0] } : {}, token = cookie("csrftoken");
        if (token) headers["X-CSRFToken"] = token;
        try {
          const response = await fetch(item.path, {
            method: item.method.toUpperCase(), credentials: "same-origin", headers,
            body: form ? new URLSearchParams(entries.map(({ path, value }) => [path.join("."), value])) : JSON.stringify(nested(entries)),
          });
          const text = await response.text();
          if (!response.ok) { answer.textContent = "Not logged in: " + response.status + " " + text.slice(0, 300); return; }
          const secret = login.token && memberAt(JSON.parse(text), login.token);
          if (login.token && typeof secret !== "string") { answer.textContent = "The answer holds no token at “" + login.token + "”."; return; }
          if (secret) stored.set(login.scheme, secret);
          for (const input of inputs) if (input.type === "password") input.value = "";
          showKeys();
          byId("keys").querySelector('[role="status"]').textContent = "Logged in" + (secret ? "; the token is kept until this tab is closed." : ".");
        } catch (error) {
          answer.textContent = "The request did not get an answer: " + error.message;
        }
      };
      return h("form", { class: "login", onsubmit: submit },
        h("span", {}, "Log in"), inputs, h("button", { class: "main", type: "submit" }, "Log in"), answer);
    };
    const showKeys = () => {
      byId("keys").replaceChildren(...[loginView(), credentialsView()].flat(Infinity).filter(Boolean));
      const used = schemes().filter(([name]) => stored.get(name)).length;
      byId("credentials").textContent = used ? "Credentials ✓" : "Credentials";
    };
    const toggleKeys = (isShown) => {
      byId("keys").hidden = !isShown;
      byId("credentials").setAttribute("aria-expanded", String(isShown));
      const first = isShown && byId("keys").querySelector("input");
      if (first) first.focus();
    };

    // Light, dark, or what the system says.
    const THEMES = ["system", "light", "dark"];
    const nextTheme = (theme) => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    const savedTheme = () => { try { return localStorage.getItem("martlet.theme") || "system"; } catch { return "system"; } };
    const setTheme = (theme) => {
      try { localStorage.setItem("martlet.theme", theme); } catch { /* private mode */ }
      if (theme === "system") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
      const button = byId("theme");
      button.textContent = { system: "◐", light: "☀", dark: "☾" }[theme];
      button.setAttribute("aria-label", "Colours: " + theme + ". Switch to " + nextTheme(theme) + ".");
      button.title = "Colours: " + theme;
    };
    """#
}
