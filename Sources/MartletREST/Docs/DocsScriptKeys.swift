/// The keys: / searches, j and k walk through the operations, Enter opens, Escape goes back.
enum DocsScriptKeys {
  static let text = #"""
    const moveInNav = (step) => {
      const links = [...byId("nav").querySelectorAll("a")];
      let place = links.indexOf(document.activeElement);
      if (place < 0) place = links.findIndex((link) => link.hasAttribute("aria-current"));
      const next = links[place < 0 ? (step > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, place + step))];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    };
    // What a key does, by the key and where the focus is: a name, or undefined.
    const actionOf = (key, place) => {
      if (place === "search") return { Escape: "clear", Enter: "first", ArrowDown: "next", ArrowUp: "previous" }[key];
      if (place === "field") return { Escape: "leave" }[key];
      if (place === "nav" && (key === "ArrowDown" || key === "ArrowUp")) return key === "ArrowDown" ? "next" : "previous";
      return { "/": "search", j: "next", k: "previous", c: "credentials", t: "theme", "?": "help", Escape: "leave" }[key];
    };
    const keyActions = {
      search: () => { byId("search").focus(); byId("search").select(); },
      clear: () => { byId("search").value = ""; listOperations(); byId("search").blur(); },
      first: () => { const first = byId("nav").querySelector("a"); if (first) { location.hash = first.getAttribute("href"); byId("main").focus(); } },
      next: () => moveInNav(1),
      previous: () => moveInNav(-1),
      credentials: () => toggleKeys(byId("keys").hidden),
      theme: () => setTheme(nextTheme(savedTheme())),
      help: () => { byId("help").open = !byId("help").open; },
      leave: () => {
        if (byId("help").open) byId("help").open = false;
        else if (!byId("keys").hidden) { toggleKeys(false); byId("credentials").focus(); }
        else byId("main").focus();
      },
    };
    const placeOf = (element) => {
      if (element === byId("search")) return "search";
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) return "field";
      return byId("nav").contains(element) ? "nav" : "page";
    };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const action = actionOf(event.key, placeOf(document.activeElement));
      if (action && api) { event.preventDefault(); keyActions[action](); }
    });
    """#
}
